"""Breaks texts into lines: Latin at spaces, Chinese between letters, punctuation never first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

NEVER_FIRST = "，。、；：！？）》」』】”’,.;:!?)]}%…"
WIDE = "\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff"
PIECES = re.compile(rf"\n|[{WIDE}][{re.escape(NEVER_FIRST)}]*|\s+|[^\s{WIDE}]+[{re.escape(NEVER_FIRST)}]*")


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return the lines of a text, at least one.

    Parameters
    ----------
    width : that no line may exceed, save a single letter that is wider.
    measure : width of a text without line ends, in the same unit.
    """
    lines, line, used = [], "", 0.0
    for piece in _pieces(text, width, measure):
        wide = 0.0 if piece == "\n" else measure(piece)
        if piece != "\n" and used + wide <= width:
            line, used = line + piece, used + wide
        elif piece == "\n" or line.strip():
            lines.append(line.rstrip())
            line, used = ("", 0.0) if piece.isspace() else (piece, wide)
        elif not piece.isspace():
            line, used = piece, wide
    return [*lines, line.rstrip()]


def _pieces(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """Yield what may not be broken; words wider than a line in parts."""
    for piece in PIECES.findall(text):
        rest = piece
        while len(rest) > 1 and not rest.isspace() and measure(rest) > width:
            fits = _fitting(rest, width, measure)
            yield rest[:fits]
            rest = rest[fits:]
        yield rest


def _fitting(piece: str, width: float, measure: Callable[[str], float]) -> int:
    """How many letters of a word that is too long go on one line, at least one."""
    used = 0.0
    for count, letter in enumerate(piece):
        used += measure(letter)
        if used > width:
            return max(1, count)
    return len(piece)

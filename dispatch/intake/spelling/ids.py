"""Ids and other short words as spreadsheets and keyboards write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Full-width forms of a Chinese keyboard, U+FF01 to U+FF5E, and its space.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_WIDE = re.compile("[\uff01-\uff5e\u3000]")
# What programs write where there is nothing.
NOTHING = frozenset({"nan", "none", "null", "<na>", "n/a", "#n/a", "\\n", "nil", "(null)", "nat"})
NOTHING_BUT_A_MARK = frozenset({"-", "--", "—", "——", "/", "na", "无", "空", "未知", "暂无", "?", "？"})
_FORCED = re.compile(r'^="([^"]*)"$')
_FLOAT_ID = re.compile(r"^\d+\.0+$")
_POWER_ID = re.compile(r"^\d(?:\.\d+)?[eE]\+\d{2,}$")


def is_wide(text: str) -> bool:
    """Whether a text holds full-width characters."""
    return _WIDE.search(text) is not None


def narrow(text: str) -> str:
    """A text with its full-width characters as ordinary ones."""
    return text.translate(_NARROW)


def is_nothing(text: str) -> bool:
    """Whether a text is what programs write where there is nothing."""
    return text.lower() in NOTHING


def as_typed(text: str) -> str:
    """A cell without what forced a spreadsheet to take it as text: ="0012" or '0012."""
    forced = _FORCED.match(text)
    return forced[1] if forced is not None else text.removeprefix("'")


def is_forced(text: str) -> bool:
    """Whether a cell carries what forced a spreadsheet to take it as text."""
    return text.startswith("'") or _FORCED.match(text) is not None


def are_floats(ids: Iterable[str]) -> bool:
    """Whether a column of ids went through a table of numbers: 12.0 for 12, in some rows at least."""
    found = False
    for each in ids:
        if _FLOAT_ID.match(each):
            found = True
        elif each and not each.isdecimal():
            return False
    return found


def without_point(text: str) -> str:
    """An id of digits without the decimals that a table of numbers gave it."""
    return text.partition(".")[0] if _FLOAT_ID.match(text) else text


def is_shortened(text: str) -> bool:
    """Whether a spreadsheet has shortened an id to something like 4.20198E+17: its last digits are lost."""
    return _POWER_ID.match(text) is not None


def joined_as(text: str) -> str:
    """What stays of an id when what programs do to ids is undone: what two tables are joined by.

    Spaces, big and small letters, full-width characters, decimals and leading zeros make no difference.
    """
    bare = without_point("".join(narrow(text).split()).casefold())
    return bare.lstrip("0") or bare[-1:] if bare.isdecimal() else bare

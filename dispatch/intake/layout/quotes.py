"""Quotes that are opened and never closed: they would swallow the rows that follow."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ..decoding import Unreadable
from ..gathering import Gathering

MOST_OPEN = 50
"""So many open quotes are mended; a file with more is no such table."""


def lines_of(file: str, text: str, delimiter: str, faults: Gathering) -> list[list[str]]:
    """Cut a CSV text into lines of cells.

    A quote that opens and never closes is taken for a mark of the text: the cell ends with its line.

    Raises
    ------
    Unreadable
        It is damaged, or too much of it is.
    """
    shown: list[str] = []
    for _ in range(MOST_OPEN + 1):
        try:
            lines, at = _cut(text, delimiter)
        except csv.Error as error:
            raise Unreadable(f"is not a sound CSV file: {error}") from error
        if at is None:
            if shown:
                faults.repaired(file, "quotes that are opened and never closed taken off", shown)
            return lines
        if faults.strict:
            raise Unreadable(f"has a quote in line {at + 1} that is never closed")
        physical = text.split("\n")
        shown.append(f"line {at + 1}: {physical[at].strip()[:60]}")
        physical[at] = physical[at].replace('"', "")
        text = "\n".join(physical)
    raise Unreadable(f"has more than {MOST_OPEN} quotes that are never closed; first in {shown[0]}")


def _cut(text: str, delimiter: str) -> tuple[list[list[str]], int | None]:
    """The lines of a text, and the physical line in which a cell begins that swallows others."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    lines: list[list[str]] = []
    before = 0
    for line in reader:
        # A cell of several lines whose lines look like rows of the table was never meant to be one.
        if reader.line_num - before > 1 and lines and _swallows(line, delimiter, len(lines[-1])):
            return lines, _opened(text, before, delimiter)
        before = reader.line_num
        lines.append(line)
    return lines, None


def _swallows(line: list[str], delimiter: str, width: int) -> bool:
    least = max(1, width - 1)
    return any(
        part.count(delimiter) >= least for cell in line if "\n" in cell for part in cell.split("\n")[1:]
    )


def _opened(text: str, first: int, delimiter: str) -> int:
    """The line, from `first` on, that has an odd number of quotes."""
    for at, line in _some_lines(text, first):
        if line.count('"') % 2:
            return at
    return first


def _some_lines(text: str, first: int) -> Iterator[tuple[int, str]]:
    for at, line in enumerate(text.split("\n")):
        if at >= first:
            yield at, line

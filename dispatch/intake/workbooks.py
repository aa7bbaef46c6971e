"""How large the sheets of a workbook are, before anybody builds rows out of them.

A file of two kilobytes may name a cell in row 1,048,576, and whoever reads it row by
row makes a million empty rows first.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat

from .decoding import Sizes, Unreadable

PART_B = 64 * 1024
SHEET = re.compile(r"^/?xl/worksheets/[^/]+\.xml$", re.IGNORECASE)
CELL = re.compile(r"^([A-Za-z]{1,4})(\d{1,10})$")


def check_workbook(path: Path, sizes: Sizes) -> None:
    """Refuse a workbook that unpacks to too much or holds a sheet that is too large.

    Raises
    ------
    Unreadable
        With what is too large, or because a part defines entities of its own.
    zipfile.BadZipFile, expat.ExpatError
        It is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > 4 * sizes.bytes_:
            raise Unreadable("unpacks to more than the limit")
        for member in members:
            if member.filename.lower().endswith((".xml", ".rels")):
                with archive.open(member) as part:
                    _Sheet(sizes, counts=bool(SHEET.match(member.filename))).read(part)


class _Sheet:
    """Counts what a sheet writes down, and stops at the first thing that is too much."""

    def __init__(self, sizes: Sizes, *, counts: bool) -> None:
        self._sizes = sizes
        self._cells = self._row = self._column = 0
        self._parser = expat.ParserCreate()
        # Entities are how a small part becomes a huge one; a workbook has no use for them.
        self._parser.EntityDeclHandler = _no_entities
        if counts:
            self._parser.StartElementHandler = self._element

    def read(self, part: IO[bytes]) -> None:
        """Look at a part from its beginning to its end."""
        for piece in _pieces(part):
            self._parser.Parse(piece, False)
        self._parser.Parse(b"", True)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._column = 0
            self._row = _number(attributes.get("r", ""), self._row + 1)
        elif kind == "c":
            self._cells += 1
            found = CELL.match(attributes.get("r", ""))
            self._column = _letters(found[1]) if found else self._column + 1
            self._row = int(found[2]) if found else self._row
        self._check()

    def _check(self) -> None:
        sizes = self._sizes
        # The header is row 1.
        if self._row > sizes.rows + 1:
            raise Unreadable(f"holds a cell in row {self._row}; the limit is {sizes.rows} rows")
        if self._column > sizes.columns:
            raise Unreadable(f"holds a cell in column {self._column}; the limit is {sizes.columns}")
        if self._cells > sizes.cells:
            raise Unreadable(f"holds more than {sizes.cells} cells, the limit")


def _no_entities(name: str, *_: object) -> None:
    raise Unreadable(f"defines an entity of its own ({name[:40]}), which is refused")


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    while piece := part.read(PART_B):
        yield piece


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) <= 10 else otherwise


def _letters(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number

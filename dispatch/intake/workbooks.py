"""How large the sheets of a workbook are, before anybody builds rows out of them.

A file of two kilobytes may name a cell in row 1,048,576, and whoever reads it row by
row makes a million empty rows first.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from .decoding import Sizes, Unreadable

PART_B = 64 * 1024
SHEET = re.compile(r"^/?xl/worksheets/[^/]+\.xml$", re.IGNORECASE)
CELL = re.compile(r"^([A-Za-z]{1,4})(\d{1,10})$")
MOST_NAMED = 3
MOST_MERGED = 100_000
Area = tuple[int, int, int, int]


@dataclass(slots=True)
class Written:
    """What a sheet says besides its cells.

    Parameters
    ----------
    merged : areas of merged cells: first row, first column, last row, last column, all from 1.
    formulas : how many formulas have no value, because no spreadsheet has reckoned them yet.
    first_formulas : where the first of them stand.
    """

    merged: list[Area] = field(default_factory=list)
    formulas: int = 0
    first_formulas: list[str] = field(default_factory=list)


def check_workbook(path: Path, sizes: Sizes) -> Mapping[str, Written]:
    """Refuse a workbook that unpacks to too much or holds a sheet that is too large.

    Returns
    -------
    mapping
        What each sheet says besides its cells, by the part's name in the archive.

    Raises
    ------
    Unreadable
        With what is too large, or because a part defines entities of its own.
    zipfile.BadZipFile, expat.ExpatError
        It is damaged.
    """
    found = {}
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > 4 * sizes.bytes_:
            raise Unreadable("unpacks to more than the limit")
        for member in members:
            if member.filename.lower().endswith((".xml", ".rels")):
                sheet = _Sheet(sizes, counts=bool(SHEET.match(member.filename)))
                with archive.open(member) as part:
                    sheet.read(part)
                found[member.filename.lstrip("/")] = sheet.written
    return found


class _Sheet:
    """Counts what a sheet writes down, and stops at the first thing that is too much."""

    def __init__(self, sizes: Sizes, *, counts: bool) -> None:
        self._sizes = sizes
        self.written = Written()
        self._cells = self._row = self._column = 0
        self._formula = ""
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
        self._cell_ends()

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "f":
            self._formula = f"{_name(self._column)}{self._row}"
        elif kind == "v" and self._formula:
            self._parser.CharacterDataHandler = self._value
        elif kind == "mergeCell" and len(self.written.merged) < MOST_MERGED:
            self._merged(attributes.get("ref", ""))
        elif kind in ("row", "c", "mergeCells"):
            self._cell_ends()
            self._place(kind, attributes)
            self._check()

    def _place(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "row":
            self._column = 0
            self._row = _number(attributes.get("r", ""), self._row + 1)
        elif kind == "c":
            self._cells += 1
            found = CELL.match(attributes.get("r", ""))
            self._column = _letters(found[1]) if found else self._column + 1
            self._row = int(found[2]) if found else self._row

    def _value(self, text: str) -> None:
        if text.strip():
            self._formula = ""

    def _cell_ends(self) -> None:
        self._parser.CharacterDataHandler = None
        if self._formula:
            self.written.formulas += 1
            if self.written.formulas <= MOST_NAMED:
                self.written.first_formulas.append(self._formula)
            self._formula = ""

    def _merged(self, area: str) -> None:
        ends = [CELL.match(end) for end in area.split(":")]
        if len(ends) == 2 and ends[0] and ends[1]:
            (first, top), (last, bottom) = ends[0].groups(), ends[1].groups()
            self.written.merged.append((int(top), _letters(first), int(bottom), _letters(last)))

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


def _name(column: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while column > 0:
        column, left = divmod(column - 1, 26)
        letters = chr(ord("A") + left) + letters
    return letters

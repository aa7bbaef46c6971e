"""Gathers the faults of all files of a case, so that they can be said at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..ground.brought import Brought, Repair, SetAside
from ..ground.errors import MOST_SHOWN, Fault, InputFaults, nearest

FEW_NAMES = 8
"""Up to so many known names are all listed where none is near."""
MANY_NAMES = 2000
"""Above so many known names only those that look alike at one end are compared."""
EXAMPLES = 3
"""So many cells are shown of each kind of repair."""


class Gathering:
    """Faults in the order in which they were found, and what was repaired and set aside on the way.

    Parameters
    ----------
    strict : nothing is left out: a column that nobody knows, or one bad row, is a fault of the file.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self.faults: list[Fault] = []
        self.strict = strict
        self._read: dict[str, int] = {}
        self._repairs: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}
        self._aside: dict[str, tuple[SetAside, ...]] = {}

    def was_read(self, file: str, rows: int) -> None:
        """Note how many rows a file has."""
        self._read[file] = rows

    def repaired(
        self,
        file: str,
        what: str,
        examples: Sequence[str],
        count: int | None = None,
        *,
        most: int = EXAMPLES,
    ) -> None:
        """Note cells, rows or columns that are read otherwise than they are written.

        Parameters
        ----------
        count : how many they are where `examples` are only the first.
        most : so many examples are shown.
        """
        before, shown = self._repairs.get((file, what), (0, ()))
        more = len(examples) if count is None else count
        self._repairs[(file, what)] = (before + more, (*shown, *examples)[:most])

    def noted(self, file: str, beginning: str) -> list[str]:
        """What was noted of a file that begins so."""
        return [what for of, what in self._repairs if of == file and what.startswith(beginning)]

    def set_aside(self, file: str, rows: Iterable[SetAside]) -> None:
        """Note rows that are not used."""
        both = (*self._aside.get(file, ()), *rows)
        self._aside[file] = tuple(sorted(both, key=lambda each: each.row))

    def brought(self) -> tuple[Brought, ...]:
        """What became of each file so far."""
        files = dict.fromkeys([*self._read, *(file for file, _ in self._repairs), *self._aside])
        return tuple(
            Brought(
                file=file,
                read=self._read.get(file, 0),
                repairs=tuple(
                    Repair(what=what, count=count, examples=examples)
                    for (of, what), (count, examples) in self._repairs.items()
                    if of == file
                ),
                aside=self._aside.get(file, ()),
            )
            for file in files
        )

    def add(self, file: str, place: str, text: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(file=file, place=place, text=text))

    def add_cells(self, file: str, column: str, rows: Iterable[int], texts: Iterable[str]) -> None:
        """Note a fault per cell of a column."""
        self.faults.extend(
            Fault(file=file, place=f"row {row}, column '{column}'", text=text)
            for row, text in zip(rows, texts, strict=False)
        )

    def add_foreign(self, error: Exception, path: Path) -> None:
        """Take over what `geo` or `rules` found wrong with its own files."""
        records = getattr(error, "faults", ())
        for record in records:
            if "warning" in (getattr(record, "severity", ""), getattr(record, "level", "")):
                continue
            file = str(getattr(record, "file", "") or path.name)
            self.add(file, str(getattr(record, "place", "")), str(getattr(record, "text", record)))
        if not records:
            self.add(path.name, "", str(error))

    def raise_any(self) -> None:
        """Raise what was gathered, by file and in reading order.

        Raises
        ------
        InputFaults
            When there is at least one fault.
        """
        if self.faults:
            raise InputFaults(self.faults)


def suggestions(names: list[str], known: Iterable[str]) -> list[str]:
    """Return for each unknown name a ``"; did you mean ...?"``; only for those that will be shown."""
    everything = sorted(known)
    all_known = f"; known: {', '.join(everything)}" if 0 < len(everything) <= FEW_NAMES else ""
    return [
        (_suggestion(name, everything) or all_known) if count < MOST_SHOWN else ""
        for count, name in enumerate(names)
    ]


def _suggestion(name: str, known: list[str]) -> str:
    if len(known) > MANY_NAMES:
        known = [other for other in known if other[:2] == name[:2] or other[-3:] == name[-3:]][:MANY_NAMES]
    return nearest(name, known)

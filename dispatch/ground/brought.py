"""What became of each file that was brought in: rows read, used, repaired, set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

MOST_ROWS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Cells, rows or columns that were read otherwise than they are written, all in the same way.

    Parameters
    ----------
    what : what was done, as a line of a report says it.
    count : how often.
    examples : the first of them, with their place.
    """

    what: str
    count: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        examples = f" ({'; '.join(self.examples)}{'; ...' if self.count > len(self.examples) else ''})"
        return f"{self.what}: {self.count:,}{examples if self.examples else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A row that is not used.

    Parameters
    ----------
    row : its number as a spreadsheet shows it.
    reasons : everything that is wrong with it.
    cells : as they are written, by the column's name.
    """

    row: int
    reasons: tuple[str, ...]
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What became of one file.

    Parameters
    ----------
    read : rows below the header that hold something; `used` and those set aside add up to it.
    """

    file: str
    read: int
    repairs: tuple[Repair, ...] = ()
    aside: tuple[SetAside, ...] = ()

    @property
    def used(self) -> int:
        """Rows that the case holds."""
        return self.read - len(self.aside)

    @property
    def as_written(self) -> bool:
        """Whether every row was taken as it stands."""
        return not self.repairs and not self.aside

    def lines(self) -> Iterator[str]:
        """The report of the file, a line each.

        Returns
        -------
        iterator of str
            The counts, each kind of repair with examples, and the first rows set aside.
        """
        yield f"{self.file}: {self.read:,} rows read, {self.used:,} used, {len(self.aside):,} set aside"
        for repair in self.repairs:
            yield f"  {repair}"
        for each in self.aside[:MOST_ROWS_SHOWN]:
            yield f"  set aside: row {each.row}: {'; '.join(each.reasons)}"
        if len(self.aside) > MOST_ROWS_SHOWN:
            yield f"  ... and {len(self.aside) - MOST_ROWS_SHOWN:,} more rows set aside"


def report_lines(files: Iterable[Brought]) -> list[str]:
    """The report of the files of which something was not taken as it stands.

    Parameters
    ----------
    files : all that were read.

    Returns
    -------
    list of str
        None for files that were taken as they are.
    """
    return [line for each in files if not each.as_written for line in each.lines()]

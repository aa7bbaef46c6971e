"""A table that somebody sent, read and parsed in a bounded child process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..files.spreadsheets import unguarded
from ..ground.brought import Brought
from ..ground.errors import Fault
from .bounded import Bounds, bounded
from .cells import Parsed, parse
from .cellular import Values
from .decoding import Sizes
from .gathering import Gathering
from .headers import MOST_COLUMNS
from .reading import Raw, read_raw
from .schema import Table
from .times import Zone

# A utility's whole list of customers.
LARGE = Bounds(seconds=60.0, memory_mb=3072, answer_mb=512)
# Values by column and numbers of rows; None where the file cannot be read.
Read = tuple[dict[str, Values], NDArray[np.int64]] | None
Told = tuple[list[Fault], tuple[Brought, ...]]


def read_sent_table(
    path: Path, table: Table, faults: Gathering, zone: ZoneInfo, sizes: Sizes
) -> Parsed | None:
    """Read a file and turn its cells into values, elsewhere; None, and a fault at least, where that fails.

    Raises
    ------
    TooMuch
        The file takes more time or memory than it may.
    """
    read, (found, brought) = bounded(_read, path, table, zone, sizes, bounds=LARGE)
    faults.faults.extend(found)
    for each in brought:
        faults.was_read(each.file, each.read)
        for repair in each.repairs:
            faults.repaired(each.file, repair.what, repair.examples, repair.count, most=MOST_COLUMNS)
    # The cells as they were written stay behind: nobody asks for them here.
    return None if read is None else Parsed(file=path.name, table=table, values=read[0], rows=read[1])


def _read(path: Path, table: Table, zone: ZoneInfo, sizes: Sizes) -> tuple[Read, Told]:
    faults = Gathering()
    raw = read_raw(path, table, faults, zone=Zone(zone), sizes=sizes)
    if raw is not None and not 0 < len(raw.rows) <= sizes.rows:
        text = f"has {len(raw.rows)} rows; at most {sizes.rows}" if len(raw.rows) else "has no row"
        faults.add(raw.file, "", text)
    if raw is None or faults.faults:
        return None, (faults.faults, faults.brought())
    parsed = parse(_unguarded(raw), table, faults, zone=Zone(zone))
    return (parsed.values, parsed.rows), (faults.faults, faults.brought())


def _unguarded(raw: Raw) -> Raw:
    """A file without the marks that kept a spreadsheet from taking its cells for formulas."""
    columns = {
        name: np.array([unguarded(cell) for cell in cells], dtype=object)
        for name, cells in raw.columns.items()
    }
    return replace(raw, columns=columns)

"""A table that somebody sent, read in a bounded child process."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from ..ground.errors import Fault
from .bounded import Bounds, bounded
from .decoding import Sizes
from .gathering import Gathering
from .reading import Raw, read_raw
from .schema import Table
from .times import Zone

# A utility's whole list of customers.
LARGE = Bounds(seconds=60.0, memory_mb=3072, answer_mb=512)


def read_sent_table(path: Path, table: Table, faults: Gathering, zone: ZoneInfo, sizes: Sizes) -> Raw | None:
    """Read as `read_raw` does, but elsewhere; None, and at least one fault, when it cannot be read.

    Raises
    ------
    TooMuch
        The file takes more time or memory than it may.
    """
    raw, found = bounded(_read, path, table, zone, sizes, bounds=LARGE)
    faults.faults.extend(found)
    return raw


def _read(path: Path, table: Table, zone: ZoneInfo, sizes: Sizes) -> tuple[Raw | None, list[Fault]]:
    faults = Gathering()
    return read_raw(path, table, faults, zone=Zone(zone), sizes=sizes), faults.faults

"""A file of requests that comes in while the day runs: what can be taken of it, and every fault."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ..ground.case import Request
from ..ground.errors import Fault
from .cells import parse
from .checks import check_references
from .decoding import Sizes
from .gathering import Gathering
from .reading import read_raw
from .requests import check_requests
from .schema import REQUESTS
from .times import Zone

MOST_BYTES = 8 * 2**20
MOST_ROWS = 20_000
SIZES = Sizes(bytes_=MOST_BYTES, rows=MOST_ROWS, columns=200, cells=1_000_000)
ENDINGS = (".csv", ".xlsx")
ROW = re.compile(r"row (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What is in an uploaded file.

    Parameters
    ----------
    good : rows without any fault, with the number that a spreadsheet shows for them.
    faults : everything that is wrong.
    bad_rows : numbers of the rows that have a fault.
    whole : whether the file can be read at all; if not, no row is good.
    repairs : what was read otherwise than it is written, a line for each kind.
    """

    good: tuple[tuple[int, Request], ...]
    faults: tuple[Fault, ...]
    bad_rows: frozenset[int]
    whole: bool
    repairs: tuple[str, ...] = ()


def read_upload(
    path: Path,
    zone: ZoneInfo,
    customers: Collection[str],
    sizes: Sizes = SIZES,
) -> Upload:
    """Read a CSV or Excel file with the columns of `requests` in `docs/case-folder.md`.

    Parameters
    ----------
    customers : ids that a row may name.
    """
    faults = Gathering()
    raw = read_raw(path, REQUESTS, faults, zone=Zone(zone), sizes=sizes)
    if raw is not None and len(raw.rows) > sizes.rows:
        faults.add(path.name, "", f"has {len(raw.rows)} rows; the limit is {sizes.rows}")
        raw = None
    if raw is None or any(not ROW.match(fault.place) for fault in faults.faults):
        return Upload(good=(), faults=tuple(faults.faults), bad_rows=frozenset(), whole=False)
    parsed = parse(raw, REQUESTS, faults, zone=Zone(zone))
    check_requests(parsed, faults)
    check_references(parsed, "customer", customers, "customer", faults)
    bad = frozenset(int(found[1]) for fault in faults.faults if (found := ROW.match(fault.place)))
    rows = zip(parsed.rows.tolist(), parsed.records(), strict=True)
    kept = [(row, record) for row, record in rows if row not in bad]
    requests = (Request(**record) for _, record in kept)
    good = tuple(zip((row for row, _ in kept), requests, strict=True))
    repairs = tuple(str(repair) for each in faults.brought() for repair in each.repairs)
    return Upload(good=good, faults=tuple(faults.faults), bad_rows=bad, whole=True, repairs=repairs)

"""From rows of `requests` to requests; also for a single file that somebody uploads."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ..ground.case import Request
from .cells import Parsed, parse
from .decoding import MAX_BYTES, Sizes
from .gathering import Gathering
from .reading import read_raw
from .schema import REQUESTS
from .times import Zone


def read_requests(path: Path, zone: ZoneInfo, *, max_bytes: int = MAX_BYTES) -> tuple[Request, ...]:
    """Read one file of requests on its own: CSV, Excel, GeoJSON or GeoPackage.

    References to customers are not checked; `load_case` and whoever logs the
    requests know the customers.

    Raises
    ------
    InputFaults
        With every fault of the file.
    """
    faults = Gathering()
    raw = read_raw(path, REQUESTS, faults, zone=Zone(zone), sizes=Sizes(bytes_=max_bytes))
    parsed = parse(raw, REQUESTS, faults, zone=Zone(zone)) if raw is not None else None
    if parsed is not None:
        check_requests(parsed, faults)
    faults.raise_any()
    assert parsed is not None
    return requests_of(parsed)


def requests_of(parsed: Parsed) -> tuple[Request, ...]:
    """Build requests from rows without faults."""
    return tuple(Request(**record) for record in parsed.records())


FUTURE = timedelta(days=31)
"""A request that comes in so long after the plan's moment has a slip of the pen in its year."""


def check_requests(parsed: Parsed, faults: Gathering, now: datetime | None = None) -> None:
    """Check what concerns several cells of a row: both coordinates or none, windows that open first.

    Parameters
    ----------
    now : the moment of the plan, where it is known: nothing comes in long after it.
    """
    for row, record in zip(parsed.rows.tolist(), parsed.records(), strict=True):
        place = f"row {row}, column '{{}}'"
        if (record["lon"] is None) != (record["lat"] is None):
            missing = "lat" if record["lat"] is None else "lon"
            faults.add(parsed.file, place.format(missing), "is empty though the other coordinate is given")
        received = record["received_at"]
        if now is not None and isinstance(received, datetime) and received > now + FUTURE:
            text = f"{received.isoformat()} is {(received - now).days:,} days after the case's now"
            faults.add(parsed.file, place.format("received_at"), text)
        opens, closes = record["appointment_from"], record["appointment_to"]
        if isinstance(opens, datetime) and isinstance(closes, datetime) and closes < opens:
            text = f"{closes.isoformat()} is before {opens.isoformat()}: the window closes before it opens"
            faults.add(parsed.file, place.format("appointment_to"), text)

"""Reads planned outages: a file of a case, or one that somebody hands in."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from ..outages.planned import PlannedOutage
from .cells import parse
from .decoding import Sizes
from .gathering import Gathering
from .reading import CASE_SIZES, read_raw
from .schema import PLANNED
from .times import Zone


def read_planned(path: Path, zone: ZoneInfo, sizes: Sizes = CASE_SIZES) -> tuple[PlannedOutage, ...]:
    """Read planned outages; whether their places are known is for the grid to say.

    Raises
    ------
    InputFaults
        With every fault of the file.
    """
    faults = Gathering()
    raw = read_raw(path, PLANNED, faults, zone=Zone(zone), sizes=sizes)
    parsed = parse(raw, PLANNED, faults, zone=Zone(zone)) if raw is not None else None
    faults.raise_any()
    assert parsed is not None
    return tuple(
        PlannedOutage(
            id=row["id"],
            start=row["start"],
            end=row["end"],
            open_places=tuple(row["open"]),
            close_devices=tuple(row["close"] or ()),
            reason=row["reason"] or "",
            live_line=bool(row["live_line"]),
            urgent=bool(row["urgent"]),
        )
        for row in parsed.records()
    )

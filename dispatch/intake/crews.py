"""From rows of `crews` to crews on shift: shifts, breaks, start places."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..ground.case import CrewBreak, CrewShift
from ..ground.shifts import NO_SHIFT
from .cells import Parsed
from .gathering import Gathering
from .times import WALL, Zone, parse_time

LONGEST_SHIFT_H = 36
"""Longer than this is taken for a slip of the date."""

Say = Callable[[str, str], None]


def crew_shifts(
    parsed: Parsed, faults: Gathering, zone: Zone | None, ruled: Collection[str] = ()
) -> tuple[CrewShift, ...]:
    """Build the crews' shifts; what is wrong with a shift or a break goes to `faults`.

    Parameters
    ----------
    ruled : crews whose shifts come by a rule, so that a row may leave both times empty.
    """
    crews: list[CrewShift] = []
    rows: list[int] = []
    for row, record in zip(parsed.rows.tolist(), parsed.records(), strict=True):

        def say(column: str, text: str, row: int = row) -> None:
            faults.add(parsed.file, f"row {row}, column '{column}'", text)

        crew = _crew_shift(record, say, zone, ruled)
        if crew is not None:
            crews.append(crew)
            rows.append(row)
    _check_overlaps(parsed.file, crews, rows, faults)
    return tuple(crews)


def _check_overlaps(file: str, crews: Sequence[CrewShift], rows: Sequence[int], faults: Gathering) -> None:
    """Note every shift that begins while another of the same crew runs."""
    last: dict[str, tuple[CrewShift, int]] = {}
    for crew, row in sorted(zip(crews, rows, strict=True), key=lambda each: (each[0].shift_start, each[1])):
        before, first = last.get(crew.id, (None, 0))
        if before is not None and crew.shift_start < before.shift_end:
            text = f"'{crew.id}' is already the id of row {first}, and the two shifts overlap"
            faults.add(file, f"row {row}, column 'id'", text)
        elif before is not None and crew.shift_start == crew.shift_end == before.shift_end:
            faults.add(file, f"row {row}, column 'id'", f"'{crew.id}' is already the id of row {first}")
        else:
            last[crew.id] = (crew, row)


def _crew_shift(
    record: dict[str, Any], say: Say, zone: Zone | None, ruled: Collection[str]
) -> CrewShift | None:
    needed = ("id", "name", "depot")
    if not all(_sound(record[name]) for name in needed):
        return None
    if record["shift_start"] is None and record["shift_end"] is None and record["id"] in ruled:
        record["shift_start"] = record["shift_end"] = NO_SHIFT
        return _with_lists(record, say, zone)
    for name in ("shift_start", "shift_end"):
        if record[name] is None:
            say(name, "is empty; a value is required where roster has no rule for the crew")
    if not _sound(record["shift_start"]) or not _sound(record["shift_end"]):
        return None
    start, end = record["shift_start"], record["shift_end"]
    if end <= start:
        say("shift_end", f"{end.isoformat()} is not after the shift's start, {start.isoformat()}")
        return None
    if end - start > timedelta(hours=LONGEST_SHIFT_H):
        hours = (end - start) / timedelta(hours=1)
        say("shift_end", f"makes a shift of {hours:.0f} h; at most {LONGEST_SHIFT_H} h are likely")
        return None
    return _with_lists(record, say, zone)


def _with_lists(record: dict[str, Any], say: Say, zone: Zone | None) -> CrewShift | None:
    if (record["lon"] is None) != (record["lat"] is None):
        say("lat" if record["lat"] is None else "lon", "is empty though the other coordinate is given")
    written = record.pop("breaks") or ""
    breaks = _breaks(written, record, say, zone) if isinstance(written, str) else ()
    skills, stock = record.pop("skills"), record.pop("stock")
    if not isinstance(skills, tuple) or not isinstance(stock, dict | None):
        return None
    return CrewShift(skills=frozenset(skills), stock=stock, breaks=breaks, **record)


def _sound(value: Any) -> bool:
    """Tell a value from None and from the text of a fault in place of a time."""
    return value is not None and (not isinstance(value, str) or type(value) is str)


def _breaks(text: str, record: dict[str, Any], say: Say, zone: Zone | None) -> tuple[CrewBreak, ...]:
    breaks = []
    for item in filter(None, (part.strip() for part in text.replace("；", ";").split(";"))):
        found = _break(item, record, zone)
        if isinstance(found, str):
            say("breaks", f"'{item}': {found}")
        else:
            breaks.append(found)
    return tuple(sorted(breaks, key=lambda rest: rest.earliest))


def _break(item: str, record: dict[str, Any], zone: Zone | None) -> CrewBreak | str:
    """Read one break; a fault's text when it is none."""
    parts = [part.strip() for part in item.split("/")]
    if len(parts) == 2 and parts[0].count("-") == 1:
        parts = [*(part.strip() for part in parts[0].split("-")), parts[1]]
    if len(parts) != 3:
        return "is no break; expected FROM-TO/MINUTES, such as 12:00-13:30/30"
    duration_min = minutes_of(parts[2])
    if duration_min is None:
        return f"lasts '{parts[2]}'; expected minutes above 0"
    earliest = _moment(parts[0], record["shift_start"], zone)
    latest = _moment(parts[1], earliest, zone) if isinstance(earliest, datetime) else earliest
    if isinstance(earliest, str) or isinstance(latest, str):
        return str(latest)
    return _inside(CrewBreak(earliest=earliest, latest=latest, duration_min=duration_min), record)


def _inside(rest: CrewBreak, record: dict[str, Any]) -> CrewBreak | str:
    last = record["shift_end"] + timedelta(minutes=record["overtime_min"] or 0)
    if rest.latest < rest.earliest:
        return "closes before it opens"
    if rest.earliest < record["shift_start"] or rest.latest > last:
        return "does not lie within the shift"
    return rest


def minutes_of(text: str) -> float | None:
    """Minutes above 0 as people write them; None for anything else."""
    try:
        minutes = float(text.removesuffix("min"))
    except ValueError:
        return None
    return minutes if math.isfinite(minutes) and minutes > 0 else None


def _moment(text: str, after: datetime, zone: Zone | None) -> datetime | str:
    if WALL.match(text) and zone is not None:
        return zone.next_wall(text, after) or f"clocks in {zone.info.key} skip {text}"
    if WALL.match(text):
        return after
    return parse_time(text, zone)

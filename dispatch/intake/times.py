"""Times as people write them: with an offset, or as wall times of the case's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ..ground.clock import fixed
from .spelling.moments import Moment, Order, read_clock, read_moment

TWO_DIGITS = re.compile(r"^\d{1,2}[-/]\d{1,2}[-/]\d{2}(?:\s|$)")
WALL = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$")


@dataclass(frozen=True, slots=True)
class Zone:
    """The case's time zone, for cells that state no offset."""

    info: ZoneInfo

    def offsets(self, wall: datetime) -> tuple[str, ...]:
        """Offsets that a wall time can have: none where clocks skip it, two where they are set back."""
        found = []
        for fold in (0, 1):
            aware = wall.replace(tzinfo=self.info, fold=fold)
            text = aware.isoformat(timespec="seconds")[19:]
            there = aware.astimezone(UTC).astimezone(self.info)
            if there.replace(tzinfo=None, fold=0) == wall and text not in found:
                found.append(text)
        return tuple(found)

    def advice(self, wall: datetime) -> str:
        """Say which offset a wall time would have in this zone."""
        name = self.info.key
        example = wall.isoformat(timespec="seconds")
        match self.offsets(wall):
            case ():
                return f"clocks in {name} skip this time"
            case (one,):
                return f"in {name} it would be {example}{one}"
            case several:
                both = " or ".join(example + offset for offset in several)
                return f"in {name} it is {both}: clocks are set back"

    def attach(self, wall: datetime) -> tuple[str, str]:
        """Give an Excel date the zone's offset: ISO text and a fault's text, one of them empty."""
        offsets = self.offsets(wall.replace(microsecond=0))
        if len(offsets) == 1:
            return wall.isoformat(timespec="seconds") + offsets[0], ""
        written = wall.isoformat(" ", timespec="minutes")
        return "", f"{written}: {self.advice(wall)}; write it as text with an offset"

    def next_wall(self, text: str, after: datetime) -> datetime | None:
        """First moment at or after `after` when clocks show ``HH:MM``; None where they never do."""
        match = WALL.match(text)
        if match is None:
            return None
        hour, minute = int(match[1]), int(match[2])
        first = after.astimezone(self.info).replace(tzinfo=None, fold=0)
        for days in range(3):
            wall = first.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)
            for fold, _ in enumerate(self.offsets(wall)):
                moment = fixed(wall.replace(tzinfo=self.info, fold=fold), self.info)
                if moment >= after:
                    return moment
        return None


def parse_time(text: str, zone: Zone | None, order: Order = "unknown") -> datetime | str:
    """Read a time with an offset, or of the zone; a fault's text when it is none."""
    return read_time(text, zone, order)[0]


def read_time(text: str, zone: Zone | None, order: Order = "unknown") -> tuple[datetime | str, str]:
    """Read a time in any spelling.

    Parameters
    ----------
    zone : of times that state no offset; without it they are faults.
    order : whether 03/04/2026 puts the day first, as the column's other cells show.

    Returns
    -------
    tuple
        The moment, or a fault's text; and how it was read, in words, where it is not written in ISO with an
        offset.
    """
    moment = read_moment(text, order)
    fault = _fault(text, moment)
    if fault or not isinstance(moment, Moment):
        return fault, ""
    if moment.at.tzinfo is not None:
        at = fixed(moment.at, zone.info) if zone is not None else moment.at
        return at, f"times {moment.spelling}" if moment.spelling else ""
    return _in_zone(text, moment, zone)


def _fault(text: str, moment: Moment | str | None) -> str:
    """Say why a cell is no moment; empty where it is one."""
    if isinstance(moment, str):
        return moment
    if moment is None:
        return f"'{text}' {_no_moment(text)}"
    if not 1900 <= moment.at.year <= 2200:
        return f"'{text}' is not a likely year"
    if not moment.has_clock:
        return f"'{text}' is a day without a time; expected such as {moment.at:%Y-%m-%d} 18:30"
    return ""


def _no_moment(text: str) -> str:
    if read_clock(text) is not None:
        return "is a time of day without a day; expected such as 2026-07-14 18:30"
    if TWO_DIGITS.match(text):
        return "has a year of two digits; write all four, or state in a mapping how it is written"
    return "is not a time; expected such as 2026-07-14T18:30:00-04:00 or 2026-07-14 18:30"


def _in_zone(text: str, moment: Moment, zone: Zone | None) -> tuple[datetime | str, str]:
    """Read a time without an offset by the clocks of the zone."""
    if zone is None:
        return f"'{text}' has no offset, and no time zone is stated", ""
    wall = moment.at
    if moment.zone and wall.replace(tzinfo=zone.info).tzname() != moment.zone:
        return f"'{text}' states the zone {moment.zone}, which is not {zone.info.key}'s; write an offset", ""
    if len(zone.offsets(wall.replace(microsecond=0))) != 1:
        return f"'{text}' has no offset; {zone.advice(wall)}", ""
    how = moment.spelling or "written without an offset"
    return fixed(wall.replace(tzinfo=zone.info), zone.info), f"times {how}, read in {zone.info.key}"

"""Times as people write them: with an offset, or as wall times of the case's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ..ground.clock import fixed

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


def parse_time(text: str, zone: Zone | None) -> datetime | str:
    """Read an ISO time with an offset; a fault's text when it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return f"'{text}' is not a time; expected ISO 8601 with an offset, such as 2026-07-14T18:30:00-04:00"
    if moment.tzinfo is None:
        advice = f"; {zone.advice(moment)}" if zone is not None else ""
        return f"'{text}' has no offset{advice}"
    if not 1900 <= moment.year <= 2200:
        return f"'{text}' is not a likely year"
    return fixed(moment, zone.info) if zone is not None else moment

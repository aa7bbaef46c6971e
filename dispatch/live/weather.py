"""Weather warnings of the day: told by a person or a weather service, corrected, called off.

The journal keeps them; each time that one is told is a version of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from ..store import Event, queries, record
from ..store.store import Conflict
from ..store.weather_rows import first_by, newest_of, next_warning, versions_of, warnings_told
from .book import Who
from .desk import Desk
from .refusals import Refused

WarningKind = Literal["wind", "storm", "thunder", "rain", "ice", "snow", "heat", "other"]
KINDS: tuple[str, ...] = get_args(WarningKind)
# Nobody warns for longer.
LONGEST = timedelta(days=10)
# So long before it begins the board says it.
AHEAD = timedelta(hours=48)
TOLD = "weather_told"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherWarning:
    """A warning as it stands.

    Parameters
    ----------
    gust_m_s : strongest gust that is expected, None where it was not said.
    over : it was called off.
    version : how often it was told; by and at are of the last time.
    """

    id: str
    kind: WarningKind
    begins: datetime
    ends: datetime
    gust_m_s: float | None
    note: str
    over: bool
    version: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody says of the weather."""

    kind: WarningKind
    begins: datetime
    ends: datetime
    gust_m_s: float | None = None
    note: str = ""

    def to_data(self) -> dict[str, Any]:
        """As the journal keeps it."""
        return {
            "weather": self.kind,
            "from": self.begins.isoformat(),
            "until": self.ends.isoformat(),
            "gust_m_s": self.gust_m_s,
            "note": self.note,
        }


def warn(desk: Desk, told: Told, who: Who, *, key: str | None = None) -> WeatherWarning:
    """Write a new warning down; the same key twice is once.

    Raises
    ------
    Refused
        It is over already, or ends before it begins, or lasts longer than ten days.
    """
    _expect_times(desk, told)
    with desk.store.writing() as connection:
        name = f"weather-{next_warning(connection)}"
        seq = record(connection, desk.book.event(who, TOLD, name, told.to_data(), key))
        name = queries.event_at(connection, seq).subject
    return warning(desk, name)


def correct(desk: Desk, name: str, told: Told, who: Who, *, seen: int) -> WeatherWarning:
    """Say a warning anew.

    Parameters
    ----------
    seen : the version that whoever corrects it has seen.

    Raises
    ------
    Conflict
        Somebody changed it in between.
    Refused
        There is none of that name, or its times cannot be.
    """
    _expect_times(desk, told)
    return _again(desk, name, told.to_data(), who, seen)


def call_off(desk: Desk, name: str, note: str, who: Who, *, seen: int) -> WeatherWarning:
    """End a warning before its time.

    Raises
    ------
    Conflict
        Somebody changed it in between.
    Refused
        There is none of that name.
    """
    known = warning(desk, name)
    told = Told(
        kind=known.kind,
        begins=known.begins,
        ends=known.ends,
        gust_m_s=known.gust_m_s,
        note=note or known.note,
    )
    return _again(desk, name, told.to_data() | {"over": True}, who, seen)


def warning(desk: Desk, name: str) -> WeatherWarning:
    """A warning by its name.

    Raises
    ------
    Refused
        There is none.
    """
    with desk.store.reading() as connection:
        return _standing(*_last(connection, name))


def told_by(desk: Desk, name: str) -> str | None:
    """Who told a warning first, whoever corrected it since; None where there is none of that name."""
    with desk.store.reading() as connection:
        return first_by(connection, name)


def warnings_now(desk: Desk) -> tuple[WeatherWarning, ...]:
    """The warnings that are in force or begin within two days, the next first."""
    now = desk.clock()
    known = desk.kept("weather", (TOLD,), lambda: _all(desk, now))
    found = [each for each in known if not each.over and each.ends > now and each.begins <= now + AHEAD]
    return tuple(sorted(found, key=lambda each: (each.begins, each.id)))


# -- inside --------------------------------------------------------------------


def _all(desk: Desk, now: datetime) -> tuple[WeatherWarning, ...]:
    with desk.store.reading() as connection:
        told = warnings_told(connection, now - LONGEST - AHEAD)
    return tuple(_standing(event, version) for event, version in told)


def _expect_times(desk: Desk, told: Told) -> None:
    if not timedelta(0) < told.ends - told.begins <= LONGEST:
        raise Refused("warning_times")
    if told.ends <= desk.clock():
        raise Refused("time_past")


def _again(desk: Desk, name: str, data: Mapping[str, Any], who: Who, seen: int) -> WeatherWarning:
    with desk.store.writing() as connection:
        before, version = _last(connection, name)
        if version != seen:
            raise Conflict(name, seen, version, before.actor)
        record(connection, desk.book.event(who, TOLD, name, data))
    return warning(desk, name)


def _last(connection: Any, name: str) -> tuple[Event, int]:
    """The newest word on a warning, and how often it was told."""
    event = newest_of(connection, name)
    if event is None:
        raise Refused("unknown_warning", warning=name)
    return event, versions_of(connection, name)


def _standing(event: Event, version: int) -> WeatherWarning:
    data = event.data
    return WeatherWarning(
        id=event.subject,
        kind=data["weather"],
        begins=datetime.fromisoformat(data["from"]),
        ends=datetime.fromisoformat(data["until"]),
        gust_m_s=data.get("gust_m_s"),
        note=data.get("note") or "",
        over=bool(data.get("over")),
        version=version,
        by=event.actor,
        at=event.at,
    )

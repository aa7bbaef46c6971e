"""Where crews' vehicles are, as far as somebody has said so: while on shift only.

A place comes from a crew's phone, where the utility lets phones say where they are, or from the job
that the crew has reported to be at. What a crew said before its shift, or after it, is not shown.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..ground.case import CrewShift
from ..store import Event
from ..store.history import events_after
from .desk import Desk

STATE_AT_PLACE = frozenset({"on_site", "safe", "restored", "done"})
# A place that is older than this says nothing any more.
OLDEST = timedelta(hours=4)
# Two places in so short a time tell which way a vehicle drives.
TOGETHER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a crew was, at what time; `job` is what it was at, None for a phone's position."""

    lon: float
    lat: float
    at: datetime
    job: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A crew's vehicle: its last place and, where it was known to be elsewhere just before, that one."""

    crew: str
    place: Place
    before: Place | None


class Vehicles:
    """The last places of every crew, out of the journal; each event is read once.

    Parameters
    ----------
    desk : whose crews.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._told: dict[str, tuple[Place | None, Place]] = {}
        self._seq = 0

    def now(self) -> list[Vehicle]:
        """The vehicles of crews on shift whose place is known, by crew."""
        with self._lock:
            self._hear()
            told = dict(self._told)
        return sorted(self._shown(told), key=lambda each: each.crew)

    def _hear(self) -> None:
        since = self._desk.clock() - OLDEST
        for event in events_after(self._desk.store, self._seq, ("crew_changed", "job_moved"), since):
            self._seq = max(self._seq, event.seq or 0)
            place = self._place(event)
            if place is None:
                continue
            crew = event.subject if place.job is None else str(event.data["crew"])
            last = self._told.get(crew)
            # What a phone sends late does not move a vehicle back.
            if last is None or place.at >= last[1].at:
                self._told[crew] = (last[1] if last else None, place)

    def _place(self, event: Event) -> Place | None:
        if event.kind == "crew_changed":
            lon, lat = event.data.get("lon"), event.data.get("lat")
            return None if lon is None or lat is None else Place(lon=float(lon), lat=float(lat), at=event.at)
        if event.data["to"] not in STATE_AT_PLACE:
            return None
        card = self._desk.day().cards.get(event.subject)
        if card is None or card.remote:
            return None
        return Place(lon=card.lon, lat=card.lat, at=event.at, job=event.subject)

    def _shown(self, told: dict[str, tuple[Place | None, Place]]) -> Iterator[Vehicle]:
        now = self._desk.clock()
        states = {row["id"]: row["state"] for row in self._desk.rows("crews")}
        for crew, shift in self._on(now).items():
            before, place = told.get(crew, (None, None))
            if place is None or states.get(crew, "on_shift") != "on_shift":
                continue
            if place.at < max(shift.shift_start, now - OLDEST):
                continue
            near = before is not None and place.at - before.at <= TOGETHER
            yield Vehicle(crew=crew, place=place, before=before if near else None)

    def _on(self, now: datetime) -> dict[str, CrewShift]:
        """Crews whose shift runs, with what they may work over."""
        shifts = self._desk.standing.shifts().between(now - OLDEST, now + timedelta(seconds=1))
        return {
            each.id: each
            for each in shifts
            if each.shift_start <= now <= each.shift_end + timedelta(minutes=each.overtime_min)
        }

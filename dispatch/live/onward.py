"""The routes in force carried on from what crews have said: when each visit is to be expected now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..ground.day import DayPlan
from ..ground.plan import Route, Visit

Row = Mapping[str, Any]
AT_WORK = frozenset({"on_site", "safe", "restored"})
AWAY = frozenset({"absent", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One crew's visit as it is expected now, in seconds since 1970; None where nobody can say.

    Parameters
    ----------
    here : the crew has arrived.
    done : nothing is left to do for it there.
    over : the work lasts longer than anybody said; `finish` is then no more than "not before now".
    """

    job: str
    crew: str
    leave: int | None
    arrive: int | None
    start: int | None
    finish: int | None
    here: bool = False
    done: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    """A visit of a route: the drive to it, what is planned before that drive, and rests at the place."""

    crew: str
    visit: Visit
    drive_s: int
    pause_s: int
    rest_s: int
    first: bool


def onward(day: DayPlan, rows: Mapping[str, Sequence[Row]], now_s: int) -> dict[str, tuple[Stay, ...]]:
    """Carry the routes of the plan in force on.

    Crews that have not said that they are on the way leave now at the earliest; what a crew has said
    (its arrival, its own estimate, that it is held up) counts before the plan.

    Parameters
    ----------
    rows : the tables jobs, crews, steps and changes.
    now_s : in seconds since 1970.

    Returns
    -------
    dict of str to tuple of Stay
        By crew in the order of its route, without jobs that it could not do.
    """
    road = _Road(day, rows, now_s)
    for job, party in _by_start(day):
        road.take(job, party)
    return {crew: tuple(stays) for crew, stays in road.stays.items()}


def _by_start(day: DayPlan) -> list[tuple[str, list[_Leg]]]:
    """Jobs with the legs of all their crews, in an order in which nothing waits for what comes later."""
    legs: dict[str, list[_Leg]] = {}
    place: dict[str, int] = {}
    for route in day.plan.routes:
        for position, leg in enumerate(_legs(day, route)):
            legs.setdefault(leg.visit.job, []).append(leg)
            place[leg.visit.job] = max(place.get(leg.visit.job, 0), position)
    return sorted(
        legs.items(),
        key=lambda item: (item[1][0].visit.start_s, item[1][0].visit.finish_s, place[item[0]]),
    )


def _legs(day: DayPlan, route: Route) -> Iterable[_Leg]:
    crew = day.problem.crew_by_id.get(route.crew)
    here, free_s = route.start, 0
    for position, visit in enumerate(route.visits):
        there = day.problem.job_by_id[visit.job].location
        travel_s = day.problem.travel.between(here, there)
        drive_s = crew.drive_s(travel_s) if crew else travel_s
        pause_s = max(0, visit.arrival_s - drive_s - free_s)
        yield _Leg(
            crew=route.crew,
            visit=visit,
            drive_s=drive_s,
            pause_s=pause_s,
            rest_s=sum(
                rest.duration_s for rest in route.breaks if visit.arrival_s <= rest.start_s < visit.start_s
            ),
            first=not position,
        )
        here, free_s = there, visit.finish_s


class _Road:
    """What crews have said so far, and what follows from it visit by visit."""

    def __init__(self, day: DayPlan, rows: Mapping[str, Sequence[Row]], now_s: int) -> None:
        self.day, self.now_s = day, now_s
        self.origin_s = int(day.origin.timestamp())
        self.said = {row["id"]: row for row in rows["jobs"]}
        self.away = {row["id"] for row in rows["crews"] if row["state"] in AWAY}
        self.came_s = {
            row["order_id"]: int(row["at"].timestamp()) for row in rows["steps"] if row["state"] == "on_site"
        }
        self.minutes = {
            row["subject"]: float(row["data"]["minutes"])
            for row in rows["changes"]
            if row["what"] == "minutes"
        }
        self.held_s = {
            row["subject"]: _second(row["data"].get("until"))
            for row in rows["changes"]
            if row["what"] == "late"
        }
        self.stays: dict[str, list[Stay]] = {route.crew: [] for route in day.plan.routes}
        self.free_s: dict[str, int | None] = {}
        self.finish_s: dict[str, int | None] = {}

    def take(self, job: str, party: Sequence[_Leg]) -> None:
        """Carry the crews of one job on."""
        state = self.said[job]["state"] if job in self.said else None
        if state == "cannot":
            for leg in party:
                self.free_s[leg.crew] = _second(self.said[job]["since"])
            return
        met = [self._arrival(leg, state) for leg in party]
        ready = [
            None if stay.arrive is None else stay.arrive + leg.rest_s
            for stay, leg in zip(met, party, strict=True)
        ]
        start = self._start(party[0].visit, ready)
        for stay in met:
            whole = self._done(stay) if state == "done" else self._work(stay, party[0].visit, start, state)
            self.stays[stay.crew].append(whole)
            self.free_s[stay.crew] = self.finish_s[job] = whole.finish

    def _arrival(self, leg: _Leg, state: str | None) -> Stay:
        job, crew = leg.visit.job, leg.crew
        stay = Stay(job=job, crew=crew, leave=None, arrive=None, start=None, finish=None)
        if state in AT_WORK or state == "done":
            came_s = self._came_s(job)
            return replace(stay, leave=came_s - leg.drive_s, arrive=came_s, here=True)
        if state == "on_the_way":
            left_s = _second(self.said[job]["since"]) or self.now_s
            return replace(stay, leave=left_s, arrive=max(left_s + leg.drive_s, self.now_s))
        if crew in self.away:
            return stay
        free_s = self.origin_s if leg.first else self.free_s.get(crew)
        if free_s is None:
            return stay
        leave = max(free_s + leg.pause_s, self.now_s, self.held_s.get(crew) or 0)
        return replace(stay, leave=leave, arrive=leave + leg.drive_s)

    def _came_s(self, job: str) -> int:
        """When a crew came: of a job that is on from there, the time of its order's step."""
        since_s = _second(self.said[job]["since"]) or self.now_s
        return min(self.came_s.get(self.said[job]["order_id"], since_s), since_s)

    def _start(self, visit: Visit, arrivals: Sequence[int | None]) -> int | None:
        """When work begins: all crews are there, the window is open, and what comes before is done."""
        job = self.day.problem.job_by_id[visit.job]
        opens = [self.origin_s + first for first, last in job.windows if first <= visit.start_s <= last]
        waits = [
            None if finish_s is None else finish_s + after.lag_s
            for after in job.after
            if after.job in self.finish_s
            for finish_s in (self.finish_s[after.job],)
        ]
        known = [each for each in (*arrivals, *waits) if each is not None]
        return None if len(known) < len(arrivals) + len(waits) else max([*known, *opens])

    def _work(self, stay: Stay, visit: Visit, start: int | None, state: str | None) -> Stay:
        if start is None:
            return stay
        if state in AT_WORK:
            start = stay.arrive if stay.arrive is not None else start
        told = self._told(visit.job) if state in AT_WORK else None
        finish = start + self._stay_s(visit) if told is None else told
        over = state in AT_WORK and finish < self.now_s
        return replace(stay, start=start, finish=max(finish, self.now_s) if over else finish, over=over)

    def _told(self, job: str) -> int | None:
        """When a crew at work says that it is done: so long after it said so."""
        said = self.said[job]
        return None if said["minutes"] is None else int(said["since"].timestamp() + 60 * said["minutes"])

    def _stay_s(self, visit: Visit) -> int:
        minutes = self.minutes.get(visit.job)
        return visit.finish_s - visit.start_s if minutes is None else round(60 * minutes)

    def _done(self, stay: Stay) -> Stay:
        finish = _second(self.said[stay.job]["since"])
        return replace(stay, start=stay.arrive, finish=finish, done=True)


def _second(moment: datetime | str | None) -> int | None:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return None if moment is None else int(moment.timestamp())

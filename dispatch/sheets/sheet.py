"""What a route sheet says, before it becomes HTML or PDF: no layout, no language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from geo import Roads

from ..briefing import Briefing, briefing
from ..ground.case import CrewShift, Depot
from ..ground.day import DayPlan, Etr, JobCard, Outage, Promise
from ..ground.plan import Rest, Route
from .drives import Drive, Drives, moment
from .sketch import Sketch, StreetLines, draw

MOST_STREET_NAMES = 6
SHORT_STREET_SHARE = 0.04
"""Streets that make up less of a drive are not named: turns and crossings."""
START_MARK = ""
"""Where a drive begins is marked with an empty ring."""


@dataclass(frozen=True, kw_only=True)
class Leg:
    """The drive to a stop."""

    drive_s: int
    length_m: float
    via: tuple[str, ...]
    sketch: Sketch | None


@dataclass(frozen=True, kw_only=True)
class Due:
    """A promise and by how many minutes the plan misses it (0: kept; None: not this job's to keep)."""

    promise: Promise
    late_min: int | None


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What has become of a stop by the time the sheet is printed.

    Parameters
    ----------
    state : that the crew has reported last; None for nothing yet.
    at : when.
    tickets : numbers of the tickets that are given out for it.
    """

    state: str | None = None
    at: datetime | None = None
    tickets: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do there."""
        return self.state in ("done", "cannot")


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A visit with all that the crew is told about it."""

    number: int
    card: JobCard
    arrive: datetime
    start: datetime
    finish: datetime
    leg: Leg
    dues: tuple[Due, ...]
    outage: Outage | None
    etr: Etr | None
    brief: Briefing
    reported: Reported = Reported()


@dataclass(frozen=True, kw_only=True)
class RestStop:
    """A break between two stops."""

    start: datetime
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Item:
    """Stock to take: what, how much the stops need, how much the vehicle is said to hold."""

    what: str
    needed: float
    held: float


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One crew's route with everything around it."""

    case: str
    synthetic: str | None
    attribution: tuple[str, ...]
    planned_at: datetime
    zone: ZoneInfo
    crew_id: str
    crew: CrewShift | None
    depot: Depot | None
    load: tuple[Item, ...]
    rows: tuple[Stop | RestStop, ...]
    back_at: datetime | None
    drive_s: int
    length_m: float
    overview: Sketch | None

    @property
    def stops(self) -> tuple[Stop, ...]:
        """The visits alone."""
        return tuple(row for row in self.rows if isinstance(row, Stop))


def route_sheet(day: DayPlan, crew: str, reported: Mapping[str, Reported] | None = None) -> Sheet:
    """Gather what one crew's route sheet says.

    Parameters
    ----------
    crew : id of a crew on shift, or of the operator's desk in the problem.
    reported : by job, what has become of it; what is done takes two lines.
    """
    route = next((route for route in day.plan.routes if route.crew == crew), Route(crew=crew, start=0))
    shift = day.case.crew_by_id.get(crew)
    drives = Drives(day, route)
    known = reported or {}
    stops = tuple(
        replace(_stop(day, route, number, drives), reported=known.get(visit.job, Reported()))
        for number, visit in enumerate(route.visits, 1)
    )
    settings = day.case.settings
    return Sheet(
        case=settings.name,
        synthetic=settings.synthetic,
        attribution=settings.attribution,
        planned_at=day.origin,
        zone=settings.zone,
        crew_id=crew,
        crew=shift,
        depot=day.case.depot_by_id.get(shift.depot) if shift else None,
        load=_load([stop for stop in stops if not stop.reported.ended], shift),
        rows=_in_order(stops, [_rest(day, rest) for rest in route.breaks]),
        back_at=drives.back_at(),
        drive_s=sum(leg.drive_s for leg in drives.legs),
        length_m=sum(leg.length_m for leg in drives.legs),
        overview=_overview(day, route, drives),
    )


def _stop(day: DayPlan, route: Route, number: int, drives: Drives) -> Stop:
    visit = route.visits[number - 1]
    card = day.cards[visit.job]
    order = day.order_by_id.get(card.order)
    arrive, start, finish = (moment(day, at) for at in (visit.arrival_s, visit.start_s, visit.finish_s))
    outage = day.outage_by_id.get(order.outage) if order and order.outage else None
    etr = None if outage is None else day.etr_of_outage.get(outage.id)
    promises = order.promises if order else ()
    return Stop(
        number=number,
        card=card,
        arrive=arrive,
        start=start,
        finish=finish,
        leg=_leg(day, drives.legs[number - 1], card, number),
        dues=tuple(
            _due(promise, arrive, etr) for promise in promises if promise.what in ("arrive", "restore")
        ),
        outage=outage,
        etr=etr,
        brief=briefing(day, card.id),
    )


def _due(promise: Promise, arrive: datetime, etr: Etr | None) -> Due:
    met = arrive if promise.what == "arrive" else (etr.median if etr else None)
    if met is None:
        return Due(promise=promise, late_min=None)
    late_s = (met - promise.due).total_seconds()
    return Due(promise=promise, late_min=max(0, -int(-late_s // 60)))


def _load(stops: Sequence[Stop], shift: CrewShift | None) -> tuple[Item, ...]:
    needed: dict[str, float] = {}
    for stop in stops:
        for what, quantity in stop.card.stock.items():
            needed[what] = needed.get(what, 0) + quantity
    held = shift.stock if shift else {}
    # Nobody said what is on the vehicle: what is needed is to be loaded, and nothing is known to be short.
    said = dict(needed) if held is None else held
    return tuple(Item(what=what, needed=needed[what], held=said.get(what, 0)) for what in sorted(needed))


def _rest(day: DayPlan, rest: Rest) -> RestStop:
    return RestStop(start=moment(day, rest.start_s), minutes=round(rest.duration_s / 60))


def _in_order(stops: Sequence[Stop], rests: Sequence[RestStop]) -> tuple[Stop | RestStop, ...]:
    return tuple(sorted([*rests, *stops], key=lambda row: row.start))


def _leg(day: DayPlan, drive: Drive, card: JobCard, number: int) -> Leg:
    sketch = None
    if not card.remote:
        before = str(number - 1) if number > 1 else START_MARK
        marks = [(*drive.line[0], before)] if drive.line else []
        sketch = draw(_street_lines(day.case.roads), drive.line, [*marks, (card.lon, card.lat, str(number))])
    via = _street_names(day.case.roads, drive.edges)
    return Leg(drive_s=drive.drive_s, length_m=drive.length_m, via=via, sketch=sketch)


def _overview(day: DayPlan, route: Route, drives: Drives) -> Sketch | None:
    points = [point for leg in drives.legs for point in leg.line]
    if not points:
        return None
    cards = [day.cards[visit.job] for visit in route.visits]
    marks = [(card.lon, card.lat, str(number)) for number, card in enumerate(cards, 1) if not card.remote]
    return draw(_street_lines(day.case.roads), points, [(*points[0], START_MARK), *marks], height=0.62)


@lru_cache(maxsize=2)
def _street_lines(roads: Roads) -> StreetLines:
    return StreetLines.of(roads)


def _street_names(roads: Roads, edges: Sequence[int]) -> tuple[str, ...]:
    """Name the streets of a drive in order, without those that are only crossed."""
    runs: list[tuple[str, float]] = []
    for edge in edges:
        name, length_m = str(roads.name[edge]), float(roads.length_m[edge])
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + length_m)
        else:
            runs.append((name, length_m))
    least_m = SHORT_STREET_SHARE * sum(length_m for _, length_m in runs)
    names = [name for name, length_m in runs if name and length_m >= least_m]
    names = [name for number, name in enumerate(names) if number == 0 or name != names[number - 1]]
    if len(names) > MOST_STREET_NAMES:
        names = [*names[: MOST_STREET_NAMES // 2], "...", *names[-(MOST_STREET_NAMES // 2) :]]
    return tuple(names)

"""One stop of a route, told in full: what, where, why, and what comes after."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from geo import Grid

from ..ground.day import DayPlan, JobCard, Outage
from .elements import Element, element, feeder_of, section_of
from .one_line import OneLine, one_line
from .patrol import Suspected, suspected
from .said import Said, what_was_said

MOST_DAYS = 4
# Jobs that begin with looking for the damage.
LOOKED_FOR = frozenset({"patrol", "make_safe", "repair"})
# Components that hang behind a transformer.
BENEATH = frozenset({"lv_main", "service"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Work that must come before this stop or that waits for it.

    Parameters
    ----------
    what : kind of the other job, or `close` for the act that gives supply back.
    crew : name of the crew; None: the control room, or nobody yet where `at` is None too.
    """

    what: str
    element: Element | None = None
    job: str | None = None
    crew: str | None = None
    remote: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What a stop is about.

    Parameters
    ----------
    order : the work order's number.
    element : what has failed or is worked on; of a line that nobody has found yet, its first part.
    found : whether somebody has seen that it is that very element.
    opened : the protective device that is taken to have opened.
    fed_by : the transformer that an element beneath it, or the customer, is fed by.
    feeder, section : where in the grid.
    suspected : where to look, in the order of the walk.
    calls : how many have called.
    before, after : what must be done first, and what comes next.
    line : the section as a single line.
    said : what callers said, and what it means.
    """

    order: str
    outage: str | None = None
    element: Element | None = None
    found: bool = False
    opened: Element | None = None
    fed_by: Element | None = None
    feeder: Element | None = None
    section: str | None = None
    suspected: tuple[Suspected, ...] = ()
    calls: int = 0
    before: tuple[Following, ...] = ()
    after: tuple[Following, ...] = ()
    line: OneLine | None = None
    said: tuple[Said, ...] = ()


def briefing(day: DayPlan, job: str) -> Briefing:
    """Return what a crew is told about a job of the day.

    Raises
    ------
    KeyError
        For a job that the day does not hold.
    """
    return _DAYS.of(day).briefing(job)


class _Briefings:
    """The briefings of one day, each made when it is first asked for."""

    def __init__(self, day: DayPlan) -> None:
        self.day = day
        self._made: dict[str, Briefing] = {}
        self._suspected: dict[str, tuple[Suspected, ...]] = {}
        self._lines: dict[tuple[str, str | None], OneLine | None] = {}
        self._waiting: dict[str, list[str]] = {}
        for each in day.problem.jobs:
            for after in each.after:
                self._waiting.setdefault(after.job, []).append(each.id)
        self._planned = {
            visit.job: (route.crew, day.origin + timedelta(seconds=visit.start_s))
            for route in day.plan.routes
            for visit in route.visits
        }

    def briefing(self, job: str) -> Briefing:
        if job not in self._made:
            self._made[job] = self._make(self.day.cards[job])
        return self._made[job]

    def _make(self, card: JobCard) -> Briefing:
        day, grid = self.day, self.day.case.grid
        order = day.order_by_id.get(card.order)
        outage = day.outage_by_id.get(order.outage) if order and order.outage else None
        subject, fed_by = _subject(card, outage, grid)
        opened = outage.device if outage else None
        places = (subject.id if subject else None, fed_by, opened)
        inside = next((each for each in places if each and section_of(grid, each)), None)
        section = section_of(grid, inside) if inside else None
        return Briefing(
            order=card.order,
            outage=outage.id if outage else None,
            element=subject,
            found=outage is None or outage.confirmed or card.kind not in LOOKED_FOR,
            opened=element(grid, opened) if opened and opened != places[0] else None,
            fed_by=element(grid, fed_by) if fed_by else None,
            feeder=feeder_of(grid, inside) if inside else None,
            section=section,
            suspected=self._where(outage) if outage and card.kind in LOOKED_FOR else (),
            calls=len(order.requests) if order else 0,
            before=self._before(card),
            after=self._after(card, outage),
            line=self._line(section, opened) if section else None,
            said=what_was_said(card.words, day.case.policy.lexicon),
        )

    def _line(self, section: str, opened: str | None) -> OneLine | None:
        if (section, opened) not in self._lines:
            self._lines[section, opened] = one_line(self.day.case.grid, section, opened)
        return self._lines[section, opened]

    def _where(self, outage: Outage) -> tuple[Suspected, ...]:
        if outage.id not in self._suspected:
            self._suspected[outage.id] = suspected(self.day.case, outage)
        return self._suspected[outage.id]

    def _before(self, card: JobCard) -> tuple[Following, ...]:
        job = self.day.problem.job_by_id.get(card.id)
        return (
            tuple(self._following(each.job) for each in job.after if each.job in self.day.cards)
            if job
            else ()
        )

    def _after(self, card: JobCard, outage: Outage | None) -> tuple[Following, ...]:
        waiting = [each for each in self._waiting.get(card.id, ()) if each in self._planned]
        found = [self._following(each) for each in waiting]
        if card.kind == "repair" and outage is not None and outage.device is not None:
            found.append(self._closing(outage.device, card))
        return tuple(sorted(found, key=lambda each: (each.at is None, each.at or self.day.origin)))

    def _closing(self, device: str, card: JobCard) -> Following:
        """Who puts back what opened: the control room, else the crew that repaired."""
        grid = self.day.case.grid
        at = grid.switch_at.get(device)
        remote = at is not None and bool(grid.switches.remote[at])
        crew = None if remote else self._crew(card.id)
        return Following(what="close", element=element(grid, device), crew=crew, remote=remote)

    def _following(self, job: str) -> Following:
        card = self.day.cards[job]
        _, at = self._planned.get(job, (None, None))
        device = card.switching[0].device if card.switching else None
        what = card.switching[0].action if card.switching else card.kind
        return Following(
            what=what,
            element=element(self.day.case.grid, device) if device else None,
            job=job,
            crew=None if card.remote else self._crew(job),
            remote=card.remote,
            at=at,
        )

    def _crew(self, job: str) -> str | None:
        crew, _ = self._planned.get(job, (None, None))
        shift = self.day.case.crew_by_id.get(crew) if crew else None
        return shift.name if shift else crew


def _subject(card: JobCard, outage: Outage | None, grid: Grid) -> tuple[Element | None, str | None]:
    """What a job concerns, and the transformer that feeds it where it is no part of the medium voltage."""
    if outage is not None and outage.component in BENEATH and card.kind in LOOKED_FOR and not card.is_look:
        below = Element(kind=outage.component, id=outage.fault.place)
        return below, next(iter(outage.transformers), None)
    if card.kind == "service" and card.customer:
        return Element(kind="customer", id=card.customer, name=card.customer_name or ""), card.place
    place = card.place or (outage.fault.place if outage else None)
    return (element(grid, place) if place else None), None


class _Days:
    """The briefings of the days asked for last: a phone asks every half minute, a plan lasts longer."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[int, _Briefings] = OrderedDict()

    def of(self, day: DayPlan) -> _Briefings:
        with self._lock:
            kept = self._kept.get(id(day))
            if kept is None or kept.day is not day:
                kept = self._kept[id(day)] = _Briefings(day)
            self._kept.move_to_end(id(day))
            while len(self._kept) > MOST_DAYS:
                self._kept.popitem(last=False)
            return kept


_DAYS = _Days()

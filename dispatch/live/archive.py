"""Plans worked out again from what was kept of them, each once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from ..ground.case import Case
from ..ground.clock import fixed
from ..ground.day import DayPlan, JobCard, OpenDay
from ..ground.errors import DispatchError
from ..judge.timing import plan_of
from ..planning.main_road import open_day, with_plan
from ..planning.running import Running
from ..store import Store, queries
from .book import Book
from .changes import change_of
from .field import at_work
from .openings import Openings, running_in
from .proposals import Routes, carried_over, routes_of
from .refusals import ANSWERABLE, Refused
from .under_way import running_at

MOST_KEPT = 12
MOST_ROUTES = 200
MOST_CARDS = 5000


class Archive:
    """The plans of a running day, by number."""

    def __init__(self, book: Book, openings: Openings) -> None:
        self._book, self._openings = book, openings
        self._days: dict[int, DayPlan] = {}
        self._cards: dict[str, JobCard] = {}
        self._routes: dict[int, Routes] = {0: {}}
        self._unplanned: tuple[int, DayPlan] | None = None
        self._making = threading.RLock()

    @property
    def case(self) -> Case:
        """The case with the standing data in force."""
        return self._book.case

    @property
    def store(self) -> Store:
        """Where plans are kept."""
        return self._book.store

    def rows(self, table: str) -> list[dict[str, Any]]:
        """As `Book.rows`."""
        return self._book.rows(table)

    def row(self, table: str, key: str) -> dict[str, Any] | None:
        """As `Book.row`."""
        return self._book.row(table, key)

    def in_force(self) -> DayPlan | None:
        """The plan in force; None before the first is published."""
        number = self._book.plan_number("published")
        return self._day(number) if number is not None else None

    def day(self) -> DayPlan:
        """The plan in force; before the first is published, an empty one for what is open now."""
        found = self.in_force()
        return found if found is not None else self._empty()

    def plan(self, number: int) -> DayPlan:
        """A plan by its number, in force or not."""
        return self._day(number)

    def last_card(self, job: str, number: int) -> JobCard | None:
        """What a job was when it was last planned; of plan `number` where no plan since has had it."""
        if job not in self._cards:
            with contextlib.suppress(DispatchError):
                return self._day(number).cards.get(job)
        return self._cards.get(job)

    def published_routes(self, number: int) -> Routes:
        """Job ids by crew of a plan that is or was in force; none for plan 0."""
        kept = self._routes
        if number not in kept:
            while len(kept) > MOST_ROUTES:
                del kept[sorted(kept)[1]]
            try:
                kept[number] = queries.plan_row(self._book.store, number)["routes"]
            except KeyError:
                # A crew has read a plan that a restored backup does not hold: it has read none of these.
                return {}
        return kept[number]

    def basis(self, number: int | None) -> dict[str, Any]:
        """What a plan was made of; empty without a number."""
        return dict(queries.plan_row(self._book.store, number)["basis"]) if number else {}

    def basis_running(self, number: int | None) -> Running:
        """What was under way when a plan was made."""
        basis = self.basis(number)
        return running_in(basis) if basis else Running()

    @contextlib.contextmanager
    def held(self, number: int, day: DayPlan) -> Iterator[None]:
        """Have a plan at hand while it is written, so that whoever hears of it finds it.

        When the writing fails, what was at hand before is there again.
        """
        before = self._days.get(number)
        self._days[number] = day
        try:
            yield
        except BaseException:
            self._days.pop(number, None)
            if before is not None:
                self._days[number] = before
            raise
        self._keep(number, day)

    def routes_on(self, day: OpenDay) -> dict[str, list[str]]:
        """The routes in force, as far as their jobs and crews are still there on another open day."""
        number = self._book.plan_number("published")
        routes = routes_of(self._day(number).plan) if number is not None else {}
        return carried_over(routes, day.problem.job_by_id, day.problem.crew_by_id)

    def timed(self, day: OpenDay, routes: Routes, running: Running) -> DayPlan:
        """A checked plan of an open day by routes, as far as their jobs and crews are there."""
        kept = carried_over(routes, day.problem.job_by_id, day.problem.crew_by_id)
        return with_plan(day, plan_of(day.problem, kept), running, allowed=ANSWERABLE, reasons=False)

    def plan_row(self, number: int) -> Mapping[str, Any]:
        """A plan as the store holds it.

        Raises
        ------
        Refused
            There is none of that number.
        """
        try:
            return queries.plan_row(self._book.store, number)
        except KeyError:
            raise Refused("unknown_plan", plan=number) from None

    # -- inside ----------------------------------------------------------------

    def _keep(self, number: int, day: DayPlan) -> None:
        """Hold a plan; of many, the newest and the one in force. Of the others stay what their jobs were."""
        self._days[number] = day
        # What is planned now is the newest, so that it is forgotten last.
        older = ((job, card) for job, card in self._cards.items() if job not in day.cards)
        self._cards = dict([*older, *day.cards.items()][-MOST_CARDS:])
        in_force = self._book.plan_number("published")
        for old in sorted(self._days)[:-MOST_KEPT]:
            if old != in_force:
                del self._days[old]

    def _day(self, number: int) -> DayPlan:
        """A plan; one out of the store has its open day worked out and its routes timed again, once."""
        found = self._days.get(number)
        if found is not None:
            return found
        with self._making:
            return self._days.get(number) or self._made_again(number)

    def _made_again(self, number: int) -> DayPlan:
        row = self.plan_row(number)
        opened = self._openings.opened(fixed(row["made_for"], self._book.case.settings.zone), row["basis"])
        changes = [change_of(each) for each in row["basis"].get("changes", ())]
        running = running_in(row["basis"])
        day = self.timed(self._openings.changed(opened, changes, running), row["routes"], running)
        self._keep(number, day)
        return day

    def _empty(self) -> DayPlan:
        """What is open now with no plan, worked out once per event."""
        with self._making:
            seq = self._book.store.last_seq()
            if self._unplanned is None or self._unplanned[0] != seq:
                now, changes = self._book.clock(), self._openings.standing_changes()
                running = running_at(self._book, None, now, changes)
                opened = open_day(self._openings.case_at(now, changes, staying=at_work(running)), running)
                self._unplanned = (
                    seq,
                    self.timed(self._openings.changed(opened, changes, running), {}, running),
                )
            return self._unplanned[1]

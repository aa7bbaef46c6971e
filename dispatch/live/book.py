"""The book of a duty room: events written down, rows read, and those who wait told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from ..ground.case import Case
from ..planning.replan import MOVE_PRICE
from ..rulebook.policies import Policies
from ..store import Event, Store, record
from ..store.present import Present
from .standing.versions import Standing

MOST_EVENTS = 500
# Names under which nobody answers for a work order yet: a program is no owner.
NOBODY = frozenset({"", "planner", "case", "solver"})
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who makes a change, and from where: board, phone, api, file or solver.

    Parameters
    ----------
    crew : the crew that speaks for itself; nobody in the office, and no system, is one.
    system : a program that brings what people told somebody else; it answers for nothing.
    """

    name: str
    source: str = "board"
    crew: str | None = None
    system: bool = False

    @property
    def answers(self) -> bool:
        """Whether this is a person of the office, who can answer for a promise."""
        return self.source in ("board", "api") and self.crew is None and not self.system


# Who proposes by itself, and ends what its plans no longer hold.
PLANNER = Who(name="planner", source="solver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the planner may spend and keep.

    Parameters
    ----------
    time_limit_s, work : of the solver, for one proposal.
    freeze_min : visits that begin within so many minutes stay as they are published.
    move_price : what a published visit has to gain where it moves to another crew or by a quarter of
        an hour, as a share of what is still to be lost; the knee of the curve in docs/simulation.md.
    """

    time_limit_s: float | None = 5.0
    work: int | None = None
    processes: int = 1
    seed: int = 1
    freeze_min: float = 15.0
    move_price: float = MOVE_PRICE


def answers_for(row: Mapping[str, Any]) -> str:
    """The person who answers for a work order; "" while nobody does, whatever program opened it."""
    return "" if row["responsible"] in NOBODY else str(row["responsible"])


class Book:
    """A case, its store and a clock; every change is an event. All parts of a desk share one.

    Parameters
    ----------
    case : customers, crews, roads, grid and policy as the program started with them.
    store : where everything is written down.
    clock : says what time it is.

    Attributes
    ----------
    lock : held while what was read decides what is written.
    standing : the standing data by version.
    policies : the policies by version.
    """

    def __init__(
        self, case: Case, store: Store, clock: Callable[[], datetime], budget: Budget | None = None
    ) -> None:
        self.store = store
        self.clock = clock
        self.budget = budget or Budget()
        self.lock = threading.RLock()
        self._present = Present(store, clock)
        self.standing = Standing(case, store, self._present)
        self.policies = Policies(store, case.policy)

    @property
    def case(self) -> Case:
        """The case with the standing data in force, every crew with the shift that counts now."""
        return self.standing.case_at(self.clock())

    @property
    def version(self) -> str:
        """Changes whenever anything does."""
        return str(self.store.recent_seq())

    def wait(self, after: int, timeout_s: float) -> list[Event]:
        """Events after number `after`, as soon as there are any, or none when time is up."""
        return self.store.feed.wait(after, timeout_s, MOST_EVENTS)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What is open, or ended lately, of requests, orders, steps, jobs, wishes, changes or crews.

        The rows are shared with everybody who asks: do not change them.
        """
        return self._present.rows(table)

    def row(self, table: str, key: str) -> dict[str, Any] | None:
        """One row of `rows` by its key; None where there is none in sight."""
        return self._present.row(table, key)

    def kept(
        self, name: str, on: Collection[str], make: Callable[[], Made], about: Collection[str] = ()
    ) -> Made:
        """What was made of the day, kept until an event touches one of the tables or kinds `on`.

        Parameters
        ----------
        about : subjects; an event that names one of them makes it anew too.
        """
        return self._present.kept(name, on, make, about)

    def plan_number(self, state: str) -> int | None:
        """Number of the newest plan in a state (proposed, published), or None."""
        return self._present.plan_number(state)

    def next_plan_number(self) -> int:
        """Number of the plan that is made next."""
        return 1 + self.highest_plan_number()

    def highest_plan_number(self) -> int:
        """Number of the newest plan, whatever became of it; 0 before the first."""
        return self._present.plan_number() or 0

    def note(
        self,
        kind: str,
        subject: str,
        data: Mapping[str, Any],
        who: Who,
        *,
        key: str | None = None,
        at: datetime | None = None,
        also: Callable[[Any], None] | None = None,
    ) -> bool:
        """Write one event down, once per key; False when it was known.

        Parameters
        ----------
        also : what else is to be written in the same transaction.
        """
        with self.lock, self.store.writing() as connection:
            before = self.store.newest(connection)
            new = record(connection, self.event(who, kind, subject, data, key, at)) > before
            if new and also is not None:
                also(connection)
        return new

    def record(self, *happened: Event) -> None:
        """Write events down, all or none."""
        self.store.record(*happened)

    def event(
        self,
        who: Who,
        kind: str,
        subject: str,
        data: Mapping[str, Any],
        key: str | None = None,
        at: datetime | None = None,
    ) -> Event:
        """An event that happens now, or happened `at`; written down by `record`."""
        when = at or self.clock()
        return Event(
            at=when, actor=who.name, source=who.source, kind=kind, subject=subject, data=data, key=key
        )

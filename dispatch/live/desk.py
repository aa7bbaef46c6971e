"""The desk of a duty room: every change passes here, is written down, and then is true."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from ..ground.case import Case
from ..ground.day import DayPlan
from ..rulebook.policies import Policies
from ..store import Event, Store
from .archive import Archive
from .book import Book, Budget, Who
from .calls import Calls
from .entries import Entry
from .grading import Grading
from .handmade import HandMade
from .openings import Openings
from .orders import Orders
from .service.ahead import Ahead
from .service.part import Service
from .shelf import Shelf
from .standing.versions import Standing
from .work import Work
from .workers import Trouble

Made = TypeVar("Made")


class Desk:
    """The running day of one duty room: its parts, which share one book, and what all of them read.

    Parameters
    ----------
    case : customers, crews, roads, grid and policy; its requests are those of before the first start.
    store : where everything is written down.
    clock : says what time it is.

    Attributes
    ----------
    book : events written down, rows read.
    grading : customers graded by the policy in force.
    openings : the work of a moment, before any route.
    archive : plans by number.
    shelf : plans proposed and published.
    hands : plans and work changed by hand.
    calls : requests as they come in.
    work : what becomes of orders, jobs and crews.
    service : the customer's half: who answers for what.
    planner_gone : since when there is nobody to plan, None while there is.
    look_after : says which duties of the room are not being done.
    """

    planner_gone: datetime | None
    look_after: Callable[[], tuple[Trouble, ...]]

    def __init__(
        self, case: Case, store: Store, clock: Callable[[], datetime], budget: Budget | None = None
    ) -> None:
        self.book = book = Book(case, store, clock, budget)
        self.grading = Grading(book)
        self.openings = Openings(book, self.grading)
        self.archive = Archive(book, self.openings)
        orders = Orders(book)
        self.shelf = Shelf(book, self.openings, self.archive, orders)
        self.hands = HandMade(book, self.openings, self.archive, orders)
        self.calls = Calls(book, self.grading, self.archive, self.hands)
        self.work = Work(book, self.archive, self.shelf)
        ahead = Ahead(book, self.openings, self.archive, self.hands)
        self.service = Service(book, self.grading, self.calls, self.archive, ahead, self.shelf, self.hands)
        self.planner_gone = None
        self.look_after = tuple
        if store.last_seq() == 0:
            self._take_over()
        self.policies.begin(clock())
        self.standing.begin(clock())

    @property
    def case(self) -> Case:
        """The case with the standing data in force, every crew with the shift that counts now."""
        return self.book.case

    @property
    def store(self) -> Store:
        """Where everything is written down."""
        return self.book.store

    @property
    def clock(self) -> Callable[[], datetime]:
        """Says what time it is."""
        return self.book.clock

    @property
    def budget(self) -> Budget:
        """What the planner may spend and keep."""
        return self.book.budget

    @property
    def standing(self) -> Standing:
        """The standing data by version."""
        return self.book.standing

    @property
    def policies(self) -> Policies:
        """The policies by version."""
        return self.book.policies

    @property
    def version(self) -> str:
        """Changes whenever anything does."""
        return self.book.version

    def wait(self, after: int, timeout_s: float) -> list[Event]:
        """As `Book.wait`."""
        return self.book.wait(after, timeout_s)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """As `Book.rows`."""
        return self.book.rows(table)

    def row(self, table: str, key: str) -> dict[str, Any] | None:
        """As `Book.row`."""
        return self.book.row(table, key)

    def kept(
        self, name: str, on: Collection[str], make: Callable[[], Made], about: Collection[str] = ()
    ) -> Made:
        """As `Book.kept`."""
        return self.book.kept(name, on, make, about)

    def note(self, kind: str, subject: str, data: Mapping[str, Any], who: Who, **when: Any) -> bool:
        """As `Book.note`."""
        return self.book.note(kind, subject, data, who, **when)

    def plan_number(self, state: str) -> int | None:
        """Number of the newest plan in a state (proposed, published), or None."""
        return self.book.plan_number(state)

    def day(self) -> DayPlan:
        """The plan in force; before the first is published, an empty one for what is open now."""
        return self.archive.day()

    def plan(self, number: int) -> DayPlan:
        """A plan by its number, in force or not."""
        return self.archive.plan(number)

    def case_under(self, number: int | None = None) -> Case:
        """The case under a version of its policy; without a number under the one in force."""
        return self.grading.case_under(number)

    def planner_is(self, *, gone: bool, who: Who, why: str = "") -> None:
        """There is nobody to plan, or somebody again: everybody at the desk is told."""
        if gone == (self.planner_gone is not None):
            return
        # Known here at once; the journal hears of it when the database can be written to.
        self.planner_gone = self.clock() if gone else None
        self.note("noted", "planner", {"what": "planner_gone" if gone else "planner_back", "why": why}, who)

    def troubles(self) -> tuple[Trouble, ...]:
        """The duties of the room that are not being done now."""
        return self.look_after()

    def _take_over(self) -> None:
        """Write the case's own requests into an empty store."""
        who = Who(name="case", source="file")
        happened = []
        for request in self.standing.own.requests:
            names = Entry.__dataclass_fields__
            entry = Entry(**{name: getattr(request, name) for name in names})
            at = request.received_at
            happened.append(self.book.event(who, "request_logged", request.id, entry.to_data(), at=at))
        self.book.record(*happened)

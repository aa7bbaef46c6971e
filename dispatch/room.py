"""A running duty room: the one place where its parts are put together.

`gridcrew serve`, the tests of what is served and the benchmarks all open their room here,
so that what is tested is what is started.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import quote

from .ground.case import Case
from .live import Desk
from .live.asking_meters import MeterRounds
from .live.book import Budget
from .live.callbacks import reply_mark
from .live.escalating import escalate_due
from .live.forgetting import Forgetting
from .live.planner.process import PlannerProcess
from .live.planner.worker import Planner
from .live.silence import warn_of_silence
from .live.standing.duty import ShiftClock
from .live.unread import remind_unread
from .live.workers import Lookout, Worker, Workers
from .messages.setting_up import teller_for
from .outages.meters import HttpMeters, MeterSettings
from .outward.guard import EventSettings
from .outward.outbound import Outbound
from .outward.publishing import PAUSE_S as PUBLIC_PAUSE_S
from .outward.publishing import PublicSettings, Publisher
from .push.keys import PushKey
from .push.pushing import Pushing
from .push.settings import PushSettings
from .store import Store
from .store.accounts import Accounts
from .store.leader import Leader

Clock = Callable[[], datetime]
EVENTS_PAUSE_S = 1.0
# It waits for something to happen by itself.
PUSH_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOptions:
    """What a utility chooses of its room.

    Parameters
    ----------
    budget : what the planner may spend and keep.
    own_process : plan in a process of its own, so that a search takes nothing from boards.
    secret_key : signs sessions and the links of customers; kept in the store when not given.
    messages : folder of own words and contacts; None for the built-in words and nobody.
    supervisors : addresses that hear of promises at risk, beside those of the contacts.
    public_url : where customers reach this server to answer callbacks; None for no such links.
    keep : how long customers of ended work are kept; None for ever.
    meters : the head-end that is asked for the supply of meters; None where nobody asks.
    public : where the public's page is written; None where there is none.
    events : where events may be sent; None where none leave the house.
    push : the push services that phones may be rung through; None where none is.
    """

    budget: Budget = field(default_factory=Budget)
    own_process: bool = False
    secret_key: str | None = None
    messages: Path | None = None
    supervisors: Sequence[str] = ()
    public_url: str | None = None
    keep: timedelta | None = None
    meters: MeterSettings | None = None
    public: PublicSettings | None = None
    events: EventSettings | None = None
    push: PushSettings | None = None


class Room:
    """A desk with everybody who works at it. Made by `open_room`.

    Attributes
    ----------
    desk : where every change passes.
    accounts : who may sign in.
    secret_key : signs sessions.
    workers : the duties that go on by themselves once `start` was called.
    leader : says whether this process does those duties, where several servers share the database.
    outbound : its events for other systems; None where none leave the house.
    pushing : rings phones; None where none is rung.
    """

    def __init__(
        self,
        desk: Desk,
        secret_key: str,
        workers: Workers,
        process: PlannerProcess | None,
        leader: Leader,
        outbound: Outbound | None = None,
        pushing: Pushing | None = None,
    ) -> None:
        self.desk, self.secret_key, self.workers, self.leader = desk, secret_key, workers, leader
        self.accounts, self.outbound, self.pushing = Accounts(desk.store), outbound, pushing
        self._process = process

    def start(self) -> None:
        """Begin planning, escalating and forgetting; `end` ends them."""
        if self._process is not None:
            # It takes a moment to read the case; boards need not wait for that.
            Thread(target=self._process.start, daemon=True).start()
        self.leader.start()
        self.workers.start()

    def hurry(self) -> None:
        """The room will close: begin nothing new, and cut short what somebody waits for."""
        self.workers.hurry()
        if self._process is not None:
            self._process.hurry()
        # Another server takes over at once; waited for in `end`.
        self.leader.hurry()

    def end(self) -> None:
        """End every duty and let go of the database."""
        self.workers.hurry()
        if self._process is not None:
            # Whoever still plans then plans for nobody; the plan in force stays.
            self._process.end()
        self.workers.end()
        self.leader.end()
        self.desk.store.close()


def open_room(case: Case, store: Store, clock: Clock, options: RoomOptions | None = None) -> Room:
    """Put a room together: desk, teller, planner and the other duties; nothing runs before `Room.start`.

    Parameters
    ----------
    case : customers, crews, roads, grid and policy.
    store : where the day is written down.
    clock : says what time it is.

    Raises
    ------
    InputFaults
        With every fault of the folder of messages.
    """
    options = options or RoomOptions()
    desk = Desk(case, store, clock, options.budget)
    secret_key = options.secret_key or Accounts(store).keepsake("session key")
    teller = teller_for(
        desk,
        options.messages,
        supervisors=options.supervisors,
        reply=_reply(options.public_url, secret_key),
    )
    store.hearers.append(teller.hear)
    process = PlannerProcess(case) if options.own_process else None
    if process is not None:
        desk.shelf.make_plan = process
    leader = Leader(store)
    outbound = None
    if options.events is not None:
        outbound = Outbound.of(desk, secret_key, options.events, lambda: datetime.now(UTC))
    pushing = _pushing(desk, options)
    duties = [*_duties(desk, options), *_outward(desk, options, secret_key, outbound)]
    if pushing is not None:
        duties.append(Lookout("push", desk.clock, pushing.look, pause_s=PUSH_PAUSE_S))
    workers = Workers(duties, lambda: leader.leads)
    desk.look_after = workers.troubles
    return Room(desk, secret_key, workers, process, leader, outbound, pushing)


def _pushing(desk: Desk, options: RoomOptions) -> Pushing | None:
    """What rings phones, where a utility has named a push service."""
    if options.push is None:
        return None
    key = PushKey.kept(Accounts(desk.store))
    return Pushing(desk, key, options.push, lambda: datetime.now(UTC))


def _duties(desk: Desk, options: RoomOptions) -> list[Worker]:
    duties: list[Worker] = [
        Planner(desk),
        Lookout("escalation", desk.clock, lambda: escalate_due(desk), pause_s=30),
        Lookout("silence", desk.clock, lambda: warn_of_silence(desk), pause_s=30),
        Lookout("unread", desk.clock, lambda: remind_unread(desk), pause_s=20),
        ShiftClock(desk),
        Lookout("service", desk.clock, desk.service.look, pause_s=15),
        Lookout("days", desk.clock, desk.service.days.look, pause_s=60),
        Lookout("unattended", desk.clock, desk.service.unattended.look, pause_s=1),
    ]
    if options.keep is not None:
        duties.append(Forgetting(desk.store, desk.clock, options.keep))
    if options.meters is not None:
        duties.append(MeterRounds(desk, HttpMeters(options.meters)))
    return duties


def _outward(
    desk: Desk, options: RoomOptions, secret_key: str, outbound: Outbound | None
) -> Iterator[Worker]:
    """What leaves the house, as far as a utility has turned it on."""
    if options.public is not None:
        publisher = Publisher(desk, options.public, secret_key)
        yield Lookout("public", desk.clock, publisher.look, pause_s=PUBLIC_PAUSE_S)
    if outbound is not None:
        yield Lookout("events", desk.clock, outbound.telling.look, pause_s=EVENTS_PAUSE_S)
        yield Lookout("webhooks", desk.clock, outbound.delivering.look, pause_s=EVENTS_PAUSE_S)


def _reply(public_url: str | None, secret_key: str) -> Callable[[str], str] | None:
    """Make the links by which customers answer; they hold as long as the secret key stays the same."""
    if public_url is None:
        return None
    root = public_url.rstrip("/")
    return lambda request: f"{root}/reply/{quote(reply_mark(secret_key, request))}"

"""What the API answers, as models: the OpenAPI document is made from them, and tests hold answers to them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

OrderState = Literal[
    "received",
    "accepted",
    "dispatched",
    "on_the_way",
    "on_site",
    "safe",
    "restored",
    "closed",
    "callback_done",
]


class Given(BaseModel):
    """An answer whose names are all told."""

    model_config = ConfigDict(extra="forbid")


class Wide(BaseModel):
    """An answer that may hold more than is told here: what the board's own pages need."""

    model_config = ConfigDict(extra="allow")


class Problem(Given):
    """What is wrong: `text` for people, every fault by itself; on a conflict who was first.

    `reason` names a refusal by a code, which does not change with the language.
    """

    code: int
    text: str
    faults: list[str]
    reason: str | None = None
    by: str | None = None
    version: int | None = None


class ShiftTold(Given):
    """A crew on a shift; in a list with whether it is over, running or coming, and comes by rule."""

    crew: str
    name: str
    start: AwareDatetime
    end: AwareDatetime
    state: Literal["over", "running", "coming"] | None = None
    ruled: bool | None = None


class ShiftsTold(Given):
    """Shifts, in order."""

    shifts: list[ShiftTold]


class DutyTold(Given):
    """Who is on; `nobody_from` lies in the past while nobody is, `back_at` is empty where nobody knows."""

    at: AwareDatetime
    on: list[ShiftTold]
    absent: list[str]
    next: list[ShiftTold]
    nobody: bool
    nobody_from: AwareDatetime | None
    back_at: AwareDatetime | None


class Span(Given):
    """A shift's begin and end."""

    start: AwareDatetime
    end: AwareDatetime


class CallTold(Span):
    """The shift that a call-in would make; `instead` is the begin of the one that it moves."""

    instead: AwareDatetime | None


class TermBroken(Given):
    """A term of the roster that a shift would break: hours or days that would be, and the limit."""

    term: Literal["rest", "shift", "week", "days"]
    found: float
    limit: float
    text: str


class CallTried(CallTold):
    """What calling a crew in would do, and whether the terms of the roster allow it."""

    allowed: bool
    broken: list[TermBroken]


class CrewTonight(Given):
    """A crew in the hours around now; `rested_at` ends its rest, `call` is the earliest lawful call-in."""

    id: str
    name: str
    people: int
    skills: list[str]
    phone: str | None
    state: Literal["on", "absent", "coming", "off"]
    shifts: list[Span]
    rested_at: AwareDatetime | None
    jobs: int
    free_at: AwareDatetime | None
    call: CallTold | None


class TonightTold(Given):
    """The crews between two moments around `at`."""

    at: AwareDatetime
    begins: AwareDatetime
    ends: AwareDatetime
    rest_h: float
    crews: list[CrewTonight]


class WarningTold(Given):
    """A weather warning as it stands; `version` counts how often it was told."""

    id: str
    kind: Literal["wind", "storm", "thunder", "rain", "ice", "snow", "heat", "other"]
    first: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    gust_m_s: float | None
    note: str
    over: bool
    version: int
    by: str
    at: AwareDatetime


class WarningsTold(Given):
    """Weather warnings, the next first."""

    warnings: list[WarningTold]


class StandingNumber(Given):
    """The number of the version that a change became."""

    version: int


class StandingTold(Given):
    """A version of standing data."""

    number: int
    kind: Literal["crews", "roster", "depots", "customers", "switches", "beliefs"]
    state: Literal["waiting", "active", "former", "declined"]
    file: str
    note: str
    made_by: str
    made_at: AwareDatetime
    decided_by: str | None
    decided_at: AwareDatetime | None


class StandingChange(Given):
    """One row that a version changes: each column before and after."""

    id: str
    what: Literal["added", "changed", "removed"]
    fields: dict[str, list[Any]]


class StandingWhole(StandingTold):
    """A version with its rows (`count` in all), what to mind first, what was read otherwise than it stood."""

    changes: list[StandingChange]
    count: int
    by_what: dict[Literal["added", "changed", "removed"], int]
    warnings: list[str]
    repairs: list[str]


class StandingList(Given):
    """The versions of standing data, newest first."""

    kinds: list[str]
    versions: list[StandingTold]


class Failed(Given):
    """Every answer of status 400 and above."""

    error: Problem


class ManagersChanged(Given):
    """How many customers have another manager now."""

    changed: int


class OwnerTold(Given):
    """Who answers for a request from now on."""

    owner: str


class LoggedRequest(Given):
    """A request that was written down; `known` when its key had been sent before.

    `still_out` is the work order that was said to have brought supply back there.
    """

    id: str
    kind: str
    order: str | None
    customer: dict[str, Any]
    earlier: list[str]
    known: bool
    still_out: str | None = None


class UploadedRow(Given):
    """A row of a file: its number in a spreadsheet, its key, the request it became or was."""

    row: int
    key: str
    id: str
    known: bool


class Uploaded(Given):
    """What was taken out of a file, and what is wrong with the rest."""

    logged: list[UploadedRow]
    new: int
    faults: list[str]


class RequestRow(Given):
    """A request as it is kept.

    `linked`: a person said which order it belongs to. `same_as`: the request that says the same. `withdrawn`:
    taken back. `desk`: somebody in the office answers it, no crew drives. `owner`: who answers for it.
    """

    id: str
    received_at: AwareDatetime
    words: str
    channel: str
    customer: str | None
    address: str | None
    lon: float | None
    lat: float | None
    phone: str | None
    kind: str | None
    appointment_from: AwareDatetime | None
    appointment_to: AwareDatetime | None
    order_id: str | None
    open: Literal[0, 1]
    version: int
    linked: Literal[0, 1]
    same_as: str | None
    withdrawn: Literal[0, 1]
    desk: Literal[0, 1]
    owner: str | None


class Requests(Given):
    """A page of requests; `next` goes into `before` for the following one."""

    requests: list[RequestRow]
    next: str | None


class OrderRow(Given):
    """A work order with the time at which each state was reached."""

    id: str
    state: OrderState
    since: AwareDatetime
    crew: str | None
    responsible: str
    place: str | None
    cause: str | None
    estimate_min: int | None
    note: str | None
    version: int
    steps: dict[OrderState, AwareDatetime]


class Orders(Given):
    """A page of work orders."""

    orders: list[OrderRow]
    next: str | None


class JobState(Given):
    """What a crew said last of a job."""

    id: str
    order_id: str
    crew: str
    state: str
    since: AwareDatetime
    minutes: float | None


class CallbackRow(Given):
    """Who is to be asked whether supply is back, and what was answered."""

    request: str
    order_id: str
    state: str
    since: AwareDatetime
    actor: str | None
    note: str | None


class OrderWhole(OrderRow):
    """A work order with all that hangs on it."""

    jobs: list[JobState]
    requests: list[RequestRow]
    callbacks: list[CallbackRow]


class OutageRow(Wide):
    """A loss of supply; times in seconds since 1970."""

    id: str
    out: float
    calls: int


class Outages(Given):
    """Losses of supply, most customers first."""

    outages: list[OutageRow]


class CrewRow(Given):
    """A crew's shift, and what it is doing."""

    id: str
    name: str
    depot: str
    skills: list[str]
    shift_start: AwareDatetime
    shift_end: AwareDatetime
    state: Literal["on_shift", "absent", "off"]
    acknowledged: int
    jobs: list[str]


class Crews(Given):
    """Crews, and the number of the plan in force."""

    crews: list[CrewRow]
    plan: int | None


class CrewStateRow(Given):
    """What a crew has said of itself."""

    id: str
    state: Literal["on_shift", "absent", "off"]
    reason: str | None
    acknowledged: int
    lon: float | None
    lat: float | None
    version: int


class CrewStates(Given):
    """What crews have said of themselves."""

    crews: list[CrewStateRow]
    plan: int | None


class PlanRow(Given):
    """A plan without its routes."""

    id: int
    made_for: AwareDatetime
    state: Literal["proposed", "published", "declined", "superseded"]
    cost: float
    policy: str
    made_by: str


class Plans(Given):
    """A page of plans."""

    plans: list[PlanRow]
    next: str | None


class PlanWhole(PlanRow):
    """A plan with its routes: job ids in order, by crew."""

    routes: dict[str, list[str]]


class EventRow(Given):
    """An event of the journal: when, who, from what, what, whom it concerns."""

    seq: int
    at: AwareDatetime
    actor: str
    source: str
    kind: str
    subject: str
    key: str | None
    data: dict[str, Any]


class Journal(Given):
    """A page of the journal; `next` goes into `after` for the following one."""

    events: list[EventRow]
    next: int | None


class Done(Given):
    """It is written down."""

    ok: Literal[True]


class NewVersion(Given):
    """The order's version after the change."""

    version: int


class Published(Given):
    """Number of the plan now in force."""

    published: int | None


class Declined(Given):
    """Number of the plan that was answered with no."""

    declined: int


class Expected(Given):
    """What is expected otherwise than planned: figures, stays, supplies and promises by their rows."""

    figures: dict[str, Any] | None
    stays: list[dict[str, Any]]
    supplies: list[dict[str, Any]]
    promised: list[dict[str, Any]]


class Proposal(Given):
    """The proposal beside the plan in force, null when none waits for an answer."""

    proposal: dict[str, Any] | None


class Violation(Wide):
    """What routes made by hand break."""

    code: str
    text: str
    allowed: bool


class Tried(Wide):
    """What routes made by hand would cost and break; nothing is kept."""

    allowed: bool
    cost: float
    violations: list[Violation]


class Counts(Given):
    """How many messages are in each state."""

    states: dict[str, int]


class Callbacks(Given):
    """Who is still to be asked."""

    callbacks: list[dict[str, Any]]


class Announced(Given):
    """The planned outage that was announced."""

    announced: str


class Health(Given):
    """The server answers, and which day it shows."""

    status: Literal["ok"]
    day: str


class Heard(Given):
    """What became of one tap."""

    id: str | None
    status: Literal["taken", "known", "conflict"]
    code: str | None
    by: str | None


class HeardAll(Given):
    """What became of each tap, in order."""

    heard: list[Heard]


class NewsTold(Given):
    """What a crew must hear of, up to event `seq`: null where there is nothing; when to ask again."""

    seq: int
    what: Literal["danger", "answer", "route", "ticket"] | None
    n: int | None
    again_s: int


class Customers(Given):
    """Customers that were found, and the calls that came from the telephone number before."""

    customers: list[dict[str, Any]]
    callers: list[dict[str, Any]]


class HeardSigns(Given):
    """How many signs were heard; `known` when the key had been sent before."""

    heard: int
    known: bool


class NeighbourRow(Given):
    """A customer to phone about an outage, or who has been phoned; `above` is what an "off" speaks for."""

    customer: str
    name: str | None
    address: str | None
    phone: str | None
    named: str
    above: str
    answer: Literal["on", "off", "unreached"] | None
    at: AwareDatetime | None
    by: str | None


class Neighbours(Given):
    """Whom to ask about an outage, then who has been asked, latest first."""

    neighbours: list[NeighbourRow]

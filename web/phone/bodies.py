"""What a crew's phone sends, checked at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from dispatch.live import Said

from ..entrance.bodies import Body, When, Whole

Mark = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]
Short = Annotated[str, Field(min_length=1, max_length=160)]
Note = Annotated[str, Field(max_length=2000)]
Quantity = Annotated[float, Field(ge=0, le=10_000)]
PartName = Annotated[str, Field(min_length=1, max_length=60)]
Parts = Annotated[dict[PartName, Quantity], Field(max_length=60)]
MOST_TAPS = 100


class Entering(Body):
    """The PIN, and the phone's own secret, so that a lost answer can be asked for again."""

    pin: Annotated[str, Field(max_length=12)]
    device: Annotated[str, Field(min_length=16, max_length=80)]


class RingingKeys(Body):
    """What a push to a phone is sealed with."""

    p256dh: Annotated[str, Field(pattern=r"^[A-Za-z0-9_=-]{80,100}$")]
    auth: Annotated[str, Field(pattern=r"^[A-Za-z0-9_=-]{20,30}$")]


class Ringing(Body):
    """Where a phone is rung: a `PushSubscription` as browsers write it."""

    endpoint: Annotated[str, Field(min_length=10, max_length=500)]
    keys: RingingKeys


class Batch(Body):
    """Taps in order, and what the phone's clock says while it sends them."""

    sent_at: When
    taps: Annotated[list[dict[str, object]], Field(max_length=MOST_TAPS)]


class Tap(Body):
    """What every tap has."""

    id: Mark
    at: When
    job: Short | None = None


class Report(Tap):
    """A state of a job."""

    kind: Literal["report"]
    job: Short
    to: Literal["on_the_way", "on_site", "safe", "restored", "done", "cannot"]
    minutes: Annotated[float, Field(gt=0, le=10_000)] | None = None
    reason: Short | None = None
    note: Note | None = None
    parts: Parts | None = None
    found: Literal["open", "closed"] | None = None


class Undo(Tap):
    """A report taken back, by the mark of the tap that made it."""

    kind: Literal["undo"]
    job: Short
    of: Mark


class TicketAct(Tap):
    """An act of a crew on its ticket, with the two names."""

    kind: Literal["ticket"]
    ticket: Annotated[str, Field(min_length=1, max_length=40)]
    act: Literal["read_back", "step", "suspend", "resume", "return"]
    by: Short | None = None
    second: Short | None = None
    step: Annotated[str, Field(max_length=10)] | None = None
    note: Note | None = None


class Tick(Tap):
    """A box of the safety steps."""

    kind: Literal["tick"]
    job: Short
    step: Annotated[str, Field(min_length=1, max_length=120)]


class Told(Tap):
    """A cause, the element that has failed, a note."""

    kind: Literal["told"]
    job: Short
    cause: Short | None = None
    place: Short | None = None
    note: Note | None = None


class Answered(Tap):
    """The route was read."""

    kind: Literal["acknowledge"]
    plan: Whole


class Refusal(Tap):
    """The route was read and cannot be driven, and why."""

    kind: Literal["refuse"]
    plan: Whole
    note: Annotated[str, Field(min_length=1, max_length=500)]


class Help(Tap):
    """Somebody must come or call."""

    kind: Literal["help"]
    reason: Short
    note: Note | None = None
    minutes: Annotated[float, Field(gt=0, le=10_000)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None


class Found(Tap):
    """Another fault."""

    kind: Literal["found"]
    note: Annotated[str, Field(min_length=1, max_length=2000)]
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None


class RoadClosed(Tap):
    """A road that nobody gets through, where the crew stands or at the job."""

    kind: Literal["road_closed"]
    note: Annotated[str, Field(min_length=1, max_length=500)]
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None


class SwitchStuck(Tap):
    """A switch that does not move."""

    kind: Literal["switch_stuck"]
    device: Annotated[str, Field(min_length=1, max_length=120)]
    note: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class Damage(Tap):
    """What it takes to mend what the crew has seen: in words, in parts, people, plant and minutes."""

    kind: Literal["damage"]
    job: Short
    what_broke: Annotated[str, Field(min_length=1, max_length=500)]
    parts: Parts | None = None
    people: Annotated[int, Field(ge=1, le=100)] | None = None
    plant: Annotated[list[PartName], Field(max_length=10)] | None = None
    minutes: Annotated[float, Field(gt=0, le=10_000)]


class SignOn(Tap):
    """Signing on to the shift, with a vehicle."""

    kind: Literal["sign_on"]
    vehicle: Annotated[str, Field(min_length=1, max_length=60)] | None = None


class SignOff(Tap):
    """Signing off."""

    kind: Literal["sign_off"]


class Restocked(Tap):
    """The vehicle has been filled at the depot."""

    kind: Literal["restocked"]


class Position(Tap):
    """Where the crew is."""

    kind: Literal["position"]
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]


TAPS: dict[str, type[Tap]] = {
    "report": Report,
    "undo": Undo,
    "ticket": TicketAct,
    "tick": Tick,
    "told": Told,
    "acknowledge": Answered,
    "refuse": Refusal,
    "help": Help,
    "found": Found,
    "road_closed": RoadClosed,
    "switch_stuck": SwitchStuck,
    "damage": Damage,
    "sign_on": SignOn,
    "sign_off": SignOff,
    "restocked": Restocked,
    "position": Position,
}


class Shot(Body):
    """What a picture shows: the place before or after the work, or a customer's signature."""

    moment: Literal["before", "after", "signature"] | None = None
    signer: Annotated[str, Field(min_length=1, max_length=120)] | None = None


def shot_of(args: Mapping[str, str]) -> dict[str, str] | None:
    """What a picture's address says of it; None when it cannot be read."""
    told = {name: args[name] for name in Shot.model_fields if args.get(name)}
    try:
        return Shot.model_validate(told).model_dump(exclude_none=True)
    except ValidationError:
        return None


def said_of(tap: dict[str, object]) -> Said | None:
    """A tap as the desk hears it; None when it cannot be read."""
    model = TAPS.get(str(tap.get("kind")))
    if model is None:
        return None
    try:
        read = model.model_validate(tap)
    except ValidationError:
        return None
    data = read.model_dump(exclude_none=True, exclude={"id", "at", "job", "kind"})
    return Said(id=read.id, kind=str(tap["kind"]), at=read.at, job=read.job, data=data)

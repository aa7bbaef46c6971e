"""What the live API takes, checked at the edge; every fault is answered at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any, Literal, TypeVar

from flask import request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from dispatch.ground.errors import Fault, InputFaults

from ..words.language import translate
from ..words.wording import faults_of

# What both databases hold, and what a clock of this century or a phone without one may say.
LARGEST = 2**31 - 1
EARLIEST, LATEST = datetime(1969, 12, 31, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _in_time(when: datetime) -> datetime:
    if not EARLIEST <= when <= LATEST:
        between = {"earliest": EARLIEST.year, "latest": LATEST.year}
        raise PydanticCustomError("out_of_time", "lies outside {earliest} to {latest}", between)
    return when


def moment_in(text: str, zone: tzinfo) -> datetime:
    """A moment that a form sends, by the clock of `zone` where it says no offset.

    Raises
    ------
    ValueError
        It is none, or lies outside what both databases hold.
    """
    found = datetime.fromisoformat(text)
    found = found if found.tzinfo else found.replace(tzinfo=zone)
    if not EARLIEST <= found <= LATEST:
        raise ValueError
    return found


Whole = Annotated[int, Field(ge=0, le=LARGEST)]
When = Annotated[AwareDatetime, AfterValidator(_in_time)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Short = Annotated[str, Field(min_length=1, max_length=160)]


class Body(BaseModel):
    """A body: unknown names are faults, texts are bounded."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class NewRequest(Body):
    """What somebody reports or asks for; `taken_by` names who took the call, where a system brings it."""

    words: Text
    received_at: When | None = None
    channel: Short = "phone"
    customer: Short | None = None
    address: Annotated[str, Field(max_length=300)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    phone: Short | None = None
    kind: Short | None = None
    appointment_from: When | None = None
    appointment_to: When | None = None
    taken_by: Annotated[str, Field(min_length=1, max_length=120)] | None = None


class OrderMove(Body):
    """A work order's next state, by somebody who has seen version `seen`."""

    to: Short
    seen: Whole
    crew: Short | None = None
    cause: Short | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None


class JobReport(Body):
    """What a crew says of a job."""

    to: Literal["on_the_way", "on_site", "safe", "done", "cannot"]
    crew: Short
    at: When | None = None
    minutes: Annotated[float, Field(gt=0, le=10_000)] | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None
    found: Literal["open", "closed"] | None = None


class CrewState(Body):
    """Whether a crew works, and where it is."""

    state: Literal["on_shift", "absent", "off"]
    reason: Annotated[str, Field(max_length=500)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None


class Restocking(Body):
    """A vehicle filled at the depot, now or at a time that has passed."""

    at: When | None = None


class Wish(Body):
    """A person's word on a job and a crew; no wish takes it back."""

    job: Short
    crew: Short
    wish: Literal["pin", "forbid"] | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class Planning(Body):
    """How to plan again."""

    free: bool = False


class Publishing(Body):
    """A proposal, whole (no `accepted`) or for some jobs."""

    accepted: Annotated[list[Short], Field(max_length=20_000)] | None = None


class Answer(Body):
    """Why not."""

    reason: Annotated[str, Field(max_length=500)] = ""


class SplitInto(Body):
    """Several jobs out of one, so many minutes each."""

    minutes: Annotated[list[Annotated[float, Field(gt=0, le=10_000)]], Field(min_length=2, max_length=6)]
    together: bool = False


class MergedInto(Body):
    """A job done in one stay with another."""

    into: Short
    minutes: Annotated[float, Field(gt=0, le=10_000)]


class AddedWork(Body):
    """Work that nobody called about."""

    words: Text
    at: When | None = None
    kind: Short | None = None
    customer: Short | None = None
    address: Annotated[str, Field(max_length=300)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    minutes: Annotated[float, Field(gt=0, le=10_000)] | None = None
    skills: Annotated[list[Short], Field(max_length=20)] | None = None
    crews: Annotated[int, Field(ge=1, le=5)] = 1
    crew: Short | None = None


class Nothing(Body):
    """A change that needs no data."""


class AtTime(Body):
    """Start not before, or within a span."""

    first: Annotated[When, Field(alias="from")]
    to: When | None = None


class Lasting(Body):
    """How long the work takes in all."""

    minutes: Annotated[float, Field(gt=0, le=10_000)]


DATA_OF: Mapping[str, type[Body]] = {
    "split": SplitInto,
    "merge": MergedInto,
    "add": AddedWork,
    "remove": Nothing,
    "time": AtTime,
    "minutes": Lasting,
}


class WorkEdit(Body):
    """One change of the work by hand; no data takes it back. "new" is the subject of work to be added."""

    subject: Short
    what: Literal["split", "merge", "add", "remove", "time", "minutes"]
    data: dict[str, Any] | None = None

    @model_validator(mode="after")
    def checked(self) -> WorkEdit:
        """Hold the data against what this change needs."""
        if self.data is not None:
            given = DATA_OF[self.what].model_validate(self.data)
            self.data = given.model_dump(mode="json", by_alias=True, exclude_none=True)
        return self


class HandMade(Body):
    """A plan changed by hand: job ids in order, by crew, and what is changed of the work.

    Without `routes` the work is fitted into those in force; `seen` is the plan that somebody looked at,
    and routes cannot come without it: they would undo what others did since.
    """

    routes: Annotated[dict[Short, list[Short]], Field(max_length=2000)] | None = None
    edits: Annotated[list[WorkEdit], Field(max_length=50)] = []
    reason: Annotated[str, Field(max_length=500)] = ""
    seen: Whole | None = None


class HandApplied(HandMade):
    """The same, to be published."""

    @model_validator(mode="after")
    def _say_what_was_seen(self) -> HandApplied:
        if self.routes is not None and self.seen is None:
            text = "routes need `seen`: the number of the plan that they were drawn from"
            raise PydanticCustomError("seen_missing", text)
        return self


class Found(Body):
    """What was found out there: a road closed, a switch that does not move, a crew held up.

    A road is named by a place on it (`lon`, `lat`), a crew by its id with `until`.
    """

    what: Literal["closed", "stuck", "late"]
    subject: Short | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    until: When | None = None
    over: bool = False
    reason: Annotated[str, Field(max_length=500)] = ""


class Estimate(Body):
    """A job takes so many minutes in all."""

    minutes: Annotated[float, Field(gt=0, le=10_000)]
    reason: Annotated[str, Field(max_length=500)] = ""


class Diversion(Body):
    """A crew that is sent at once."""

    crew: Short
    reason: Annotated[str, Field(max_length=500)] = ""


class Query(BaseModel):
    """What an address asks for after its question mark."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=Body)
Wanted = TypeVar("Wanted", bound=Query)


def query_as(model: type[Wanted]) -> Wanted:
    """The request's query as a model; the page's language is everybody's.

    Raises
    ------
    InputFaults
        With every fault of the query.
    """
    given = {name: value for name, value in request.args.items() if name != "lang"}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InputFaults(faults_of(error, model, "query")) from error


def json_body() -> Any:
    """The request's body as JSON; None where it is none, nested too deeply, or a number without end."""
    try:
        return request.get_json(silent=True)
    except (RecursionError, ValueError):
        return None


def body_as(model: type[Model]) -> Model:
    """The request's JSON body as a model.

    Raises
    ------
    InputFaults
        With every fault of the body.
    """
    given = json_body()
    if not isinstance(given, dict):
        raise InputFaults([Fault(file="body", place="", text=translate("input.no_json"))])
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InputFaults(faults_of(error, model)) from error


def form_as(model: type[Model], **more: Any) -> Model:
    """The page's own form as a model; what is empty was not said, what the model does not know is not read.

    Parameters
    ----------
    more : fields that the page reads itself, in the place of the form's.

    Raises
    ------
    InputFaults
        With every fault of the form.
    """
    given = {name: text for name, text in request.form.items() if name in model.model_fields and text != ""}
    try:
        return model.model_validate(given | more)
    except ValidationError as error:
        raise InputFaults(faults_of(error, model)) from error


def told(model: Body, *but: str) -> dict[str, Any]:
    """What was said, as plain data."""
    return model.model_dump(exclude_none=True, exclude=set(but))

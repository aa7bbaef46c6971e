"""What the live API takes, checked at the edge; every fault is answered at once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from flask import request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from dispatch.errors import Fault, InputFaults, nearest

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Short = Annotated[str, Field(min_length=1, max_length=160)]


class Body(BaseModel):
    """A body: unknown names are faults, texts are bounded."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewRequest(Body):
    """What somebody reports or asks for."""

    words: Text
    received_at: AwareDatetime | None = None
    channel: Short = "phone"
    customer: Short | None = None
    address: Annotated[str, Field(max_length=300)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    phone: Short | None = None
    kind: Short | None = None
    appointment_from: AwareDatetime | None = None
    appointment_to: AwareDatetime | None = None


class OrderMove(Body):
    """A work order's next state, by somebody who has seen version `seen`."""

    to: Short
    seen: int
    crew: Short | None = None
    cause: Short | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None


class JobReport(Body):
    """What a crew says of a job."""

    to: Literal["on_the_way", "on_site", "safe", "done", "cannot"]
    crew: Short
    at: AwareDatetime | None = None
    minutes: Annotated[float, Field(gt=0, le=10_000)] | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None


class CrewState(Body):
    """Whether a crew works, and where it is."""

    state: Literal["on_shift", "absent", "off"]
    reason: Annotated[str, Field(max_length=500)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None


class Wish(Body):
    """A person's word on a job and a crew; no wish takes it back."""

    job: Short
    crew: Short
    wish: Literal["pin", "forbid"] | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class Publishing(Body):
    """A proposal, whole (no `accepted`) or for some jobs."""

    accepted: Annotated[list[Short], Field(max_length=20_000)] | None = None


class Answer(Body):
    """Why not."""

    reason: Annotated[str, Field(max_length=500)] = ""


class HandMade(Body):
    """Routes made by hand: job ids in order, by crew; `seen` is the plan that they were made from."""

    routes: Annotated[dict[Short, list[Short]], Field(max_length=2000)]
    reason: Annotated[str, Field(max_length=500)] = ""
    seen: int | None = None


class Diversion(Body):
    """A crew that is sent at once."""

    crew: Short
    reason: Annotated[str, Field(max_length=500)] = ""


class Query(BaseModel):
    """What an address asks for after its question mark."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


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
        raise InputFaults([_fault(each, model, "query") for each in error.errors()]) from error


def body_as(model: type[Model]) -> Model:
    """The request's JSON body as a model.

    Raises
    ------
    InputFaults
        With every fault of the body.
    """
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise InputFaults([Fault(file="body", place="", text="is not a JSON object")])
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InputFaults([_fault(each, model) for each in error.errors()]) from error


def told(model: Body, *but: str) -> dict[str, Any]:
    """What was said, as plain data."""
    return model.model_dump(exclude_none=True, exclude=set(but))


def _fault(error: Any, model: type[BaseModel], file: str = "body") -> Fault:
    place = ".".join(str(part) for part in error["loc"])
    hint = nearest(place, model.model_fields) if error["type"] == "extra_forbidden" else ""
    value = error.get("input")
    shown = f" (given: {str(value)[:80]!r})" if isinstance(value, str | int | float | datetime) else ""
    return Fault(file=file, place=place, text=f"{error['msg']}{shown}{hint}")

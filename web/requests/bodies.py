"""What the page of requests sends and asks for, checked at the edge."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..entrance.bodies import Body, Query, Short, Text, When, Whole

Ground = Annotated[str, Field(max_length=500)]


class RequestChange(Body):
    """What is corrected of a request; what is not named stays, null empties it.

    `seen` is the request's `version` that was read: 409 says who has changed it since. `order` links it
    to a work order (null takes that back), `same_as` joins it to the request that says the same,
    `withdrawn` takes it back with a `reason`, `answered` ends what nobody drives to.
    """

    seen: Whole
    words: Text | None = None
    channel: Short | None = None
    kind: Annotated[str, Field(max_length=40)] | None = None
    customer: Annotated[str, Field(max_length=60)] | None = None
    address: Annotated[str, Field(max_length=300)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    phone: Annotated[str, Field(max_length=60)] | None = None
    appointment_from: When | None = None
    appointment_to: When | None = None
    order: Annotated[str, Field(max_length=120)] | None = None
    same_as: Annotated[str, Field(max_length=60)] | None = None
    withdrawn: bool | None = None
    answered: bool | None = None
    reason: Ground = ""


class ListWanted(Query):
    """Which part of the list; every word of `q` must be found, `after` is the `next` of the part before.

    `owner` asks for what one person answers for, `nobody` for what no person does.
    """

    q: Annotated[str, Field(max_length=200)] = ""
    group: Literal["waiting", "kind", "answer", "open", "ended"] | None = None
    most: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[str, Field(max_length=160)] | None = None
    owner: Annotated[str, Field(max_length=120)] | None = None
    nobody: bool = False


class HandOver(Body):
    """Who answers for a request from now on, and why; `seen` is who did when it was read, null for nobody."""

    to: Short
    seen: Short | None = None
    reason: Ground = ""

"""What the customer desk sends and asks for, checked at the edge."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dispatch.service.complaints import CATEGORIES, CAUSES, UPHELD, WORDS

from ..entrance.bodies import Body, Query, Short, Whole

Note = Annotated[str, Field(max_length=2000)]
Why = Annotated[str, Field(max_length=500)]
Name = Annotated[str, Field(max_length=120)]
Named = Annotated[str, Field(min_length=1, max_length=120)]


class UrgingsWanted(Query):
    """Whose urgings: of one who was urged, and of one subject; all without them."""

    whom: Name | None = None


class Urged(Body):
    """Whoever answers for a request, an order or a complaint is urged.

    `supervision` and `within_min`, the time to answer, are a supervisor's.
    """

    subject: Short
    words: Annotated[str, Field(min_length=1, max_length=500)]
    supervision: bool = False
    within_min: Annotated[float, Field(gt=0, le=43_200)] | None = None


class UrgingAnswer(Body):
    """What was done about something that somebody was urged about."""

    subject: Short
    answer: Annotated[str, Field(min_length=1, max_length=500)]


class TextsWanted(Body):
    """How a customer wants to be told; `stopped`: nothing but danger and what must be announced."""

    language: Literal["en", "zh"] | None = None
    way: Literal["text", "voice"] | None = None
    stopped: bool = False


class ComplaintsWanted(Query):
    """Which complaints: by state, owner (`nobody` for those of no person), level, words; late ones alone."""

    state: Literal["open", "answered", "closed", "current", "ended"] | None = None
    owner: Name | None = None
    nobody: bool = False
    level: Annotated[int, Field(ge=1, le=3)] | None = None
    q: Annotated[str, Field(max_length=200)] = ""
    late: bool = False
    most: Annotated[int, Field(ge=1, le=200)] = 100
    after: Annotated[str, Field(max_length=120)] | None = None


class ComplaintAct(Body):
    """One act on a complaint that was read at version `seen`.

    `contact` and `note` take a note, `link` and `unlink` an order; `answer` takes text, category, cause and
    whether the complaint is upheld; `word` what the customer says of the answer: only that closes it.
    """

    act: Literal["contact", "note", "link", "unlink", "answer", "word", "level", "hand_over"]
    seen: Whole
    note: Note = ""
    text: Note = ""
    order: Name = ""
    category: Literal[CATEGORIES] | None = None  # type: ignore[valid-type]
    cause: Literal[CAUSES] | None = None  # type: ignore[valid-type]
    upheld: Literal[UPHELD] | None = None  # type: ignore[valid-type]
    word: Literal[WORDS] | None = None  # type: ignore[valid-type]
    level: Annotated[int, Field(ge=1, le=3)] | None = None
    to: Short | None = None
    reason: Annotated[str, Field(max_length=500)] = ""

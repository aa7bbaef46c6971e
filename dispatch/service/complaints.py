"""A complaint from its first word to the customer's last: what may follow what, and what each act changes.

    open -> answered -> closed
      ^        |
      +--------+   the customer is not satisfied: open again, a level higher

A complaint is closed by the customer's word alone: satisfied, or taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from .matters import Changed, Impossible
from .matters import said as _said

Act = Literal["contact", "note", "link", "unlink", "answer", "word"]
ACTS: tuple[Act, ...] = get_args(Act)
OPEN, ANSWERED, CLOSED = "open", "answered", "closed"
STATES = (OPEN, ANSWERED, CLOSED)
HIGHEST = 3
# What a complaint is about, as 95598 tells them apart: service, business, supply, quality, construction.
CATEGORIES = ("service", "business", "supply", "quality", "construction")
# Whose it was (责任归属), once looked into.
CAUSES = ("crew", "desk", "repair_time", "notice", "equipment", "billing", "construction", "others", "none")
UPHELD = ("yes", "partly", "no")
WORDS = ("satisfied", "dissatisfied", "unreached", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """By when, out of the policy, for a complaint of a level."""

    level: int
    answer_due: datetime | None
    contact_due: datetime | None
    urge_answer: timedelta
    rise_after: timedelta | None


def opened(words: str, limits: Limits, **about: Any) -> dict[str, Any]:
    """What the journal keeps of a complaint that begins.

    Parameters
    ----------
    about : request, customer, owner, opened_at.
    """
    return {
        "kind": "complaint",
        "state": OPEN,
        "level": limits.level,
        "words": words,
        "due_at": _said(limits.answer_due),
        "data": {"contact_due": _said(limits.contact_due), "orders": [], "reopened": 0, "calls": 0},
        **about,
    }


def acted(
    row: Mapping[str, Any], act: Act, told: Mapping[str, Any], now: datetime, limits: Limits
) -> Changed:
    """What an act makes of a complaint.

    Parameters
    ----------
    row : the complaint as it stands: state, level, data.
    told : note; for an answer text, category, cause, upheld; for the customer's word `word`; order.
    limits : of the level that the complaint has after the act.

    Raises
    ------
    Impossible
        It has ended, nothing was answered yet, or something is missing.
    """
    state, data = row["state"], row["data"]
    if state == CLOSED:
        raise Impossible("complaint_closed")
    if act == "answer":
        return _answered(told, now)
    if act == "word":
        return _said_by_customer(row, told, now, limits)
    if act in ("link", "unlink"):
        linked = [each for each in data.get("orders", []) if each != told["order"]]
        return Changed(to={}, put={"orders": [*linked, told["order"]] if act == "link" else linked})
    if not told.get("note"):
        raise Impossible("note_missing")
    if act == "contact":
        return Changed(to={}, put={"contacted_at": data.get("contacted_at") or now.isoformat()})
    return Changed(to={}, put={})


def level_after(row: Mapping[str, Any], act: Act, told: Mapping[str, Any]) -> int:
    """The level that a complaint has after an act: whoever is not satisfied goes up one."""
    up = act == "word" and told.get("word") == "dissatisfied"
    return min(HIGHEST, int(row["level"]) + 1) if up else int(row["level"])


def _answered(told: Mapping[str, Any], now: datetime) -> Changed:
    """Looked into and answered; whether that is enough the customer says."""
    for name, known in (("category", CATEGORIES), ("cause", CAUSES), ("upheld", UPHELD)):
        if told.get(name) not in known:
            raise Impossible("complaint_missing", name=name)
    if not told.get("text"):
        raise Impossible("complaint_missing", name="text")
    put = {name: told[name] for name in ("category", "cause", "upheld")}
    return Changed(to={"state": ANSWERED}, put=put | {"answer": told["text"], "answered_at": now.isoformat()})


def _said_by_customer(
    row: Mapping[str, Any], told: Mapping[str, Any], now: datetime, limits: Limits
) -> Changed:
    word = told.get("word")
    if word not in WORDS:
        raise Impossible("complaint_missing", name="word")
    if word == "withdrawn":
        if not told.get("note"):
            raise Impossible("note_missing")
        return Changed(to={"state": CLOSED, "ended_at": now.isoformat()}, put={"word": word})
    if row["state"] != ANSWERED:
        raise Impossible("complaint_unanswered")
    if word == "satisfied":
        return Changed(to={"state": CLOSED, "ended_at": now.isoformat()}, put={"word": word})
    if word == "unreached":
        return Changed(to={}, put={"calls": int(row["data"].get("calls", 0)) + 1})
    again = int(row["data"].get("reopened", 0)) + 1
    to = {"state": OPEN, "level": limits.level, "due_at": _said(limits.answer_due)}
    return Changed(to=to, put={"word": word, "reopened": again, "contact_due": _said(limits.contact_due)})

"""Who sees callers and customers, and what the others see in their place.

Dispatchers, supervisors and the customer desk call back, crews knock at doors: they see names, telephone
numbers and addresses. Whoever else reads the day sees the work, not who asked for it. Every page and answer
takes the day from `shown` or from `current.derived`, which does; what is read out of the store passes
`discreet_row`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from flask import g, has_request_context

from dispatch.ground.day import DayPlan, JobCard
from dispatch.live.standing.view import RowChange
from dispatch.store.request_list import tells_number

# A crew reads its own route alone (`web.entrance.ownership`), and has to find the door.
SEE_CUSTOMERS = frozenset({"dispatcher", "supervisor", "service", "manager", "crew"})
# Six digits or more are a telephone number or a meter's; hours, house numbers and voltages are shorter.
NUMBER = re.compile(r"\+?\d(?:[\d\s().\-/]{4,}\d)")
LEAST_DIGITS = 6
# "Balmaceda 300-B", "人民路12号3单元": what tells one door of a street from the next.
DOOR = re.compile(r"\s*[#№]?\s*\d[\w\-/.]*(?:\s*(?:号|弄|栋|幢|单元|室|楼|层))*")
HIDDEN = "…"
PERSONAL_COLUMNS = frozenset({"name", "phone", "address", "access", "lon", "lat"})
HIDDEN_FIELDS = ("phone", "own_phone", "customer", "name", "access", "signer")
# What somebody has written by hand.
TEXT_FIELDS = ("words", "note", "reason", "answer", "text", "detail", "what_broke")
# Rows inside a row: what else is told of the same thing.
ROW_FIELDS = ("history", "urgings", "others")
Row = Mapping[str, Any]
Noted = TypeVar("Noted", bound=Any)
Said = TypeVar("Said", bound=str | None)


def sees_customers() -> bool:
    """Whether whoever asks may see callers and customers; what this program does for itself may."""
    if not has_request_context():
        return True
    identity = g.get("identity")
    return identity is not None and identity.may(SEE_CUSTOMERS)


def shown(day: DayPlan) -> DayPlan:
    """A day as whoever asks may see it."""
    return day if sees_customers() else discreet_day(day)


def discreet_day(day: DayPlan) -> DayPlan:
    """A day without callers and customers; what is planned, and where, is left."""
    case = day.case
    requests = tuple(replace(each, phone=None, words=masked(each.words)) for each in case.requests)
    return replace(
        day,
        case=replace(case, requests=requests),
        cards={id_: discreet_card(card, at_door=at_door(day, card)) for id_, card in day.cards.items()},
    )


def at_door(day: DayPlan, card: JobCard) -> bool:
    """Whether a job is done where somebody lives, and not at a place of the grid."""
    order = day.order_by_id.get(card.order)
    return card.customer is not None or order is None or order.outage is None


def discreet_card(card: JobCard, *, at_door: bool) -> JobCard:
    """A job without whom it is done for; a place in the grid keeps its name."""
    return replace(
        card,
        customer=None,
        customer_name=None,
        phone=None,
        access=None,
        address=street(card.address) if at_door else card.address,
        words=tuple(map(masked, card.words)),
        important=tuple(replace(each, name=None, access=None) for each in card.important),
    )


def discreet_row(row: Row) -> dict[str, Any]:
    """A row of a request, a call, a complaint or a callback without who it is about."""
    hidden: dict[str, Any] = {name: None for name in HIDDEN_FIELDS if name in row}
    streets = {name: street(str(row[name])) for name in ("address", "own_address") if row.get(name)}
    texts = {name: _masked(row[name]) for name in TEXT_FIELDS if row.get(name)}
    rows = {name: [discreet_row(each) for each in row[name]] for name in ROW_FIELDS if row.get(name)}
    return {**row, **hidden, **streets, **texts, **rows}


def row_shown(row: Row) -> dict[str, Any]:
    """A row as whoever asks may see it."""
    return dict(row) if sees_customers() else discreet_row(row)


def keeps_customers() -> bool:
    """Whether whoever asks may read the list of customers: who calls back, and who keeps the list."""
    return sees_customers() or g.identity.may(frozenset({"administrator"}))


def change_shown(kind: str, change: RowChange) -> RowChange:
    """A row of standing data that a version changes, as whoever asks may see it."""
    if kind != "customers" or keeps_customers():
        return change
    fields = [
        (name, HIDDEN, HIDDEN) if name in PERSONAL_COLUMNS else (name, before, after)
        for name, before, after in change.fields
    ]
    return replace(change, name="", fields=tuple(fields))


def texts_shown(value: Any) -> Any:
    """Data, such as the trace of a decision, with its texts as whoever asks may see them."""
    return value if sees_customers() else _masked_inside(value)


def _masked_inside(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {name: _masked_inside(each) for name, each in value.items()}
    return [_masked_inside(each) for each in value] if isinstance(value, list | tuple) else value


def discreet_state(state: dict[str, Any]) -> dict[str, Any]:
    """The state of the day, or what of it has changed, without callers."""
    found: dict[str, Any] = {
        name: [_discreet_entry(row) for row in value] if _are_rows(value) else value
        for name, value in state.items()
    }
    if "rows" in found:
        found["rows"] = {
            name: each | {"set": [_discreet_entry(row) for row in each["set"]]}
            for name, each in found["rows"].items()
        }
    return found


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def may_look_for(words: str, customer: str | None = None) -> bool:
    """Whether whoever asks may search for that: who does not see a number must not find it digit by digit."""
    return sees_customers() or (customer is None and not tells_number(words))


def noted_shown(told: Noted) -> Noted:
    """Something that holds a note by hand, as whoever asks may see it."""
    return told if sees_customers() or not told.note else replace(told, note=masked(told.note))


def words_shown(text: Said) -> Said:
    """A text by hand, or none, as whoever asks may see it."""
    return masked(text) if isinstance(text, str) and not sees_customers() else text  # type: ignore[return-value]


def masked(text: str) -> str:
    """A text with what may be a telephone number taken out of it."""
    return NUMBER.sub(_hide, text)


def _masked(said: Any) -> Any:
    if isinstance(said, list | tuple):
        return [_masked(each) for each in said]
    return masked(said) if isinstance(said, str) else said


def street(address: str) -> str:
    """An address without the number of the house."""
    return DOOR.sub("", address).strip(" ,，")


def _hide(found: re.Match[str]) -> str:
    return HIDDEN if sum(map(str.isdigit, found[0])) >= LEAST_DIGITS else found[0]


def _discreet_entry(row: Row) -> dict[str, Any]:
    """A row of the state; what a person changed of the work holds words and places of its own."""
    found = discreet_row(row)
    if isinstance(row.get("data"), Mapping):
        found["data"] = discreet_row(row["data"])
    return found

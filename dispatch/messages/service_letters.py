"""What customers are told of matters that are no repair: which words an act on a matter has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..store import Event

Row = Mapping[str, Any]
# Who is told, the key of the letter, its words, and what they name.
Told = tuple[str | None, str, str, Mapping[str, object]]
APPOINTMENT: Mapping[str, str] = {
    "opened": "appointment_agreed",
    "agree": "appointment_agreed",
    "remind": "appointment_reminder",
    "missed": "appointment_missed",
    "cancelled": "appointment_cancelled",
}


def told_of(row: Row, event: Event, zone: ZoneInfo) -> Iterator[Told]:
    """What the customer of a matter is told of an act on it."""
    act = "opened" if event.kind == "matter_opened" else str(event.data.get("act"))
    tell = TELLERS.get(row["kind"])
    if tell is not None:
        yield from tell(row, act, event, zone)


def called_off(event: Event, contacts: Mapping[str, str]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Whoever was given notice of a planned outage hears that it does not take place.

    Each with the key of the letter, the key of the notice that it replaces, and what it says.
    """
    begins = datetime.fromisoformat(event.data["from"])
    for contact, address in contacts.items():
        mark = f"{event.subject}/{digest_of(contact)}"
        values = {"address": address, "from": begins, "reason": event.data["reason"]}
        yield contact, f"planned_cancelled/{mark}", f"planned/{mark}", values


def shed(
    row: Row, act: str, behind: Callable[[Sequence[str]], Mapping[str, str]], zone: ZoneInfo
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Everybody whose supply is shed hears all its turns in one letter, or that nothing comes of it."""
    kind = {"opened": "shedding", "cancel": "shedding_cancelled"}.get(act)
    data = row["data"]
    for unit in data["units"] if kind else ():
        turns = [each for each in data["turns"] if unit["id"] in each["units"]]
        said = "; ".join(_span(each["begins"], each["ends"], zone) for each in turns)
        for contact, address in behind(unit["transformers"]).items() if turns else ():
            values = {"address": address, "turns": said, "number": row["id"]}
            known = {name: values[name] for name in NAMED[str(kind)]}
            yield contact, f"{kind}/{row['id']}/{digest_of(contact)}", str(kind), known


def visits_of(event: Event) -> Iterator[tuple[Row, str, str, dict[str, object]]]:
    """Who is told of a visit tomorrow, or that one is put off: with the letter's key, kind and values."""
    for each in event.data.get("tell", ()):
        values = {"date": each["day"], "number": each["request"] or each["subject"]}
        yield each, f"visit/{each['subject']}/{each['day']}", "visit_tomorrow", values
    for each in event.data.get("gone", ()):
        kind, key = ("visit_moved" if each["to"] else "visit_off"), f"visit_off/{each['subject']}/{event.seq}"
        values = {"date": each["day"], "number": each["request"] or each["subject"]}
        yield each, key, kind, values | {"why": each["why"]} | ({"to": each["to"]} if each["to"] else {})


NAMED = {"shedding": ("address", "turns"), "shedding_cancelled": ("address", "number")}


def digest_of(contact: str) -> str:
    """What stands for a contact in the key of a letter."""
    return hashlib.blake2b(contact.encode(), digest_size=10).hexdigest()


def _appointment(row: Row, act: str, event: Event, zone: ZoneInfo) -> Iterator[Told]:
    kind, begins = APPOINTMENT.get(act), row["data"].get("begins")
    if kind is None or begins is None:
        return
    first = datetime.fromisoformat(begins).astimezone(zone)
    last = datetime.fromisoformat(row["data"]["ends"]).astimezone(zone)
    values = {
        "request": row["request"],
        "date": f"{first:%Y-%m-%d}",
        "from": f"{first:%H:%M}",
        "to": f"{last:%H:%M}",
    }
    yield row["customer"], f"{kind}/{row['id']}/{event.seq}", kind, values


def _complaint(row: Row, act: str, event: Event, _: ZoneInfo) -> Iterator[Told]:
    """The answer to a complaint goes to whoever complained, and never a word about an outage."""
    if act == "answer":
        values = {"request": row["request"] or row["id"], "answer": event.data["text"]}
        yield row["customer"], f"answered/{row['id']}/{event.seq}", "complaint_answered", values


def _proposal(row: Row, act: str, event: Event, zone: ZoneInfo) -> Iterator[Told]:
    """Important customers are asked about the times of a planned outage; who agreed is not asked again."""
    if act not in ("opened", "propose"):
        return
    data = row["data"]
    values = {
        "times": "; ".join(_span(each["begins"], each["ends"], zone) for each in data["times"]),
        "reason": data["reason"] or data["plan"],
        "until": f"{row['due_at'].astimezone(zone):%m-%d %H:%M}",
        "number": row["id"],
    }
    for customer, told in data["customers"].items():
        if told["answer"] is None:
            yield customer, f"proposal/{row['id']}/{data['round']}/{customer}", "outage_proposal", values


def _span(begins: str, ends: str, zone: ZoneInfo) -> str:
    first, last = (datetime.fromisoformat(each).astimezone(zone) for each in (begins, ends))
    return f"{first:%m-%d %H:%M}-{last:%H:%M}"


TELLERS: Mapping[str, Callable[[Row, str, Event, ZoneInfo], Iterator[Told]]] = {
    "complaint": _complaint,
    "appointment": _appointment,
    "outage_notice": _proposal,
}

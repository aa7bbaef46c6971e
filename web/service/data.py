"""Matters of the customer desk, and complaints whole, as pages and the API show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import abort

from dispatch.live import Desk
from dispatch.service.matters import moment
from dispatch.store import Event, queries
from dispatch.store.history import words_in
from dispatch.store.matters import matter_list, matter_row, urgings_of
from dispatch.store.request_list import history_of, order_rows

from ..day.lookup import customers_with
from ..entrance.asker import desk as the_desk
from ..entrance.discretion import discreet_row, sees_customers
from .bodies import ComplaintsWanted

Row = Mapping[str, Any]
Data = dict[str, Any]
MOST_HISTORY = 200
OWN = ("category", "cause", "upheld", "answer", "word")


def complaints_data(desk: Desk, wanted: ComplaintsWanted) -> list[Data]:
    """Complaints as lines of the list."""
    personal = sees_customers()
    words = [
        (word, tuple(customers_with(word, 2000)) if personal else ()) for word in wanted.q.casefold().split()
    ]
    rows = matter_list(
        desk.store,
        "complaint",
        state=wanted.state,
        owner="" if wanted.nobody else wanted.owner or None,
        level=wanted.level,
        words=words,
        personal=personal,
        late_at=desk.clock() if wanted.late else None,
        most=wanted.most,
        after=wanted.after,
    )
    return [complaint_data(desk, row) for row in rows]


def complaint_data(desk: Desk, row: Row) -> Data:
    """One complaint as a line."""
    now, data = desk.clock(), row["data"]
    contact_due = moment(data.get("contact_due"))
    contacted = moment(data.get("contacted_at"))
    shown = {
        **{name: row[name] for name in ("id", "state", "level", "owner", "request", "customer", "words")},
        **{name: row[name] for name in ("opened_at", "due_at", "ended_at", "version")},
        **{name: data.get(name) for name in OWN},
        "name": facts_of(desk, row).get("name"),
        "address": facts_of(desk, row).get("address"),
        "phone": facts_of(desk, row).get("phone"),
        "orders": list(data.get("orders", [])),
        "reopened": int(data.get("reopened", 0)),
        "calls": int(data.get("calls", 0)),
        "contact_due": contact_due,
        "contacted_at": contacted,
        "late": is_late(row, now),
        "contact_late": bool(not contacted and row["state"] == "open" and contact_due and contact_due < now),
    }
    return shown if sees_customers() else discreet_row(shown)


def complaint_whole(desk: Desk, row: Row) -> Data:
    """One complaint with its history, its orders, who was urged, and what the customer asked before."""
    data = complaint_data(desk, row)
    asked = queries.request_rows(desk.store, [row["request"]]) if row["request"] else []
    orders = order_rows(desk.store, set(data["orders"]))
    shown = data | {
        "phone": data.get("phone") or (asked[0]["phone"] if asked and sees_customers() else None),
        "linked": [linked_data(desk, id_, orders.get(id_)) for id_ in data["orders"]],
        "history": [_happened(event) for event in history_of(desk.store, row["id"], MOST_HISTORY)],
        "urgings": urgings_of(desk.store, row["id"]),
        "others": others_of(desk, row),
    }
    return shown if sees_customers() else discreet_row(shown)


def linked_data(desk: Desk, id_: str, order: Row | None) -> Data:
    """An order that a complaint is about; of one that was purged only its times are left."""
    said = [] if order is None else words_in(desk.store, id_)
    return {
        "id": id_,
        "state": None if order is None else order["state"],
        "since": None if order is None else order["since"],
        "owner": None if order is None else order["responsible"],
        "forgotten": bool(said) and not any(said),
    }


def others_of(desk: Desk, row: Row) -> list[Data]:
    """Other complaints of the same customer, the newest first: complaints that come again."""
    if row["customer"] is None:
        return []
    found = matter_list(desk.store, "complaint", customer=row["customer"], most=20)
    return [
        {name: each[name] for name in ("id", "state", "opened_at", "words")}
        for each in sorted(found, key=lambda each: each["opened_at"], reverse=True)
        if each["id"] != row["id"]
    ]


def matter_of(kind: str, id_: str, *, kept: bool = False) -> Data:
    """A matter of a kind by its number; 404 where there is none.

    Parameters
    ----------
    kept : nor where it ended so long ago that what it held is forgotten.
    """
    row = matter_row(the_desk().store, id_)
    if row is None or row["kind"] != kind or (kept and not row["data"]):
        abort(404)
    return row


def is_late(row: Row, now: datetime) -> bool:
    """Whether a matter was due before now and has not ended."""
    return row["ended_at"] is None and row["due_at"] is not None and row["due_at"] < now


def kept_rows(rows: list[Data]) -> tuple[list[Data], int]:
    """Matters that can still be shown, and how many ended so long ago that they are forgotten."""
    kept = [row for row in rows if row["data"]]
    return kept, len(rows) - len(kept)


def facts_of(desk: Desk, row: Row) -> Mapping[str, Any]:
    """The columns of a matter's customer; empty for somebody unknown."""
    customers = desk.case.customers
    return customers.facts(row["customer"]) if row["customer"] in customers else {}


def _happened(event: Event) -> Data:
    data = event.data
    act = data.get("act") or ("opened" if event.kind == "matter_opened" else event.kind)
    said = data.get("note") or data.get("text") or data.get("reason") or data.get("words")
    to = data.get("to") or {}
    detail = data.get("word") or data.get("order") or data.get("whom") or to.get("owner") or None
    if act == "level":
        detail = to.get("level")
    if act == "hand_over":
        detail = to.get("owner")
    note = "" if act == "opened" else said or ""
    return {"at": event.at, "by": event.actor, "act": act, "detail": detail, "note": note}

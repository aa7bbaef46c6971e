"""What events of the customer's half do to the tables: owners, managers, matters, urgings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from .journal import Event
from .naming import in_parts
from .service_tables import managers, matters, preferences, urgings
from .tables import orders, requests

TIMES = frozenset({"opened_at", "due_at", "ended_at"})


def owned(connection: Connection, event: Event) -> None:
    """Whoever publishes a plan answers for what of it nobody answered for."""
    owner = event.data["owner"]
    for ids in in_parts(event.data.get("orders", [])):
        connection.execute(update(orders).where(orders.c.id.in_(ids)).values(responsible=owner))
    for ids in in_parts(event.data.get("requests", [])):
        connection.execute(update(requests).where(requests.c.id.in_(ids)).values(owner=owner))


def owner_changed(connection: Connection, event: Event) -> None:
    """A request is handed over, and with it the order that holds it."""
    owner = event.data["to"]
    connection.execute(update(requests).where(requests.c.id == event.subject).values(owner=owner))
    if event.data.get("order"):
        connection.execute(update(orders).where(orders.c.id == event.data["order"]).values(responsible=owner))


def manager_changed(connection: Connection, event: Event) -> None:
    """A customer has somebody to look after it, another one, or nobody any more."""
    connection.execute(delete(managers).where(managers.c.customer == event.subject))
    if event.data["to"]:
        row = {"person": event.data["to"], "since": event.at, "actor": event.actor}
        row["reason"] = event.data.get("reason")
        connection.execute(insert(managers).values(customer=event.subject, **row))


def matter_opened(connection: Connection, event: Event) -> None:
    """A matter begins; `data` holds what is its kind's own."""
    row = {"level": 0, "words": "", "data": {}, "opened_at": event.at, **_columns(event.data)}
    connection.execute(insert(matters).values(id=event.subject, version=1, **row))


def matter_changed(connection: Connection, event: Event) -> None:
    """An act on a matter: `to` holds the columns that it changes, `put` what it changes of its own data."""
    changed = _columns(event.data.get("to", {})) | {"version": matters.c.version + 1}
    if event.data.get("put"):
        held = connection.scalar(select(matters.c.data).where(matters.c.id == event.subject))
        changed["data"] = {**(held or {}), **event.data["put"]}
    connection.execute(update(matters).where(matters.c.id == event.subject).values(changed))


def matters_forgotten(connection: Connection, ids: Sequence[str]) -> None:
    """Nobody can tell any more whose matters these were and what was said of them."""
    gone: dict[str, Any] = {"customer": None, "words": "", "data": {}}
    for part in in_parts(ids):
        connection.execute(update(matters).where(matters.c.id.in_(part)).values(gone))
    urgings_forgotten(connection, ids)


def urgings_forgotten(connection: Connection, subjects: Sequence[str]) -> None:
    """What was said when somebody was urged about these, and what was answered, is gone."""
    emptied: dict[str, Any] = {"words": "", "answer": None}
    for part in in_parts(subjects):
        connection.execute(update(urgings).where(urgings.c.subject.in_(part)).values(emptied))


def urged(connection: Connection, event: Event) -> None:
    """Somebody is told that a customer waits."""
    data = event.data
    names = ("whom", "level", "way", "words")
    row = {"words": "", **{name: data[name] for name in names if name in data}} | {
        "due_at": datetime.fromisoformat(data["due_at"])
    }
    connection.execute(
        insert(urgings).values(id=data["id"], subject=event.subject, at=event.at, actor=event.actor, **row)
    )


def urging_answered(connection: Connection, event: Event) -> None:
    """Whoever was urged says what was done; that answers everything open on the same subject."""
    waiting = (urgings.c.subject == event.subject) & urgings.c.answered_at.is_(None)
    row = {"answered_at": event.at, "answered_by": event.actor, "answer": event.data.get("answer")}
    connection.execute(update(urgings).where(waiting).values(row))


def preference_changed(connection: Connection, event: Event) -> None:
    """Somebody wants to be told otherwise, or not at all; the mark stands for the number."""
    connection.execute(delete(preferences).where(preferences.c.mark == event.subject))
    names = ("language", "way")
    row = {name: event.data.get(name) for name in names} | {"stopped": int(event.data.get("stopped", 0))}
    connection.execute(
        insert(preferences).values(mark=event.subject, since=event.at, actor=event.actor, **row)
    )


def _columns(data: Mapping[str, Any]) -> dict[str, Any]:
    known = {column.name for column in matters.columns}
    return {
        name: datetime.fromisoformat(value) if name in TIMES and isinstance(value, str) else value
        for name, value in data.items()
        if name in known
    }

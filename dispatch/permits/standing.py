"""The tickets of the journal: all, the open ones, and those that forbid to restore supply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..ground.day import DayPlan
from ..store import Store
from ..store.history import events_keyed
from .drafting import sections_behind
from .following import Ticket, folded

KEY = "ticket/"
LETTER = {"work": "W", "switching": "S"}


def tickets(store: Store) -> dict[str, Ticket]:
    """Every ticket by its number, oldest first."""
    acts: dict[str, list[tuple[Mapping[str, Any], datetime, str]]] = {}
    for event in sorted(events_keyed(store, KEY), key=lambda each: each.seq or 0):
        acts.setdefault(event.subject, []).append((event.data["ticket"], event.at, event.actor))
    return {number: folded(number, told) for number, told in acts.items()}


def ticket(store: Store, number: str) -> Ticket | None:
    """One ticket; None where there is none of that number."""
    acts = sorted(events_keyed(store, f"{KEY}{number}/"), key=lambda each: each.seq or 0)
    return folded(number, [(each.data["ticket"], each.at, each.actor) for each in acts]) if acts else None


def open_tickets(store: Store) -> list[Ticket]:
    """Tickets that are given out and have not come back."""
    return [each for each in tickets(store).values() if each.open]


def next_number(store: Store, kind: str, now: datetime) -> str:
    """The next number of a kind: letter, day, running number of the day."""
    head = f"{LETTER[kind]}-{now:%Y%m%d}-"
    used = [int(each.removeprefix(head)) for each in tickets(store) if each.startswith(head)]
    return f"{head}{max(used, default=0) + 1:03d}"


def in_the_way(store: Store, day: DayPlan, order: str) -> Ticket | None:
    """A work permit that is open where restoring an order's outage would bring voltage."""
    found = [each for each in open_tickets(store) if each.kind == "work"]
    if not found:
        return None
    work = day.order_by_id.get(order)
    outage = day.outage_by_id.get(work.outage) if work and work.outage else None
    behind = sections_behind(day.case.grid, outage.device) if outage and outage.device else frozenset()
    return next((each for each in found if each.order == order or each.section in behind), None)

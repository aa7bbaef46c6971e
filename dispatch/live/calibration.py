"""How what was believed of outages held, out of the journal of the days that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..outages import Call, InferenceSettings, kept_tree
from ..outages.doubt.calibration import Calibration, FoundOutage, calibrations
from ..store import Store, queries
from ..store.history import events_between
from .book import PLANNER
from .desk import Desk

# The newest are enough to judge by, and to hear again in a moment.
MOST_OUTAGES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefReport:
    """How beliefs held since a time.

    Parameters
    ----------
    moments : by minutes after the first call; empty when nothing was restored.
    in_vain : orders that a crew was on site for and that were closed without a restoration.
    visited : orders that a crew was on site for.
    """

    begins: datetime
    moments: tuple[Calibration, ...]
    in_vain: int
    visited: int


def belief_report(desk: Desk, begins: datetime, ends: datetime) -> BeliefReport:
    """Compare beliefs with findings for outages restored since `begins`."""
    found = found_outages(desk.store, begins, MOST_OUTAGES)
    in_vain, visited = _sendings(desk.store, begins, ends)
    moments = calibrations(kept_tree(desk.case), found, InferenceSettings.of(desk.case.beliefs))
    return BeliefReport(begins=begins, moments=moments, in_vain=in_vain, visited=visited)


def found_outages(store: Store, begins: datetime, most: int) -> list[FoundOutage]:
    """Outages restored since `begins`, the newest of them, in the order in which supply was back."""
    # What the planner took to be back with something else was found by nobody.
    said = [row for row in queries.restored_orders(store, begins) if row["actor"] != PLANNER.name]
    restored = said[-most:]
    called = queries.calls_of_orders(store, [row["id"] for row in restored])
    calls: dict[str, list[Call]] = {}
    for row in called:
        call = Call(id=row["id"], at=row["received_at"], place=row["customer"])
        calls.setdefault(row["order_id"], []).append(call)
    return [
        FoundOutage(place=row["place"], calls=tuple(calls.get(row["id"], ())), restored_at=row["at"])
        for row in restored
    ]


def _sendings(store: Store, begins: datetime, ends: datetime) -> tuple[int, int]:
    """Orders closed without a restoration though a crew had been on site, and all with a crew on site."""
    visited: set[str] = set()
    helped: set[str] = set()
    closed: set[str] = set()
    into = {"on_site": visited, "restored": helped, "closed": closed}
    for event in events_between(store, begins, ends, ("order_moved",)):
        if event.data["to"] in into:
            into[event.data["to"]].add(event.subject)
    return len((visited & closed) - helped), len(visited)

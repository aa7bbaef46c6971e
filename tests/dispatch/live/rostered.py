"""A room with crews on the days to come, which tells its customers, and a visit that may wait."""

from __future__ import annotations

from dispatch.ground.case import Case
from dispatch.live import Budget, Desk, Entry
from dispatch.messages.telling import Teller
from dispatch.messages.templates import load_templates
from dispatch.store import Store
from tests.dispatch.live.conftest import ANA, Clock


def rostered_desk(case: Case, store: Store, clock: Clock) -> Desk:
    desk = Desk(case, store, clock, Budget(work=100))
    store.hearers.append(Teller(case, load_templates("en"), desk.plan, desk.day).hear)
    return desk


def asks(desk: Desk, customer: str = "C12") -> str:
    """A customer asks for a visit; the number of the request."""
    entry = Entry(
        words="the meter is to be moved", received_at=desk.clock(), customer=customer, kind="metering"
    )
    return desk.calls.log(entry, ANA).id

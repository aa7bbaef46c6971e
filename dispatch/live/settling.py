"""What becomes of orders and calls that a new plan no longer holds, so that none waits for nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..ground.day import OpenDay
from ..store import ENDED, Event
from .book import PLANNER, Book

Row = Mapping[str, Any]
# Nobody has begun: such an order may go with the calls that it stood on.
NOT_BEGUN = frozenset({"received", "accepted"})
# An order of its own for a call that nobody else asks about; the request's id follows.
ASKED = "S-"


def settled(book: Book, day: OpenDay, in_force: Collection[str]) -> list[Event]:
    """End orders whose calls went elsewhere, and have callers asked whose supply is said to be back.

    An outage is inferred anew with every plan: two orders become one, a call goes from one to another, a
    restoration above answers a call that no order of the restored outage held. What is left behind is in
    no plan. An order without calls is closed. One whose callers are all answered counts as restored, so
    that they are asked, as if their own outage had been repaired; so does a call that is in no order.

    Parameters
    ----------
    day : opened just now out of all that the store knows.
    in_force : orders that routes in force serve; these stay until another plan is published.
    """
    requests = [row for row in book.rows("requests") if row["open"]]
    events = list(_joined_again(book, day, requests))
    gone = {event.subject for event in events}
    calls = _by_order(row for row in requests if row["id"] not in gone)
    for order in book.rows("orders"):
        is_held = order["id"] in day.order_by_id or order["id"] in in_force
        stands_on_calls = order["place"] is not None or order["id"].startswith(ASKED)
        if stands_on_calls and not is_held and order["state"] in NOT_BEGUN:
            events += _left(book, day, order, calls.get(order["id"], []))
    for row in requests:
        if row["order_id"] is None and row["id"] in day.answered and row["id"] not in gone:
            events += _asked(book, row)
    return events


def _left(book: Book, day: OpenDay, order: Row, calls: Sequence[Row]) -> Iterator[Event]:
    """What becomes of one order that is in no plan any more, and of the calls that are still in it."""
    if not calls:
        yield book.event(PLANNER, "order_moved", order["id"], {"to": "closed", "why": "joined"})
    elif not _speaking(calls) and (other := _covering(book, day, order)) is not None:
        for row in calls:
            yield book.event(PLANNER, "request_joined", row["id"], {"order": other, "desk": 0})
    elif all(row["id"] in day.answered for row in _speaking(calls)):
        yield book.event(PLANNER, "order_moved", order["id"], {"to": "restored", "why": "answered"})


def _by_order(requests: Iterable[Row]) -> Mapping[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in requests:
        if row["order_id"] is not None:
            found[row["order_id"]].append(row)
    return found


def _speaking(calls: Iterable[Row]) -> list[Row]:
    """Calls that inference hears; what a person linked to an order or to another call speaks through that."""
    return [row for row in calls if not row["linked"] and row["same_as"] is None]


def _covering(book: Book, day: OpenDay, order: Row) -> str | None:
    """The order of the outage in which an order's place now lies."""
    place = order["place"]
    own = (each for each in day.outages if place in (each.fault.place, each.device))
    if place in book.case.customers:
        above = day.outage_at(book.case.customers.fact(place, "transformer"), place)
    else:
        above = day.outage_at(place, None)
    outage = next(own, above)
    return None if outage is None else day.order_of_outage[outage.id].id


def _joined_again(book: Book, day: OpenDay, requests: Sequence[Row]) -> Iterator[Event]:
    """Answered calls of customers who have called again since: they are out, and one order holds them."""
    order_of = {request: order.id for order in day.orders if order.outage for request in order.requests}
    again = {
        row["customer"]: order_of[row["id"]]
        for row in requests
        if row["id"] in order_of and row["customer"] is not None
    }
    begun = {row["id"] for row in book.rows("orders") if row["state"] not in (*NOT_BEGUN, *ENDED)}
    for row in _speaking(requests):
        order = again.get(row["customer"])
        if order is not None and row["id"] in day.answered and row["order_id"] not in (order, *begun):
            yield book.event(PLANNER, "request_joined", row["id"], {"order": order, "desk": 0})


def _asked(book: Book, row: Row) -> Iterator[Event]:
    """Give a call an order whose only work is to ask."""
    order = f"{ASKED}{row['id']}"
    data = {"place": None, "responsible": row["owner"] or ""}
    yield book.event(PLANNER, "order_opened", order, data, at=row["received_at"])
    yield book.event(PLANNER, "request_joined", row["id"], {"order": order, "desk": 0})
    yield book.event(PLANNER, "order_moved", order, {"to": "restored", "why": "answered"})

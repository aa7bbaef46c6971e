"""Work orders as plans make and hand them out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..etr.estimates import CrewWord
from ..etr.records import STATED, last_stated, stated_data
from ..ground.day import DayPlan, OpenDay, WorkOrder
from ..planning.drafting import OFFICE_KINDS
from ..promises.report import given_data, newest_given
from ..store import ENDED, Event, queries
from ..triage.locating import Locator
from .book import NOBODY, Book, Who
from .settling import settled

Row = Mapping[str, Any]


class Orders:
    """Opens an order for all that is new, and hands orders to the crews of a plan."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def open(self, day: OpenDay, who: Who) -> None:
        """Open an order for all that is new on a day, and join its requests to it."""
        known = {row["id"]: row for row in self._book.rows("orders") if row["state"] not in ENDED}
        rows = _Rows.of(self._book.rows("requests"))
        promised = newest_given(self._book.store, known.keys() & {order.id for order in day.orders})
        placeless = self._placeless(day)
        happened = []
        for order in day.orders:
            if order.id in placeless or (order.id not in known and self._is_over(order, rows)):
                continue
            given = given_data(order)
            if order.id not in known:
                outage = day.outage_by_id[order.outage] if order.outage else None
                data: dict[str, Any] = {"place": outage.fault.place if outage else None, "given": given}
                if outage is not None:
                    data |= {"customers": int(outage.customers_out), "since": outage.since.isoformat()}
                data["responsible"] = _owner_of(order, rows, who)
                at = order.received_at
                happened.append(self._book.event(who, "order_opened", order.id, data, at=at))
            elif promised.get(order.id) != given:
                data = {"what": "promised", "given": given}
                happened.append(self._book.event(who, "noted", order.id, data))
            data = {"order": order.id, "desk": int(order.kind in OFFICE_KINDS)}
            happened += [
                self._book.event(who, "request_joined", each, data) for each in _to_join(rows, data, order)
            ]
        self._book.record(*happened)
        self._close_left(placeless, who)

    def settle(self, day: OpenDay, in_force: Collection[str]) -> None:
        """End what a day that was opened just now no longer holds; see `settling.settled`."""
        self._book.record(*settled(self._book, day, in_force))

    def _is_over(self, order: WorkOrder, rows: _Rows) -> bool:
        """Whether nothing that an order stands on is open any more: the plan that holds it is older.

        Work that people added at the desk stands on no request of the store, and is not over.
        """
        if any(rows.by_id[each]["open"] for each in order.requests if each in rows.by_id):
            return False
        logged = queries.request_rows(self._book.store, order.requests) if order.requests else []
        return bool(logged) and not any(row["open"] for row in logged)

    def _placeless(self, day: OpenDay) -> set[str]:
        """Orders that no crew could drive to: what was reported waits until somebody knows where it is."""
        carded = {card.order for card in day.cards.values()}
        locator = Locator(self._book.case)
        found = set()
        for order in day.orders:
            request = day.case.request_by_id.get(order.requests[0]) if order.requests else None
            if order.outage or order.kind in OFFICE_KINDS or order.id in carded or request is None:
                continue
            if locator.place_of(request, locator.customer_of(request)) is None:
                found.add(order.id)
        return found

    def _close_left(self, placeless: Collection[str], who: Who) -> None:
        """Close the orders that their own request has left, as long as nobody is on the way."""
        order_of = {f"W-{row['id']}": row for row in self._book.rows("requests")}
        happened = []
        for order in self._book.rows("orders"):
            request = order_of.get(order["id"])
            if request is None or order["state"] not in ("received", "accepted"):
                continue
            if order["id"] in placeless and request["order_id"] == order["id"]:
                happened.append(self._book.event(who, "request_joined", request["id"], {"order": None}))
            elif request["order_id"] == order["id"]:
                continue
            happened.append(self._book.event(who, "order_moved", order["id"], {"to": "closed"}))
        self._book.record(*happened)

    def state_etrs(self, day: DayPlan, number: int, words: Sequence[CrewWord], who: Who) -> None:
        """Write down what a published plan says of when supply is back, as far as that is new."""
        before = last_stated(self._book.store, self._book.clock())
        told = stated_data(day.etrs, {word.outage for word in words}, before)
        if told:
            self._book.record(self._book.event(who, STATED, str(number), {"etrs": told}))

    def hand_out(self, day: DayPlan, who: Who, owner: Who | None = None) -> None:
        """Hand out every order that a published route serves, and take back what no crew has any more.

        Parameters
        ----------
        owner : the person who answers for it; whoever hands out without it.
        """
        rows = {row["id"]: row for row in self._book.rows("orders")}
        crew_of = day.crew_of_order
        happened: list[Event] = []
        for order, crew in sorted(crew_of.items()):
            state = rows[order]["state"] if order in rows else None
            if state == "received":
                happened.append(self._book.event(who, "order_moved", order, {"to": "accepted"}))
            if state in ("received", "accepted"):
                happened.append(
                    self._book.event(who, "order_moved", order, {"to": "dispatched", "crew": crew})
                )
            elif state == "dispatched" and rows[order]["crew"] != crew:
                happened.append(self._book.event(who, "order_told", order, {"crew": crew}))
        # No route leads to these any more: said to be "dispatched", they would wait unseen.
        happened += [
            self._book.event(who, "order_moved", order, {"to": "accepted", "crew": None})
            for order, row in sorted(rows.items())
            if row["state"] in ("dispatched", "on_the_way") and order not in crew_of
        ]
        self._book.record(*happened, *self._answered_for(day, owner or who))

    def _answered_for(self, day: DayPlan, who: Who) -> Iterator[Event]:
        """Whoever makes a plan the one in force answers for the work in it that nobody answered for."""
        if not who.answers:
            return
        rows = [row for row in self._book.rows("orders") if row["state"] not in ENDED]
        orders = [row["id"] for row in rows if row["responsible"] in NOBODY and row["id"] in day.order_by_id]
        held = {row["id"] for row in rows if row["id"] in day.order_by_id}
        requests = [
            row["id"]
            for row in self._book.rows("requests")
            if row["open"] and not row["desk"] and not row["owner"] and row["order_id"] in held
        ]
        if orders or requests:
            data = {"owner": who.name, "orders": orders, "requests": requests}
            yield self._book.event(who, "owned", "plan", data)


def _owner_of(order: WorkOrder, rows: _Rows, who: Who) -> str:
    """Who answers for a new order: whoever took its first call, else who opens it, else nobody yet."""
    owners = (rows.by_id[request]["owner"] for request in order.requests if request in rows.by_id)
    return next(filter(None, owners), who.name if who.answers else "")


@dataclass(frozen=True, slots=True)
class _Rows:
    """Requests in sight by their own name, and by the request that says the same.

    Thousands of orders ask for theirs: none of them may walk through all requests.
    """

    by_id: Mapping[str, Row]
    by_same: Mapping[str, Sequence[Row]]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> _Rows:
        same: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row["same_as"] is not None:
                same[row["same_as"]].append(row)
        return cls({row["id"]: row for row in rows}, same)

    def of_order(self, order: WorkOrder) -> list[Row]:
        """An order's own requests that speak for themselves, and those that say the same as one of them."""
        found = {}
        for id_ in order.requests:
            row = self.by_id.get(id_)
            if row is not None and not row["linked"] and row["same_as"] is None:
                found[id_] = row
            found |= {each["id"]: each for each in self.by_same.get(id_, ())}
        return [found[id_] for id_ in sorted(found)]


def _to_join(rows: _Rows, data: Mapping[str, Any], order: WorkOrder) -> Iterator[str]:
    """Requests that an order holds from now on, and those that say the same; a person's word stands."""
    for row in rows.of_order(order):
        is_there = row["order_id"] == data["order"] and row["desk"] == data["desk"]
        if row["open"] and not is_there:
            yield row["id"]

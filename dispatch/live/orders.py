"""Work orders as plans make and hand them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..day import DayPlan, OpenDay
from ..etr import CrewWord
from ..etr_records import STATED, last_stated, stated_data
from ..promises import given_data, newest_given
from ..store import ENDED, Event
from .journalled import Journalled, Who


class Orders(Journalled):
    """Opens an order for all that is new, and hands orders to the crews of a plan."""

    def _open_orders(self, day: OpenDay, who: Who) -> None:
        known = {row["id"]: row for row in self.rows("orders") if row["state"] not in ENDED}
        joined = {row["id"]: row["order_id"] for row in self.rows("requests")}
        promised = newest_given(self.store, known.keys() & {order.id for order in day.orders})
        happened = []
        for order in day.orders:
            given = given_data(order)
            if order.id not in known:
                outage = day.outage_by_id[order.outage] if order.outage else None
                data: dict[str, Any] = {"place": outage.fault.place if outage else None, "given": given}
                if outage is not None:
                    data |= {"customers": int(outage.customers_out), "since": outage.since.isoformat()}
                at = order.received_at
                happened.append(self._event(who, "order_opened", order.id, data, at=at))
            elif promised.get(order.id) != given:
                data = {"what": "promised", "given": given}
                happened.append(self._event(who, "noted", order.id, data))
            happened += [
                self._event(who, "request_joined", each, {"order": order.id})
                for each in order.requests
                if each in joined and joined[each] != order.id
            ]
        self._record(*happened)

    def _state_etrs(self, day: DayPlan, number: int, words: Sequence[CrewWord], who: Who) -> None:
        """Write down what a published plan says of when supply is back, as far as that is new."""
        before = last_stated(self.store, self.clock())
        told = stated_data(day.etrs, {word.outage for word in words}, before)
        if told:
            self._record(self._event(who, STATED, str(number), {"etrs": told}))

    def _dispatch_orders(self, day: DayPlan, who: Who) -> None:
        """Hand out every order that a published route serves, and take back what no crew has any more."""
        rows = {row["id"]: row for row in self.rows("orders")}
        crew_of = {
            order: route.crew
            for route in day.plan.routes
            for visit in route.visits
            for order in (day.cards[visit.job].order, *day.cards[visit.job].also)
        }
        happened: list[Event] = []
        for order, crew in sorted(crew_of.items()):
            state = rows[order]["state"] if order in rows else None
            if state == "received":
                happened.append(self._event(who, "order_moved", order, {"to": "accepted"}))
            if state in ("received", "accepted"):
                happened.append(self._event(who, "order_moved", order, {"to": "dispatched", "crew": crew}))
            elif state == "dispatched" and rows[order]["crew"] != crew:
                happened.append(self._event(who, "order_told", order, {"crew": crew}))
        # Nobody is on the way to these: said to be "dispatched", they would wait unseen.
        happened += [
            self._event(who, "order_moved", order, {"to": "accepted", "crew": None})
            for order, row in sorted(rows.items())
            if row["state"] == "dispatched" and order not in crew_of
        ]
        self._record(*happened)

"""Work orders as plans make and hand them out."""

from __future__ import annotations

from typing import Any

from ..day import DayPlan, OpenDay
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

    def _dispatch_orders(self, day: DayPlan, who: Who) -> None:
        """Accept and hand out every order that a published route serves, to the crew that has it now."""
        rows = self.rows("orders")
        states = {row["id"]: row["state"] for row in rows}
        crew_now = {row["id"]: row["crew"] for row in rows}
        crew_of = {
            order: route.crew
            for route in day.plan.routes
            for visit in route.visits
            for order in (day.cards[visit.job].order, *day.cards[visit.job].also)
        }
        happened: list[Event] = []
        for order, crew in sorted(crew_of.items()):
            if states.get(order) == "received":
                happened.append(self._event(who, "order_moved", order, {"to": "accepted"}))
                states[order] = "accepted"
            if states.get(order) == "accepted":
                happened.append(self._event(who, "order_moved", order, {"to": "dispatched", "crew": crew}))
            elif states.get(order) == "dispatched" and crew_now[order] != crew:
                happened.append(self._event(who, "order_told", order, {"crew": crew}))
        self._record(*happened)

"""Asks meters by itself: before a crew is there, where it is worth most, and before an order is closed."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from ..ground.case import Sign
from ..ground.day import DayPlan, Outage
from ..outages import kept_tree, whom_to_ask
from ..outages.doubt.looks import worth
from ..outages.meters import MeterSettings
from ..triage.orders import customer_rows
from .book import Who
from .desk import Desk
from .signs import hear_signs
from .workers import Worker

Row = Mapping[str, Any]
log = logging.getLogger("gridcrew.meters")
PAUSE_S = 15.0
A_MINUTE = timedelta(minutes=1)
# Meters of one outage in one round: before a crew leaves; and behind a repair that is said to be done.
BEFORE, BEHIND = 4, 6
METERS = Who(name="meters", source="api")
# Nobody is at the place yet.
BEFORE_ARRIVAL = (None, "received", "accepted", "dispatched", "on_the_way")


class Asked(Protocol):
    """Whoever can be asked for the supply of meters."""

    settings: MeterSettings

    def ask(self, places: Sequence[str]) -> Mapping[str, str]:
        """The supply, "on" or "off", of those that answer."""


class MeterRounds(Worker):
    """Asks the meters of what is in doubt, and of what is said to be restored.

    A meter that has spoken since the outage began is not asked before it leaves; nor any within
    `again_min` of its last question. What waits is worked out anew each round, the most worth first.
    """

    def __init__(self, desk: Desk, meters: Asked) -> None:
        super().__init__("meters", desk.clock)
        self.desk, self.meters = desk, meters
        self._asked: dict[str, datetime] = {}
        self._lately: deque[datetime] = deque()
        # A call that hangs ends by its time-out; only then is something wrong.
        self.quiet_s = 60.0 + 4 * meters.settings.timeout_s

    def turn(self) -> float:
        """Ask one round."""
        places = self.next_places()
        if places:
            self._ask(places)
        return PAUSE_S

    def next_places(self) -> tuple[str, ...]:
        """Whom to ask now, at most as many as limits allow."""
        now, settings = self.desk.clock(), self.meters.settings
        while self._lately and now - self._lately[0] >= A_MINUTE:
            self._lately.popleft()
        most = min(settings.at_once, settings.per_minute - len(self._lately))
        again = now - timedelta(minutes=settings.again_min)
        self._asked = {place: at for place, at in self._asked.items() if at > again}
        wanted = dict.fromkeys(each for each in self._wanted() if each not in self._asked)
        return tuple(wanted)[: max(0, most)]

    def _ask(self, places: Sequence[str]) -> None:
        now = self.desk.clock()
        # Noted first: a head-end that fails is not asked for the same meters in a circle.
        self._asked |= dict.fromkeys(places, now)
        self._lately.extend([now] * len(places))
        answers = self.meters.ask(places)
        kinds = {"on": "supply_on", "off": "supply_off"}
        signs = [Sign(kind=kinds[each], place=place, at=now) for place, each in answers.items()]  # type: ignore[arg-type]
        if signs:
            hear_signs(self.desk, signs, METERS)
        log.info("asked %d meters, %d answered", len(places), len(signs))

    def _wanted(self) -> Iterator[str]:
        """Behind repairs said to be done first, then what is in doubt, the most worth first."""
        orders = {row["id"]: row for row in self.desk.rows("orders")}
        spoken = {row["place"]: row["at"] for row in self.desk.rows("signs")}
        in_force, newest = self._days()
        yield from self._behind_restored(in_force, orders, spoken)
        order_of = {order.outage: order.id for order in newest.orders} if newest is not None else {}
        state = {outage: orders[id_]["state"] for outage, id_ in order_of.items() if id_ in orders}
        yield from self._in_doubt(newest, state, frozenset(spoken))

    def _behind_restored(
        self, day: DayPlan | None, orders: Mapping[str, Row], spoken: Mapping[str, datetime]
    ) -> Iterator[str]:
        """Some of those behind each repair said to be done whose meters have not spoken since."""
        if day is None:
            return
        for order in day.orders:
            row = orders.get(order.id)
            if order.outage is None or row is None or row["state"] != "restored":
                continue
            behind = self._behind(day.outage_by_id[order.outage])
            yield from (each for each in behind if each not in spoken or spoken[each] < row["since"])

    def _in_doubt(
        self, day: DayPlan | None, state: Mapping[str | None, str], spoken: frozenset[str]
    ) -> Iterator[str]:
        """Customers whose answer tells the likeliest device from the next one up, nobody being there yet."""
        if day is None:
            return
        tree, now = kept_tree(self.desk.case), self.desk.clock()
        doubtful = [
            each for each in day.outages if state.get(each.id) in BEFORE_ARRIVAL and worth(each, now) > 0
        ]
        for outage in sorted(doubtful, key=lambda each: -worth(each, now)):
            known = spoken | self._asked.keys()
            questions = whom_to_ask(tree, day.outages, known=known, most=BEFORE, only=[outage.id])
            yield from (each.customer for each in questions)

    def _behind(self, outage: Outage) -> Iterator[str]:
        """Customers spread over those whom an outage had put out: one still out is a nested fault."""
        rows = customer_rows(self.desk.case, outage.transformers, outage)
        ids = self.desk.case.customers.table.index
        step = max(1, len(rows) // BEHIND)
        yield from (str(ids[row]) for row in rows[::step][:BEHIND])

    def _days(self) -> tuple[DayPlan | None, DayPlan | None]:
        """The plan in force, and the newest that is known."""
        in_force = self.desk.archive.in_force()
        return in_force, self.desk.shelf.proposal() or in_force

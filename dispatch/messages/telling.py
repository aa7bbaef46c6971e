"""Who is told what of an event: called inside the event's own transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from ..day import DayPlan, Etr, Outage, WorkOrder
from ..model import Case
from ..store import Event
from ..store.outbox import Letter, keys_under, put
from .templates import Templates

CHANGE = timedelta(minutes=30)
PROMISED = frozenset({"arrive", "restore"})
PRECISE = "%Y-%m-%dT%H:%M%z"


class Teller:
    """Turns events into messages; add `hear` to a store's hearers.

    Parameters
    ----------
    plan : a plan by its number.
    day : the plan in force.
    supervisors : mail addresses that hear of promises at risk.
    change : by how much an estimate must move before people are told again.
    """

    def __init__(
        self,
        case: Case,
        templates: Templates,
        plan: Callable[[int], DayPlan],
        day: Callable[[], DayPlan],
        *,
        supervisors: Sequence[str] = (),
        change: timedelta = CHANGE,
    ) -> None:
        self.case, self.templates, self.plan, self.day = case, templates, plan, day
        self.supervisors, self.change = tuple(supervisors), change
        self._tellers: Mapping[str, Callable[[Any, Event], Iterator[Letter]]] = {
            "request_logged": self._received,
            "plan_published": self._planned,
            "order_moved": self._restored,
            "noted": self._announced,
        }

    def hear(self, connection: Any, event: Event) -> None:
        """Write the messages of an event; those with a known key are not written again."""
        tell = self._tellers.get(event.kind)
        if tell is not None and event.source != "file":
            put(connection, event.seq or 0, tell(connection, event), event.at)

    def _received(self, _: Any, event: Event) -> Iterator[Letter]:
        contact = self._contact(event.data.get("phone"), event.data.get("customer"))
        if contact:
            values = {"request": event.subject, "time": self._clock(event.at)}
            yield self._letter(f"received/{event.subject}", contact, "received", values)

    def _planned(self, connection: Any, event: Event) -> Iterator[Letter]:
        day = self.plan(int(event.subject))
        for etr in day.etrs:
            if etr.outage in day.outage_by_id and etr.status == "assessed" and etr.median is not None:
                yield from self._expected(connection, day, etr)
        for order in day.orders:
            yield from self._at_risk(day, order)

    def _expected(self, connection: Any, day: DayPlan, etr: Etr) -> Iterator[Letter]:
        """One message per household when there is an estimate, one more whenever it moves by much."""
        outage = day.outage_by_id[etr.outage]
        until = etr.p90 or etr.median
        assert until is not None
        told = self._told(connection, etr.outage)
        for contact, address in self._affected(day, outage).items():
            before = told.get(_digest(contact))
            if before is not None and abs(until - before) < self.change:
                continue
            values = {"address": address, "until": self._clock(until), "since": self._clock(outage.since)}
            if before is not None:
                values["before"] = self._clock(before)
            key = f"etr/{outage.id}/{_digest(contact)}/{until.strftime(PRECISE)}"
            yield self._letter(key, contact, "etr" if before is None else "changed", values)

    def _told(self, connection: Any, outage: str) -> dict[str, datetime]:
        """The estimate that each contact has heard last."""
        parts = (key.rsplit("/", 2) for key in keys_under(connection, f"etr/{outage}/"))
        return {digest: datetime.strptime(until, PRECISE) for _, digest, until in parts}

    def _at_risk(self, day: DayPlan, order: WorkOrder) -> Iterator[Letter]:
        for promise in order.promises:
            planned = _planned_for(day, order, promise.what) if promise.what in PROMISED else None
            if planned is None or planned <= promise.due:
                continue
            values = {
                "order": order.id,
                "class": order.class_,
                "grade": order.grade,
                "due": self._clock(promise.due),
                "what": promise.what,
                "planned": self._clock(planned),
            }
            for address in self.supervisors:
                key = f"promise/{order.id}/{promise.what}/{_digest(address)}"
                yield self._letter(key, address, "promise", values)

    def _restored(self, _: Any, event: Event) -> Iterator[Letter]:
        if event.data["to"] != "restored":
            return
        day = self.day()
        order = day.order_by_id.get(event.subject)
        if order is None:
            return
        asked = self._callers(day, order) if order.decision.outcome.get("callback") else {}
        time = self._clock(event.at)
        for contact, request in asked.items():
            key = f"callback/{request}/{event.seq}"
            yield self._letter(key, contact, "callback", {"request": request, "time": time})
        outage = day.outage_by_id.get(order.outage) if order.outage else None
        for contact, address in self._affected(day, outage).items() if outage else ():
            if contact not in asked:
                key = f"restored/{order.id}/{event.seq}/{_digest(contact)}"
                yield self._letter(key, contact, "restored", {"address": address, "time": time})

    def _announced(self, _: Any, event: Event) -> Iterator[Letter]:
        """A planned outage: everybody behind the transformers gets the notice."""
        if event.data.get("what") != "planned_outage":
            return
        begins, ends = (datetime.fromisoformat(event.data[name]) for name in ("from", "to"))
        for contact, address in self._behind(event.data["transformers"]).items():
            values = {
                "date": f"{begins.astimezone(self.case.settings.zone):%Y-%m-%d}",
                "address": address,
                "from": self._clock(begins),
                "to": self._clock(ends),
                "reason": event.data["reason"],
                "given": self._clock(event.at),
            }
            yield self._letter(f"planned/{event.subject}/{_digest(contact)}", contact, "planned", values)

    def _affected(self, day: DayPlan, outage: Outage) -> dict[str, str]:
        """Contacts with the address that they know the outage by."""
        if outage.customers is not None:
            return self._contacts(self.case.customers.table.loc[list(outage.customers)])
        return self._behind(outage.transformers)

    def _behind(self, transformers: Sequence[str]) -> dict[str, str]:
        rows = [row for each in transformers for row in self.case.customers.rows_by_transformer.get(each, ())]
        return self._contacts(self.case.customers.table.iloc[rows])

    def _contacts(self, table: pd.DataFrame) -> dict[str, str]:
        if "phone" not in table:
            return {}
        known = table[table["phone"].notna()]
        return {
            str(phone): str(address)
            for phone, address in zip(known["phone"], known["address"].fillna(""), strict=True)
        }

    def _callers(self, day: DayPlan, order: WorkOrder) -> dict[str, str]:
        """Request ids by the contact of who called."""
        requests = [day.case.request_by_id[id_] for id_ in order.requests if id_ in day.case.request_by_id]
        found = ((self._contact(each.phone, each.customer), each.id) for each in requests)
        return {contact: id_ for contact, id_ in found if contact}

    def _contact(self, phone: str | None, customer: str | None) -> str | None:
        if phone or customer is None or customer not in self.case.customers:
            return phone or None
        return self.case.customers.facts(customer).get("phone")

    def _letter(self, key: str, contact: str, kind: str, values: Mapping[str, object]) -> Letter:
        subject, text = self.templates.write(kind, **values)
        channel = "smtp" if "@" in contact else "webhook"
        return Letter(key=key, channel=channel, recipient=contact, subject=subject, text=text)

    def _clock(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.case.settings.zone):%m-%d %H:%M}"


def _planned_for(day: DayPlan, order: WorkOrder, what: str) -> datetime | None:
    """When the plan in force arrives at an order, or has it restored."""
    if what == "restore":
        return next((etr.median for etr in day.etrs if etr.outage == order.outage), None)
    arrivals = [
        visit.arrival_s
        for route in day.plan.routes
        for visit in route.visits
        if day.cards[visit.job].order == order.id and not day.cards[visit.job].remote
    ]
    return day.origin + timedelta(seconds=min(arrivals)) if arrivals else None


def _digest(contact: str) -> str:
    return hashlib.blake2b(contact.encode(), digest_size=10).hexdigest()

"""Who is told what of an event: called inside the event's own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from ..ground.case import OWN_CHANNEL, Case, Customers
from ..ground.day import DayPlan, Etr, Outage, WorkOrder
from ..store import Event
from ..store.history import words_of_order
from ..store.matters import one_matter
from ..store.outbox import Letter, keys_under, put
from ..store.request_list import one_request
from ..triage.orders import Grades, grade_customers, kind_of_words
from .alerts import alerted, at_risk, calls_before, repeated_roles
from .contacts import CUSTOMER, IMPORTANT, Contacts, contacts_in, named_contacts
from .fitting import STAFF, Fitting
from .house import House
from .notices import Notice, notices
from .service_letters import called_off, digest_of, shed, told_of, visits_of
from .templates import Templates
from .words import name_of, span_of

CHANGE = timedelta(minutes=30)
MOST_PLACES = 8
# How a request is confirmed, by its kind; None for one that a person has to classify first.
RECEIVED: Mapping[str | None, str] = {
    "outage": "received",
    "hazard": "received_hazard",
    "complaint": "received_complaint",
    "enquiry": "received_enquiry",
    None: "received_unclear",
}
PRECISE = "%Y-%m-%dT%H:%M%z"


class Teller:
    """Turns events into messages; add `hear` to a store's hearers.

    Parameters
    ----------
    plan : a plan by its number.
    day : the plan in force.
    contacts : whom the roles that a policy names stand for; who is missing is not told.
    reply : makes the link by which the caller of a request answers; without it there is none.
    case_now : the case under the policy in force; the case as it is without it.
    change : by how much an estimate must move before people are told again.
    languages : words for those who want another language, by en and zh.
    house : the utility's name and number, and its quiet hours.
    """

    def __init__(
        self,
        case: Case,
        templates: Templates,
        plan: Callable[[int], DayPlan],
        day: Callable[[], DayPlan],
        *,
        contacts: Contacts = MappingProxyType({}),
        reply: Callable[[str], str] | None = None,
        case_now: Callable[[], Case] | None = None,
        change: timedelta = CHANGE,
        languages: Mapping[str, Templates] = MappingProxyType({}),
        house: House | None = None,
    ) -> None:
        self.templates, self.plan, self.day = templates, plan, day
        self.languages, self._fitting = languages, Fitting(house or House(), case.settings.zone)
        self.contacts, self.reply, self.change = contacts, reply, change
        self.case_now = case_now or (lambda: case)
        self._graded: tuple[str, Customers, Grades] | None = None
        self._tellers: Mapping[str, Callable[[Any, Event], Iterator[Letter]]] = {
            "request_logged": self._received,
            "plan_published": self._planned,
            "order_moved": self._moved,
            "noted": self._noted,
            "request_changed": self._withdrawn,
            "matter_opened": self._matter,
            "matter_changed": self._matter,
            "urged": self._urged,
        }

    def hear(self, connection: Any, event: Event) -> None:
        """Write the messages of an event; those with a known key are not written again."""
        tell = self._tellers.get(event.kind)
        if tell is not None and event.source != "file":
            self._fitting.begin(connection)
            letters = self._fitting.fitted(tell(connection, event), event.at, self.templates.language)
            put(connection, event.seq or 0, letters, event.at)

    def _received(self, connection: Any, event: Event) -> Iterator[Letter]:
        if event.data.get("channel") == OWN_CHANNEL:
            # Nobody called, so that nobody is told that we have their request.
            return
        contact = self._contact(event.data.get("phone"), event.data.get("customer"))
        if contact:
            values = {"request": event.subject, "time": self._clock(event.at)}
            kind = kind_of_words(
                self.case_now(), event.data["words"], event.data.get("kind"), event.data.get("channel")
            )
            yield self._letter(
                f"received/{event.subject}", contact, RECEIVED.get(kind, "received_work"), values
            )
        yield from self._repeated(connection, event)

    def _repeated(self, connection: Any, event: Event) -> Iterator[Letter]:
        """Somebody calls again and again: the policy says from which call on, and who must know."""
        customer = event.data.get("customer")
        if customer is None or customer not in self.case.customers:
            return
        earlier = calls_before(connection, customer, event)
        values = {
            "request": event.subject,
            "customer": self.case.customers.fact(customer, "name") or customer,
            "calls": earlier + 1,
            "time": self._clock(event.at),
            "said": event.data["words"],
        }
        for role in repeated_roles(self.case_now(), self._grade(customer), event.data.get("kind"), earlier):
            yield from self._to(role, f"repeated/{event.subject}", "repeated", values)

    def _to(self, role: str, key: str, kind: str, values: Mapping[str, object]) -> Iterator[Letter]:
        """One message to each contact of a role."""
        for contact in self.contacts.get(role, ()):
            yield self._letter(f"{key}/{role}/{digest_of(contact)}", contact, kind, values)

    @property
    def case(self) -> Case:
        """The case as it is in force."""
        return self.case_now()

    def _grade(self, customer: str) -> str:
        return self._grades.of_customer(self.case.customers, customer)

    @property
    def _grades(self) -> Grades:
        """Every customer's grade, worked out once for the same customers and policy."""
        case = self.case
        known = self._graded
        if known is None or known[0] != case.policy.version or known[1] is not case.customers:
            known = self._graded = (case.policy.version, case.customers, grade_customers(case))
        return known[2]

    def _planned(self, connection: Any, event: Event) -> Iterator[Letter]:
        day = self.plan(int(event.subject))
        for etr in day.etrs:
            if etr.outage in day.outage_by_id and etr.status == "assessed" and etr.median is not None:
                yield from self._expected(connection, day, etr)
        for order in day.orders:
            yield from self._warned(day, order)

    def _expected(self, connection: Any, day: DayPlan, etr: Etr) -> Iterator[Letter]:
        """One message per household when there is an estimate, one more whenever it moves by much."""
        outage = day.outage_by_id[etr.outage]
        until = etr.p90 or etr.median
        assert until is not None
        told = self._told(connection, etr.outage)
        for contact, address in self._affected(day, outage).items():
            before = told.get(digest_of(contact))
            if before is not None and abs(until - before) < self.change:
                continue
            values = {"address": address, "until": self._clock(until), "since": self._clock(outage.since)}
            if before is not None:
                values["before"] = self._clock(before)
            own = f"etr/{outage.id}/{digest_of(contact)}/"
            key, kind = f"{own}{until.strftime(PRECISE)}", "etr" if before is None else "changed"
            yield self._letter(key, contact, kind, values, replaces=own)

    def _told(self, connection: Any, outage: str) -> dict[str, datetime]:
        """The estimate that each contact has heard last."""
        parts = (key.rsplit("/", 2) for key in keys_under(connection, f"etr/{outage}/"))
        return {digest: datetime.strptime(until, PRECISE) for _, digest, until in parts}

    def _warned(self, day: DayPlan, order: WorkOrder) -> Iterator[Letter]:
        """Who the policy says must know of an order, and of its promises that are about to break."""
        told = {"order": order.id, "class": order.class_, "grade": self._name("grade", order.grade)}
        for role, values in alerted(day, order):
            known = told | {"since": self._clock(values["since"])}
            yield from self._to(role, f"alert/{order.id}", "alert", values | known)
        for role, promise, planned in at_risk(day, order):
            values = {
                "due": self._clock(promise.due),
                "what": self._name("promise", promise.what),
                "planned": self._clock(planned),
            }
            yield from self._to(role, f"promise/{order.id}/{promise.what}", "promise", told | values)

    def _moved(self, connection: Any, event: Event) -> Iterator[Letter]:
        if event.data["to"] == "restored":
            yield from self._restored(connection, event)
        elif event.data["to"] == "on_the_way":
            yield from self._on_the_way(event)

    def _on_the_way(self, event: Event) -> Iterator[Letter]:
        """Whoever called hears once that a crew has set out."""
        day = self.day()
        order = day.order_by_id.get(event.subject)
        for contact, request in (self._callers(day, order) if order is not None else {}).items():
            values = {"request": request, "time": self._clock(event.at)}
            yield self._letter(f"crew/{request}", contact, "crew", values)

    def _withdrawn(self, connection: Any, event: Event) -> Iterator[Letter]:
        """Somebody's request was taken back: they can object."""
        if not event.data.get("to", {}).get("withdrawn"):
            return
        row = one_request(connection, event.subject)
        contact = self._contact(row["phone"], row["customer"]) if row is not None else None
        if contact:
            values = {"request": event.subject, "time": self._clock(event.at)}
            yield self._letter(f"cancelled/{event.subject}/{event.seq}", contact, "cancelled", values)

    def _matter(self, connection: Any, event: Event) -> Iterator[Letter]:
        """What a customer is told of a matter that is no repair."""
        row = one_matter(connection, event.subject)
        if row is None:
            return
        if row["kind"] == "shedding":
            act = str(event.data.get("act", "opened"))
            for each, key, kind, told in shed(row, act, self._behind, self.case.settings.zone):
                yield self._letter(key, each, kind, told)
        asked = one_request(connection, row["request"]) if row["request"] else None
        for customer, key, kind, values in told_of(row, event, self.case.settings.zone):
            phone = asked["phone"] if asked and customer == row["customer"] else None
            contact = self._contact(phone, customer)
            if contact:
                yield self._letter(key, contact, kind, values)

    def _urged(self, _: Any, event: Event) -> Iterator[Letter]:
        """The utility's own people, where urging comes to a role that has an address."""
        data = event.data
        values = {
            "subject": event.subject,
            "way": self._name("way", data["way"]),
            "said": data["words"],
            "until": self._clock(datetime.fromisoformat(data["due_at"])),
        }
        yield from self._to(data["whom"], f"urged/{data['id']}", "urged", values)

    def _restored(self, _: Any, event: Event) -> Iterator[Letter]:
        day = self.day()
        order = day.order_by_id.get(event.subject)
        if order is None:
            return
        asked = self._callers(day, order) if order.decision.outcome.get("callback") else {}
        time = self._clock(event.at)
        for contact, request in asked.items():
            key, values = f"callback/{request}/{event.seq}", {"request": request, "time": time}
            if self.reply is None:
                yield self._letter(key, contact, "callback", values)
            else:
                yield self._letter(key, contact, "callback_link", values | {"link": self.reply(request)})
        outage = day.outage_by_id.get(order.outage) if order.outage else None
        for contact, address in self._affected(day, outage).items() if outage else ():
            if contact not in asked:
                key = f"restored/{order.id}/{event.seq}/{digest_of(contact)}"
                told, own = {"address": address, "time": time}, f"etr/{order.outage}/{digest_of(contact)}/"
                yield self._letter(key, contact, "restored", told, replaces=own)

    def _noted(self, connection: Any, event: Event) -> Iterator[Letter]:
        what = event.data.get("what")
        if what == "planned_outage":
            yield from self._announced(event)
        elif what == "planned_cancelled":
            for contact, key, own, values in called_off(event, self._behind(event.data["transformers"])):
                told = values | {"from": self._clock(values["from"])}
                yield self._letter(key, contact, "planned_cancelled", told, replaces=own)
        elif what == "escalated":
            yield from self._escalated(connection, event)
        elif what == "route_unread":
            yield from self._unread(event)
        elif what == "days_planned":
            yield from self._visits(connection, event)

    def _visits(self, connection: Any, event: Event) -> Iterator[Letter]:
        """Visits of tomorrow, and those that do not take place on the day that was told."""
        for told, key, kind, values in visits_of(event):
            asked = one_request(connection, told["request"]) if told["request"] else None
            contact = self._contact(asked["phone"] if asked else None, told["customer"])
            if contact:
                named = {"what": self._name("kind", told["kind"])}
                if "why" in values:
                    named["why"] = self._name("put_off", str(values["why"]))
                yield self._letter(key, contact, kind, values | named)

    def _unread(self, event: Event) -> Iterator[Letter]:
        """A crew whose page stays closed hears of its changed route by a text message."""
        shift = self.case.crew_by_id.get(event.data["crew"])
        if shift is None or not shift.phone:
            return
        day = self.plan(int(event.data["plan"]))
        jobs = next((route.visits for route in day.plan.routes if route.crew == shift.id), ())
        card = day.cards.get(jobs[0].job) if jobs else None
        values = {
            "crew": shift.name,
            "time": self._clock(datetime.fromisoformat(event.data["since"])),
            "stops": len(jobs),
            "next": (card.address or card.order) if card else "–",
        }
        yield self._letter(
            f"unread/{event.seq}/{digest_of(shift.phone)}", shift.phone, "route_unread", values
        )

    def _escalated(self, connection: Any, event: Event) -> Iterator[Letter]:
        """An order has waited for as long as the policy allows: its next level hears of it, once."""
        data, order = event.data, event.subject
        since = datetime.fromisoformat(data["since"])
        values = {
            "order": order,
            "kind": self._name("kind", data["kind"]),
            "class": data["class"],
            "grade": self._name("grade", data["grade"]),
            "since": self._clock(since),
            "after": span_of(data["after_min"], self.templates.language),
            "role": self._name("role", data["role"]),
            "said": " / ".join(dict.fromkeys(words_of_order(connection, order)[:3])) or "–",
        }
        yield from self._to(data["role"], f"escalated/{order}/{since:{PRECISE}}", "escalated", values)

    def _announced(self, event: Event) -> Iterator[Letter]:
        """A planned outage: the policy says, grade by grade, who gets the notice."""
        begins, ends = (datetime.fromisoformat(event.data[name]) for name in ("from", "to"))
        values = {
            "date": f"{begins.astimezone(self.case.settings.zone):%Y-%m-%d}",
            "from": self._clock(begins),
            "to": self._clock(ends),
            "reason": event.data["reason"],
            "given": self._clock(event.at),
        }
        urgent = bool(event.data.get("urgent"))
        case, language = self.case_now(), self.templates.language
        for notice in notices(
            case, self._grades, event.data["transformers"], urgent=urgent, language=language
        ):
            yield from self._noticed(event.subject, notice, values)

    def _noticed(self, id_: str, notice: Notice, values: Mapping[str, object]) -> Iterator[Letter]:
        table = self.case.customers.table.iloc[notice.rows]
        basis = notice.basis or self._name("notice", "policy")
        important = IMPORTANT in notice.roles
        if important or CUSTOMER in notice.roles:
            for contact, (address, name) in named_contacts(table).items():
                known = {**values, "address": address, "basis": basis}
                kind = "planned_important" if important else "planned"
                if important:
                    known["name"] = name
                yield self._letter(f"planned/{id_}/{digest_of(contact)}", contact, kind, known)
        team = {name: each for name, each in values.items() if name != "given"}
        team |= {"customers": len(table), "grade": self._name("grade", notice.grade)}
        team["places"] = "; ".join(dict.fromkeys(table["address"].dropna().astype(str)[:MOST_PLACES]))
        for role in notice.roles:
            yield from self._to(role, f"planned/{id_}/{notice.grade}", "planned_team", team)

    def _name(self, group: str, value: str) -> str:
        return name_of(group, value, self.templates.language)

    def _affected(self, day: DayPlan, outage: Outage) -> dict[str, str]:
        """Contacts with the address that they know the outage by."""
        if outage.customers is not None:
            table = self.case.customers.table
            return contacts_in(table.loc[table.index.intersection(list(outage.customers))])
        return self._behind(outage.transformers)

    def _behind(self, transformers: Sequence[str]) -> dict[str, str]:
        rows = [row for each in transformers for row in self.case.customers.rows_by_transformer.get(each, ())]
        return contacts_in(self.case.customers.table.iloc[rows])

    def _callers(self, day: DayPlan, order: WorkOrder) -> dict[str, str]:
        """Request ids by the contact of who called."""
        requests = [day.case.request_by_id[id_] for id_ in order.requests if id_ in day.case.request_by_id]
        found = ((self._contact(each.phone, each.customer), each.id) for each in requests)
        return {contact: id_ for contact, id_ in found if contact}

    def _contact(self, phone: str | None, customer: str | None) -> str | None:
        if phone or customer is None or customer not in self.case.customers:
            return phone or None
        known: str | None = self.case.customers.fact(customer, "phone")
        return known

    def _letter(
        self, key: str, contact: str, kind: str, values: Mapping[str, object], replaces: str | None = None
    ) -> Letter:
        templates = self.templates
        if self.languages and kind not in STAFF:
            wanted = self._fitting.language_of(contact, templates.language)
            templates = self.languages.get(wanted, templates)
        subject, text = templates.write(kind, **values)
        channel = "smtp" if "@" in contact else "webhook"
        told = {"recipient": contact, "subject": subject, "text": text, "kind": kind, "replaces": replaces}
        return Letter(key=key, channel=channel, **told)  # type: ignore[arg-type]

    def _clock(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.case.settings.zone):%m-%d %H:%M}"

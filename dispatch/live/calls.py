"""Requests as they come in: written down, joined to what is known, and danger offered at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..ground.case import Case
from ..ground.day import DayPlan, OpenDay
from ..store import ENDED, queries, record
from ..triage.locating import Locator
from ..triage.orders import (
    LOSS_OF_SUPPLY,
    ClassifiedRequest,
    classify,
    classify_each,
    tiers,
)
from .archive import Archive
from .book import Book, Who
from .entries import Entry, Logged, request_of
from .grading import Grading
from .handmade import Edit, HandMade
from .proposals import routes_of
from .refusals import Refused, expect_crew
from .urgent import Able, Offer, diverted, nearest_able

DANGER = 0
UNTOUCHED = ("received", "accepted")
MOST_CLASSIFIED = 20_000
Row = Mapping[str, Any]
Weighed = tuple[ClassifiedRequest, bool]


class Calls:
    """The telephone of a duty room."""

    def __init__(self, book: Book, grading: Grading, archive: Archive, hands: HandMade) -> None:
        self._book, self._grading, self._archive, self._hands = book, grading, archive, hands
        # What was made of requests, by id and with the request's version; all of it rests on one basis.
        self._made: tuple[object, dict[str, tuple[int, Weighed]]] = ((), {})

    def log(self, entry: Entry, who: Who, key: str | None = None, taken_by: str | None = None) -> Logged:
        """Write a request down; the same key twice is the same request.

        Parameters
        ----------
        taken_by : who took the call, where a system brings it: first contact stays responsible.

        Raises
        ------
        Refused
            The customer or the kind is unknown.
        """
        if entry.customer is not None and entry.customer not in self._book.case.customers:
            raise Refused("unknown_customer", customer=entry.customer)
        if entry.kind is not None and entry.kind not in self.kinds():
            raise Refused("unknown_kind", kind=entry.kind)
        # Another system's clock may be fast: nobody has called later than now.
        entry = replace(entry, received_at=min(entry.received_at, self._book.clock()))
        with self._book.lock, self._book.store.writing() as connection:
            before = self._book.store.newest(connection)
            id_ = f"R{queries.count_requests(connection) + 1:06d}"
            happened = self._book.event(who, "request_logged", id_, _logged_data(entry, who, taken_by), key)
            seq = record(connection, happened)
            known = seq <= before
        if known:
            return self._known(seq)
        return self._told(entry, id_, who)

    @property
    def locator(self) -> Locator:
        """Finds places among the customers in force; addresses are sorted once for the same customers."""
        return Locator(self._book.case)

    def dangers(self) -> tuple[str, ...]:
        """Ids of the open requests that speak of danger and that nobody has been sent to."""
        if self._book.plan_number("published") is None:
            return ()
        untouched = {row["id"] for row in self._book.rows("orders") if row["state"] in UNTOUCHED}
        known = {card.order for card in self._archive.day().cards.values()}
        waiting = [
            row
            for row in self._book.rows("requests")
            if row["open"]
            and not row["linked"]
            and row["same_as"] is None
            and (row["order_id"] is None or (row["order_id"] in untouched and row["order_id"] not in known))
        ]
        # Where nobody knows yet where it is, nobody can be sent: the page of requests asks for the place.
        weighed = self.weighed(waiting)
        return tuple(row["id"] for row, (call, danger) in weighed if danger and call.place is not None)

    def kinds(self) -> tuple[str, ...]:
        """What a request can be about, by the policy in force."""
        return tuple(self._grading.case_under().policy.facts["kind"].values)

    def classified(self, row: Mapping[str, Any]) -> ClassifiedRequest:
        """What the policy in force makes of a request's row."""
        return next(self.weighed([row]))[1][0]

    def is_danger(self, row: Mapping[str, Any]) -> bool:
        """Whether a request speaks of danger, wherever it is."""
        return next(self.weighed([row]))[1][1]

    def weighed(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Weighed]]:
        """Each request's row with its kind and whether it is a danger, worked out once per version.

        What is not known yet is worked out together: after a start that is every open request.
        """
        case, made = self._basis()
        asked = list(rows)
        new = [row for row in asked if row["id"] not in made or made[row["id"]][0] != row["version"]]
        fresh = dict(zip((row["id"] for row in new), self._weigh(case, new), strict=True)) if new else {}
        made.update({row["id"]: (row["version"], fresh[row["id"]]) for row in new})
        for row in asked:
            # Others may forget what is out of sight meanwhile.
            yield row, fresh[row["id"]] if row["id"] in fresh else made[row["id"]][1]

    def urgent(self, request: str, *, priced: bool = True) -> Offer | None:
        """The crews that could be first at what a request reports, before any planning.

        None while no plan is in force, and where no crew need drive anywhere.
        """
        if self._book.plan_number("published") is None:
            return None
        day = self._archive.day()
        changed = self._hands.changed_day(day, [Edit(subject=request, what="request", data={})])
        card = next((card for id_, card in changed.cards.items() if id_ not in day.cards), None)
        if card is None:
            return None
        return Offer(request=request, card=card, crews=self._able(day, changed, card.id, priced))

    def urgent_job(self, job: str, *, priced: bool = True) -> Offer:
        """The same for a job of the plan in force.

        Raises
        ------
        Refused
            The plan in force does not know it.
        """
        day = self._archive.day()
        if job not in day.plain.job_by_id:
            raise Refused("unknown_job", job=job)
        return Offer(request=None, card=day.cards[job], crews=self._able(day, day, job, priced))

    def divert(self, subject: str, crew: str, who: Who, reason: str) -> DayPlan:
        """Send a crew at once to a job of the plan in force, or to what a request reports.

        Where nobody gives a reason, the job itself is the reason for what the crew leaves.

        Raises
        ------
        Refused
            The crew may not do it, nothing is known of it, or no plan is in force.
        """
        with self._book.lock:
            offer, edits = self._offer_for(subject)
            able = next((each for each in offer.crews if each.crew == crew), None)
            routes = routes_of(self._archive.day().plan)
            position = able.position if able else self._free_from(crew)
            why = reason.strip() or f"sent at once to {offer.card.id}"
            return self._hands.set_routes(diverted(routes, offer.card.id, crew, position), who, why, edits)

    # -- inside ----------------------------------------------------------------

    def _offer_for(self, subject: str) -> tuple[Offer, list[Edit]]:
        if subject in self._archive.day().plain.job_by_id:
            return self.urgent_job(subject, priced=False), []
        offer = self.urgent(subject, priced=False)
        if offer is None:
            raise Refused("no_plan" if self._book.plan_number("published") is None else "no_place")
        return offer, [Edit(subject=subject, what="request", data={})]

    def _free_from(self, crew: str) -> int:
        """The first position of a crew's route that it has not begun."""
        day = self._archive.day()
        expect_crew(day.problem.crew_by_id, crew)
        begun = {row["id"] for row in self._book.rows("jobs")}
        jobs = routes_of(day.plan).get(crew, [])
        started = [at for at, job in enumerate(jobs) if job in begun]
        return max([len(day.problem.crew_by_id[crew].committed), *(at + 1 for at in started)])

    def _able(self, day: DayPlan, changed: OpenDay, job: str, priced: bool) -> tuple[Able, ...]:
        begun = {row["id"]: row["state"] for row in self._book.rows("jobs")}
        absent = {row["id"] for row in self._book.rows("crews") if row["state"] == "absent"}
        now_s = round((self._book.clock() - day.origin).total_seconds())
        return nearest_able(day, changed, job, now_s, begun, absent, priced=priced)

    def _basis(self) -> tuple[Case, dict[str, tuple[int, Weighed]]]:
        """The case in force, and what was made of requests under the same policy and customers."""
        case = self._grading.case_under()
        basis = (case.policy.version, self._book.standing.mark("customers"))
        if self._made[0] != basis:
            self._made = (basis, {})
        made = self._made[1]
        if len(made) > MOST_CLASSIFIED + len(rows := self._book.rows("requests")):
            in_sight = {row["id"] for row in rows}
            for id_ in [each for each in list(made) if each not in in_sight]:
                made.pop(id_, None)
        return case, made

    def _weigh(self, case: Case, rows: Sequence[Row]) -> list[Weighed]:
        calls = classify_each(case, self._grading.grades_of(case), map(request_of, rows), Locator(case))
        service = [call for call in calls if call.kind != LOSS_OF_SUPPLY]
        told = zip(service, tiers(service, case), strict=True)
        dangers = {call.request.id for call, tier in told if tier == DANGER}
        return [(call, call.request.id in dangers) for call in calls]

    def _known(self, seq: int) -> Logged:
        subject = next(iter(self._book.store.events_after(seq - 1, 1))).subject
        return Logged(id=subject, kind="", order=None, customer={}, earlier=(), known=True)

    def _told(self, entry: Entry, id_: str, who: Who) -> Logged:
        call = classify(self._grading.case_under(), self._grading.grades, [entry.request(id_)], self.locator)[
            0
        ]
        order = still_out = None
        if call.kind == LOSS_OF_SUPPLY and call.transformer is not None:
            outage = self._archive.day().outage_at(call.transformer, call.customer)
            order = None if outage is None else outage.id
            if order is not None and self._is_restored(order):
                order, still_out = None, order
            if order is not None:
                self._book.record(self._book.event(who, "request_joined", id_, {"order": order}))
        earlier = self._earlier(call.customer, id_)
        known = self._book.case.customers.facts(call.customer) if call.customer else {}
        return Logged(
            id=id_, kind=call.kind, order=order, customer=known, earlier=earlier, still_out=still_out
        )

    def _is_restored(self, order: str) -> bool:
        """Whether a crew has said that supply is back."""
        row = self._book.row("orders", order)
        return row is not None and row["state"] in (*ENDED, "restored")

    def _earlier(self, customer: str | None, but: str) -> tuple[str, ...]:
        if customer is None:
            return ()
        return tuple(each for each in queries.open_requests_of(self._book.store, customer) if each != but)


def _logged_data(entry: Entry, who: Who, taken_by: str | None) -> dict[str, Any]:
    """What the journal keeps of a request: whoever took the call answers for it from now on."""
    owner = taken_by or (who.name if who.answers else None)
    return entry.to_data() | ({"owner": owner} if owner else {})

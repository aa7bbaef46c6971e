"""Who answers for a request and who looks after a customer; every hand-over says why and is written down.

Whoever takes a call answers for it (首问负责制) until somebody else takes it over. A program answers for
nothing: what it planned belongs to the person who published it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...store import record
from ...store.persons import managers_of, open_owned, persons
from ...store.request_list import one_request
from ..book import NOBODY, Book, Who
from ..refusals import Refused


class Owners:
    """The people behind the promises."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def persons(self) -> tuple[str, ...]:
        """Who can answer for something."""
        return persons(self._book.store)

    def load(self) -> dict[str, int]:
        """How many open requests each person answers for; under "" those of nobody."""
        return open_owned(self._book.store)

    def hand_over(
        self, request: str, to: str, who: Who, *, seen: str | None, reason: str = "", key: str | None = None
    ) -> None:
        """Give a request, and the order that it stands for, to somebody else; the same key twice is once.

        Parameters
        ----------
        seen : who answered for it when the page was read; None for nobody.
        reason : why; whoever takes what nobody answers for need not say.

        Raises
        ------
        Refused
            There is no such request or person, somebody else has it by now, or no reason is given.
        """
        self.expect_person(to)
        with self._book.lock, self._book.store.writing() as connection:
            row = one_request(connection, request)
            if row is None:
                raise Refused("unknown_request", request=request)
            if row["owner"] != seen:
                if row["owner"] == to:
                    return
                raise Refused("owned_by", subject=request, owner=row["owner"] or "–")
            if row["owner"] is not None and not reason.strip():
                raise Refused("reason_missing")
            data = {"to": to, "was": row["owner"], "reason": reason.strip() or None}
            if row["order_id"] and self._follows(row["order_id"], row["owner"]):
                data["order"] = row["order_id"]
            record(connection, self._book.event(who, "owner_changed", request, data, key))

    def look_after(
        self, customer: str, person: str | None, who: Who, *, seen: str | None, reason: str = ""
    ) -> None:
        """Give a customer somebody who looks after it (客户经理); None gives it nobody any more.

        Raises
        ------
        Refused
            There is no such customer or person, it has a manager already that was not seen, or no reason
            is given for another one.
        """
        if customer not in self._book.case.customers:
            raise Refused("unknown_customer", customer=customer)
        if person is not None:
            self.expect_person(person)
        with self._book.lock:
            found = managers_of(self._book.store, [customer]).get(customer)
            now = None if found is None else found["person"]
            if now == person:
                return
            if now != seen:
                raise Refused("has_manager", customer=customer, person=now or "–")
            if now is not None and not reason.strip():
                raise Refused("reason_missing")
            data = {"to": person, "was": now, "reason": reason.strip() or None}
            self._book.note("manager_changed", customer, data, who)

    def look_after_all(self, rows: Sequence[tuple[str, str]], who: Who, reason: str) -> int:
        """Give many customers their managers at once, all or none; returns how many changed.

        Raises
        ------
        Refused
            A customer stands there with two managers, or a customer or a person is unknown.
        """
        wanted: dict[str, str] = {}
        for customer, person in rows:
            if customer not in self._book.case.customers:
                raise Refused("unknown_customer", customer=customer)
            if wanted.setdefault(customer, person) != person:
                raise Refused("two_managers", customer=customer, one=wanted[customer], other=person)
        for person in sorted(set(wanted.values())):
            self.expect_person(person)
        with self._book.lock:
            known = managers_of(self._book.store, list(wanted))
            was = {customer: known.get(customer, {}).get("person") for customer in wanted}
            happened = [
                self._book.event(
                    who, "manager_changed", customer, {"to": to, "was": was[customer], "reason": reason}
                )
                for customer, to in sorted(wanted.items())
                if was[customer] != to
            ]
            self._book.record(*happened)
        return len(happened)

    def expect_person(self, name: str) -> None:
        """Refuse a name that nobody in the office has.

        Raises
        ------
        Refused
            There is no such person (`unknown_person`).
        """
        if name not in self.persons():
            raise Refused("unknown_person", person=name)

    def _follows(self, order: str, owner: str | None) -> bool:
        """Whether an order goes with its request: the same person answers for both, or nobody for it."""
        found = self._book.row("orders", order)
        return found is not None and (found["responsible"] == owner or found["responsible"] in NOBODY)

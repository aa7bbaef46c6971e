"""Who is without supply now, customer by customer: for the customer who asks, and for critical sites."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..ground.case import Case
from ..ground.numbers import digits_of
from ..live import Desk
from ..messages.announcing import announced
from .picture import etr_of, is_certain, known_now, not_over, rounded_down, rows_out, rule_of

LAST_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """A customer without supply.

    Parameters
    ----------
    certain : whether the outage is settled; else it is what the calls point at.
    etr : rounded as the policy says; None while nobody can say.
    """

    outage: str
    since: datetime
    certain: bool
    etr: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one customer is told of his own supply.

    Parameters
    ----------
    off : the outage; None where none is known.
    planned : begin and end of planned outages ahead.
    """

    off: Off | None
    planned: tuple[tuple[datetime, datetime], ...] = ()


class Supplies:
    """Looks customers up; what is worked out serves everybody until something changes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._kept: tuple[object, Mapping[str, Off] | None] = (None, None)

    def off(self) -> Mapping[str, Off] | None:
        """Customers without supply; None before there is any plan: then nobody knows."""
        key = (self._desk.version, int(self._desk.clock().timestamp()) // 60)
        if self._kept[0] != key:
            self._kept = key, self._off_now()
        return self._kept[1]

    def asked(self, number: str, digits: str) -> Known | None:
        """What a customer is told who knows number and digits; None where they do not fit together.

        An unknown number costs the same look and the same comparison as a known one.
        """
        case, off = self._desk.case, self.off() or {}
        at = int(case.customers.table.index.get_indexer([number])[0])
        row = max(at, 0)
        customer = str(case.customers.table.index[row])
        expected = last_digits(case, customer) or secrets.token_hex(LAST_DIGITS // 2)
        fits = hmac.compare_digest(expected.encode(), digits.encode()[:64]) and at >= 0
        known = Known(off=off.get(customer), planned=self._planned(case, customer))
        return known if fits else None

    def _off_now(self) -> Mapping[str, Off] | None:
        desk = self._desk
        day = known_now(desk)
        if day is None:
            return None
        (known, found), case = day, desk.case
        rule, zone = rule_of(desk.case_under(), "outage"), case.settings.zone
        off: dict[str, Off] = {}
        for outage in not_over(known, found):
            told = Off(
                outage=outage.id,
                since=rounded_down(outage.since.astimezone(zone)),
                certain=is_certain(outage),
                etr=etr_of(known, found, outage, rule, desk.clock()),
            )
            for customer in case.customers.table.index[rows_out(case, known, found, outage)]:
                off.setdefault(str(customer), told)
        return off

    def _planned(self, case: Case, customer: str) -> tuple[tuple[datetime, datetime], ...]:
        transformer, zone = case.customers.fact(customer, "transformer"), case.settings.zone
        return tuple(
            sorted(
                (told.begins.astimezone(zone), told.ends.astimezone(zone))
                for told in announced(self._desk)
                if transformer in told.transformers
            )
        )


def last_digits(case: Case, customer: str) -> str | None:
    """The last digits of the telephone number that is kept of a customer; None where there are too few."""
    digits: str = digits_of(case.customers.fact(customer, "phone") or "")
    return digits[-LAST_DIGITS:] if len(digits) > LAST_DIGITS else None

"""The customers that somebody looks after: how they are supplied, what is open, who is their manager."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from ...ground.day import DayPlan
from ...store import ENDED
from ...store.matters import matter_list
from ...store.persons import managers_of
from ..desk import Desk

IMPORTANT = ("special", "first", "temporary", "high_hazard", "second", "vip")
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An important customer, or one that somebody looks after.

    Parameters
    ----------
    out_since : since when it has been without supply, None while it has supply.
    requests, complaints : how many are open.
    """

    id: str
    facts: dict[str, Any]
    grade: str
    manager: str | None
    out_since: datetime | None
    requests: int
    complaints: int


def kept_customers(desk: Desk, person: str | None = None) -> tuple[Kept, ...]:
    """Important customers and those with a manager: those off supply first, then by grade.

    Parameters
    ----------
    person : only this person's; "" for those without a manager, None for all.
    """
    managers = {customer: row["person"] for customer, row in managers_of(desk.store).items()}
    case, grades = desk.case_under(), desk.grading.grades
    table = case.customers.table
    graded = {
        str(table.index[at]): str(grades.grade[at]) for at in np.flatnonzero(np.isin(grades.grade, IMPORTANT))
    }
    wanted = [
        customer
        for customer in dict.fromkeys([*graded, *managers])
        if customer in case.customers and (person is None or managers.get(customer, "") == person)
    ]
    out, asked = dict(_out(desk.day(), desk, wanted)), _open_requests(desk)
    complaints = Counter(
        row["customer"] for row in matter_list(desk.store, "complaint", state="current", most=200)
    )
    found = [
        Kept(
            id=customer,
            facts=case.customers.facts(customer),
            grade=graded.get(customer, "ordinary"),
            manager=managers.get(customer),
            out_since=out.get(customer),
            requests=asked[customer],
            complaints=complaints[customer],
        )
        for customer in sorted(wanted, key=lambda each: (each not in out, _rank(graded.get(each)), each))[
            :MOST
        ]
    ]
    return tuple(found)


def _rank(grade: str | None) -> int:
    return IMPORTANT.index(grade) if grade in IMPORTANT else len(IMPORTANT)


def _open_requests(desk: Desk) -> Counter[str]:
    return Counter(row["customer"] for row in desk.rows("requests") if row["open"] and row["customer"])


def _out(day: DayPlan, desk: Desk, customers: Collection[str]) -> Iterator[tuple[str, datetime]]:
    """Those of some customers that an outage of the plan in force has out."""
    over = {row["id"] for row in desk.rows("orders") if row["state"] in (*ENDED, "restored")}
    at = desk.case.customers.table["transformer"]
    transformer = {customer: str(at[customer]) for customer in customers}
    for outage in day.outages:
        if outage.id in over:
            continue
        places, named = frozenset(outage.transformers), frozenset(outage.customers or ())
        for customer in customers:
            if customer in named if outage.customers is not None else transformer[customer] in places:
                yield customer, outage.since

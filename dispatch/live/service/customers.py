"""The customers that somebody looks after: how they are supplied, what is open, who is their manager."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from ...ground.day import DayPlan
from ...service.matters import IMPORTANT
from ...store import ENDED
from ...store.matters import open_by_customer
from ...store.persons import managers_of
from ..desk import Desk
from .complaints import COMPLAINT

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


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """Some of the customers that somebody looks after, and how many there are.

    Parameters
    ----------
    next : what to ask for the following ones `after`; None when these are the last.
    """

    rows: tuple[Kept, ...]
    total: int
    next: str | None


def kept_customers(
    desk: Desk, person: str | None = None, *, after: str | None = None, most: int = MOST
) -> KeptPage:
    """Important customers and those with a manager: those off supply first, then by grade.

    Parameters
    ----------
    person : only this person's; "" for those without a manager, None for all.
    after : the last customer of the page before.
    most : 1 to 500 customers.
    """
    managers = {customer: row["person"] for customer, row in managers_of(desk.store).items()}
    graded = graded_customers(desk)
    wanted = [
        customer
        for customer in dict.fromkeys([*graded, *managers])
        if customer in desk.case.customers and (person is None or managers.get(customer, "") == person)
    ]
    out, asked = dict(_out(desk.day(), desk, wanted)), _open_requests(desk)
    complaints = open_by_customer(desk.store, COMPLAINT)
    wanted.sort(key=lambda each: (each not in out, rank_of(graded.get(each)), each))
    begin = 0 if after is None else wanted.index(after) + 1 if after in wanted else len(wanted)
    page = wanted[begin : begin + most]
    rows = tuple(
        Kept(
            id=customer,
            facts=desk.case.customers.facts(customer),
            grade=graded.get(customer, "ordinary"),
            manager=managers.get(customer),
            out_since=out.get(customer),
            requests=asked[customer],
            complaints=complaints.get(customer, 0),
        )
        for customer in page
    )
    further = page and begin + most < len(wanted)
    return KeptPage(rows=rows, total=len(wanted), next=page[-1] if further else None)


def graded_customers(desk: Desk) -> dict[str, str]:
    """The grades of the important customers, in the order of the list."""
    index, grade = desk.case.customers.table.index, desk.grading.grades.grade
    return {str(index[at]): str(grade[at]) for at in np.flatnonzero(np.isin(grade, IMPORTANT))}


def rank_of(grade: str | None) -> int:
    """Where a grade stands among the important ones, the highest first."""
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

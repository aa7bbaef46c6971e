"""What a call-taker is told while somebody speaks: who it is, what is out there, earlier calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dispatch.day import DayPlan, Outage
from dispatch.live import Desk
from dispatch.model import Case
from dispatch.triage import Grades, grade_customers

from .board_data import Data, etr_row, stamp, timetable
from .current import derived

MOST_FOUND = 8
SHOWN = ("name", "address", "phone", "transformer", "industry", "area", "access")


def found_customers(text: str) -> list[Data]:
    """Return the customers whose number, name, address or telephone holds every word of `text`."""
    words = text.lower().split()
    if not words:
        return []
    searched = derived().lasting("customer search", None, lambda day: Texts.of(search_texts(day.case)))
    ids = [searched.ids[row] for row in searched.rows_with(words, MOST_FOUND * 8)]
    exact = text.strip().lower()
    ids.sort(key=lambda id_: (id_.lower() != exact, not id_.lower().startswith(exact)))
    case, grades = derived().day().case, _grades()
    return [_customer(case, grades, id_) for id_ in ids[:MOST_FOUND]]


@dataclass(frozen=True, slots=True)
class Texts:
    """A text per customer, all in one string: it is looked through as quickly as memory is read.

    Parameters
    ----------
    whole : the texts, a line each.
    starts : where each line begins.
    """

    ids: tuple[str, ...]
    whole: str
    starts: np.ndarray

    @classmethod
    def of(cls, texts: pd.Series[str]) -> Texts:
        """Join texts; what breaks lines in them becomes a blank."""
        lines = [" ".join(text.splitlines()) for text in texts]
        lengths = np.array([len(line) + 1 for line in lines], dtype=np.int64)
        starts = np.concatenate(([0], np.cumsum(lengths)))
        return cls(ids=tuple(map(str, texts.index)), whole="\n".join(lines), starts=starts)

    def rows_with(self, words: Sequence[str], most: int) -> list[int]:
        """The first rows that hold every word."""
        found: list[int] = []
        at = 0
        while len(found) < most:
            # The next line of each word; those that lie behind catch up, so the rarest word sets the pace.
            places = [self.whole.find(word, at) for word in words]
            if min(places) < 0:
                break
            rows = np.searchsorted(self.starts, places, side="right") - 1
            last = int(rows.max())
            if int(rows.min()) == last:
                found.append(last)
                last += 1
            at = int(self.starts[last])
        return found


def search_texts(case: Case) -> pd.Series[str]:
    """Return one lower-case text per customer, spaces of telephone numbers left out too."""
    table = case.customers.table
    columns = [table[name].fillna("").astype(str) for name in ("name", "address", "phone") if name in table]
    texts = pd.Series(table.index.astype(str), index=table.index)
    for column in columns:
        texts = texts + " " + column
    if "phone" in table:
        texts = texts + " " + table["phone"].fillna("").astype(str).str.replace(" ", "", regex=False)
    return texts.str.lower()


def customer_data(desk: Desk, customer: str) -> Data:
    """Return one customer with the outage that is known there, and the calls still open.

    Raises
    ------
    KeyError
        There is no such customer.
    """
    case = desk.case
    if customer not in case.customers:
        raise KeyError(customer)
    day = desk.proposal() or derived().day()
    facts = case.customers.facts(customer)
    outage = outage_of(day, customer, facts.get("transformer"))
    calls = [row for row in desk.rows("requests") if row["customer"] == customer and row["open"]]
    return _customer(case, _grades(), customer) | {
        "outage": None if outage is None else _outage(day, outage),
        "earlier": [
            {
                "id": row["id"],
                "at": stamp(row["received_at"]),
                "words": row["words"],
                "order": row["order_id"],
            }
            for row in calls
        ],
    }


def outage_of(day: DayPlan, customer: str, transformer: Any) -> Outage | None:
    """Return the outage that takes a customer's supply, as far as is known."""
    for outage in day.outages:
        if outage.customers is not None:
            if customer in outage.customers:
                return outage
        elif transformer in outage.transformers:
            return outage
    return None


def _outage(day: DayPlan, outage: Outage) -> Data:
    etr = etr_row(timetable(day), outage.id)
    return {
        "id": outage.id,
        "place": outage.fault.place,
        "kind": outage.fault.kind,
        "since": stamp(outage.since),
        "out": int(outage.customers_out),
        "calls": len(outage.requests),
        "etr": etr,
    }


def _grades() -> Grades:
    return derived().lasting("grades", None, lambda day: grade_customers(day.case))


def _customer(case: Case, grades: Grades, customer: str) -> Data:
    facts = case.customers.facts(customer)
    row = case.customers.table.index.get_loc(customer)
    return {
        "id": customer,
        "grade": str(grades.grade[row]),
        "generator_h": facts.get("own_generator_h"),
        **{name: facts.get(name) for name in SHOWN},
    }

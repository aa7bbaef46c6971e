"""What a call-taker is told while somebody speaks: who it is, what is out there, earlier calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dispatch.ground.case import Case
from dispatch.ground.day import DayPlan, Outage
from dispatch.ground.numbers import digits_of, fits, number_in, plain_text
from dispatch.live import Desk
from dispatch.triage.orders import Grades, grade_customers

from .board import Data, etr_row, stamp, timetable
from .current import current_case, customers_mark, derived

MOST_FOUND = 8
# Digits at the end of a number that every spelling of it has: what stands before may be a country or a zero.
SURELY_SHARED = 7
SHOWN = ("name", "address", "phone", "transformer", "industry", "area", "access")


def found_customers(text: str) -> list[Data]:
    """Return the customers whose number, name, address or telephone holds every word of `text`."""
    ids = customers_with(text, MOST_FOUND * 8)
    exact = plain_text(text).strip()
    ids.sort(key=lambda id_: (id_.lower() != exact, not id_.lower().startswith(exact)))
    case, grades = current_case(), _grades()
    return [_customer(case, grades, id_) for id_ in ids[:MOST_FOUND]]


def customers_with(text: str, most: int) -> list[str]:
    """Ids of the customers who hold every word of a text, or whose telephone number it is."""
    searched = derived().lasting(
        "customer search", customers_mark(), lambda _: Texts.of(search_texts(current_case()))
    )
    words, number = plain_text(text).split(), number_in(text)
    found = [searched.ids[row] for row in searched.rows_with(words, most)] if words else []
    # What looks like a telephone number may be a customer's number as well.
    called = _with_number(searched, number, most) if number else []
    return list(dict.fromkeys([*called, *found]))[:most]


def _with_number(searched: Texts, number: str, most: int) -> list[str]:
    """The customers of a telephone number: what both spellings surely share is looked for, then compared."""
    phones = derived().lasting("customer numbers", customers_mark(), lambda _: _numbers(current_case()))
    rows = searched.rows_with([number[-SURELY_SHARED:]], most * 4)
    return [id_ for id_ in (searched.ids[row] for row in rows) if fits(number, phones.get(id_, ""))][:most]


def _numbers(case: Case) -> dict[str, str]:
    if "phone" not in case.customers.table:
        return {}
    return {str(id_): digits_of(str(phone)) for id_, phone in case.customers.table["phone"].dropna().items()}


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
    """Return one text per customer in plain lower-case characters, the digits of the number once more."""
    table = case.customers.table
    columns = [table[name].fillna("").astype(str) for name in ("name", "address", "phone") if name in table]
    texts = pd.Series(table.index.astype(str), index=table.index)
    for column in columns:
        texts = texts + " " + column
    if "phone" in table:
        texts = texts + " " + table["phone"].fillna("").astype(str).map(digits_of)
    return texts.map(plain_text)


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
    day = desk.shelf.proposal() or derived().day()
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
    case = current_case()
    on = (customers_mark(), case.policy.version)
    return derived().lasting("grades", on, lambda _: grade_customers(case))


def _customer(case: Case, grades: Grades, customer: str) -> Data:
    facts = case.customers.facts(customer)
    row = case.customers.table.index.get_loc(customer)
    return {
        "id": customer,
        "grade": str(grades.grade[row]),
        "generator_h": facts.get("own_generator_h"),
        **{name: facts.get(name) for name in SHOWN},
    }

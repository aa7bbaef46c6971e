"""How the work of crews and people went, with its difficulty taken into account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...promises.report import promise_report
from ...service.adjusted import Adjusted, Item, adjusted
from ...store.naming import in_parts
from ...store.request_list import order_rows
from ...store.service_figures import answered_urgings, matters_since
from ..book import NOBODY
from ..desk import Desk

PROMISES, SATISFACTION, SAMPLES, ANSWERS, URGINGS = (
    *("promises", "satisfaction", "samples", "answers", "urgings"),
)
OF_CREWS, OF_PEOPLE = (PROMISES, SATISFACTION, SAMPLES), (PROMISES, ANSWERS, URGINGS)
MEASURES = (PROMISES, SATISFACTION, SAMPLES, ANSWERS, URGINGS)
LOOKED_BACK = timedelta(days=90)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """By measure, everybody's figures: of crews, and of people of the office."""

    crews: Mapping[str, Sequence[Adjusted]]
    people: Mapping[str, Sequence[Adjusted]]


def performance(desk: Desk, back: timedelta = LOOKED_BACK) -> Performance:
    """What the journal says of the last weeks.

    Work is of the same kind when its promise, class and area are (a promise), its kind and area (what
    customers say), its level (a complaint), or its way (urging).
    """
    now = desk.clock()
    records = promise_report(desk.store, now - back, now, now).records
    settled = [each for each in records if each.outcome in ("kept", "missed")]
    names = sorted({each.order for each in settled})
    orders = {id_: row for part in in_parts(names) for id_, row in order_rows(desk.store, part).items()}
    kept = [
        (orders[each.order], (each.what, each.kind, each.class_, each.area), float(each.outcome == "kept"))
        for each in settled
        if each.order in orders
    ]
    rows = matters_since(desk.store, now - back)
    return Performance(
        crews={
            PROMISES: adjusted((row["crew"], kind, value) for row, kind, value in kept if row["crew"]),
            SATISFACTION: adjusted(_said(rows)),
            SAMPLES: adjusted(_judged(rows)),
        },
        people={
            PROMISES: adjusted(
                (row["responsible"], kind, value)
                for row, kind, value in kept
                if row["responsible"] not in NOBODY
            ),
            ANSWERS: adjusted(_answered(rows)),
            URGINGS: adjusted(_urged(desk, back)),
        },
    )


def _said(rows: Sequence[Row]) -> Iterator[Item]:
    for row in rows:
        if row["kind"] == "satisfaction" and row["data"].get("crew"):
            data = row["data"]
            yield data["crew"], (data.get("kind"), data.get("area")), float(row["level"])


def _judged(rows: Sequence[Row]) -> Iterator[Item]:
    for row in rows:
        result = row["data"].get("result")
        if row["kind"] == "quality" and result and row["data"].get("crew"):
            yield row["data"]["crew"], "sample", float(result == "good")


def _answered(rows: Sequence[Row]) -> Iterator[Item]:
    for row in rows:
        at = row["data"].get("answered_at")
        if row["kind"] == "complaint" and at and row["owner"] and row["due_at"]:
            yield row["owner"], row["level"], float(datetime.fromisoformat(at) <= row["due_at"])


def _urged(desk: Desk, back: timedelta) -> Iterator[Item]:
    for row in answered_urgings(desk.store, desk.clock() - back):
        yield row["whom"], row["way"], float(row["answered_at"] <= row["due_at"])

"""Estimates that were stated, and when supply was really back, out of the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..ground.day import Etr
from ..store import Event, Store, queries
from ..store.history import events_between
from .history import EtrAccuracy, EtrRecord, accuracy, stretch

STATED = "etrs_stated"
# Restorations within a storm's length tell of the next ones once there are so many.
STORM = timedelta(hours=24)
ENOUGH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EtrPast:
    """What was said when, and when supply was back; an outage at a place that had one before is another."""

    history: tuple[EtrRecord, ...]
    restored: Mapping[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class EtrReport:
    """How estimates held in a stretch of time: the first of each outage, and its last."""

    begins: datetime
    ends: datetime
    first: EtrAccuracy | None
    last: EtrAccuracy | None


def stated_data(
    etrs: Iterable[Etr], by_crew: Collection[str], before: Mapping[str, Etr]
) -> dict[str, dict[str, Any]]:
    """The estimates with figures that differ from what was said last, as the journal keeps them."""
    return {
        etr.outage: {
            "median": etr.median.isoformat(),
            "p90": etr.p90.isoformat(),
            "status": etr.status,
            "by": "crew" if etr.outage in by_crew else "plan",
        }
        for etr in etrs
        if etr.median is not None and etr.p90 is not None and before.get(etr.outage) != etr
    }


def last_stated(store: Store, now: datetime) -> dict[str, Etr]:
    """The newest estimate of each outage of the last day."""
    found: dict[str, Etr] = {}
    for event in events_between(store, now - STORM, now + timedelta(seconds=1), (STATED,)):
        found.update({record.etr.outage: record.etr for record in _records(event, {})})
    return found


def etr_past(store: Store, begins: datetime, ends: datetime) -> EtrPast:
    """What the journal says of a stretch of time."""
    history: list[EtrRecord] = []
    restored: dict[str, datetime] = {}
    lives: Counter[str] = Counter()
    for event in events_between(store, begins, ends, (STATED, "order_opened", "order_moved")):
        if event.kind == STATED:
            history += _records(event, lives)
        elif event.kind == "order_opened":
            lives[event.subject] += 1
        elif event.data["to"] == "restored" and event.data.get("why") != "answered":
            restored[_life(event.subject, lives)] = event.at
        elif event.data["to"] == "accepted":
            restored.pop(_life(event.subject, lives), None)
    return EtrPast(history=tuple(history), restored=restored)


def storm_stretch(store: Store, now: datetime) -> tuple[float, float]:
    """Factors for the estimates of a storm: 1, 1 until enough of its outages are back."""
    if len(queries.restored_orders(store, now - STORM)) < ENOUGH:
        return 1.0, 1.0
    past = etr_past(store, now - STORM, now + timedelta(seconds=1))
    told = {record.etr.outage for record in past.history} & past.restored.keys()
    return stretch(past.history, past.restored, now) if len(told) >= ENOUGH else (1.0, 1.0)


def etr_report(store: Store, begins: datetime, ends: datetime) -> EtrReport:
    """How the estimates held of outages whose supply came back."""
    past = etr_past(store, begins, ends)
    first, last = (accuracy(past.history, past.restored, which) for which in ("first", "last"))
    return EtrReport(begins=begins, ends=ends, first=first, last=last)


def _records(event: Event, lives: Mapping[str, int]) -> list[EtrRecord]:
    return [
        EtrRecord(
            etr=Etr(
                outage=_life(outage, lives),
                median=datetime.fromisoformat(told["median"]),
                p90=datetime.fromisoformat(told["p90"]),
                status=told["status"],
            ),
            stated_at=event.at,
            by=told["by"],
        )
        for outage, told in event.data["etrs"].items()
    ]


def _life(order: str, lives: Mapping[str, int]) -> str:
    """Which of the outages of a place: without a number before any was opened in the time looked at."""
    number = lives.get(order, 0)
    return f"{order}#{number}" if number else order

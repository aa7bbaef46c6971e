"""What of the customer desk a shift hands over: complaints due, events, shortage, sendings, reports."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dispatch.live import Desk
from dispatch.live.service.supply_reports import counts
from dispatch.service.matters import moment
from dispatch.store.matters import matter_list

from ..entrance.discretion import row_shown

SOON = timedelta(hours=12)
MOST = 20


def service_matters(found: Desk) -> dict[str, Any]:
    """What the next shift has to know, each kind alone where there is any.

    A complaint stands here where it is due within the shift; an event or a shortage where it runs within it.
    """
    now = found.clock()
    until = now + SOON
    complaints = [row_shown(row) for row in _open(found, "complaint") if _falls(row["due_at"], until)]
    held = found.service.unattended
    sums = counts(found.service.supply_reports.lines())
    sent = held.sent(now - SOON)
    return {
        "complaints": complaints[:MOST],
        "complaints_more": max(0, len(complaints) - MOST),
        "events": [_event(row) for row in _open(found, "guarantee") if _runs(row, now, until)],
        "shortages": [_event(row) for row in _open(found, "shedding") if _runs(row, now, until)],
        "unattended": held.state(),
        "sent": sent[:MOST],
        "sent_more": max(0, len(sent) - MOST),
        "reports": sums if sums["missing"] else None,
    }


def _open(found: Desk, kind: str) -> list[dict[str, Any]]:
    rows = matter_list(found.store, kind, state="current", most=200)
    return [row for row in rows if row["data"]]


def _falls(due: datetime | None, until: datetime) -> bool:
    return due is not None and due < until


def _runs(row: dict[str, Any], now: datetime, until: datetime) -> bool:
    begins, ends = moment(row["data"].get("begins")), moment(row["data"].get("ends"))
    return begins is not None and ends is not None and begins < until and ends > now


def _event(row: dict[str, Any]) -> dict[str, Any]:
    data = row["data"]
    return {
        **{name: row[name] for name in ("id", "words", "owner", "state")},
        "begins": moment(data["begins"]),
        "ends": moment(data["ends"]),
    }

"""Supply guarantee for an event (保电): what must be looked at before it, and what its end needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from .matters import Changed, Impossible

OPEN, CLOSED, CALLED_OFF = "open", "closed", "called_off"
LEVELS = (1, 2, 3)
Row = Mapping[str, Any]
Check = dict[str, Any]


def checks_for(
    feeders: Sequence[str], customers: Sequence[str], begins: datetime, ahead: timedelta, now: datetime
) -> list[Check]:
    """One inspection of each feeder and of each customer's own installation, due so long before."""
    due = begins - ahead if begins - ahead > now else begins
    places = [("feeder", each) for each in feeders] + [("customer", each) for each in customers]
    return [
        {"id": number, "kind": kind, "place": place, "due": due.isoformat(), "done_at": None}
        for number, (kind, place) in enumerate(places, 1)
    ]


def overlapping(rows: Iterable[Row], feeders: Iterable[str], begins: datetime, ends: datetime) -> list[Row]:
    """Those of some guarantees that are under way at some time on one of the feeders."""
    wanted = set(feeders)
    return [
        row
        for row in rows
        if wanted & set(row["data"]["feeders"])
        and datetime.fromisoformat(row["data"]["begins"]) < ends
        and begins < datetime.fromisoformat(row["data"]["ends"])
    ]


def checked(row: Row, number: int, finding: str, who: str, now: datetime) -> Changed:
    """An inspection was made; a finding stays open until it is mended."""
    checks = _checks(row, number)
    for each in checks:
        if each["id"] == number:
            each |= {"done_at": now.isoformat(), "by": who, "finding": finding or None, "mended_at": None}
    return Changed(put={"checks": checks})


def mended(row: Row, number: int, now: datetime) -> Changed:
    """What an inspection found is mended."""
    checks = _checks(row, number)
    for each in checks:
        if each["id"] == number:
            if not each.get("finding"):
                raise Impossible("guarantee_no_finding")
            each["mended_at"] = now.isoformat()
    return Changed(put={"checks": checks})


def closed(row: Row, report: str, reason: str, outages: int, now: datetime) -> Changed:
    """The end: with a report; before its time, or with inspections open, with the reason too."""
    if not report.strip():
        raise Impossible("guarantee_report")
    left = len(open_checks(row))
    early = now < datetime.fromisoformat(row["data"]["ends"])
    if (left or early) and not reason.strip():
        raise Impossible("guarantee_unfinished", n=left)
    state = CALLED_OFF if now < datetime.fromisoformat(row["data"]["begins"]) else CLOSED
    put = {"report": report.strip(), "outages": outages}
    return Changed(to={"state": state, "ended_at": now.isoformat()}, put=put)


def open_checks(row: Row) -> list[Check]:
    """Inspections that nobody has made, and findings that nobody has mended."""
    return [
        each
        for each in row["data"]["checks"]
        if each["done_at"] is None or (each.get("finding") and not each.get("mended_at"))
    ]


def _checks(row: Row, number: int) -> list[Check]:
    checks = [dict(each) for each in row["data"]["checks"]]
    if number not in {each["id"] for each in checks}:
        raise Impossible("guarantee_no_check", n=number)
    return checks

"""What the customer desk has to do with a request: a line each, for its panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from dispatch.live import Desk
from dispatch.store.matters import matters_of_request, urgings_of

from ..day.screens import clock_day, day_of_week
from ..words.language import current_language, translate, word

SENT_BACK = timedelta(hours=24)
# A kind with a page for each, or with one for all.
PAGES = {"complaint": "complaints.one", "connection": "connections.one"}
LISTS = {"appointment": "appointments.page", "danger": "inspections.page"}
Line = dict[str, Any]


def lines_of_request(desk: Desk, row: Mapping[str, Any]) -> list[Line]:
    """Complaint, appointment, connection, urging, visit of the days ahead, sending: text, link, late."""
    found = [*_matters(desk, row["id"]), *_urgings(desk, row["id"])]
    return [*found, *_visit(desk, row["id"]), *_sent(desk, row)] if row["open"] else found


def _matters(desk: Desk, request: str) -> Iterator[Line]:
    for each in matters_of_request(desk.store, request):
        kind = each["kind"]
        if kind not in PAGES and kind not in LISTS:
            continue
        due = None if each["ended_at"] is not None else each["due_at"]
        href = url_for(LISTS[kind]) if kind in LISTS else url_for(PAGES[kind], **{kind: each["id"]})
        told = word(current_language(), "watch_kind", kind)
        yield _line(f"{told} {each['id']}", due, desk.clock(), href)


def _urgings(desk: Desk, request: str) -> Iterator[Line]:
    for each in urgings_of(desk.store, request):
        if each["answered_at"] is None:
            text = translate(f"urging.way.{each['way']}")
            yield _line(text, each["due_at"], desk.clock(), url_for("urging.page"))


def _visit(desk: Desk, request: str) -> Iterator[Line]:
    plan = desk.service.days.now()
    day, left = plan.day_of.get(request), next((e for e in plan.left if e["subject"] == request), None)
    if day is not None:
        yield _told(translate("request_line.day", day=day_of_week(day)), url_for("days.page"))
    elif left is not None:
        parts = [word(current_language(), "stock", part) for part in left.get("parts", ())]
        why = translate(f"days.why.{left['why']}") + (f": {', '.join(parts)}" if parts else "")
        yield _told(translate("request_line.no_day", why=why), url_for("days.page"), late=True)


def _sent(desk: Desk, row: Mapping[str, Any]) -> Iterator[Line]:
    since = max(row["received_at"], desk.clock() - SENT_BACK)
    for each in desk.service.unattended.sent(since):
        if row["id"] in each.requests:
            text = translate("request_line.sent", at=clock_day(each.at))
            yield _told(text, url_for("unattended.page"), late=not each.in_time)


def _line(text: str, due: datetime | None, now: datetime, href: str) -> Line:
    if due is None:
        return _told(text, href)
    return _told(translate("request_line.due", what=text, at=clock_day(due)), href, late=due < now)


def _told(text: str, href: str, *, late: bool = False) -> Line:
    return {"text": text, "href": href, "late": late}

"""A briefing as plain data, for a phone and for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..ground.day import DayPlan
from .briefing import Briefing, Following, briefing
from .elements import Element
from .one_line import EdgeDevice, OneLine
from .patrol import Suspected

Row = dict[str, Any]


def briefing_row(day: DayPlan, job: str) -> Row:
    """What a crew is told about a job beside its card; empty parts are left out."""
    told, card = briefing(day, job), day.cards[job]
    row = {
        "order": told.order,
        "outage": told.outage,
        "element": _element(told.element),
        "found": told.found,
        "opened": _element(told.opened),
        "fed_by": _element(told.fed_by),
        "feeder": _element(told.feeder),
        "section": told.section,
        "out": _out(day, told),
        "since": _since(day, told),
        "calls": told.calls,
        "suspected": [_suspected(each) for each in told.suspected],
        "important": [asdict(each) for each in card.important],
        "before": [_following(each) for each in told.before],
        "after": [_following(each) for each in told.after],
        "line": _line(told.line) if told.line else None,
        "said": [{name: text for name, text in asdict(each).items() if text} for each in told.said],
    }
    return {name: value for name, value in row.items() if value not in (None, [])}


def _out(day: DayPlan, told: Briefing) -> int | None:
    """How many are off supply for it, whichever of its jobs this is."""
    outage = day.outage_by_id.get(told.outage or "")
    return int(outage.customers_out) if outage else None


def _since(day: DayPlan, told: Briefing) -> str | None:
    outage = day.outage_by_id.get(told.outage or "")
    return outage.since.isoformat() if outage else None


def _element(each: Element | None) -> Mapping[str, str] | None:
    return None if each is None else {name: value for name, value in asdict(each).items() if value}


def _suspected(each: Suspected) -> Row:
    row: Row = {"element": _element(each.first), "share": round(each.share, 3)}
    row |= {name: value for name in ("last", "street") if (value := getattr(each, name))}
    if each.length_m:
        row["length_m"] = round(each.length_m)
    if each.lon is not None and each.lat is not None:
        row["at"] = [round(each.lon, 6), round(each.lat, 6)]
    return row


def _line(line: OneLine) -> Row:
    return {
        "section": line.section,
        "feed": _edge(line.feed) if line.feed else None,
        "edges": [_edge(each) for each in line.edges],
        "transformers": [_element(each) for each in line.transformers],
        "count": line.count,
    }


def _edge(each: EdgeDevice) -> Row:
    row: Row = {"element": _element(each.element), "open": each.open}
    return row | ({"beyond": each.beyond} if each.beyond else {})


def _following(each: Following) -> Row:
    row: Row = {"what": each.what, "remote": each.remote}
    row |= {"element": _element(each.element)} if each.element else {}
    row |= {name: value for name in ("job", "crew") if (value := getattr(each, name))}
    return row | ({"at": each.at.isoformat()} if each.at else {})

"""Requests as the page of requests shows them: what became of each, what is next, what happened to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from dispatch.ground.numbers import number_in, plain_text
from dispatch.live import Desk
from dispatch.live.next_steps import NextStep, NextSteps, is_undecided, likeliest, pressing
from dispatch.store.request_list import (
    Listed,
    Word,
    calls_from_number,
    request_counts,
    request_list,
)

from ..day.board import Data, stamp
from ..day.lookup import customers_with
from ..day.screens import clock_time
from ..entrance.asker import desk as live_desk
from ..entrance.discretion import discreet_row
from ..words.language import current_language, translate, word

MOST_CUSTOMERS = 2000
MOST_CALLERS = 5
SHOWN = (
    *("id", "words", "channel", "kind", "customer", "lon", "lat", "version"),
    *("same_as", "linked", "withdrawn", "desk", "open"),
)
CHANNELS = ("phone", "app", "web", "sms", "wechat", "email", "visit", "police", "fire")
PERSONAL = ("customer", "name", "phone")
Row = Mapping[str, Any]


def list_data(
    desk: Desk,
    *,
    q: str,
    group: str | None,
    most: int,
    after: str | None,
    personal: bool,
    owner: str | None = None,
) -> Data:
    """A part of the list, with how many requests there are in each group."""
    presses = desk.kept("pressing requests", ("requests", "policies", "standing"), lambda: pressing(desk))
    found: Listed = request_list(
        desk.store,
        group=group,
        words=words_of(q, personal),
        pressing=presses,
        most=most,
        after=after,
        personal=personal,
        owner=owner,
    )
    steps = NextSteps(desk, found.rows)
    return {
        "requests": [row_data(desk, row, steps, personal) for row in found.rows],
        "next": found.next,
        "counts": request_counts(desk.store, presses, owner),
        "seq": desk.store.recent_seq(),
        "now": stamp(desk.clock()),
    }


def words_of(q: str, personal: bool) -> list[Word]:
    """What somebody looks for, word by word; a telephone number is one, however it is written."""
    number = number_in(q)
    parts = [q] if number else q.split()
    made = []
    for part in parts:
        text = plain_text(part).strip()
        named = customers_with(text, MOST_CUSTOMERS) if personal else ()
        made.append(Word(text=text, digits=number_in(part) if personal else "", customers=tuple(named)))
    return made


def row_data(desk: Desk, row: Row, steps: NextSteps, personal: bool) -> Data:
    """A request as a line of the list."""
    facts = facts_of(desk, row)
    order = steps.order_of(row)
    call = desk.calls.classified(row) if row["open"] else None
    crew = desk.case.crew_by_id.get(order["crew"]) if order is not None and order["crew"] else None
    next_ = steps.of(row)
    data = {
        **{
            name: row[name]
            for name in ("id", "words", "channel", "kind", "customer", "lon", "lat", "version")
        },
        **{name: row[name] for name in ("same_as", "linked", "withdrawn", "desk", "open")},
        "at": stamp(row["received_at"]),
        "name": facts.get("name"),
        "phone": readable(row["phone"] or facts.get("phone")),
        "address": row["address"] or facts.get("address"),
        "made": call.kind if call is not None else row["kind"],
        "likeliest": list(likeliest(call)) if call is not None and is_undecided(call) else [],
        "fast": bool(row["open"]) and desk.service.fast_lane.span(row) is not None,
        "danger": bool(row["open"]) and desk.calls.is_danger(row),
        "order": row["order_id"],
        "state": order["state"] if order is not None else None,
        "crew": crew.name if crew is not None else None,
        "owner": row["owner"],
        "group": row.get("group"),
        "next": {"code": next_.code, "text": next_text(desk, next_)},
    }
    return data if personal else discreet_row(data)


def readable(phone: str | None) -> str | None:
    """A telephone number in ordinary characters, however wide they were typed."""
    return None if phone is None else unicodedata.normalize("NFKC", phone)


def next_text(desk: Desk, step: NextStep) -> str:
    """What is next, as a sentence in the reader's language."""
    values = {name: _said(desk, name, value) for name, value in step.values.items()}
    if step.code == "answer" and step.values.get("by") is not None:
        return translate("next.answer_by", **values)
    return translate(f"next.{step.code}", **values)


def _said(desk: Desk, name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return clock_time(value)
    if name == "crew" and value in desk.case.crew_by_id:
        return desk.case.crew_by_id[value].name
    if name == "state":
        return word(current_language(), "state", value)
    return "–" if value is None else str(value)


def kinds_to_choose() -> list[str]:
    """What a person can say that a request is about."""
    return list(live_desk().calls.kinds())


def city_box(desk: Desk) -> list[list[float]]:
    """Where most customers live: south-west and north-east corner, latitude first."""
    low, high = np.quantile(desk.case.customers.lonlat, (0.02, 0.98), axis=0)
    return [[float(low[1]), float(low[0])], [float(high[1]), float(high[0])]]


def facts_of(desk: Desk, row: Row) -> Mapping[str, Any]:
    """The columns of a request's customer; empty for somebody unknown."""
    known = desk.case.customers
    return known.facts(row["customer"]) if row["customer"] in known else {}


def callers_data(desk: Desk, asked: str) -> list[Data]:
    """Who called from a number before, as the call-taker reads it while somebody speaks."""
    number = number_in(asked)
    rows = calls_from_number(desk.store, number, MOST_CALLERS) if number else []
    return [_caller(desk, row) for row in rows]


def _caller(desk: Desk, row: Row) -> Data:
    facts = facts_of(desk, row)
    return {
        **{name: row[name] for name in ("id", "words", "open", "phone", "customer")},
        "at": stamp(row["received_at"]),
        "name": facts.get("name"),
        "address": row["address"] or facts.get("address"),
    }

"""One request with all that is known of it: what happened, how it was read, what it may belong to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dispatch.ground.day import JobCard
from dispatch.live import Desk
from dispatch.live.next_steps import NextSteps
from dispatch.store import ENDED, Event
from dispatch.store.request_list import calls_from_number, history_of

from ..day.board import Data, stamp
from ..day.current import derived
from ..entrance.discretion import discreet_row, texts_shown
from .of_desk import lines_of_request
from .rows import PERSONAL, Row, facts_of, row_data

MOST_HISTORY = 100
MOST_NEAR = 8
NEAR_M = 400.0
METRES_PER_DEGREE = 111_320.0


def whole_data(desk: Desk, row: Row, personal: bool) -> Data:
    """A request with all that is known of it."""
    steps = NextSteps(desk, [row])
    facts = facts_of(desk, row)
    call = desk.calls.classified(row)
    order = steps.order_of(row)
    shown = row_data(desk, row, steps, personal) | {
        "own_address": row["address"],
        "own_phone": row["phone"] if personal else None,
        "appointment_from": stamp(row["appointment_from"]),
        "appointment_to": stamp(row["appointment_to"]),
        "place": None if call.place is None else [call.place.lon, call.place.lat],
        "access": facts.get("access") if personal else None,
        "transformer": call.transformer,
        "trace": texts_shown(call.decision.trace.to_dict()),
        "note": None if order is None else order["note"],
        "matters": lines_of_request(desk, row),
        "history": [_happened(event, personal) for event in history_of(desk.store, row["id"], MOST_HISTORY)],
    }
    if not personal:
        return discreet_row(shown)
    return shown | {
        "likely_same": _likely_same(desk, row),
        "likely_orders": _likely_orders(desk, shown["place"], row["order_id"]),
    }


def _happened(event: Event, personal: bool) -> Data:
    data = event.data
    to, was = (data["to"], data["was"]) if event.kind == "request_changed" else ({}, {})
    shown = [name for name in to if personal or name not in PERSONAL]
    return {
        "at": stamp(event.at),
        "by": event.actor,
        "kind": event.kind,
        "what": data.get("what"),
        "order": data.get("order"),
        "reason": _said("reason", data.get("reason") or data.get("note"), personal),
        "changes": [
            {"name": name, "was": _said(name, was.get(name), personal), "to": _said(name, to[name], personal)}
            for name in shown
        ],
    }


def _said(name: str, value: Any, personal: bool) -> Any:
    """What a change made of a value, as somebody may see it."""
    return value if personal else discreet_row({name: value})[name]


def _likely_same(desk: Desk, row: Row) -> list[Data]:
    """Open requests that may be about the same: of this customer, from this number, from beside it."""
    others = {each["id"]: each for each in desk.rows("requests") if each["open"] and each["id"] != row["id"]}
    place = _point(desk, row)
    called = calls_from_number(desk.store, row["digits"], MOST_NEAR) if row["digits"] else []
    found = {each["id"]: (0.0, each) for each in called if each["id"] in others}
    for id_, each in others.items():
        if row["customer"] is not None and each["customer"] == row["customer"]:
            found[id_] = (0.0, each)
        elif place is not None and (there := _point(desk, each)) is not None:
            away_m = _away_m(place, there)
            if away_m <= NEAR_M:
                found.setdefault(id_, (away_m, each))
    nearest = sorted(found.values(), key=lambda pair: (pair[0], pair[1]["id"]))[:MOST_NEAR]
    return [
        {
            "id": each["id"],
            "at": stamp(each["received_at"]),
            "words": each["words"],
        }
        for _, each in nearest
        if not each["same_as"]
    ]


def _point(desk: Desk, row: Row) -> tuple[float, float] | None:
    if row["lon"] is not None and row["lat"] is not None:
        return row["lon"], row["lat"]
    customers = desk.case.customers
    if row["customer"] not in customers:
        return None
    lon, lat = customers.lonlat[customers.table.index.get_loc(row["customer"])]
    return float(lon), float(lat)


def _away_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    east = (one[0] - other[0]) * math.cos(math.radians(one[1]))
    return METRES_PER_DEGREE * math.hypot(east, one[1] - other[1])


def _likely_orders(desk: Desk, place: Sequence[float] | None, own: str | None) -> list[Data]:
    """Open work orders that a request may belong to: the nearest, or without a place the newest."""
    day = desk.shelf.proposal() or derived().day()
    since = {row["id"]: row["since"] for row in desk.rows("orders") if row["state"] not in ENDED}
    found: dict[str, tuple[float, JobCard]] = {}
    for card in day.cards.values():
        if card.order not in since or card.order == own or card.remote or card.kind == "switching":
            continue
        there = (card.lon, card.lat)
        rank = -since[card.order].timestamp() if place is None else _away_m((place[0], place[1]), there)
        if card.order not in found or rank < found[card.order][0]:
            found[card.order] = (rank, card)
    ranked = sorted(found.values(), key=lambda pair: (pair[0], pair[1].id))[:MOST_NEAR]
    return [
        {
            "order": card.order,
            "kind": card.title if card.kind == "service" else "outage",
            "address": card.address,
            "out": card.customers_out,
            "away_m": None if place is None else round(rank),
        }
        for rank, card in ranked
    ]

"""What was taken off vehicles and put on them, read out of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from .store import Store
from .tables import events

# What changes a vehicle's stock; a crew on its way to a job again will take from it again.
STOCK_KINDS = ("job_moved", "restocked")
FINISHED = frozenset({"restored", "done"})
Goods = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Parts taken off a vehicle for a job."""

    vehicle: str
    at: datetime
    goods: Goods


def taken_since(store: Store, since: datetime) -> tuple[Taken, ...]:
    """What was taken off vehicles since a time and has not been made good at a depot."""
    wanted = (
        select(events.c.kind, events.c.subject, events.c.at, events.c.data)
        .where(events.c.kind.in_(STOCK_KINDS), events.c.at >= since)
        .order_by(events.c.seq)
    )
    with store.reading() as connection:
        return standing_taken((*row,) for row in connection.execute(wanted))


def standing_taken(rows: Iterable[tuple[str, str, datetime, Mapping[str, Any]]]) -> tuple[Taken, ...]:
    """The same of events, oldest first: kind, subject, time and data.

    A job takes its parts once, whether it is called restored, done or both; after somebody has set
    out to it again it takes them again. What a phone reports late counts from when it happened.
    """
    found: list[Taken] = []
    counted: dict[tuple[str, str], int] = {}
    stocked: dict[str, datetime] = {}
    for kind, subject, at, data in rows:
        if kind == "restocked":
            vehicle = data["vehicle"]
            stocked[vehicle] = max(at, stocked.get(vehicle, at))
        elif data["to"] == "on_the_way":
            counted = {each: place for each, place in counted.items() if each[0] != subject}
        elif data.get("undone") in FINISHED and data["to"] not in FINISHED:
            for each in [each for each in counted if each[0] == subject]:
                place = counted.pop(each)
                found[place] = replace(found[place], goods={})
        elif data["to"] in FINISHED:
            for vehicle, goods in data.get("taken", {}).items():
                if (subject, vehicle) not in counted:
                    counted[subject, vehicle] = len(found)
                    found.append(Taken(vehicle=vehicle, at=at, goods=goods))
                elif data.get("parts") is not None:
                    # The crew's own count, given later, holds.
                    place = counted[subject, vehicle]
                    found[place] = replace(found[place], goods=goods)
    return tuple(each for each in found if each.vehicle not in stocked or each.at > stocked[each.vehicle])

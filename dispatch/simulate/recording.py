"""Outages of a running day's journal as the CSV that a replay scenario lives through again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..store import Event, Store
from ..store.history import events_between
from .world import World

COLUMNS = ("at_h", "element", "cause", "on_site_h", "restored_h")
# What the id of an outage is made of: the place, and a number where it is not the first there.
OUTAGE = re.compile(r"O-(?P<place>.+?)(-\d+)?")


@dataclass(kw_only=True)
class Life:
    """One outage, from when supply was lost to when it was back."""

    order: str
    since: datetime
    on_site: datetime | None = None
    restored: datetime | None = None
    cause: str | None = None


def recorded_lives(store: Store, begins: datetime, ends: datetime) -> list[Life]:
    """Outages that began in a stretch of time and were restored; what was opened again counts anew."""
    lives: list[Life] = []
    now: dict[str, Life] = {}
    for event in events_between(store, begins, ends, ("order_opened", "order_moved", "order_told")):
        if event.kind == "order_opened":
            if "since" in event.data:
                now[event.subject] = _opened(event)
                lives.append(now[event.subject])
        elif event.subject in now:
            _told(now[event.subject], event)
    return [life for life in lives if life.restored is not None and begins <= life.since]


def _opened(event: Event) -> Life:
    return Life(order=event.subject, since=datetime.fromisoformat(event.data["since"]))


def _told(life: Life, event: Event) -> None:
    life.cause = event.data.get("cause") or life.cause
    match event.data.get("to"):
        case "on_site":
            life.on_site = life.on_site or event.at
        case "restored":
            life.restored = event.at
        case "accepted":
            life.on_site = life.restored = None


def write_replay(path: Path, lives: Iterable[Life], world: World, begins: datetime) -> list[str]:
    """Write outages whose place is known; return the ids of those whose place is not."""
    rows: list[tuple[str, ...]] = []
    lost: list[str] = []
    for life in lives:
        element = _element(world, life.order)
        if element is None:
            lost.append(life.order)
            continue
        assert life.restored is not None
        on_site_h = "" if life.on_site is None else f"{_hours(life.on_site, life.restored):.3f}"
        rows.append(
            (
                f"{_hours(begins, life.since):.3f}",
                element,
                life.cause or "",
                on_site_h,
                f"{_hours(begins, life.restored):.3f}",
            )
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows.sort(key=lambda row: float(row[0]))
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return lost


def _element(world: World, outage: str) -> str | None:
    """What broke: the element that the outage is named after, or the first line behind a device."""
    known = set(world.elements.ids)
    named = OUTAGE.fullmatch(outage)
    for place in (outage.removeprefix("O-"), named["place"] if named else ""):
        found = place if place in known else world.tree.first_line.get(place)
        if found in known:
            return found
    return None


def _hours(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds() / 3600

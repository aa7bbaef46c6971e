"""What others did on a job before: shown to the crew that takes it over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from ..ground.day import DayPlan
from ..store import Event
from ..store.history import events_of
from .desk import Desk

Told = dict[str, Any]
MOST_SHOWN = 12
KINDS = ("order_opened", "job_moved", "order_told", "step_ticked", "noted")
TOLD = ("to", "reason", "cause", "note", "minutes", "step", "photo", "what", "what_broke", "moment", "signer")
# Of what is noted, that which helps the next crew.
NOTED = frozenset({"photo", "help", "damage"})


def job_history(desk: Desk, day: DayPlan, jobs: Collection[str], crew: str) -> dict[str, list[Told]]:
    """By job, what crews other than `crew` said of it and of its order's other jobs, oldest first.

    What belongs to an earlier order at the same place is left out.
    """
    order_of = {job: day.cards[job].order for job in jobs}
    of_orders = desk.kept("jobs of orders", ("plans",), lambda: _of_orders(desk.day()))
    subjects = {each: order for order in order_of.values() for each in (order, *of_orders.get(order, ()))}
    return desk.kept(
        f"history {crew}",
        ("plans", "standing"),
        lambda: _read(desk, order_of, subjects, crew),
        about=tuple(subjects),
    )


def _of_orders(day: DayPlan) -> dict[str, list[str]]:
    """The jobs of each order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for id_, card in day.cards.items():
        found[card.order].append(id_)
    return dict(found)


def _read(
    desk: Desk, order_of: Mapping[str, str], subjects: Mapping[str, str], crew: str
) -> dict[str, list[Told]]:
    of_order: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events_of(desk.store, subjects, KINDS):
        order = subjects[event.subject]
        if event.kind == "order_opened":
            of_order[order].clear()
        elif _helps(event) and _crew(event) not in (None, crew):
            of_order[order].append(event)
    names = {each.id: each.name for each in desk.case.crews}
    return {
        job: [_told(event, names) for event in of_order[order][-MOST_SHOWN:]]
        for job, order in order_of.items()
    }


def _helps(event: Event) -> bool:
    return event.kind != "noted" or event.data.get("what") in NOTED


def _crew(event: Event) -> str | None:
    """The crew that said it: named in it, or known by its phone."""
    named = event.data.get("crew")
    if named is None and event.source == "phone":
        return event.actor.removeprefix("phone ")
    return None if named is None else str(named)


def _told(event: Event, names: Mapping[str, str]) -> Told:
    said = {name: event.data[name] for name in TOLD if event.data.get(name) is not None}
    crew = _crew(event) or ""
    known = {
        "at": event.at.isoformat(),
        "crew": names.get(crew, crew),
        "kind": event.kind,
        "job": event.subject,
    }
    return known | said

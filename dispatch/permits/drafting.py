"""A ticket drafted from the plan: who, where, and every step in order."""

from __future__ import annotations

from typing import Any

from geo import Grid

from ..briefing import briefing
from ..ground.day import DayPlan, JobCard
from .forms import Form
from .steps import Point, Step, dead_work, live_work, switching

LOW_SIDE = "LV"
MOST_POINTS = 40


def draft(day: DayPlan, job: str, form: Form) -> dict[str, Any]:
    """What a ticket says when it is drafted, as the journal keeps it.

    Raises
    ------
    KeyError
        For a job that the day does not hold.
    """
    card, told = day.cards[job], briefing(day, job)
    crew = next((route.crew for route in day.plan.routes if any(v.job == job for v in route.visits)), None)
    return {
        "act": "draft",
        "kind": form.kind,
        "form": form.id,
        "source": form.source,
        "job": job,
        "order": card.order,
        "crew": crew,
        "section": told.section,
        "element": told.element.id if told.element else None,
        "address": card.address,
        "at": [round(card.lon, 6), round(card.lat, 6)],
        "steps": [step.to_data() for step in _steps(day, card, form, told.section)],
    }


def _steps(day: DayPlan, card: JobCard, form: Form, section: str | None) -> tuple[Step, ...]:
    grid = day.case.grid
    if form.kind == "switching":
        return switching([(_point(grid, each.device), each.action) for each in card.switching])
    order = day.order_by_id.get(card.order)
    outage = day.outage_by_id.get(order.outage) if order and order.outage else None
    if form.id in ("line_live", "live_work"):
        return live_work(_point(grid, outage.device) if outage and outage.device else None)
    return dead_work(_edge(grid, card, section, outage.transformers if outage else ()))


def _edge(grid: Grid, card: JobCard, section: str | None, transformers: tuple[str, ...]) -> list[Point]:
    """The devices all round the place of work: those of the section, or of the transformer."""
    place = card.place or ""
    own = place if place in grid.transformer_at else next(iter(transformers), "")
    if section is None or (place not in grid.line_at and place not in grid.switch_at):
        sides = [Point(device=own or place, name=LOW_SIDE, closed=True, remote=False)]
        if place in grid.transformer_at:
            sides.insert(0, Point(device=place, name="", closed=True, remote=False))
        return sides
    found = next((each for each in grid.sections if each.id == section), None)
    around = set(found.devices) if found else set()
    return [_point(grid, device) for device in sorted(around)[:MOST_POINTS]]


def _point(grid: Grid, device: str) -> Point:
    at = grid.switch_at.get(device)
    if at is None:
        return Point(device=device, name="", closed=True, remote=False)
    switches = grid.switches
    return Point(
        device=device,
        name=str(switches.name[at] or ""),
        closed=bool(grid.run_closed[at]),
        remote=bool(switches.remote[at]),
    )


def sections_behind(grid: Grid, device: str) -> frozenset[str]:
    """The sections that a device feeds, as the grid was run before anything failed."""
    at, tree = grid.switch_at.get(device), grid.run_tree
    if at is None or tree.child[at] < 0:
        return frozenset()
    first = int(tree.position[tree.child[at]])
    inside = tree.order[first : first + int(tree.size[tree.child[at]])]
    return frozenset(str(grid.section_ids[each]) for each in inside.tolist())

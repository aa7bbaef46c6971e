"""Plan files: `dispatch-plan/1` in and out.

What the keys mean is stated in `docs/format.md`. Reading gathers every fault
with its place and raises once; writing replaces a file in one step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..ground import plan as plans
from ..ground.plan import BlockTime, Conflict, Dropped, Plan, Reason, Rest, Route, Visit
from ..ground.problem import Problem
from ..judge.timing import plan_of
from ..soundness.parsing import (
    Gatherer,
    Key,
    choice,
    listing,
    mapping,
    names,
    optional,
    real,
    record,
    text,
    whole,
)
from ..soundness.plan_keys import ROUTES
from .reading import load_json, save_json

__all__ = ["KEYS", "plan_from_dict", "plan_to_dict", "read_plan", "write_plan"]


_PLAN = {
    "format": Key(choice(plans.FORMAT), required=True),
    "status": Key(choice("optimal", "feasible", "infeasible")),
    "cost": Key(optional(real(None))),
    "bound": Key(optional(real(None))),
    "seconds": Key(real()),
    "seed": Key(whole()),
    "routes": ROUTES,
    "dropped": Key(
        listing(
            record(
                {
                    "job": Key(text, required=True),
                    "reasons": Key(
                        listing(record({"code": Key(text, required=True), "text": Key(text, required=True)}))
                    ),
                }
            )
        )
    ),
    "blocks": Key(
        listing(record({"id": Key(text, required=True), "restored_s": Key(whole(), required=True)}))
    ),
    "parts": Key(mapping(real(None))),
    "conflicts": Key(
        listing(
            record(
                {
                    "jobs": Key(names, required=True),
                    "crews": Key(names, required=True),
                    "text": Key(text, required=True),
                }
            )
        )
    ),
}


KEYS: Mapping[type, Mapping[str, Key]] = {Plan: _PLAN}
"""The keys that a plan is read from."""


def read_plan(path: Path | str, problem: Problem | None = None) -> Plan:
    """Read a plan file; see `plan_from_dict`.

    Parameters
    ----------
    path : the plan file.
    problem : its problem; needed where visits are bare job ids.

    Returns
    -------
    Plan
        As the file says; untimed visits are timed.
    """
    return plan_from_dict(load_json(Path(path)), str(path), problem)


def plan_from_dict(data: Any, file: str = "plan", problem: Problem | None = None) -> Plan:
    """Build a plan from parsed JSON.

    Visits may be bare job ids, or state no times: then `problem` is needed and
    the whole plan is timed anew (`dispatch.judge.timing`). Where the file states no
    cost it is recomputed from `problem`, or NaN without one.

    Parameters
    ----------
    data : parsed JSON.
    file : what messages call it.
    problem : its problem; needed where visits are bare job ids.

    Returns
    -------
    Plan
        As the data say; untimed visits are timed.

    Raises
    ------
    InputFaults
        With every fault, each with its place.
    """
    faults = Gatherer(file)
    found = record(_PLAN)(data, "", faults)
    untimed = found is not None and _untimed(found, faults)
    if untimed and problem is None:
        faults.add("routes", "state no times; they can be worked out only beside the problem file")
    faults.stop_on_faults()
    assert found is not None
    if untimed and problem is not None:
        routes = {route["crew"]: [visit["job"] for visit in route["visits"]] for route in found["routes"]}
        starts = {route["crew"]: route["start"] for route in found["routes"] if "start" in route}
        return plan_of(problem, routes, starts)
    return _plan(found, problem)


def _untimed(found: Mapping[str, Any], faults: Gatherer) -> bool:
    routes = [route for route in found.get("routes") or () if route]
    untimed = any("start_s" not in visit for route in routes for visit in route.get("visits") or () if visit)
    crews = [route.get("crew") for route in routes]
    if untimed and len(set(crews)) < len(crews):
        faults.add("routes", "name a crew twice; such a plan cannot be timed")
    return untimed


def _plan(found: Mapping[str, Any], problem: Problem | None) -> Plan:
    routes = tuple(_route(route, problem) for route in found["routes"])
    cost = found.get("cost")
    plan = Plan(
        status=found.get("status", "feasible"),
        cost=math.nan if cost is None else cost,
        bound=found.get("bound"),
        seconds=found.get("seconds", 0),
        seed=found.get("seed", 0),
        routes=routes,
        dropped=tuple(_dropped(entry) for entry in found.get("dropped", ())),
        blocks=tuple(BlockTime(**entry) for entry in found.get("blocks", ())),
        parts=found.get("parts", {}),
        conflicts=tuple(Conflict(**entry) for entry in found.get("conflicts", ())),
    )
    return plan


def _route(found: Mapping[str, Any], problem: Problem | None) -> Route:
    start = found.get("start")
    if start is None:
        crew = problem.crew_by_id.get(found["crew"]) if problem else None
        start = crew.start[0] if crew else 0
    return Route(
        crew=found["crew"],
        start=start,
        visits=tuple(Visit(**visit) for visit in found["visits"]),
        breaks=tuple(Rest(**rest) for rest in found.get("breaks", ())),
    )


def _dropped(found: Mapping[str, Any]) -> Dropped:
    return Dropped(job=found["job"], reasons=tuple(Reason(**reason) for reason in found.get("reasons", ())))


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """The plan as JSON-ready data: every key of the format, cost null where it is not finite.

    Parameters
    ----------
    plan : any plan.

    Returns
    -------
    dict
        As `docs/format.md` describes it.
    """
    return {
        "format": plans.FORMAT,
        "status": plan.status,
        "cost": _finite(plan.cost),
        "bound": None if plan.bound is None else _finite(plan.bound),
        "seconds": plan.seconds,
        "seed": plan.seed,
        "routes": [_route_to_dict(route) for route in plan.routes],
        "dropped": [
            {"job": entry.job, "reasons": [{"code": r.code, "text": r.text} for r in entry.reasons]}
            for entry in plan.dropped
        ],
        "blocks": [{"id": block.id, "restored_s": block.restored_s} for block in plan.blocks],
        "parts": {name: float(value) for name, value in plan.parts.items()},
        "conflicts": [
            {"jobs": list(entry.jobs), "crews": list(entry.crews), "text": entry.text}
            for entry in plan.conflicts
        ],
    }


def _route_to_dict(route: Route) -> dict[str, Any]:
    return {
        "crew": route.crew,
        "start": int(route.start),
        "visits": [
            {
                "job": visit.job,
                "arrival_s": int(visit.arrival_s),
                "start_s": int(visit.start_s),
                "finish_s": int(visit.finish_s),
            }
            for visit in route.visits
        ],
        "breaks": [
            {"start_s": int(rest.start_s), "duration_s": int(rest.duration_s)} for rest in route.breaks
        ],
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def write_plan(path: Path | str, plan: Plan) -> None:
    """Write a plan file in one step: nobody ever sees half of it.

    Parameters
    ----------
    path : the file; one that is there is replaced.
    plan : any plan.

    Raises
    ------
    InputFaults
        Where the place cannot be written.
    """
    save_json(Path(path), plan_to_dict(plan))

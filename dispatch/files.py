"""Problem and plan files: `dispatch-problem/1` and `dispatch-plan/1` in and out.

What the keys mean is stated in `docs/format.md`. Reading gathers every fault
with its place and raises once; writing replaces a file in one step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import numpy as np

from . import plan as plans
from . import problem as problems
from .crosschecks import check_references
from .plan import BlockTime, Conflict, Dropped, Plan, Reason, Rest, Route, Visit
from .problem import After, Block, Break, Costs, Crew, Job, Previous, Problem, Travel
from .reading import (
    Gatherer,
    Key,
    Parse,
    choice,
    listing,
    load_json,
    mapping,
    names,
    optional,
    real,
    record,
    save_json,
    text,
    whole,
    window,
)
from .timing import plan_of

__all__ = [
    "plan_from_dict",
    "plan_to_dict",
    "problem_from_dict",
    "problem_to_dict",
    "read_plan",
    "read_problem",
    "write_plan",
    "write_problem",
]


def _one_or_more(value: Any, place: str, faults: Gatherer) -> tuple[int | None, ...] | None:
    if not isinstance(value, list):
        value = [value]
    elif not value:
        faults.add(place, "is []; must name at least one location")
    found: tuple[int | None, ...] | None = listing(whole(0))(value, place, faults)
    return found


_JOB = {
    "id": Key(text, required=True),
    "location": Key(whole(0), required=True),
    "service_s": Key(whole(0)),
    "windows": Key(listing(window)),
    "skills": Key(names),
    "load": Key(mapping(real())),
    "cost_per_s": Key(real()),
    "cost_from_s": Key(whole()),
    "arrive_by_s": Key(optional(whole())),
    "late_arrival_cost_per_s": Key(real()),
    "finish_by_s": Key(optional(whole())),
    "late_finish_cost_per_s": Key(real()),
    "drop_cost": Key(optional(real())),
    "after": Key(listing(record({"job": Key(text, required=True), "lag_s": Key(whole())}))),
    "crews_needed": Key(whole(1)),
}
_CREW = {
    "id": Key(text, required=True),
    "start": Key(_one_or_more, required=True),
    "end": Key(optional(whole(0))),
    "shift": Key(optional(window)),
    "overtime_s": Key(whole(0)),
    "overtime_cost_per_s": Key(real()),
    "skills": Key(names),
    "capacity": Key(mapping(real())),
    "speed_factor": Key(real(above=0)),
    "fixed_cost": Key(real()),
    "breaks": Key(
        listing(record({"window": Key(window, required=True), "duration_s": Key(whole(0), required=True)}))
    ),
    "committed": Key(names),
}
_BLOCK = {
    "id": Key(text, required=True),
    "cost_per_s": Key(real(), required=True),
    "since_s": Key(whole()),
    "restored_by": Key(listing(names), required=True),
}


def _rows(value: Any, place: str, faults: Gatherer) -> np.ndarray | None:
    """A table of whole seconds >= 0, as (n, n) int64."""
    table = _table(value, place, faults)
    if table is None:
        return None
    if not _cells_sound(table, value, place, faults, integral=True):
        return None
    return table.astype(np.int64)


def _metres(value: Any, place: str, faults: Gatherer) -> np.ndarray | None:
    table = _table(value, place, faults)
    if table is None or not _cells_sound(table, value, place, faults, integral=False):
        return None
    return table


def _table(value: Any, place: str, faults: Gatherer) -> np.ndarray | None:
    if not isinstance(value, list) or not value:
        faults.add(place, f"must be a list of rows, one for each location, not {type(value).__name__}")
        return None
    sound = True
    for at, row in enumerate(value):
        if not isinstance(row, list) or len(row) != len(value):
            count = len(row) if isinstance(row, list) else "no"
            faults.add(
                f"{place}[{at}]", f"has {count} entries; the table has {len(value)} rows and is square"
            )
            sound = False
        elif any(isinstance(cell, bool) or not isinstance(cell, int | float) for cell in row):
            listing(real())(row, f"{place}[{at}]", faults)
            sound = False
    return np.array(value, dtype=np.float64) if sound else None


def _cells_sound(table: np.ndarray, value: Any, place: str, faults: Gatherer, *, integral: bool) -> bool:
    with np.errstate(invalid="ignore"):
        wrong = ~(np.isfinite(table) & (table >= 0) & (table <= 1e15))
        if integral:
            wrong |= table != np.floor(table)
    parse = whole(0) if integral else real()
    for i, j in np.argwhere(wrong).tolist():
        parse(value[i][j], f"{place}[{i}][{j}]", faults)
    return not wrong.any()


def _points(value: Any, place: str, faults: Gatherer) -> np.ndarray | None:
    def point(entry: Any, at: str, found: Gatherer) -> Any:
        if not isinstance(entry, list) or len(entry) != 2:
            found.add(at, "must be a point [x, y]")
            return None
        return listing(real(None))(entry, at, found)

    before = len(faults.faults)
    points = listing(point)(value, place, faults)
    if points is None or len(faults.faults) > before:
        return None
    return np.array(points, dtype=np.float64).reshape(-1, 2)


_TRAVEL = {
    "durations_s": Key(_rows),
    "xy": Key(_points),
    "metric": Key(choice("euclid", "manhattan")),
    "scale": Key(real(above=0)),
    "rounding": Key(choice("round", "floor", "ceil")),
    "distances_m": Key(_metres),
}
_COSTS = {"travel_per_s": Key(real()), "distance_per_m": Key(real())}
_PROBLEM = {
    "format": Key(choice(problems.FORMAT), required=True),
    "name": Key(optional(text)),
    "time_origin": Key(optional(text)),
    "travel": Key(record(_TRAVEL), required=True),
    "jobs": Key(listing(record(_JOB)), required=True),
    "crews": Key(listing(record(_CREW)), required=True),
    "blocks": Key(listing(record(_BLOCK))),
    "unserved_at_s": Key(optional(whole())),
    "max_crews": Key(optional(whole(0))),
    "costs": Key(record(_COSTS)),
    "previous": Key(listing(record({"crew": Key(text, required=True), "jobs": Key(names, required=True)}))),
    "change_cost": Key(real()),
}


def read_problem(path: Path | str) -> Problem:
    """Read a problem file.

    Raises
    ------
    InputFaults
        With every fault of the file, each with its place.
    """
    return problem_from_dict(load_json(Path(path)), str(path))


def problem_from_dict(data: Any, file: str = "problem") -> Problem:
    """Build a problem from parsed JSON; `file` is what messages call it.

    Raises
    ------
    InputFaults
        With every fault, each with its place, e.g. ``jobs[3].service_s``.
    """
    faults = Gatherer(file)
    found = record(_PROBLEM)(data, "", faults)
    if found is not None:
        check_references(found, faults)
    faults.stop_on_faults()
    assert found is not None
    return _problem(found)


def _problem(found: Mapping[str, Any]) -> Problem:
    given = {name: value for name, value in found.items() if name != "format"}
    given["travel"] = Travel(**found["travel"])
    given["jobs"] = tuple(_job(job) for job in found["jobs"])
    given["crews"] = tuple(_crew(crew) for crew in found["crews"])
    given["blocks"] = tuple(Block(**block) for block in found.get("blocks", ()))
    given["costs"] = Costs(**found.get("costs", {}))
    given["previous"] = tuple(Previous(**previous) for previous in found.get("previous", ()))
    return Problem(**given)


def _job(found: Mapping[str, Any]) -> Job:
    given = dict(found)
    given["skills"] = frozenset(found.get("skills", ()))
    given["after"] = tuple(After(**wait) for wait in found.get("after", ()))
    return Job(**given)


def _crew(found: Mapping[str, Any]) -> Crew:
    given = dict(found)
    given["skills"] = frozenset(found.get("skills", ()))
    given["breaks"] = tuple(Break(**rest) for rest in found.get("breaks", ()))
    return Crew(**given)


def problem_to_dict(problem: Problem) -> dict[str, Any]:
    """The problem as JSON-ready data; keys at their default are left out."""
    out: dict[str, Any] = {"format": problems.FORMAT, **_plain(problem)}
    out["travel"] = _plain(problem.travel)
    if problem.travel.xy is not None and not problem.travel.xy.size:
        out["travel"]["xy"] = []
    return out


def _plain(value: Any) -> Any:
    """Records, arrays and sets as lists and objects, without keys at their default."""
    if hasattr(value, "__dataclass_fields__"):
        return {
            key.name: _plain(getattr(value, key.name))
            for key in fields(value)
            if not _is_default(getattr(value, key.name), key)
        }
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def _is_default(value: Any, key: Any) -> bool:
    if isinstance(value, np.ndarray):
        return False
    if key.default is not MISSING:
        return bool(value == key.default)
    return key.default_factory is not MISSING and not value


def write_problem(path: Path | str, problem: Problem) -> None:
    """Write a problem file in one step."""
    save_json(Path(path), problem_to_dict(problem))


def _visit(value: Any, place: str, faults: Gatherer) -> Any:
    if isinstance(value, str):
        value = {"job": value}
    found = _VISIT(value, place, faults)
    if found is not None and "job" in found:
        stated = [name for name in ("arrival_s", "start_s", "finish_s") if name in found]
        if stated and len(stated) < 3:
            faults.add(place, "must state arrival_s, start_s and finish_s, or none of them")
    return found


_VISIT: Parse = record(
    {
        "job": Key(text, required=True),
        "arrival_s": Key(whole()),
        "start_s": Key(whole()),
        "finish_s": Key(whole()),
    }
)
_PLAN = {
    "format": Key(choice(plans.FORMAT), required=True),
    "status": Key(choice("optimal", "feasible", "infeasible")),
    "cost": Key(optional(real(None))),
    "bound": Key(optional(real(None))),
    "seconds": Key(real()),
    "seed": Key(whole()),
    "routes": Key(
        listing(
            record(
                {
                    "crew": Key(text, required=True),
                    "start": Key(whole(0)),
                    "visits": Key(listing(_visit), required=True),
                    "breaks": Key(
                        listing(
                            record(
                                {
                                    "start_s": Key(whole(), required=True),
                                    "duration_s": Key(whole(0), required=True),
                                }
                            )
                        )
                    ),
                }
            )
        ),
        required=True,
    ),
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


KEYS: Mapping[type, Mapping[str, Key]] = {
    Problem: _PROBLEM,
    Travel: _TRAVEL,
    Costs: _COSTS,
    Job: _JOB,
    Block: _BLOCK,
    Crew: _CREW,
    Plan: _PLAN,
}
"""The keys that each record is read from."""


def read_plan(path: Path | str, problem: Problem | None = None) -> Plan:
    """Read a plan file; see `plan_from_dict`."""
    return plan_from_dict(load_json(Path(path)), str(path), problem)


def plan_from_dict(data: Any, file: str = "plan", problem: Problem | None = None) -> Plan:
    """Build a plan from parsed JSON.

    Visits may be bare job ids, or state no times: then `problem` is needed and
    the whole plan is timed anew (`dispatch.timing`). Where the file states no
    cost it is recomputed from `problem`, or NaN without one.

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
    """The plan as JSON-ready data: every key of the format, cost null where it is not finite."""
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

    Raises
    ------
    InputFaults
        Where the place cannot be written.
    """
    save_json(Path(path), plan_to_dict(plan))

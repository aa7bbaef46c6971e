"""Every key of a problem: what it holds, and how a sound problem is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..ground import problem as problems
from ..ground.problem import After, Block, Break, Costs, Crew, Job, Previous, Problem, Travel
from .parsing import (
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
    window,
)
from .tables import metres, points, seconds

__all__ = ["KEYS", "PROBLEM", "problem_of"]


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


_TRAVEL = {
    "durations_s": Key(seconds),
    "xy": Key(points),
    "metric": Key(choice("euclid", "manhattan")),
    "scale": Key(real(above=0)),
    "rounding": Key(choice("round", "floor", "ceil")),
    "distances_m": Key(metres),
}
_COSTS = {"travel_per_s": Key(real()), "distance_per_m": Key(real())}
PROBLEM = {
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


KEYS: Mapping[type, Mapping[str, Key]] = {
    Problem: PROBLEM,
    Travel: _TRAVEL,
    Costs: _COSTS,
    Job: _JOB,
    Block: _BLOCK,
    Crew: _CREW,
}
"""The keys that each record is read from."""


def problem_of(found: Mapping[str, Any]) -> Problem:
    """The problem out of keys that were found sound.

    Parameters
    ----------
    found : as `record(PROBLEM)` reads it.

    Returns
    -------
    Problem
        Its records.
    """
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

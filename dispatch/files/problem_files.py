"""Problem files: `dispatch-problem/1` in and out.

What the keys mean is stated in `docs/format.md`. Reading gathers every fault
with its place and raises once; writing replaces a file in one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..ground import problem as problems
from ..ground.drive import IMPASSABLE_S
from ..ground.problem import After, Block, Break, Costs, Crew, Job, Previous, Problem, Travel
from .crosschecks import check_references
from .reading import (
    Gatherer,
    Key,
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

__all__ = ["KEYS", "problem_from_dict", "problem_to_dict", "read_problem", "write_problem"]


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
    """A table of whole seconds >= 0, as (n, n) int64; null is no road."""
    table = _table(_with_roads(value), place, faults)
    if table is None:
        return None
    if not _cells_sound(table, value, place, faults, integral=True):
        return None
    seconds: np.ndarray = np.minimum(table, IMPASSABLE_S).astype(np.int64)
    return seconds


def _with_roads(value: Any) -> Any:
    """The rows with `IMPASSABLE_S` in place of every null."""
    rows = value if isinstance(value, list) else []
    if not any(isinstance(row, list) and None in row for row in rows):
        return value
    return [
        [IMPASSABLE_S if cell is None else cell for cell in row] if isinstance(row, list) else row
        for row in rows
    ]


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


KEYS: Mapping[type, Mapping[str, Key]] = {
    Problem: _PROBLEM,
    Travel: _TRAVEL,
    Costs: _COSTS,
    Job: _JOB,
    Block: _BLOCK,
    Crew: _CREW,
}
"""The keys that each record is read from."""


def read_problem(path: Path | str) -> Problem:
    """Read a problem file.

    Parameters
    ----------
    path : the problem file.

    Returns
    -------
    Problem
        Checked.

    Raises
    ------
    InputFaults
        With every fault of the file, each with its place.
    """
    return problem_from_dict(load_json(Path(path)), str(path))


def problem_from_dict(data: Any, file: str = "problem") -> Problem:
    """Build a problem from parsed JSON; `file` is what messages call it.

    Parameters
    ----------
    data : parsed JSON.
    file : what messages call it.

    Returns
    -------
    Problem
        Checked.

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
    """The problem as JSON-ready data; keys at their default are left out.

    Parameters
    ----------
    problem : any problem.

    Returns
    -------
    dict
        As `docs/format.md` describes it.
    """
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
    """Write a problem file in one step.

    Parameters
    ----------
    path : the file; one that is there is replaced.
    problem : any problem.
    """
    save_json(Path(path), problem_to_dict(problem))

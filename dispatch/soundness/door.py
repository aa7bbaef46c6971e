"""The public door: problems, plans and options out of a Python program, looked at like a file.

The product builds sound problems and does not come this way; `solve`, `check` and `explain`
of `dispatch` do. What is sound comes in as the solver needs it: arrays, tuples, whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from typing import Any

import numpy as np

from ..ground import problem as problems
from ..ground.errors import ProblemFaults, UnknownJob, nearest
from ..ground.plan import Plan, Rest, Route, Visit
from ..ground.problem import Problem, Travel
from .crosschecks import check_references
from .parsing import Gatherer, Key, listing, names, optional, real, record, shown, text, whole
from .plan_keys import ROUTES
from .problem_keys import PROBLEM, problem_of

MOST_PROCESSES = 256
MOST_SEED = 2**31 - 1
OPTIONS = {
    "time_limit_s": Key(optional(real())),
    "work": Key(optional(whole(0))),
    "seed": Key(whole(0, MOST_SEED)),
    "processes": Key(whole(1, MOST_PROCESSES)),
    "start": Key(optional(listing(listing(text)))),
    "without": Key(names),
}


def sound_problem(problem: object) -> Problem:
    """A problem as the solver takes it.

    Parameters
    ----------
    problem : a `Problem`, whose fields may be lists, numpy arrays and scalars, or pandas tables.

    Returns
    -------
    Problem
        The same with arrays, tuples and whole numbers.

    Raises
    ------
    ProblemFaults
        With every fault, each with its place, e.g. ``jobs[3].service_s``.
    """
    faults = Gatherer("problem")
    found = _problem(problem, faults)
    _stop(faults)
    assert found is not None
    return found


def sound_call(problem: object, methods: Sequence[str], **options: Any) -> tuple[Problem, dict[str, Any]]:
    """A problem and the options of `solve`.

    Parameters
    ----------
    problem : as in `sound_problem`.
    methods : what `without` may name.
    options : by their names: those in `OPTIONS`, `on_progress` and `stop`.

    Returns
    -------
    tuple
        The problem and the options.

    Raises
    ------
    ProblemFaults
        With every fault of both.
    """
    faults, told = Gatherer("problem"), Gatherer("solve")
    found = _problem(problem, faults)
    sound = _options(options, methods, told)
    if found is not None:
        _start(sound.get("start"), found, told)
    _stop(faults, told)
    assert found is not None
    calls = {name: options[name] for name in ("on_progress", "stop")}
    return found, {**sound, **calls, "without": frozenset(sound["without"])}


def sound_plan(problem: Problem, plan: object, file: str = "plan") -> Plan:
    """A plan of which every visit has a place and times.

    Parameters
    ----------
    problem : sound.
    plan : a `Plan`; only its routes are looked at. What breaks a rule is for the judge.
    file : what messages call it.

    Returns
    -------
    Plan
        The same with whole numbers.

    Raises
    ------
    ProblemFaults
        With every fault, each with its place, e.g. ``routes[0].visits[2].start_s``.
    """
    faults = Gatherer(file)
    if not isinstance(plan, Plan):
        faults.add("", f"is of type {type(plan).__name__}; must be a Plan")
        _stop(faults)
    assert isinstance(plan, Plan)
    found = record({"routes": ROUTES})({"routes": _routes(plan.routes)}, "", faults)
    for at, route in enumerate((found or {}).get("routes") or ()):
        _route(f"routes[{at}]", route, problem.travel.size, faults)
    _stop(faults)
    assert found is not None
    routes = tuple(_route_of(route) for route in found["routes"])
    return plan if routes == plan.routes else replace(plan, routes=routes)


def sound_jobs(problem: Problem, asked: Mapping[str, object]) -> None:
    """The jobs that somebody asks about are there.

    Parameters
    ----------
    problem : sound.
    asked : ids by the name of the parameter.

    Raises
    ------
    UnknownJob
        With the nearest that there is; it is a KeyError and a ValueError.
    """
    faults = Gatherer("explain")
    for name, job in asked.items():
        if not isinstance(job, str) or job not in problem.job_by_id:
            hint = nearest(job, problem.job_by_id) if isinstance(job, str) else ""
            faults.add(name, f"is {shown(_plain(job))}; there is no such job{hint}")
    if faults.faults:
        raise UnknownJob(faults.faults)


def _stop(*gathered: Gatherer) -> None:
    faults = [fault for each in gathered for fault in each.faults]
    if faults:
        raise ProblemFaults(faults)


def _problem(problem: object, faults: Gatherer) -> Problem | None:
    if not isinstance(problem, Problem):
        what = type(problem).__name__
        faults.add("", f"is of type {what}; must be a Problem (problem_from_dict makes one of parsed JSON)")
        return None
    before = len(faults.faults)
    found = record(PROBLEM)(_document(problem), "", faults)
    if found is not None:
        check_references(found, faults)
    return problem_of(found) if found is not None and len(faults.faults) == before else None


def _document(problem: Problem) -> dict[str, Any]:
    """The problem as a file would say it; its tables stay arrays."""
    said: dict[str, Any] = {"format": problems.FORMAT, **_keys(problem, "travel", "previous")}
    before: Any = problem.previous
    if isinstance(before, Mapping):
        before = [{"crew": crew, "jobs": jobs} for crew, jobs in before.items()]
    said["previous"] = _plain(before)
    travel: Any = problem.travel
    said["travel"] = _travel(travel) if isinstance(travel, Travel) else _plain(travel)
    return said


def _travel(travel: Travel) -> dict[str, Any]:
    tables = ("durations_s", "xy", "distances_m")
    said = _keys(travel, *tables)
    for name in tables:
        if (table := getattr(travel, name)) is not None:
            said[name] = table if isinstance(table, np.ndarray) else _plain(table)
    return said


def _keys(entry: Any, *without: str) -> dict[str, Any]:
    """The fields of a record that are not at their default."""
    return {
        key.name: _plain(value)
        for key in fields(entry)
        if key.name not in without and not _is_default(value := getattr(entry, key.name), key)
    }


def _is_default(value: Any, key: Field[Any]) -> bool:
    if key.default_factory is not MISSING:
        return isinstance(value, Mapping) and not value
    return value is key.default or (type(value) is type(key.default) and value == key.default)


def _plain(value: Any) -> Any:
    """Records, arrays, tables and sets as lists and objects; everything else as it is."""
    if value is None or isinstance(value, str | bytes | int | float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return _keys(value)
    if isinstance(value, Mapping):
        return {_plain(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(entry) for entry in value), key=str)
    value = _untabled(value)
    return [_plain(entry) for entry in value] if isinstance(value, Sequence) else value


def _untabled(value: Any) -> Any:
    """Lists and numbers in place of numpy's and pandas' own."""
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _options(options: Mapping[str, Any], methods: Sequence[str], faults: Gatherer) -> dict[str, Any]:
    given = {name: _plain(value) for name, value in options.items()}
    for name in ("on_progress", "stop"):
        call = options.get(name)
        if call is not None and not callable(call):
            faults.add(name, f"is {shown(given[name])}; must be a function, or None")
    sound = record(OPTIONS)({name: given[name] for name in OPTIONS if name in given}, "", faults) or {}
    for name in sound.get("without") or ():
        if name is not None and name not in methods:
            expected = f"expected some of {', '.join(methods)}"
            faults.add("without", f"names {shown(name)}; {expected}{nearest(name, methods)}")
    return sound


def _start(start: Sequence[Sequence[str]] | None, problem: Problem, faults: Gatherer) -> None:
    """Routes to start from: one for each crew, of jobs that there are, each as often as it needs crews."""
    if start is None:
        return
    if len(start) != len(problem.crews):
        text = f"has {len(start)} routes; the problem has {len(problem.crews)} crews: one route for each"
        faults.add("start", text)
    count: dict[str, int] = {}
    for at, jobs in enumerate(start):
        for position, name in enumerate(jobs or ()):
            if name is None:
                continue
            place = f"start[{at}][{position}]"
            job = problem.job_by_id.get(name)
            if job is None:
                faults.add(place, f"is {shown(name)}; there is no such job{nearest(name, problem.job_by_id)}")
                continue
            count[name] = count.get(name, 0) + 1
            if count[name] > job.crews_needed or name in jobs[:position]:
                faults.add(place, f"is {shown(name)}; it is in start already")


def _routes(routes: object) -> Any:
    """The routes as a file would say them: a crew without a visit has none."""
    said = _plain(routes)
    if not isinstance(said, list):
        return said
    return [{"visits": [], **route} if isinstance(route, dict) else route for route in said]


def _route(place: str, route: Mapping[str, Any] | None, size: int, faults: Gatherer) -> None:
    if route is None:
        return
    start = route.get("start", 0)
    if "start" not in route:
        faults.add(f"{place}.start", "is missing")
    elif start is not None and start >= size:
        faults.add(f"{place}.start", f"is {start}; the travel data has {size} locations (0 to {size - 1})")
    for at, visit in enumerate(route.get("visits") or ()):
        if visit is not None and "start_s" not in visit:
            faults.add(f"{place}.visits[{at}]", "must state arrival_s, start_s and finish_s")


def _route_of(found: Mapping[str, Any]) -> Route:
    return Route(
        crew=found["crew"],
        start=found["start"],
        visits=tuple(Visit(**visit) for visit in found["visits"]),
        breaks=tuple(Rest(**rest) for rest in found.get("breaks", ())),
    )

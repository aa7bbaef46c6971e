"""Others on the same problems: each run by its defaults, told what it minimises, judged alike."""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..ground.problem import Problem
from ..judge.check import judge
from ..judge.timing import plan_of
from ..solver.peers import ortools_routing
from ..solver.starts.by_rule import rule_plan

Sequences = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a peer made of a problem; `note` says why there is no cost."""

    peer: str
    minimises: str
    cost: float | None
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A peer: what it minimises, the module it needs, and how it is run."""

    name: str
    minimises: str
    module: str | None
    run: Callable[[Problem, float], Sequences | None]

    def outcome(self, problem: Problem, time_limit_s: float) -> Outcome:
        """Run the peer and judge its sequences with our own clock and checker."""
        if self.module is not None:
            try:
                importlib.import_module(self.module)
            except ImportError:
                return self._no_cost(0.0, f"not installed (pip install {PACKAGES[self.module]})")
        if self.module is not None and self.module != "ortools" and not _plain(problem):
            return self._no_cost(0.0, "its model here covers plain outages only")
        began = time.perf_counter()
        routes = self.run(problem, time_limit_s)
        seconds = time.perf_counter() - began
        if routes is None:
            return self._no_cost(seconds, "found no plan")
        verdict = judge(problem, plan_of(problem, routes))
        if not verdict.feasible:
            return self._no_cost(seconds, f"breaks {len(verdict.violations)} rules")
        return Outcome(peer=self.name, minimises=self.minimises, cost=verdict.cost, seconds=seconds)

    def _no_cost(self, seconds: float, note: str) -> Outcome:
        return Outcome(peer=self.name, minimises=self.minimises, cost=None, seconds=seconds, note=note)


PACKAGES = {"pyvrp": "pyvrp", "vroom": "pyvroom", "ortools": "ortools"}


def _plain(problem: Problem) -> bool:
    """Jobs with work and weight only, one start for each crew."""
    return not problem.blocks and all(
        not (job.windows or job.skills or job.load or job.after)
        and job.crews_needed == 1
        and job.drop_cost is None
        for job in problem.jobs
    )


def _longest_s(problem: Problem) -> int:
    """A working time that makes the peers use all crews: a tenth more than the rule takes, and home."""
    ends = [route.visits[-1].finish_s for route in rule_plan(problem).routes if route.visits]
    return math.ceil(1.1 * max(ends, default=0)) + int(problem.travel.matrix_s.max())


def _rule(problem: Problem, _time_limit_s: float) -> Sequences:
    return {route.crew: [visit.job for visit in route.visits] for route in rule_plan(problem).routes}


def _pyvrp(problem: Problem, time_limit_s: float) -> Sequences | None:
    pyvrp: Any = importlib.import_module("pyvrp")
    stop: Any = importlib.import_module("pyvrp.stop")
    model = pyvrp.Model()
    table, crews, jobs = problem.travel.matrix_s, problem.crews, problem.jobs
    points = [model.add_location(0, 0) for _ in jobs]
    starts = sorted({crew.start[0] for crew in crews})
    depot_points = {start: model.add_location(0, 0) for start in starts}
    clients = [
        model.add_client(location=point, service_duration=job.service_s)
        for point, job in zip(points, jobs, strict=True)
    ]
    depots = {start: model.add_depot(location=depot_points[start]) for start in starts}
    kinds, longest_s = [], _longest_s(problem)
    for start in starts:
        alike = [crew.id for crew in crews if crew.start[0] == start]
        kinds.append(alike)
        model.add_vehicle_type(
            len(alike),
            start_depot=depots[start],
            end_depot=depots[start],
            shift_duration=longest_s,
            unit_duration_cost=1,
        )
    places = [(point, job.location) for point, job in zip(points, jobs, strict=True)]
    places += [(depot_points[start], start) for start in starts]
    for tail, begin in places:
        for head, end in places:
            if tail is not head:
                seconds = int(table[begin, end])
                model.add_edge(tail, head, distance=seconds, duration=seconds)
    found = model.solve(stop.MaxRuntime(time_limit_s), display=False)
    at = {id(client): idx for idx, client in enumerate(clients)}
    return _pyvrp_routes(found, kinds, [job.id for job in jobs], len(at))


def _pyvrp_routes(found: Any, kinds: list[list[str]], jobs: list[str], count: int) -> Sequences | None:
    if not found.is_feasible() or count != len(jobs):
        return None
    free = [list(alike) for alike in kinds]
    routes: dict[str, list[str]] = {crew: [] for alike in kinds for crew in alike}
    for route in found.best.routes():
        crew = free[route.vehicle_type()].pop()
        routes[crew] = [jobs[activity.idx] for activity in route if activity.is_client()]
    return routes


def _vroom(problem: Problem, time_limit_s: float) -> Sequences:
    vroom: Any = importlib.import_module("vroom")
    numpy: Any = importlib.import_module("numpy")
    model = vroom.Input()
    model.set_durations_matrix(profile="car", matrix_input=problem.travel.matrix_s.astype(numpy.uint32))
    crews = {at: crew.id for at, crew in enumerate(problem.crews)}
    day = vroom.TimeWindow(0, _longest_s(problem))
    for at, crew in enumerate(problem.crews):
        end = {} if crew.end is None else {"end": crew.end}
        model.add_vehicle(vroom.Vehicle(at, start=crew.start[0], time_window=day, **end))
    heaviest = max((job.cost_per_s for job in problem.jobs), default=1) or 1
    for at, job in enumerate(problem.jobs):
        priority = math.ceil(100 * job.cost_per_s / heaviest)
        model.add_job(vroom.Job(at, location=job.location, default_service=job.service_s, priority=priority))
    limit = timedelta(seconds=time_limit_s)
    solution = model.solve(exploration_level=5, nb_threads=2, timeout=limit)
    routes: dict[str, list[str]] = {crew: [] for crew in crews.values()}
    for row in solution.routes.itertuples():
        if row.type == "job":
            routes[crews[int(row.vehicle_id)]].append(problem.jobs[int(row.id)].id)
    return routes


PEERS = (
    Peer(name="rule", minimises="Smith's ratio, job by job", module=None, run=_rule),
    Peer(
        name="ortools",
        minimises="driving and latency as soft bounds",
        module="ortools",
        run=ortools_routing,
    ),
    Peer(name="pyvrp", minimises="duration, all crews needed", module="pyvrp", run=_pyvrp),
    Peer(name="vroom", minimises="driving, priorities, all crews needed", module="vroom", run=_vroom),
)

"""Plain OR-Tools routing, to compare with: what its textbook model makes of a problem.

Latency is modelled by soft upper bounds on the arrival times, as its manual
suggests. Waits between jobs, meeting crews, breaks and blocks are beyond that
model; a block's cost is shared out over the jobs of its shortest way.
"""

from __future__ import annotations

import math
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from ..ground.problem import Crew, Problem
from .kernels.sharing import even_rates

FAR = 10**9


def ortools_routing(problem: Problem, time_limit_s: float) -> dict[str, list[str]] | None:
    """Sequences by crew, or None where it finds no plan."""
    return _Routing(problem).solve(time_limit_s)


class _Routing:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.jobs, self.crews = problem.jobs, problem.crews
        self.matrix = problem.travel.matrix_s
        starts = [len(self.jobs) + at for at in range(len(self.crews))]
        ends = [len(self.jobs) + len(self.crews) + at for at in range(len(self.crews))]
        nodes = len(self.jobs) + 2 * len(self.crews)
        self.places: list[int | None] = [job.location for job in self.jobs]
        self.places += [crew.start[0] for crew in self.crews]
        self.places += [crew.end for crew in self.crews]
        self.manager = pywrapcp.RoutingIndexManager(nodes, len(self.crews), starts, ends)
        self.routing: Any = pywrapcp.RoutingModel(self.manager)
        self._times()
        self._loads()
        self._visits()

    def _seconds(self, crew: Crew, start: int, end: int) -> int:
        begin, finish = self.places[start], self.places[end]
        if begin is None or finish is None:
            return 0
        return crew.drive_s(int(self.matrix[begin, finish]))

    def _times(self) -> None:
        drives, transits = [], []
        for crew in self.crews:

            def drive(start: int, end: int, crew: Crew = crew) -> int:
                return self._seconds(crew, self.manager.IndexToNode(start), self.manager.IndexToNode(end))

            def transit(start: int, end: int, crew: Crew = crew) -> int:
                node = self.manager.IndexToNode(start)
                work = self.jobs[node].service_s if node < len(self.jobs) else 0
                return work + self._seconds(crew, node, self.manager.IndexToNode(end))

            drives.append(self.routing.RegisterTransitCallback(drive))
            transits.append(self.routing.RegisterTransitCallback(transit))
        rate = self.problem.costs.travel_per_s
        if rate:
            for at, callback in enumerate(drives):
                self.routing.SetArcCostEvaluatorOfVehicle(callback, at)
        self.scale = 1 / rate if rate else 1.0
        self.routing.AddDimensionWithVehicleTransits(transits, FAR, FAR, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")
        for at, crew in enumerate(self.crews):
            begins, ends = crew.shift or (0, FAR)
            self.time.CumulVar(self.routing.Start(at)).SetRange(max(0, begins), FAR)
            self.time.CumulVar(self.routing.End(at)).SetRange(0, min(FAR, ends + crew.overtime_s))

    def _loads(self) -> None:
        for what in sorted({name for crew in self.crews for name in crew.capacity}):

            def load(index: int, what: str = what) -> int:
                node = self.manager.IndexToNode(index)
                return math.ceil(self.jobs[node].load.get(what, 0)) if node < len(self.jobs) else 0

            callback = self.routing.RegisterUnaryTransitCallback(load)
            limits = [int(crew.capacity.get(what, FAR)) for crew in self.crews]
            self.routing.AddDimensionWithVehicleCapacity(callback, 0, limits, True, f"load {what}")

    def _visits(self) -> None:
        rates = even_rates(self.problem)
        for idx, job in enumerate(self.jobs):
            index = self.manager.NodeToIndex(idx)
            if rates[idx]:
                self.time.SetCumulVarSoftUpperBound(index, 0, math.ceil(rates[idx] * self.scale))
            if job.windows:
                self.time.CumulVar(index).SetRange(max(0, job.windows[0][0]), job.windows[-1][1])
            able = [at for at, crew in enumerate(self.crews) if job.skills <= crew.skills]
            if len(able) < len(self.crews):
                self.routing.VehicleVar(index).SetValues([-1, *able])
            penalty = FAR**2 if job.drop_cost is None else self._drop(job.drop_cost, rates[idx])
            self.routing.AddDisjunction([index], min(penalty, 10**15))

    def _drop(self, drop_cost: float, rate: float) -> int:
        lost = rate * (self.problem.unserved_at_s or 0)
        return int((drop_cost + lost) * self.scale)

    def solve(self, time_limit_s: float) -> dict[str, list[str]] | None:
        search = pywrapcp.DefaultRoutingSearchParameters()
        search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        guided = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        search.local_search_metaheuristic = guided
        search.time_limit.FromMilliseconds(int(time_limit_s * 1000))
        found = self.routing.SolveWithParameters(search)
        return None if found is None else self._routes(found)

    def _routes(self, found: Any) -> dict[str, list[str]]:
        routes = {}
        for at, crew in enumerate(self.crews):
            index, route = found.Value(self.routing.NextVar(self.routing.Start(at))), []
            while not self.routing.IsEnd(index):
                route.append(self.jobs[self.manager.IndexToNode(index)].id)
                index = found.Value(self.routing.NextVar(index))
            routes[crew.id] = route
        return routes

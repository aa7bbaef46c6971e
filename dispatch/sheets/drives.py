"""A route's drives over the roads: their lines, lengths and times, the way home as the last one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ..ground.day import DayPlan
from ..ground.drive import driven_s
from ..ground.plan import Route

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """One drive: (lon, lat) points, positions of the roads' edges; empty where nobody drives."""

    drive_s: int = 0
    length_m: float = 0.0
    line: tuple[Point, ...] = ()
    edges: tuple[int, ...] = ()


class Drives:
    """All drives of a route, worked out together.

    Attributes
    ----------
    legs : a drive per visit, in order; then the way home, where the route ends at a place.
    """

    def __init__(self, day: DayPlan, route: Route) -> None:
        jobs, crew = day.problem.job_by_id, day.problem.crew_by_id.get(route.crew)
        places = [route.start, *(jobs[visit.job].location for visit in route.visits)]
        if crew is not None and crew.end is not None and route.visits:
            places.append(crew.end)
        self._day, self._route, self._crew = day, route, crew
        self.legs = self._drive(list(pairwise(places)))

    def _drive(self, pairs: list[tuple[int, int]]) -> tuple[Drive, ...]:
        nodes, roads = self._day.nodes, self._day.case.roads
        driven = [pair for pair in pairs if pair[0] != pair[1] and min(nodes[pair[0]], nodes[pair[1]]) >= 0]
        paths = iter(
            roads.edge_paths([(nodes[start], nodes[end]) for start, end in driven]) if driven else ()
        )
        legs = []
        for pair in pairs:
            if pair not in driven:
                legs.append(Drive())
                continue
            edges = next(paths)
            leg = Drive(
                drive_s=self._seconds(*pair),
                length_m=roads.length_of(edges),
                line=tuple(roads.line_of(edges, nodes[pair[0]])),
                edges=tuple(edges.tolist()),
            )
            legs.append(leg)
        return tuple(legs)

    def _seconds(self, start: int, end: int) -> int:
        factor = self._crew.speed_factor if self._crew is not None else 1.0
        return driven_s(self._day.problem.travel.between(start, end), factor)

    def back_at(self) -> datetime | None:
        """When the crew is back, where its route ends at a place."""
        visits = self._route.visits
        if len(self.legs) <= len(visits) or not visits:
            return None
        return moment(self._day, visits[-1].finish_s + self.legs[-1].drive_s)


def moment(day: DayPlan, seconds: int) -> datetime:
    """Turn seconds from the plan's origin into a time of the case's zone."""
    return (day.origin + timedelta(seconds=seconds)).astimezone(day.case.settings.zone)

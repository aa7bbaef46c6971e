"""The problem that the solver is given: `dispatch-problem/1` as frozen records.

Times are integer seconds from the problem's origin and may be negative; costs
are non-negative, per second where the name says so. What the fields mean, and
what a plan costs, is stated once, in `docs/format.md`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .drive import IMPASSABLE_S, driven_s
from .errors import Fault, ProblemFaults

FORMAT = "dispatch-problem/1"

Seconds = NDArray[np.int64]


def _check_kinds(entry: Any, lists: tuple[str, ...]) -> None:
    """A name is a text, and a text is not a list of its letters; the rest is looked at by `soundness`."""
    name = entry.id
    faults = [] if isinstance(name, str) else [("id", name, "a text that is not empty")]
    for key in lists:
        if isinstance(value := getattr(entry, key), str):
            faults.append((key, value, "a list"))
    if faults:
        whose = f"{type(entry).__name__} {name!r}"
        raise ProblemFaults(
            [
                Fault(file=whose, place=key, text=f"is {value!r}; must be {what}")
                for key, value, what in faults
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """Start no earlier than `lag_s` seconds after `job` is finished.

    Attributes
    ----------
    job : id of the job that must be finished, and served, first.
    lag_s : seconds between its finish and the start, 0 or more.
    """

    job: str
    lag_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One stay of one crew, or of `crews_needed` crews together, at one place.

    Attributes
    ----------
    id : name, unique among the jobs.
    location : index into the travel data, 0 to n - 1.
    service_s : work on site, seconds.
    windows : pairs (earliest, latest) for the start of work, both included; none means always.
    skills : the crew must have all of them.
    load : what is taken off the crew's stock, by name, in the units of `Crew.capacity`.
    cost_per_s, cost_from_s : price of every second from `cost_from_s` to the finish.
    arrive_by_s, late_arrival_cost_per_s : promise on arrival, and the price of a second past it.
    finish_by_s, late_finish_cost_per_s : promise on the finish, and the price of a second past it.
    drop_cost : price of leaving it out; None where it must be served.
    after : what must be finished before it starts.
    crews_needed : crews that start together, 1 or more.
    """

    id: str
    location: int
    service_s: int = 0
    windows: tuple[tuple[int, int], ...] = ()
    skills: frozenset[str] = frozenset()
    load: Mapping[str, float] = field(default_factory=dict)
    cost_per_s: float = 0
    cost_from_s: int = 0
    arrive_by_s: int | None = None
    late_arrival_cost_per_s: float = 0
    finish_by_s: int | None = None
    late_finish_cost_per_s: float = 0
    drop_cost: float | None = None
    after: tuple[After, ...] = ()
    crews_needed: int = 1

    def __post_init__(self) -> None:
        _check_kinds(self, ("windows", "skills", "after"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Customers restored together, by the earliest finished way (a set of jobs).

    Attributes
    ----------
    id : name, unique among the blocks.
    cost_per_s : price of every second without supply.
    since_s : when their supply was lost; before the origin it is negative.
    restored_by : ways, each a set of job ids; the block is back when all jobs of one way are finished.

    References
    ----------
    Soft precedence among faults on one feeder: Tan, Qiu, Das, Kirschen, Arabshahi, Wang, IEEE
    Transactions on Power Systems, 2019.
    """

    id: str
    cost_per_s: float
    since_s: int = 0
    restored_by: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        _check_kinds(self, ("restored_by",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A rest that starts inside `window`, due if the crew still works past its end.

    Attributes
    ----------
    window : earliest and latest start, seconds, both included.
    duration_s : its length, seconds; taken between two visits, never on the road.
    """

    window: tuple[int, int]
    duration_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """A crew with its start places (the solver picks one), shift, skills and stock.

    Attributes
    ----------
    id : name, unique among the crews.
    start : location indices, of which the solver picks one; a single number is taken as one of them.
    end : location index where the route ends; None ends it at the last job.
    shift : (start, end) in seconds: on the move not before the one, home by the other; None is no limit.
    overtime_s, overtime_cost_per_s : seconds allowed past the end of the shift, and the price of each.
    skills : what the crew can do.
    capacity : stock on the vehicle by name; what is not named has no limit.
    speed_factor : drives take so many times the table's seconds, rounded up.
    fixed_cost : price of using the crew at all.
    breaks : rests, in order.
    committed : ids of jobs that it does first, in this order (on the way to them, or on site).
    """

    id: str
    start: tuple[int, ...]
    end: int | None = None
    shift: tuple[int, int] | None = None
    overtime_s: int = 0
    overtime_cost_per_s: float = 0
    skills: frozenset[str] = frozenset()
    capacity: Mapping[str, float] = field(default_factory=dict)
    speed_factor: float = 1
    fixed_cost: float = 0
    breaks: tuple[Break, ...] = ()
    committed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_kinds(self, ("skills", "breaks", "committed"))
        if isinstance(self.start, int | np.integer):
            object.__setattr__(self, "start", (int(self.start),))

    def drive_s(self, travel_s: float) -> int:
        """Seconds this crew needs for a drive of `travel_s`: after its speed factor, rounded up."""
        return driven_s(travel_s, self.speed_factor)


@dataclass(frozen=True, kw_only=True)
class Travel:
    """Drive times between the problem's locations; `drive.IMPASSABLE_S` where no road leads there.

    Either `durations_s` or `xy` with `metric`, `scale` and `rounding`; the second form is kept as
    points, so that a very large problem need not hold a matrix. Lists and tables of pandas are taken.

    Attributes
    ----------
    durations_s : (n, n) seconds, from row to column; may be asymmetric.
    xy : (n, 2) coordinates in any unit of length.
    metric : "euclid" or "manhattan", for `xy`.
    scale : seconds for each unit of length.
    rounding : "round" (half up), "floor" or "ceil", to whole seconds.
    distances_m : (n, n) metres, for `Costs.distance_per_m` and reports.
    """

    durations_s: Seconds | None = None
    xy: NDArray[np.float64] | None = None
    metric: str = "euclid"
    scale: float = 1
    rounding: str = "round"
    distances_m: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        for name in ("durations_s", "xy", "distances_m"):
            table = getattr(self, name)
            if table is not None and not isinstance(table, np.ndarray):
                object.__setattr__(self, name, _array(table))

    @property
    def size(self) -> int:
        """Number of locations."""
        table = self.durations_s if self.durations_s is not None else self.xy
        return 0 if table is None else len(table)

    def between(self, start: int, end: int) -> int:
        """Drive from one location to another in seconds, before a crew's speed factor."""
        if self.durations_s is not None:
            return min(IMPASSABLE_S, int(self.durations_s[start, end]))
        assert self.xy is not None
        if start == end:
            return 0
        dx, dy = (abs(float(a - b)) for a, b in zip(self.xy[start], self.xy[end], strict=True))
        length = dx + dy if self.metric == "manhattan" else math.hypot(dx, dy)
        return _whole(min(float(IMPASSABLE_S), length * self.scale), self.rounding)

    @cached_property
    def longest_s(self) -> float:
        """No drive takes longer, before a crew's speed factor."""
        if self.durations_s is not None:
            return min(float(IMPASSABLE_S), float(np.max(self.durations_s, initial=0)))
        sides = np.ptp(np.asarray(self.xy, float), axis=0) if self.size else np.zeros(2)
        return self.scale * float(sides.sum()) + 1

    @cached_property
    def matrix_s(self) -> Seconds:
        """All drives at once: (n, n) int64, seconds."""
        if self.durations_s is not None:
            return np.minimum(np.asarray(self.durations_s, dtype=np.int64), IMPASSABLE_S)
        assert self.xy is not None
        dx = np.abs(self.xy[:, None, 0] - self.xy[None, :, 0])
        dy = np.abs(self.xy[:, None, 1] - self.xy[None, :, 1])
        length = (dx + dy if self.metric == "manhattan" else np.hypot(dx, dy)) * self.scale
        match self.rounding:
            case "floor":
                whole = np.floor(length)
            case "ceil":
                whole = np.ceil(length)
            case _:
                whole = np.floor(length + 0.5)
        np.fill_diagonal(whole, 0)
        return np.minimum(whole, IMPASSABLE_S).astype(np.int64)


def _array(table: Any) -> Any:
    """Lists and pandas tables as arrays, where they hold numbers in rows of one length."""
    try:
        found = np.asarray(table)
    except ValueError:
        return table
    return found if found.dtype.kind in "iuf" else table


def _whole(length_s: float, rounding: str) -> int:
    match rounding:
        case "floor":
            return math.floor(length_s)
        case "ceil":
            return math.ceil(length_s)
        case _:
            return math.floor(length_s + 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Price of driving.

    Attributes
    ----------
    travel_per_s : for every second on the road.
    distance_per_m : for every metre; needs `Travel.distances_m`.
    """

    travel_per_s: float = 0
    distance_per_m: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """A crew's jobs in the plan now in force.

    Attributes
    ----------
    crew : id of a crew of the problem.
    jobs : ids of its jobs; each that another crew serves now costs `Problem.change_cost`.
    """

    crew: str
    jobs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Jobs, crews, blocks and drives: all that the solver knows.

    Attributes
    ----------
    travel : drives between all places.
    jobs, crews, blocks : what is to be done, by whom, and who waits for it; lists are taken.
    unserved_at_s : when a block that the plan never restores is taken as back; needed with `blocks`.
    max_crews : at most so many crews may have a visit; None is no limit.
    costs : price of driving.
    previous, change_cost : the plan in force, and the price of each job that changes its crew.
    name, time_origin : for people: a title, and the moment (ISO 8601 with offset) that is second 0.
    """

    travel: Travel
    jobs: tuple[Job, ...]
    crews: tuple[Crew, ...]
    blocks: tuple[Block, ...] = ()
    unserved_at_s: int | None = None
    max_crews: int | None = None
    costs: Costs = Costs()
    previous: tuple[Previous, ...] = ()
    change_cost: float = 0
    name: str | None = None
    time_origin: str | None = None

    def __post_init__(self) -> None:
        for name in ("jobs", "crews", "blocks", "previous"):
            if isinstance(given := getattr(self, name), list):
                object.__setattr__(self, name, tuple(given))

    @cached_property
    def job_by_id(self) -> Mapping[str, Job]:
        """Jobs by their id."""
        return {job.id: job for job in self.jobs}

    @cached_property
    def crew_by_id(self) -> Mapping[str, Crew]:
        """Crews by their id."""
        return {crew.id: crew for crew in self.crews}

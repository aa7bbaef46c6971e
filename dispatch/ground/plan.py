"""A plan: who does what, when (`dispatch-plan/1`), as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FORMAT = "dispatch-plan/1"

Status = Literal["optimal", "feasible", "infeasible"]

# What the price of a plan is made of, in the order in which it is told everywhere.
PARTS = (
    "job_time",
    "block_time",
    "late_arrival",
    "late_finish",
    "dropped",
    "travel",
    "distance",
    "overtime",
    "crew_fixed",
    "changes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A job at a time; seconds from the problem's origin."""

    job: str
    arrival_s: int
    start_s: int
    finish_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A break that is taken."""

    start_s: int
    duration_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A crew's visits in order, from the location index it starts at."""

    crew: str
    start: int
    visits: tuple[Visit, ...] = ()
    breaks: tuple[Rest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a job is left out, as a code for programs and a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A job that is left out, and why."""

    job: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockTime:
    """When a block is back, seconds from the origin."""

    id: str
    restored_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Jobs and crews that cannot be served together, and why."""

    jobs: tuple[str, ...]
    crews: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the solver answers. `parts` says what was traded for what."""

    status: Status
    cost: float
    bound: float | None = None
    seconds: float = 0
    seed: int = 0
    routes: tuple[Route, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    blocks: tuple[BlockTime, ...] = ()
    parts: Mapping[str, float] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()

"""A plan: who does what, when (`dispatch-plan/1`), as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .problem import Problem

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
    """A job at a time.

    Attributes
    ----------
    job : id of the job.
    arrival_s, start_s, finish_s : seconds from the problem's origin; work may start after arrival.
    """

    job: str
    arrival_s: int
    start_s: int
    finish_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A break that is taken.

    Attributes
    ----------
    start_s : seconds from the origin.
    duration_s : seconds.
    """

    start_s: int
    duration_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A crew's visits in order.

    Attributes
    ----------
    crew : id of the crew.
    start : location index that it starts at, one of `Crew.start`.
    visits : in the order of time.
    breaks : rests taken, in the order of time.
    """

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
    """A job that is left out, and why.

    Attributes
    ----------
    job : id of the job.
    reasons : what stands in the way, the weightiest first; empty until it is explained.
    """

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
    """What the solver answers.

    Attributes
    ----------
    status : "optimal" only where `bound` meets `cost`; an infeasible plan names its `conflicts`.
    cost : price of the plan, as `check` finds it.
    bound : a proven lower bound on the cost, or None.
    seconds, seed : time that the search took, and the seed that it began with.
    routes : one for each crew that has a visit, in the order of the problem.
    dropped : jobs left out.
    blocks : when each block is back.
    parts : what the price is made of, by the names of `PARTS`.
    conflicts : jobs and crews that cannot be served together.
    """

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

    def plot(self, problem: Problem | None = None) -> Any:
        """Draw the plan: a time board of the crews, and a map where the problem has points.

        Parameters
        ----------
        problem : the plan's problem; None for the time board alone.

        Returns
        -------
        matplotlib.figure.Figure
            Shown by Jupyter as it is; `savefig` writes it to a file.

        Raises
        ------
        dispatch.ground.drawing.NoPlot
            matplotlib, the extra `plot`, is not installed.
        """
        from .drawing import draw  # noqa: PLC0415 - numpy and matplotlib only where somebody draws

        return draw(self, problem)

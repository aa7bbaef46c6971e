"""What a new plan would change: moves of jobs, what they gain, and taking only some of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ..ground.day import DayPlan, Summary
from ..ground.plan import Plan
from ..solver.starts.in_force import MOVED_S

Routes = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A job that a plan would do elsewhere or at another time.

    `from_crew` is None for a job that was not planned, `to_crew` None for one
    that would be left out; times are seconds from the new plan's origin. `instead` is the job that the crew
    had until now and that is no more, because the evidence points elsewhere.
    """

    job: str
    from_crew: str | None
    to_crew: str | None
    from_s: int | None
    to_s: int | None
    instead: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A plan beside the one in force.

    Parameters
    ----------
    moves : jobs that change crew, appear or vanish; then those whose start moves by a quarter of an hour.
    parts : cost of the new plan less that of the old, by part; negative is a gain.
    customer_minutes : new less old, unweighted.
    """

    moves: tuple[Move, ...]
    parts: Mapping[str, float]
    cost: float
    customer_minutes: float


def routes_of(plan: Plan) -> dict[str, list[str]]:
    """Job ids in order, by crew."""
    return {route.crew: [visit.job for visit in route.visits] for route in plan.routes}


def compare(
    plan: Plan, summary: Summary, proposed: DayPlan, in_stead: Mapping[str, tuple[str, str]] | None = None
) -> Comparison:
    """Say what `proposed` changes against a plan of the same open day.

    A published plan is first carried over onto the new day (`carried_over`), so
    that only decisions are compared and not the time that has passed.
    `in_stead` tells, by job, which crew had which other job before the evidence turned.
    """
    before, after = _starts(plan), _starts(proposed.plan)
    moves = []
    for job in sorted(set(before) | set(after)):
        was, will = before.get(job), after.get(job)
        if was and will and was[0] == will[0] and abs(was[1] - will[1]) < MOVED_S:
            continue
        crew, gone = (in_stead or {}).get(job, (None, None))
        moves.append(
            Move(
                job=job,
                from_crew=was[0] if was else None,
                to_crew=will[0] if will else None,
                from_s=was[1] if was else None,
                to_s=will[1] if will else None,
                instead=gone if will and crew == will[0] else None,
            )
        )
    new = proposed.summary
    return Comparison(
        moves=tuple(sorted(moves, key=lambda move: (move.from_crew == move.to_crew, move.to_s or 0))),
        parts={name: new.parts[name] - summary.parts.get(name, 0) for name in new.parts},
        cost=new.cost - summary.cost,
        customer_minutes=new.customer_minutes - summary.customer_minutes,
    )


def merged(current: Routes, proposed: Routes, accepted: Collection[str]) -> dict[str, list[str]]:
    """The current routes with only the accepted jobs moved to where the proposal has them.

    A job goes behind the last job before it in the proposal that its new crew
    really has; a job that the proposal leaves out is taken away.
    """
    routes = {crew: [job for job in jobs if job not in accepted] for crew, jobs in current.items()}
    for crew, jobs in proposed.items():
        own = routes.setdefault(crew, [])
        for at, job in enumerate(jobs):
            if job in accepted:
                ahead = [own.index(other) for other in jobs[:at] if other in own]
                own.insert(max(ahead, default=-1) + 1, job)
    return routes


def carried_over(current: Routes, jobs: Collection[str], crews: Collection[str]) -> dict[str, list[str]]:
    """The current routes without what is finished or gone."""
    return {
        crew: [job for job in planned if job in jobs] for crew, planned in current.items() if crew in crews
    }


def _starts(plan: Plan) -> dict[str, tuple[str, int]]:
    return {visit.job: (route.crew, visit.start_s) for route in plan.routes for visit in route.visits}

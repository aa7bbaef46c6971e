"""How much of a running plan a new one changes: which jobs go to another crew, which change their order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of the jobs of the plan before.

    Parameters
    ----------
    crew : jobs that another crew has now.
    order : jobs of the same crew that stand in another order; the fewest that, taken out,
        leave the others in the order they had.
    added : jobs that were not in the plan before.
    dropped : jobs that are in the plan no more (done, called off or left out).
    kept : how many jobs have the crew and the order they had.
    """

    crew: tuple[str, ...]
    order: tuple[str, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    kept: int


def moved(before: Plan | Mapping[str, Sequence[str]], after: Plan) -> Moved:
    """Compare two plans of the same crews.

    Parameters
    ----------
    before : the plan in force, or its job ids by crew.
    """
    old, new = _sequences(before), _sequences(after)
    was = _crews_of(old)
    now = _crews_of(new)
    crew = tuple(job for job in was if job in now and was[job] != now[job])
    order: list[str] = []
    for name, jobs in new.items():
        place = {job: at for at, job in enumerate(old.get(name, ()))}
        order.extend(_out_of_order([job for job in jobs if job in place], place))
    stayed = sum(job in now for job in was)
    return Moved(
        crew=crew,
        order=tuple(order),
        added=tuple(job for job in now if job not in was),
        dropped=tuple(job for job in was if job not in now),
        kept=stayed - len(crew) - len(set(order) - set(crew)),
    )


def _sequences(plan: Plan | Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    if isinstance(plan, Plan):
        return {route.crew: [visit.job for visit in route.visits] for route in plan.routes}
    return {crew: list(jobs) for crew, jobs in plan.items()}


def _crews_of(sequences: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Crews by job; a job may need several."""
    crews: dict[str, frozenset[str]] = {}
    for crew, jobs in sequences.items():
        for job in jobs:
            crews[job] = crews.get(job, frozenset()) | {crew}
    return crews


def _out_of_order(jobs: Sequence[str], place: Mapping[str, int]) -> list[str]:
    """The jobs outside a longest run that keeps its order (patience sorting)."""
    tails: list[int] = []
    length: list[int] = []
    for job in jobs:
        at = bisect_left(tails, place[job])
        tails[at : at + 1] = [place[job]]
        length.append(at + 1)
    out: list[str] = []
    wanted, limit = len(tails), len(place)
    for job, run in zip(reversed(jobs), reversed(length), strict=True):
        if run == wanted and place[job] < limit:
            wanted, limit = wanted - 1, place[job]
        else:
            out.append(job)
    return out[::-1]

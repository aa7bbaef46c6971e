"""Commitments that block each other: crews that wait for one another in a circle."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..ground.plan import Conflict
from ..ground.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One job has to be finished before the next begins: by a crew's order, or because the next waits."""

    first: str
    then: str
    crew: str | None

    @property
    def said(self) -> str:
        if self.crew is None:
            return f"{self.then} waits for {self.first}"
        return f"{self.crew} does {self.first} before {self.then}"


def circle_of(problem: Problem, jobs: Sequence[str]) -> Conflict | None:
    """The shortest circle of waits that runs through one of these jobs, or None.

    Parameters
    ----------
    problem : the problem.
    jobs : ids to look from.

    Returns
    -------
    Conflict or None
        The jobs of the circle in order.
    """
    following = _steps(problem)
    circles = [circle for job in jobs if (circle := _shortest(following, job))]
    if not circles:
        return None
    circle = _turned(min(circles, key=len))
    crews = tuple(sorted({step.crew for step in circle if step.crew is not None}))
    whose = f"crews {' and '.join(map(repr, crews))}" if len(crews) > 1 else f"crew '{crews[0]}'"
    text = f"Commitments of {whose} block each other: {', '.join(step.said for step in circle)}."
    return Conflict(jobs=tuple(step.first for step in circle), crews=crews, text=text)


def _steps(problem: Problem) -> Mapping[str, Sequence[_Step]]:
    """What has to come after each job."""
    steps = [
        _Step(first=first, then=then, crew=crew.id)
        for crew in problem.crews
        for first, then in pairwise(crew.committed)
    ]
    steps += [_Step(first=wait.job, then=job.id, crew=None) for job in problem.jobs for wait in job.after]
    following: dict[str, list[_Step]] = {}
    for step in steps:
        following.setdefault(step.first, []).append(step)
    return following


def _shortest(following: Mapping[str, Sequence[_Step]], job: str) -> list[_Step]:
    """The fewest steps that lead from a job back to it; none where there is no such circle."""
    reached: dict[str, _Step] = {}
    waiting = deque([job])
    while waiting and job not in reached:
        for step in following.get(waiting.popleft(), ()):
            if step.then not in reached:
                reached[step.then] = step
                waiting.append(step.then)
    if job not in reached:
        return []
    circle = [reached[job]]
    while circle[0].first != job:
        circle.insert(0, reached[circle[0].first])
    return circle


def _turned(circle: Sequence[_Step]) -> list[_Step]:
    """The same circle, told from where its least crew begins: one circle is one conflict."""
    at = min(range(len(circle)), key=lambda k: (circle[k].crew is None, circle[k].crew, circle[k].first))
    return [*circle[at:], *circle[:at]]

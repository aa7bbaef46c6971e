"""What the planner is given and gives back, so that it can be done here or in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ...ground.case import Case, Request
from ...ground.day import DayPlan, OpenDay
from ...planning.main_road import plan_day
from ...planning.running import Running
from ...solver import Progress
from ...triage.orders import grade_customers
from ..book import Budget
from ..changes import Change, reshaped
from ..gains import Gain, gains_over
from ..proposals import Routes

# However much happens meanwhile, a search is given this long before it is cut short.
LEAST_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTask:
    """A day to be planned.

    Parameters
    ----------
    case : at its `now`, with the requests that are open, the policy in force and the roads as they are.
    changes : what people changed or found, in any order.
    brought : requests that a change of kind "request" brings in, by id.
    in_force : job ids by crew of the plan in force, which the new one is held against; None without one.
    """

    case: Case
    running: Running
    changes: tuple[Change, ...]
    brought: Mapping[str, Request]
    budget: Budget
    in_force: Routes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The plan, its open day before anybody changed it by hand, and what its parts gain."""

    opened: OpenDay
    day: DayPlan
    gains: tuple[Gain, ...] | None = None


class PlanMaker(Protocol):
    """Whoever carries a task out."""

    def __call__(
        self,
        task: PlanTask,
        stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Planned:
        """Plan; `stop` cuts the search short, which still gives a plan."""


def plan_task(
    task: PlanTask,
    stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Planned:
    """Plan a task in this process."""
    before: list[OpenDay] = []

    def shape(opened: OpenDay) -> OpenDay:
        before.append(opened)
        return _shaped(task, opened)

    budget = task.budget
    day = plan_day(
        task.case,
        time_limit_s=budget.time_limit_s if budget.work is None else None,
        work=budget.work,
        seed=budget.seed,
        processes=budget.processes,
        on_progress=on_progress,
        stop=None if stop is None else AfterAWhile(stop),
        running=task.running,
        shape=shape,
        # The board works out why a job is left out when somebody asks.
        reasons=False,
        move_price=budget.move_price,
        at_once=budget.work is None,  # with a given work a plan is the same on any machine
    )
    # Weighing parts takes as long as hundreds of answers: here it takes nothing from whoever asks the server.
    weighed = None if task.in_force is None else gains_over(day, task.in_force)
    return Planned(opened=before[0], day=day, gains=weighed)


def _shaped(task: PlanTask, opened: OpenDay) -> OpenDay:
    """An open day with what people changed of its work."""
    if not task.changes:
        return opened
    return reshaped(opened, task.changes, grade_customers(task.case), task.brought, task.running)


class AfterAWhile:
    """Lets a search be stopped, but not in its first moments: then nothing better would ever be found.

    Parameters
    ----------
    clock : seconds, for the time since the search first asked.
    """

    def __init__(self, stop: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._stop, self._clock = stop, clock
        self._began_s: float | None = None

    def __call__(self) -> bool:
        """Whether to stop now."""
        now_s = self._clock()
        if self._began_s is None:
            self._began_s = now_s
        return now_s - self._began_s >= LEAST_S and self._stop()

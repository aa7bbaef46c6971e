"""Runs of the solver on problem files, judged independently and set against what is known."""

from __future__ import annotations

import csv
import math
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..files.problem_files import read_problem
from ..ground.problem import Problem
from ..judge.check import judge
from ..solver import solve_sound
from ..solver.progress import Progress
from ..solver.starts.by_rule import rule_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A problem to be solved within a limit; `family` is the row it counts for."""

    family: str
    name: str
    limit_s: float
    problem: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One solve: what it cost, what was proven, what it is set against."""

    family: str
    name: str
    jobs: int
    crews: int
    limit_s: float
    seed: int
    cost: float
    bound: float | None
    status: str
    seconds: float
    violations: int
    rule: float
    early: float
    best_known: float | None
    progress: tuple[tuple[float, float], ...] = field(default=())
    without: str = ""

    @property
    def gap(self) -> float | None:
        """(cost - best known) / best known."""
        return None if not self.best_known else (self.cost - self.best_known) / self.best_known

    @property
    def proven_gap(self) -> float | None:
        """(cost - bound) / cost: how much cheaper a plan could at most be."""
        return None if self.bound is None or not self.cost else (self.cost - self.bound) / abs(self.cost)

    @property
    def below_rule(self) -> float | None:
        """Share of the rule's cost that is saved; None where the rule finds no plan."""
        return (self.rule - self.cost) / abs(self.rule) if math.isfinite(self.rule) and self.rule else None


FAMILIES: tuple[tuple[str, str, float], ...] = (
    ("mtrp n = 10", "mtrp-10-*", 2),
    ("mtrp n = 20", "mtrp-20-*", 2),
    ("mdktrp", "mdktrp-*", 10),
    ("mtrpp n <= 200", "mtrpp-*", 10),
    ("mtrpp n >= 500", "mtrpp-*", 60),
    ("vrptw", "vrptw-*", 30),
    ("outage-plain-60", "outage-plain-60-*", 2),
    ("outage-plain-200", "outage-plain-200-*", 5),
    ("outage-plain-500", "outage-plain-500-*", 10),
    ("outage-plain-1500", "outage-plain-1500-*", 30),
    ("outage-plain-5000", "outage-plain-5000-*", 120),
    ("outage-shift n <= 300", "outage-shift-*", 10),
    ("outage-shift n <= 300", "outage-shift-*", 60),
    ("outage-storm n <= 300", "outage-storm-*", 10),
    ("outage-storm n <= 300", "outage-storm-*", 60),
    ("outage-shift-600", "outage-shift-600-*", 60),
    ("outage-storm-1200", "outage-storm-1200-*", 60),
)
QUICK: tuple[tuple[str, float], ...] = (
    *((f"mtrp-10-0{at}-k{crews}-weighted", 2.0) for at in (1, 5, 9) for crews in (1, 3)),
    ("mtrp-20-01-k2-weighted", 2.0),
    ("mtrp-20-05-k3-unit", 2.0),
    ("mdktrp-lr01", 5.0),
    ("mdktrp-lr04", 5.0),
    ("mdktrp-lr07", 10.0),
    ("mtrpp-avci-50-01-k2", 5.0),
    ("mtrpp-avci-100-01-k3", 10.0),
    ("mtrpp-avci-200-03-k3", 10.0),
    ("vrptw-R101", 15.0),
    ("outage-plain-60-10", 2.0),
    ("outage-plain-200-20", 5.0),
    ("outage-plain-500-40", 10.0),
    ("outage-shift-60-10", 10.0),
    ("outage-storm-60-10", 10.0),
)


def all_tasks(folder: Path) -> list[Task]:
    """Every problem of the families' table that the folder holds, with its limit."""
    taken: dict[tuple[str, float], Task] = {}
    for family, pattern, limit_s in FAMILIES:
        for path in sorted(folder.glob(f"{pattern}.json")):
            if _fits(family, path.stem):
                task = Task(family=family, name=path.stem, limit_s=limit_s, problem=path)
                taken.setdefault((path.stem, limit_s), task)
    return list(taken.values())


def _fits(family: str, name: str) -> bool:
    """Whether the size in a problem's name is that of a row 'family n <= 200' or 'n >= 500'."""
    if " n " not in family or family.startswith("mtrp n"):
        return True
    sizes = [int(part) for part in name.split("-") if part.isdigit()]
    limit = int(family.rsplit(maxsplit=1)[-1])
    return bool(sizes) and (sizes[0] <= limit if "<=" in family else sizes[0] >= limit)


def quick_tasks(folder: Path) -> list[Task]:
    """A few problems of each kind, some two minutes in all."""
    return [
        Task(family=name.split("-")[0], name=name, limit_s=limit_s, problem=folder / f"{name}.json")
        for name, limit_s in QUICK
        if (folder / f"{name}.json").is_file()
    ]


def best_known(folder: Path) -> Mapping[str, float]:
    """Costs from `best_known.csv` beside the problems' folder or in it; empty without one."""
    for place in (folder / "best_known.csv", folder.parent / "best_known.csv"):
        if place.is_file():
            with place.open(encoding="utf-8-sig", newline="") as lines:
                rows = list(csv.DictReader(lines))
            known = ((row["problem"], row.get("best_known_cost")) for row in rows)
            return {name: float(cost) for name, cost in known if cost}
    return {}


def run_task(task: Task, seed: int, processes: int, known: Mapping[str, float], *, without: str = "") -> Run:
    """Solve one problem file, perhaps without one of the solver's parts, and judge the plan."""
    problem = read_problem(task.problem)
    return run_problem(problem, task, seed, processes, known.get(task.name), without=without)


def run_problem(
    problem: Problem, task: Task, seed: int, processes: int, best: float | None, *, without: str = ""
) -> Run:
    """Solve a problem, note how the cost fell, judge the plan."""
    falls: list[tuple[float, float]] = []

    def note(progress: Progress) -> None:
        if not falls or progress.cost < falls[-1][1]:
            falls.append((progress.seconds, progress.cost))

    began = time.perf_counter()
    plan = solve_sound(
        problem,
        time_limit_s=task.limit_s,
        seed=seed,
        processes=processes,
        on_progress=note,
        without=frozenset({without} - {""}),
    )
    seconds = time.perf_counter() - began
    verdict = judge(problem, plan)
    rule = judge(problem, rule_plan(problem))
    return Run(
        family=task.family,
        name=task.name,
        jobs=len(problem.jobs),
        crews=len(problem.crews),
        limit_s=task.limit_s,
        seed=seed,
        cost=verdict.cost,
        bound=plan.bound,
        status=plan.status,
        seconds=seconds,
        violations=len(verdict.violations),
        rule=rule.cost if rule.feasible else math.inf,
        early=_cost_at(falls, task.limit_s / 10, verdict.cost),
        best_known=best,
        progress=tuple(falls),
        without=without,
    )


def _cost_at(falls: Sequence[tuple[float, float]], seconds: float, final: float) -> float:
    """The cost in hand at a moment; infinite before the first plan."""
    if not falls:
        return final
    return min((cost for at, cost in falls if at <= seconds), default=math.inf)


def median(values: Iterable[float | None]) -> float | None:
    """Median of what is known, None of nothing.

    Parameters
    ----------
    values : figures, None where unknown.

    Returns
    -------
    float or None
        The median.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    return statistics.median(known) if known else None

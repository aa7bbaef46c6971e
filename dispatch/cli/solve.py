"""`gridcrew solve problem.json -o plan.json`: one problem file, one plan file."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..files.plan_files import write_plan
from ..files.problem_files import read_problem
from ..ground.problem import Problem
from ..judge.check import judge
from ..judge.explain import reasons_for_dropped
from ..planning.main_road import checked
from ..solver import is_compiled, solve_sound
from ..solver.compiling import Compiling
from ..solver.starts.by_rule import rule_plan
from .options import COMPILING, add_solver_arguments, cost_said, solver_options, stop_on_signal

INTERRUPTED = 130
LOOK_S = 0.2
STEP = 0.1  # of the compiling, for which progress is told
REASONS_S = 0.5  # beyond the limit, for why jobs are left out
HURRIED_S = 0.3  # the same once somebody has asked to stop


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("problem", type=Path, help="a dispatch-problem/1 file (docs/format.md)")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the plan file to write")
    add_solver_arguments(parser, time_limit_s=10)


def run(args: argparse.Namespace) -> int:
    """Solve, check and write; 0 a plan, 1 infeasible, 130 interrupted with the best plan written."""
    began_s = time.monotonic()
    with stop_on_signal() as asked:
        problem = read_problem(args.problem)
        if not is_compiled() and not _compiled(problem, args, asked):
            return INTERRUPTED
        plan = solve_sound(problem, **solver_options(args, cost_said), stop=asked)
        interrupted = asked()
        checked(problem, plan)
        ends_s = time.monotonic() + HURRIED_S if interrupted else _ends_s(args, began_s)
        reasons = reasons_for_dropped(problem, plan, lambda: time.monotonic() > ends_s)
        plan = replace(plan, dropped=reasons, seconds=0 if args.work else plan.seconds)
        write_plan(args.out, plan)
    bound = "" if plan.bound is None else f", bound {plan.bound:,.0f}"
    print(f"{plan.status}: cost {plan.cost:,.0f}{bound}, {len(plan.dropped)} left out, {plan.seconds:.1f} s")
    for conflict in plan.conflicts:
        print(conflict.text)
    if interrupted:
        return INTERRUPTED
    return 0 if plan.status != "infeasible" else 1


def _compiled(problem: Problem, args: argparse.Namespace, asked: Callable[[], bool]) -> bool:
    """Write a plan by the rule, then wait for the kernels; False where somebody asked to stop meanwhile."""
    plan = rule_plan(problem)
    if judge(problem, plan).feasible:
        write_plan(args.out, plan)
        said = f"A first plan by the rule is in {args.out}: cost {plan.cost:,.0f}."
        print(said, file=sys.stderr, flush=True)
    print(COMPILING, file=sys.stderr, flush=True)
    told = 0.0
    with Compiling() as compiling:
        while not compiling.wait(LOOK_S):
            if asked():
                return False
            if not args.quiet and compiling.share >= told + STEP:
                told = compiling.share
                print(f"  {100 * told:.0f} % compiled", file=sys.stderr, flush=True)
    return True


def _ends_s(args: argparse.Namespace, began_s: float) -> float:
    """Clock at which reasons are cut short; with a count of steps never, so that plans stay the same."""
    if args.work:
        return math.inf
    limit_s: float = args.time_limit or args.default_time_limit_s
    return max(began_s + limit_s, time.monotonic()) + REASONS_S

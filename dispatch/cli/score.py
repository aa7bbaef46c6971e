"""`gridcrew score problem.json plan.json`: a plan's cost recomputed from its visits alone."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..files.plan_files import read_plan
from ..files.problem_files import read_problem
from ..judge.check import judge
from ..soundness.door import sound_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("problem", type=Path)
    parser.add_argument("plan", type=Path)


def run(args: argparse.Namespace) -> int:
    """Print cost and parts as JSON; 0 without violations, else 1."""
    problem = read_problem(args.problem)
    verdict = judge(problem, sound_plan(problem, read_plan(args.plan), str(args.plan)))
    parts = {name: value for name, value in verdict.parts.items() if value}
    print(json.dumps({"cost": verdict.cost, "parts": parts, "violations": len(verdict.violations)}, indent=1))
    return 1 if verdict.violations else 0

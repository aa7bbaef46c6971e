"""`gridcrew check problem.json plan.json`: every violation with code, job, crew, amount."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from ..files.plan_files import read_plan
from ..files.problem_files import read_problem
from ..judge.check import judge
from ..soundness.door import sound_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("problem", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the violations; 0 none, 1 some."""
    problem = read_problem(args.problem)
    verdict = judge(problem, sound_plan(problem, read_plan(args.plan), str(args.plan)))
    if args.json:
        print(
            json.dumps(
                {"cost": verdict.cost, "violations": [asdict(v) for v in verdict.violations]}, indent=1
            )
        )
    else:
        for violation in verdict.violations:
            print(f"{violation.code}: {violation.text}")
        print(f"{len(verdict.violations)} violations, cost {verdict.cost:,.0f}")
    return 1 if verdict.violations else 0

"""`gridcrew explain problem.json plan.json --job J`: why it is done so, or is left out."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..files.plan_files import read_plan
from ..files.problem_files import read_problem
from ..ground.errors import Fault, InputFaults, nearest
from ..judge.explain import explain
from ..soundness.door import sound_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("problem", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--job", required=True, metavar="ID", help="the job to explain")
    parser.add_argument("--other", metavar="ID", help="another job: what swapping the two would cost")
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the explanation."""
    problem = read_problem(args.problem)
    unknown = [job for job in (args.job, args.other) if job is not None and job not in problem.job_by_id]
    if unknown:
        raise InputFaults(
            [
                Fault(
                    file=str(args.problem), place="", text=f"no job '{job}'{nearest(job, problem.job_by_id)}"
                )
                for job in unknown
            ]
        )
    plan = sound_plan(problem, read_plan(args.plan, problem), str(args.plan))
    told = explain(problem, plan, args.job, args.other)
    print(json.dumps(told.to_dict(), ensure_ascii=False, indent=1) if args.json else told.text(args.lang))
    return 0

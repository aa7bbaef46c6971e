"""`gridcrew plan CASE --out DIR`: the main road from a case folder to files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..files.output import check_folder, day_files, summary_text, write_files
from ..ground.brought import report_lines
from ..intake import load_case
from ..planning.main_road import plan_day
from .options import add_solver_arguments, fall_said, solver_options, stop_on_signal

STRICT = 2
INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("case", type=Path, help="a case folder (docs/case-folder.md)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the plan, sheets and summary")
    parser.add_argument(
        "--lang", choices=("en", "zh"), default=None, help="language of sheets (default: case)"
    )
    parser.add_argument("--strict", action="store_true", help="treat warnings as faults (exit status 2)")
    add_solver_arguments(parser, time_limit_s=30)


def run(args: argparse.Namespace) -> int:
    """Plan, write, and print the summary."""
    check_folder(args.out)
    case = load_case(args.case)
    for line in report_lines(case.brought):
        print(line, file=sys.stderr)
    with stop_on_signal() as asked:
        day = plan_day(case, **solver_options(args, fall_said), stop=asked)
        interrupted = asked()
    if not args.quiet:
        print(file=sys.stderr)
    for warning in day.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if args.strict and day.warnings:
        return STRICT
    lang = args.lang or case.settings.language
    write_files(args.out, day_files(day, lang))
    print(summary_text(day))
    if interrupted:
        return INTERRUPTED
    return 0 if day.plan.status != "infeasible" else 1

"""`gridcrew simulate SCENARIO`: many made-up days, and what they say."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..commands.options import whole
from .report import summary_text, write_report
from .scenario import read_study
from .study import run_study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("scenario", type=Path, help="a scenario file (docs/scenarios.md)")
    parser.add_argument("--replications", type=whole, default=20, metavar="N", help="default 20")
    parser.add_argument("--seed", type=whole, default=1, help="default 1")
    parser.add_argument("--out", type=Path, required=True, help="folder for the records and the report")
    parser.add_argument("--processes", type=whole, default=1, help="default 1")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to compute on")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(args: argparse.Namespace) -> int:
    """Simulate, write the report, print the summary."""
    study = read_study(args.scenario)
    args.out.mkdir(parents=True, exist_ok=True)
    records = run_study(
        study,
        replications=max(1, args.replications),
        seed=args.seed,
        out=args.out,
        processes=max(1, args.processes),
        scheduler=args.scheduler,
        on_progress=None if args.quiet else _progress,
    )
    if not args.quiet:
        print(file=sys.stderr)
    write_report(args.out, study, records, args.seed)
    print(summary_text(study, records))
    print(f"report: {args.out / 'report.html'}")
    return 0


def _progress(done: int, total: int, seconds: float) -> None:
    left_s = seconds / done * (total - done)
    print(
        f"\r{done} of {total} replications, {left_s:.0f} s left \x1b[K", end="", file=sys.stderr, flush=True
    )

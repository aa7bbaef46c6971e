"""`gridcrew simulate SCENARIO`: many made-up days, and what they say."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..commands.options import positive, whole
from .crews import fewest_crews
from .report import summary_text, write_report
from .scenario import Scenario, Study, read_study
from .study import Record, run_study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("scenario", type=Path, help="a scenario file (docs/scenarios.md)")
    parser.add_argument("--replications", type=whole, default=20, metavar="N", help="default 20")
    parser.add_argument("--seed", type=whole, default=1, help="default 1")
    parser.add_argument("--out", type=Path, required=True, help="folder for the records and the report")
    parser.add_argument("--processes", type=whole, default=1, help="default 1")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to compute on")
    parser.add_argument(
        "--crews-for",
        metavar="HOURS",
        type=positive,
        help="instead: the fewest crews with which 90 %% of customers are back in so many hours",
    )
    parser.add_argument(
        "--certainty", type=positive, default=0.9, help="with --crews-for: share of days (default 0.9)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(args: argparse.Namespace) -> int:
    """Simulate, write the report, print the summary."""
    study = read_study(args.scenario)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.crews_for:
        print(_crews_text(study, args))
        return 0
    records = _records(study, args)
    if not args.quiet:
        print(file=sys.stderr)
    write_report(args.out, study, records, args.seed)
    print(summary_text(study, records))
    print(f"report: {args.out / 'report.html'}")
    return 0


def _records(study: Study, args: argparse.Namespace) -> dict[str, list[Record]]:
    return run_study(
        study,
        replications=max(1, args.replications),
        seed=args.seed,
        out=args.out,
        processes=max(1, args.processes),
        scheduler=args.scheduler,
        on_progress=None if args.quiet else _progress,
    )


def _crews_text(study: Study, args: argparse.Namespace) -> str:
    """What was tried, and the fewest crews of the base that keep the promise."""

    def records_of(scenario: Scenario) -> list[Record]:
        alone = study.model_copy(update={"alternatives": {"crews": scenario}})
        return _records(alone, args)["crews"]

    base = study.alternatives[study.base]
    answer = fewest_crews(base, records_of, within_h=args.crews_for, certainty=args.certainty)
    lines = [
        f"{trial.crews:4d} crews: {trial.share:.0%} of days ({trial.low:.0%} to {trial.high:.0%})"
        for trial in answer.trials
    ]
    promise = f"90 % back in {args.crews_for:g} h on {args.certainty:.0%} of days"
    if answer.crews is None:
        return "\n".join([*lines, f"{promise}: no number of crews that was tried will do"])
    return "\n".join([*lines, f"{promise}: {answer.crews} crews"])


def _progress(done: int, total: int, seconds: float) -> None:
    left_s = seconds / done * (total - done)
    print(
        f"\r{done} of {total} replications, {left_s:.0f} s left \x1b[K", end="", file=sys.stderr, flush=True
    )

"""`gridcrew staging SCENARIO`: where crews should wait, and what that gains with the planning of the day."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from ..ground.errors import Fault, InputFaults
from ..simulate.made_of import recorded
from ..simulate.report import summary_text
from ..simulate.report_folder import write_report
from ..simulate.scenario import Staging
from ..simulate.scenario_check import check_study
from ..simulate.scenario_file import read_study
from ..simulate.staging import Placing, staged_study
from ..simulate.study import run_study, shared_world
from .options import whole

STAGED = "staged"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Search start places for the crews of a scenario over sampled storms, then live through other storms "
        "with and without them."
    )
    parser.add_argument("scenario", type=Path, help="a scenario file (docs/scenarios.md)")
    parser.add_argument("--storms", type=whole, default=12, metavar="N", help="to search on (default 12)")
    parser.add_argument(
        "--replications", type=whole, default=20, metavar="N", help="to judge by (default 20)"
    )
    parser.add_argument("--seed", type=whole, default=1, help="default 1")
    parser.add_argument("--out", type=Path, required=True, help="folder for the records and the report")
    parser.add_argument("--processes", type=whole, default=1, help="default 1")


def run(args: argparse.Namespace) -> int:
    """Search, verify, say what is gained."""
    if args.storms < 1 or args.replications < 1:
        raise InputFaults(
            [Fault(file="staging", place="--storms, --replications", text="expected at least 1")]
        )
    study = read_study(args.scenario)
    world = shared_world(study.case_folder)
    check_study(study, world, args.scenario.name)
    base = study.alternatives[study.base].model_copy(update={"staging": None})
    wish = base.model_copy(update={"staging": Staging(storms=args.storms)})
    both = study.model_copy(update={"alternatives": {study.base: base, STAGED: wish}})
    both, found = staged_study(both, world, args.seed)
    print(placing_text(found[STAGED]))
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "staging.json").write_text(json.dumps(asdict(found[STAGED]), indent=1), encoding="utf-8")
    records = run_study(
        both,
        replications=args.replications,
        seed=args.seed,
        out=args.out,
        processes=max(1, args.processes),
        on_progress=_told,
    )
    print(file=sys.stderr)
    for sentence in write_report(args.out, both, records, args.seed, made=recorded(args.out)):
        print(sentence, file=sys.stderr)
    print(summary_text(both, records))
    return 0


def placing_text(placing: Placing) -> str:
    """Where the crews of each group wait, and what the quick dispatcher says of it."""
    lines = [
        f"  {group}: " + ", ".join(f"{count} at {place}" for place, count in places.items())
        for group, places in placing.crews.items()
    ]
    gain = (
        f"{placing.before:,.0f} to {placing.after:,.0f} weighted customer-hours by the quick list dispatcher"
    )
    return "\n".join([f"searched on {placing.storms} storms: {gain}", *lines])


def _told(done: int, total: int, _: float) -> None:
    print(f"\r{done} of {total} replications \x1b[K", end="", file=sys.stderr, flush=True)

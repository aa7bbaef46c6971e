"""`gridcrew bench`: measure the solver and write the tables."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

from ..bench import report
from ..bench.generate import FAMILIES
from ..bench.peers import PEERS, Outcome
from ..bench.runs import Run, Task, all_tasks, best_known, quick_tasks, run_problem, run_task
from ..files.problem_files import read_problem, write_problem
from ..ground.errors import DispatchError, Fault, InputFaults
from ..ground.problem import Problem

SCALING_JOBS = (50, 100, 200, 500, 1000, 2000, 5000)
QUICK_SCALING_JOBS = (50, 200, 500)
JOBS_PER_CREW = 12
PART_PROBLEMS: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("mtrp-10-01-k2-weighted", 2, ("exact", "bound")),
    ("mtrpp-avci-200-03-k2", 10, ("latency", "exchange", "crowd", "bound")),
    ("outage-plain-60-10", 2, ("latency", "exchange", "crowd", "exact", "bound")),
    ("outage-plain-200-20", 5, ("latency", "exchange", "crowd", "bound")),
    ("outage-plain-500-40", 10, ("latency", "exchange", "crowd", "bound")),
    ("outage-plain-5000-400", 60, ("latency", "exchange", "crowd", "districts")),
    ("outage-shift-200-24", 10, ("exchange", "crowd", "bound")),
    ("outage-storm-300-40", 10, ("exchange", "crowd", "bound")),
)
PEER_PROBLEMS = ("outage-plain-60-10", "outage-plain-200-20", "outage-plain-500-40")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--problems", type=Path, help="folder of problem files (default: $GRIDCREW_SHARED/bench/problems)"
    )
    parser.add_argument("--out", type=Path, default=Path("bench-results"), help="folder to write to")
    parser.add_argument(
        "--quick", action="store_true", help="a few problems of each kind, under five minutes"
    )
    parser.add_argument("--seeds", type=int, nargs="+", help="seeds (default 1 2 3; quick: 1)")
    parser.add_argument("--processes", type=int, default=2, help="processes of the solver")
    parser.add_argument("--only", help="problems whose name holds this text")
    parser.add_argument(
        "--resume", action="store_true", help="keep the runs that --out already holds, make the missing ones"
    )
    parser.add_argument("--no-peers", action="store_true", help="leave out the other solvers")
    parser.add_argument("--no-parts", action="store_true", help="leave out the runs without each part")
    parser.add_argument("--no-scaling", action="store_true", help="leave out the scaling plots")
    parser.add_argument(
        "--scale-limit", type=float, help="seconds per scaling problem (default 30; quick: 5)"
    )
    parser.add_argument(
        "--generate",
        nargs=4,
        metavar=("FAMILY", "JOBS", "CREWS", "SEED"),
        help=f"only write one made-up problem to --out ({', '.join(FAMILIES)})",
    )


def run(args: argparse.Namespace) -> int:
    """Measure and write; 0 where every plan kept every rule, 1 otherwise, 2 on bad input."""
    try:
        if args.generate:
            return _generate(args)
        return _measure(args)
    except DispatchError as error:
        print(error, file=sys.stderr)
        return 2


def _generate(args: argparse.Namespace) -> int:
    family, *numbers = args.generate
    if family not in FAMILIES or not all(number.isdigit() for number in numbers):
        text = f"needs one of {', '.join(FAMILIES)} and three whole numbers"
        raise InputFaults([Fault(file="--generate", place="", text=text)])
    jobs, crews, seed = (int(number) for number in numbers)
    if jobs < 1 or crews < 1:
        raise InputFaults([Fault(file="--generate", place="", text="needs at least one job and one crew")])
    path = _made(args.out) / f"{family}-{jobs}-{crews}-seed{seed}.json"
    write_problem(path, FAMILIES[family](jobs, crews, seed))
    print(path)
    return 0


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"cannot be made: {error.strerror}"
        raise InputFaults([Fault(file=str(folder), place="", text=text)]) from error
    return folder


def _measure(args: argparse.Namespace) -> int:
    folder = _problems(args)
    out = _made(args.out)
    tasks = quick_tasks(folder) if args.quick else all_tasks(folder)
    if args.only:
        tasks = [task for task in tasks if args.only in task.name]
    seeds = args.seeds or ([1] if args.quick else [1, 2, 3])
    known = best_known(folder)
    _warm_up(args.processes)
    kept = _kept(out / "results.csv") if args.resume else []
    runs = _runs(tasks, seeds, args.processes, known, kept, out)
    peers = [] if args.no_peers else _peers(tasks, runs)
    parts = [] if args.no_parts or args.quick else _parts(folder, args, known, seeds[0])
    scaling = [] if args.no_scaling else _scaling(args, seeds[0])
    _write(out, runs, peers, parts, scaling, seeds)
    print(f"written: {out / 'results.md'}, results.csv, scaling.csv, scaling-cost.svg, scaling-time.svg")
    return 1 if any(each.violations for each in [*runs, *parts, *scaling]) else 0


def _kept(path: Path) -> list[Run]:
    return report.runs_from_csv(path.read_text(encoding="utf-8")) if path.is_file() else []


def _runs(
    tasks: Sequence[Task],
    seeds: Sequence[int],
    processes: int,
    known: Mapping[str, float],
    kept: Sequence[Run],
    out: Path,
) -> list[Run]:
    """Make every run that is not kept; each is on disk before the next begins."""
    runs = list(kept)
    have = {(run.name, run.limit_s, run.seed) for run in kept}
    for task, seed in product(tasks, seeds):
        if (task.name, task.limit_s, seed) not in have:
            runs.append(run_task(task, seed, processes, known))
            _say(runs[-1])
            _text(out / "results.csv", report.runs_csv(runs))
    return runs


def _problems(args: argparse.Namespace) -> Path:
    shared = os.environ.get("GRIDCREW_SHARED")
    folder: Path | None = args.problems or (Path(shared) / "bench" / "problems" if shared else None)
    if folder is None or not folder.is_dir():
        text = "no folder of problems; name one with --problems or by GRIDCREW_SHARED"
        raise InputFaults([Fault(file=str(folder or "--problems"), place="", text=text)])
    return folder


def _warm_up(processes: int) -> None:
    """Compile or load the kernels, so that the first row does not pay for it."""
    for make in FAMILIES.values():
        _solve_made(make(30, 4, 1), "warm-up", 0.5, 1, processes)


def _solve_made(problem: Problem, family: str, limit_s: float, seed: int, processes: int) -> Run:
    task = Task(family=family, name=problem.name or family, limit_s=limit_s, problem=Path())
    return run_problem(problem, task, seed, processes, None)


def _say(run: Run) -> None:
    gap = "" if run.gap is None else f", {100 * run.gap:+.2f} % of best known"
    proven = "" if run.proven_gap is None else f", proven within {100 * run.proven_gap:.2f} %"
    broken = f", BREAKS {run.violations} RULES" if run.violations else ""
    name = f"{run.name} without {run.without}" if run.without else run.name
    print(f"{name} seed {run.seed}: {run.cost:,.0f} in {run.seconds:.1f} s{gap}{proven}{broken}", flush=True)


def _peers(tasks: Sequence[Task], runs: Sequence[Run]) -> list[tuple[Run, list[Outcome]]]:
    found = []
    for task in tasks:
        ours = next((run for run in runs if run.name == task.name and run.limit_s == task.limit_s), None)
        if ours is not None and task.name in PEER_PROBLEMS:
            problem = read_problem(task.problem)
            found.append((ours, [peer.outcome(problem, task.limit_s) for peer in PEERS]))
    return found


def _parts(folder: Path, args: argparse.Namespace, known: Mapping[str, float], seed: int) -> list[Run]:
    """Each problem with all parts of the solver, and with each part left out in turn."""
    runs = []
    for name, limit_s, parts in PART_PROBLEMS:
        task = Task(family="parts", name=name, limit_s=limit_s, problem=folder / f"{name}.json")
        if task.problem.is_file() and (not args.only or args.only in name):
            for part in ("", *parts):
                runs.append(run_task(task, seed, args.processes, known, without=part))
                _say(runs[-1])
    return runs


def _scaling(args: argparse.Namespace, seed: int) -> list[Run]:
    limit_s = args.scale_limit or (5.0 if args.quick else 30.0)
    runs = []
    for family, make in FAMILIES.items():
        for jobs in QUICK_SCALING_JOBS if args.quick else SCALING_JOBS:
            problem = make(jobs, max(2, jobs // JOBS_PER_CREW), seed)
            runs.append(_solve_made(problem, family, limit_s, seed, args.processes))
            _say(runs[-1])
    return runs


def _write(
    out: Path,
    runs: Sequence[Run],
    peers: Sequence[tuple[Run, Sequence[Outcome]]],
    parts: Sequence[Run],
    scaling: Sequence[Run],
    seeds: Sequence[int],
) -> None:
    seeds_line = f"Seeds {', '.join(map(str, seeds))}. Every plan was judged by `dispatch.judge.check`."
    lines = ["# Benchmark", "", *report.machine(), "", seeds_line, ""]
    lines += ["## Families", "", *report.runs_table(runs), "", "## Problems", ""]
    lines += report.problems_table(runs)
    if peers:
        lines += ["", "## Peers", "", *report.peers_table(peers)]
    if parts:
        lines += ["", "## With and without each part", "", *report.parts_table(parts)]
    if scaling:
        lines += ["", "## Scaling (made-up days)", "", *report.scaling_table(scaling), ""]
        lines += ["![saved against the rule](scaling-cost.svg)", "", "![time](scaling-time.svg)"]
        _text(out / "scaling.csv", report.runs_csv(scaling))
        saved = report.scaling_svg(scaling, "Saved against the dispatcher's rule", "%", _saved_percent)
        _text(out / "scaling-cost.svg", saved)
        slow = report.scaling_svg(scaling, "Time to the last percent", "s", report.nearly_done_s)
        _text(out / "scaling-time.svg", slow)
    _text(out / "results.md", "\n".join(lines) + "\n")
    _text(out / "results.csv", report.runs_csv(runs))


def _saved_percent(run: Run) -> float | None:
    return None if run.below_rule is None else 100 * run.below_rule


def _text(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        text = f"cannot be written: {error.strerror}"
        raise InputFaults([Fault(file=str(path), place="", text=text)]) from error

"""Options and progress that several subcommands share."""

from __future__ import annotations

import argparse
import math
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..solver import Progress, is_compiled

COMPILING = "Compiling the solver: once on this machine, one to two minutes ..."


def add_solver_arguments(parser: argparse.ArgumentParser, *, time_limit_s: float) -> None:
    """Limits, seed and processes of the solver."""
    parser.add_argument(
        "--time-limit", type=positive, metavar="S", help=f"wall-clock seconds (default {time_limit_s:g})"
    )
    parser.add_argument(
        "--work", type=whole, metavar="N", help="search steps instead of time: same seed, same plan"
    )
    parser.add_argument("--seed", type=whole, default=1, help="default 1")
    parser.add_argument("--processes", type=whole, default=None, help="default 2; 1 with --work")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.set_defaults(default_time_limit_s=time_limit_s)


def solver_options(args: argparse.Namespace, said: Callable[[float, Progress], str]) -> dict[str, Any]:
    """The options as `solve` and `plan_day` take them; a first run is told that it will take longer.

    Parameters
    ----------
    said : what to say of the search, of the first plan's cost and how it is getting on.
    """
    if not is_compiled():
        print(COMPILING, file=sys.stderr, flush=True)
    work = args.work
    time_limit_s = args.time_limit if args.time_limit or work else args.default_time_limit_s
    processes = args.processes or (1 if work else 2)
    return {
        "time_limit_s": time_limit_s,
        "work": work,
        "seed": args.seed,
        "processes": processes,
        "on_progress": None if args.quiet else progress_line(said),
    }


def progress_line(said: Callable[[float, Progress], str]) -> Callable[[Progress], None]:
    """Report on standard error: in place on a terminal, else only what is new."""
    first, last = 0.0, ""

    def report(progress: Progress) -> None:
        nonlocal first, last
        if math.isinf(progress.cost):
            return
        first = first or progress.cost
        told = said(first, progress)
        line = f"{progress.seconds:6.1f} s  {told}"
        if sys.stderr.isatty():
            print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
        elif told != last:
            print(line, file=sys.stderr, flush=True)
        last = told

    return report


def cost_said(_: float, progress: Progress) -> str:
    """The cost of the best plan so far, and how low any plan's could be."""
    bound = "" if progress.bound is None else f"  bound {progress.bound:,.0f}"
    return f"cost {progress.cost:,.0f}{bound}"


def fall_said(first: float, progress: Progress) -> str:
    """How far the cost has fallen: a day's search lifts dangers so high that the sum tells nothing."""
    return f"{100 * (1 - progress.cost / first) if first else 0:.3f} % below the first plan"


@contextmanager
def stop_on_signal() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C and SIGTERM into a question: has somebody asked to stop?

    The first signal lets long work end with what it has; a second Ctrl-C ends it at once.
    """
    asked: list[int] = []

    def ask(number: int, _: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def positive(text: str) -> float:
    """A number above zero."""
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not above 0")
    return number


def whole(text: str) -> int:
    """A whole number from 0 on."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is below 0")
    return number

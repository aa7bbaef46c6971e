"""`gridcrew learn CASE`: beliefs about faults and callers, estimated from the journal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..ground.whole import written_whole
from ..intake import load_case
from ..live.learning import Lesson, lesson
from ..live.standing.versions import Standing
from ..outages.doubt.calibration import Calibration
from ..store.present import Present
from ..store.store import open_existing

HEADER = "name,value"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("case", type=Path, help="the case folder of the running day")
    parser.add_argument("--database", default="sqlite:///gridcrew.sqlite", metavar="URL")
    parser.add_argument("--days", type=_days, default=365, metavar="N", help="of so many days; 365")
    parser.add_argument("--until", type=_moment, metavar="TIME", help="up to this moment; now")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write beliefs.csv there")


def run(args: argparse.Namespace) -> int:
    """Print what would change and what it would have changed; 1 where there is nothing to learn from."""
    store = open_existing(args.database)
    try:
        case = load_case(args.case)
        until = args.until or datetime.now(UTC)
        now = Standing(case, store, Present(store, lambda: until)).case_at(until)
        found = lesson(now, store, until - timedelta(days=args.days), until)
    finally:
        store.close()
    if found is None:
        day = f"{until:%Y-%m-%d %H:%M}"
        print(f"No outage was restored in the {args.days} days to {day}: nothing to learn from.")
        return 1
    print("\n".join(_lines(found)))
    if args.out is not None:
        rows = [HEADER, *(f"{name},{value:g}" for name, value in found.learned.after.by_name().items())]
        with written_whole(args.out) as out:
            out.write(("\n".join(rows) + "\n").encode())
        print(f"\n{args.out} is written. It counts from the case folder, or by the page Roster and data.")
    return 0


def _lines(found: Lesson) -> Iterator[str]:
    told = found.learned
    yield f"{found.outages} outages of {told.days:.0f} days, {told.callers} calls while supply was gone."
    yield ""
    yield f"{'failed':<14}{'found':>8}{'expected':>10}"
    for name, count in told.faults.items():
        yield f"{name:<14}{count:>8}{told.expected[name]:>10.1f}"
    yield ""
    yield from _beliefs(found)
    if found.tried is not None:
        yield ""
        yield f"Learned from the older outages and tried on the newest {found.tried.outages}:"
        yield f"{'after first call':<18}{'right device, chance':>22}{'named':>16}{'log score':>18}"
        for before, after in zip(found.tried.before, found.tried.after, strict=True):
            yield _tried(before, after)


def _beliefs(found: Lesson) -> Iterator[str]:
    yield f"{'belief':<30}{'in force':>10}{'learned':>10}"
    after = found.learned.after.by_name()
    for name, value in found.before.by_name().items():
        yield f"{name:<30}{value:>10.4g}{after[name]:>10.4g}"


def _tried(before: Calibration, after: Calibration) -> str:
    chance = f"{before.chance:.3f} -> {after.chance:.3f}"
    named = f"{before.named:.0%} -> {after.named:.0%}"
    log = f"{before.log:.3f} -> {after.log:.3f}"
    return f"{f'+{before.after_min} min':<18}{chance:>22}{named:>16}{log:>18}"


def _days(text: str) -> int:
    try:
        days = int(text)
    except ValueError:
        days = 0
    if not 1 <= days <= 36_500:
        raise argparse.ArgumentTypeError(f"{text} is not a number of days from 1 to 36500")
    return days


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 2026-07-14T18:00:00-04:00")
    return moment

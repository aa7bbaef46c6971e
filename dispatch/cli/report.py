"""`gridcrew report promises`: promises kept and missed, by area and class."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..ground.errors import DispatchError
from ..promises.report import period, promise_report
from ..promises.texts import LANGUAGES, as_csv, as_text
from ..store import open_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=("promises",))
    parser.add_argument("--database", default="sqlite:///gridcrew.sqlite", metavar="URL")
    parser.add_argument("--from", dest="first", type=_day, metavar="DAY", help="default: last week's Monday")
    parser.add_argument("--to", dest="last", type=_day, metavar="DAY", help="last day; default 6 days later")
    parser.add_argument("--time-zone", default="UTC", help="whose days these are, default UTC")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write counts and every miss there")


def run(args: argparse.Namespace) -> int:
    """Write the report."""
    zone = _zone(args.time_zone)
    now = datetime.now(UTC)
    begins, ends = period(args.first, args.last, zone, now)
    store = open_store(args.database)
    report = promise_report(store, begins, ends, now)
    store.close()
    if args.csv is not None:
        args.csv.write_text(as_csv(report, zone, args.language), encoding="utf-8", newline="")
    sys.stdout.write(as_text(report, zone, args.language))
    return 0


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DispatchError(f"--time-zone {name}: expected a name such as Asia/Shanghai") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not a day such as 2026-07-13") from error

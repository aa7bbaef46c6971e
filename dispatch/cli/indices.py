"""`gridcrew indices FILE`: reliability indices of a file of interruptions."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from ..ground.brought import Brought
from ..ground.errors import Fault, InputFaults
from ..indices import IndexSettings, as_csv, as_json, as_text, read_records, read_served, study
from ..intake.telling import faults_told, report_told
from .bringing import add_language

BAD_INPUT = 2
WRITERS = {"text": as_text, "csv": as_csv, "json": as_json}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `gridcrew indices` takes."""
    parser.add_argument("file", type=Path, help="interruptions as .csv, .csv.gz or .xlsx (docs/indices.md)")
    parser.add_argument("--customers", type=_positive, required=True, help="customers served")
    parser.add_argument("--from", dest="first", type=_day, help="first day; that of the file")
    parser.add_argument("--to", dest="last", type=_day, help="last day; that of the file")
    parser.add_argument("--time-zone", help="zone of days, and of times that state no offset")
    parser.add_argument(
        "--history", type=Path, help="interruptions of the five years before, for major event days"
    )
    parser.add_argument("--served", type=Path, help="customers served by feeder, area or grade")
    parser.add_argument("--momentary-min", type=float, default=5.0, help="momentary up to so many minutes; 5")
    parser.add_argument("--format", choices=WRITERS, default="text")
    parser.add_argument("--out", type=Path, help="write there; to the terminal without it")
    add_language(parser)


def run(args: argparse.Namespace) -> int:
    """Compute and write the indices; the exit status is 2 for bad input."""
    try:
        text = _computed(args)
        if args.out is None:
            sys.stdout.write(text)
        else:
            _write(args.out, text)
    except InputFaults as faults:
        print(faults_told(faults, args.lang), file=sys.stderr)
        return BAD_INPUT
    return 0


def _computed(args: argparse.Namespace) -> str:
    zone = _zone(args.time_zone)
    records = read_records(args.file, zone, args.customers)
    table = records.table
    first, last = args.first or _edge(table, "first"), args.last or _edge(table, "last")
    if first is None or last is None:
        raise InputFaults(
            [Fault(file=args.file.name, place="", text="holds no interruption; give --from and --to")]
        )
    if last < first:
        raise InputFaults([Fault(file="--from, --to", place="", text=f"{last} is before {first}")])
    history = _history(args, zone)
    _report(records.brought, args.lang)
    done = study(
        table,
        args.customers,
        first,
        last,
        history=history,
        served=read_served(args.served) if args.served else None,
        settings=IndexSettings(momentary_min=args.momentary_min),
    )
    return WRITERS[args.format](done)


def _history(args: argparse.Namespace, zone: ZoneInfo | None) -> pd.DataFrame | None:
    if args.history is None:
        return None
    records = read_records(args.history, zone)
    _report(records.brought, args.lang)
    return records.table


def _report(brought: Brought, language: str) -> None:
    """What became of the records, where something was not taken as it stands."""
    if not brought.as_written:
        print("\n".join(report_told([brought], language)), file=sys.stderr)


def _edge(table: pd.DataFrame, which: str) -> date | None:
    if not len(table):
        return None
    day: pd.Timestamp = table["day"].min() if which == "first" else table["day"].max()
    return date(day.year, day.month, day.day)


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        text = f"unknown time zone '{name}'; expected a name such as Asia/Shanghai"
        raise InputFaults([Fault(file="--time-zone", place="", text=text)]) from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputFaults(
            [Fault(file=str(path), place="", text=f"cannot be written: {error.strerror}")]
        ) from error


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of customers above 0")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not a day such as 2025-07-01") from error

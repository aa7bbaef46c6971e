"""`gridcrew case new` and `gridcrew case import`: own files, looked at once and read every night."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ..ground.errors import Fault, InputFaults
from ..intake.mapping import import_case, propose, read_mapping, write_mapping
from ..intake.telling import faults_told, report_told, told

BAD_INPUT = 2


def add_language(parser: argparse.ArgumentParser) -> None:
    """Add the language of what is said."""
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="of what is said (default en)")


def new_mapping(
    files: list[Path], out: Path, time_zone: str, now: datetime | None, language: str = "en"
) -> int:
    """Propose a mapping, show it and write it; never over one that is there."""
    if out.exists():
        print(told(f"{out}: is already there; give another name with --out", language), file=sys.stderr)
        return BAD_INPUT
    try:
        _check_zone(time_zone)
        found = propose(files, out.parent, time_zone=time_zone, now=now)
    except InputFaults as faults:
        print(faults_told(faults, language), file=sys.stderr)
        return BAD_INPUT
    notes = {name: [told(line, language) for line in lines] for name, lines in found.notes.items()}
    write_mapping(out, found.mapping, notes)
    for name, lines in notes.items():
        print(f"{name}:")
        for line in lines:
            print(f"  {line}")
    for question in found.open:
        print(f"? {told(question, language)}")
    then = f"{out}: written; look through it, then: gridcrew case import {out} --out CASE"
    print(told(then, language))
    return 0


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        text = f"'{name}' is no time zone; expected a name such as Asia/Shanghai"
        raise InputFaults([Fault(file="--time-zone", place="", text=text)]) from None


def bring_in(mapping: Path, out: Path, strict: bool, language: str = "en") -> int:
    """Make a case folder by a mapping and report what became of every file."""
    try:
        made = import_case(read_mapping(mapping), out, say=_progress(language), strict=strict)
    except InputFaults as faults:
        print(faults_told(faults, language), file=sys.stderr)
        return BAD_INPUT
    case = made.case
    for line in report_told(made.brought, language):
        print(line)
    for note in made.notes:
        print(told(f"note: {note}", language))
    for path in made.aside:
        print(told(f"{path}: rows set aside; mend them and bring them in again", language))
    crews, transformers = len(case.crews), len(case.grid.transformers)
    held = (
        f"{out}: {len(case.customers):,} customers, {len(case.requests):,} requests, {crews:,} crews, "
        f"{len(case.depots):,} depots, {transformers:,} transformers"
    )
    print(told(held, language))
    return 0


def _progress(language: str) -> Callable[[str], None]:
    """Says on a terminal what is under way."""

    def say(step: str) -> None:
        if sys.stderr.isatty():
            words = f"reading {step} ..." if step != "writing" else "writing ..."
            print(told(words, language), file=sys.stderr)

    return say

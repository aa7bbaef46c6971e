"""`gridcrew case`: write an example to start from, check a folder, print the format's document."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from ..ground.case import Case
from ..ground.errors import InputFaults
from ..intake.case import load_case
from ..intake.document import case_folder_document
from ..intake.from_grid import case_from_grid
from ..intake.leaving import FORMS, export_case
from ..intake.schema import CREWS, REQUESTS
from ..intake.telling import faults_told, report_told, told
from ..intake.template import write_excel_template, write_template
from ..triage.cautions import vocabulary_warnings
from . import night
from .bringing import add_language, bring_in, new_mapping
from .options import whole

BAD_INPUT = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands of `gridcrew case`."""
    commands = parser.add_subparsers(dest="case_command", required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="read a case folder and list everything that is wrong with it")
    check.add_argument("folder", type=Path)
    check.add_argument(
        "--strict", action="store_true", help="repair nothing, set nothing aside: a fault for each"
    )
    add_language(check)
    template = commands.add_parser("template", help="write example files to start from")
    template.add_argument("folder", type=Path)
    template.add_argument(
        "--excel", action="store_true", help="also requests.xlsx and crews.xlsx under excel/"
    )
    template.add_argument("--chinese", action="store_true", help="Chinese headers in the Excel files")
    around = commands.add_parser("from-grid", help="make a case around a grid: everything else is made up")
    around.add_argument("grid", type=Path, help="what `gridcrew grid` reads")
    around.add_argument("--out", type=Path, required=True, help="a new folder")
    around.add_argument("--seed", type=whole, default=1, help="default 1; the same seed, the same bytes")
    around.add_argument("--now", type=_moment, metavar="ISO", help="such as 2026-06-18T07:30:00+02:00")
    around.add_argument(
        "--customers-per-transformer",
        type=int,
        default=20,
        metavar="N",
        help="mean over all; shared out by rating (default 20)",
    )
    _add_bringing(commands)
    commands.add_parser("document", help="print docs/case-folder.md")


def _add_bringing(commands: Any) -> None:
    new = commands.add_parser("new", help="look at files of your own and propose how to read them")
    new.add_argument("files", type=Path, nargs="+", help="files, and folders of files")
    new.add_argument("--out", type=Path, default=Path("mapping.yaml"), help="default mapping.yaml")
    new.add_argument(
        "--time-zone", default="", metavar="ZONE", help="of the files' times, such as Asia/Shanghai"
    )
    new.add_argument("--now", type=_moment, metavar="ISO", help="the moment to plan for")
    add_language(new)
    bring = commands.add_parser("import", help="make a case out of your files, by a mapping")
    bring.add_argument("mapping", type=Path, help="what `case new` wrote")
    bring.add_argument("--out", type=Path, required=True, help="a new folder, or one that an import made")
    bring.add_argument("--strict", action="store_true", help="repair nothing, set nothing aside")
    add_language(bring)
    night.add_arguments(commands)
    export = commands.add_parser("export", help="write a case out for other programs")
    export.add_argument("folder", type=Path)
    export.add_argument("--out", type=Path, required=True, help="a new folder; of cim a new file")
    export.add_argument("--form", choices=FORMS, default="csv", help="default csv")
    add_language(export)


def run(args: argparse.Namespace) -> int:
    """Carry out one sub-command; the exit status is 2 for bad input."""
    does: dict[str, Callable[[], int]] = {
        "check": lambda: _check(args.folder, args.strict, args.lang),
        "template": lambda: _template(args.folder, args.excel or args.chinese, args.chinese),
        "from-grid": lambda: _from_grid(args),
        "new": lambda: new_mapping(args.files, args.out, args.time_zone, args.now, args.lang),
        "import": lambda: bring_in(args.mapping, args.out, args.strict, args.lang),
        "export": lambda: _export(args),
        "compare": lambda: night.compare(args.before, args.after, args.lang),
        "night": lambda: night.night(args),
    }
    if args.case_command in does:
        return does[args.case_command]()
    sys.stdout.write(case_folder_document())
    return 0


def _check(folder: Path, strict: bool, language: str) -> int:
    try:
        case = load_case(folder, strict=strict)
    except InputFaults as faults:
        print(faults_told(faults, language), file=sys.stderr)
        return BAD_INPUT
    _say(case)
    for line in report_told((each for each in case.brought if not each.as_written), language):
        print(line)
    for warning in vocabulary_warnings(case):
        print(f"warning: {warning}", file=sys.stderr)
    return 0


def _from_grid(args: argparse.Namespace) -> int:
    try:
        made = case_from_grid(
            args.grid,
            args.out,
            seed=args.seed,
            now=args.now,
            customers_per_transformer=args.customers_per_transformer,
        )
    except InputFaults as faults:
        print(faults, file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"{args.out}: cannot be written: {error.strerror}", file=sys.stderr)
        return BAD_INPUT
    _say(made.case)
    print(made.case.settings.synthetic)
    return 0


def _export(args: argparse.Namespace) -> int:
    try:
        made = export_case(args.folder, args.out, args.form)
    except InputFaults as faults:
        print(faults_told(faults, args.lang), file=sys.stderr)
        return BAD_INPUT
    for line in report_told((each for each in made.case.brought if not each.as_written), args.lang):
        print(line)
    for line in made.lost:
        print(told(f"note: {line}", args.lang))
    print(f"{args.out}: {len(made.files)} files" if args.form != "cim" else args.out)
    return 0


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        example = "2026-06-18T07:30:00+02:00"
        raise argparse.ArgumentTypeError(f"'{text}' is not a time such as {example}") from None


def _say(case: Case) -> None:
    print(
        f"{case.settings.name}, {case.settings.now.isoformat()}: "
        f"{len(case.requests)} requests, {len(case.customers)} customers, "
        f"{len(case.crews)} crews, {len(case.depots)} depots, {len(case.roads)} road nodes, "
        f"{len(case.grid.transformers)} transformers; no fault"
    )


def _template(folder: Path, excel: bool, chinese: bool) -> int:
    try:
        written = list(write_template(folder))
        if excel:
            (folder / "excel").mkdir(exist_ok=True)
            for table in (REQUESTS, CREWS):
                path = folder / "excel" / f"{table.name}.xlsx"
                write_excel_template(path, table, chinese=chinese)
                written.append(path)
    except OSError as error:
        print(f"{folder}: cannot be written: {error.strerror}", file=sys.stderr)
        return BAD_INPUT
    for path in written:
        print(path)
    return 0

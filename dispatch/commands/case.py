"""`gridcrew case check DIR`, `gridcrew case template DIR`."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..intake import load_case
from ..intake.template import write_template


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=("check", "template"))
    parser.add_argument("folder", type=Path)


def run(args: argparse.Namespace) -> int:
    """Check a case folder, or write one with headers and an example row per file."""
    if args.what == "template":
        write_template(args.folder)
        print(f"wrote {args.folder}")
        return 0
    case = load_case(args.folder)
    print(
        f"{case.settings.name}: {len(case.requests)} requests, {len(case.customers)} customers, "
        f"{len(case.crews)} crews, {len(case.depots)} depots; no faults"
    )
    return 0

"""`gridcrew published FOLDER`: whether the public's history of promises kept is whole, signed and true."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..ground.errors import DispatchError
from ..outward.history import faults, statements
from ..store.store import open_existing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("folder", type=Path, help="the folder of `serve --public`, or a copy of its files")
    parser.add_argument("--database", metavar="URL", help="work every figure out again from this journal")


def run(args: argparse.Namespace) -> int:
    """Print every fault; 1 when there are any."""
    told = statements(args.folder)
    if not told:
        raise DispatchError(f"{args.folder}: holds no statements (kept-*.json)")
    store = open_existing(args.database) if args.database else None
    found = faults(args.folder, store)
    print(
        "\n".join(found)
        or f"{len(told)} weeks: signed, whole" + (", figures as the journal gives" if store else "")
    )
    if store is not None:
        store.close()
    return 1 if found else 0

"""`gridcrew customers CASE`: work the customers' index out anew and list what would change."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from ..intake import load_case
from ..live.book import Who
from ..live.service.index import index_changes, let_index_count, propose_index
from ..room import open_room
from ..service.index import load_weights
from ..store.store import open_existing

MOST_SHOWN = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("case", type=Path, help="the case folder of the running day")
    parser.add_argument("--database", default="sqlite:///gridcrew.sqlite", metavar="URL")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="the utility's own weights, as YAML")
    parser.add_argument(
        "--by", default="gridcrew customers", metavar="NAME", help="who asks, for the journal"
    )
    parser.add_argument("--count", action="store_true", help="let it count at once, without the page")


def run(args: argparse.Namespace) -> int:
    """Write the index down, and list its changes."""
    weights = load_weights(args.weights)
    case = load_case(args.case)
    store = open_existing(args.database)
    room = open_room(case, store, lambda: datetime.now(UTC))
    try:
        who = Who(name=args.by, source="file")
        index = propose_index(room.desk, weights, who)
        changes = index_changes(room.desk)
        print(f"{len(index.listed)} customers listed, {len(changes)} changes; VIP from {index.vip_from:g}")
        for each in changes[:MOST_SHOWN]:
            print(f"{each.customer}  {_shown(each.before)} -> {_shown(each.after)}")
        if len(changes) > MOST_SHOWN:
            print(f"... and {len(changes) - MOST_SHOWN} more")
        if args.count:
            let_index_count(room.desk, index.seq, who)
        print(
            "It counts now."
            if args.count
            else "It does not count yet: a supervisor lets it on the page Index."
        )
    finally:
        room.end()
    return 0


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"

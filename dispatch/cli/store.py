"""`gridcrew store`: back up, restore, check, purge and migrate the running day's database."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..store import Store, StoreError
from ..store.backup import back_up, restore
from ..store.chain import Head
from ..store.connection import connect
from ..store.migrate import downgrade, revision_of, upgrade
from ..store.purge import count_old, purge
from ..store.store import open_existing

DEFAULT = "sqlite:///gridcrew.sqlite"
AGE = re.compile(r"(\d+)(d|w|y)")
MOST_SHOWN = 50
DAYS = {"d": 1, "w": 7, "y": 365}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands."""
    parser.add_argument("--database", default=DEFAULT, metavar="URL", help="default %(default)s")
    acts = parser.add_subparsers(dest="act", required=True)
    one = acts.add_parser("backup", help="copy everything of this moment to a file, while the day runs")
    one.add_argument("target", type=Path, metavar="FILE.jsonl.gz")
    one = acts.add_parser("restore", help="fill an empty database from a backup, SQLite or PostgreSQL")
    one.add_argument("source", type=Path, metavar="FILE.jsonl.gz")
    one = acts.add_parser("check", help="check the journal's chain, rebuild the day from it and compare")
    one.add_argument("--head", type=noted, metavar="HEAD", help="a head that an earlier check has shown")
    one = acts.add_parser("purge", help="forget customers of what ended long ago")
    one.add_argument("--older-than", type=age, required=True, metavar="AGE", help="e.g. 90d, 26w, 2y")
    one.add_argument("--dry-run", action="store_true", help="only say whether there is something to forget")
    one = acts.add_parser("migrate", help="bring the tables to this version, or back to an earlier one")
    one.add_argument("--to", default="head", metavar="REVISION", help="default head; 'base' drops everything")
    one.add_argument("--yes", action="store_true", help="needed with --to base")


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 0 when it went well, 1 when a check failed."""
    if args.act == "restore":
        print(f"{restore(args.database, args.source)} rows restored from {args.source}")
        return 0
    if args.act == "migrate":
        return _migrate(args)
    store = open_existing(args.database)
    try:
        return int(ACTS[args.act](store, args))
    finally:
        store.close()


def age(text: str) -> timedelta:
    """Days, weeks or years: 90d, 26w, 2y."""
    found = AGE.fullmatch(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; expected e.g. 90d, 26w or 2y")
    return timedelta(days=int(found[1]) * DAYS[found[2]])


def noted(text: str) -> Head:
    """A head of the journal: its number and its seal."""
    try:
        return Head.of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no head; expected e.g. 1234:9f0c...") from None


def _back_up(store: Store, args: argparse.Namespace) -> int:
    rows = back_up(store, args.target, datetime.now(UTC))
    print(f"{rows} rows in {args.target} ({args.target.stat().st_size / 1e6:.1f} MB)")
    return 0


def _check(store: Store, args: argparse.Namespace) -> int:
    broken = store.chain_faults(args.head)
    print(f"{store.last_seq()} events; chain {'broken' if broken else 'whole'}; head {store.head()}")
    for fault in broken[:MOST_SHOWN]:
        print(f"  {fault}")
    if len(broken) > MOST_SHOWN:
        print(f"  and {len(broken) - MOST_SHOWN} more")
    return max(_compare(store), int(bool(broken)))


def _compare(store: Store) -> int:
    try:
        stored, rebuilt = store.both()
    except StoreError as error:
        print(f"  the day cannot be rebuilt from its journal: {error}")
        return 1
    wrong = [name for name in stored if rebuilt[name] != stored[name]]
    rows = sum(map(len, stored.values()))
    print(f"{rows} rows; rebuilt from the journal: {'differs' if wrong else 'equal'}")
    for name in wrong:
        print(f"  {name}: {len(rebuilt[name])} rows rebuilt, {len(stored[name])} stored")
    return 1 if wrong else 0


def _purge(store: Store, args: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    before = now - args.older_than
    if args.dry_run:
        found = count_old(store, before)
        print(f"before {before:%Y-%m-%d}: {found.requests} requests, {found.orders} orders in the first lot")
        return 0
    done = purge(store, before, now, "gridcrew store purge")
    print(
        f"before {before:%Y-%m-%d}: customers of {done.requests} requests, notes of {done.orders} orders, "
        f"{done.photos} pictures and {done.messages} messages forgotten"
    )
    return 0


def _migrate(args: argparse.Namespace) -> int:
    engine = connect(args.database)
    with engine.connect() as connection:
        found = revision_of(connection)
    if args.to == "base" and not args.yes:
        raise StoreError("going back to 'base' drops every table; say --yes if that is meant")
    back = args.to == "base" or args.to.startswith("-") or (found and args.to < found)
    (downgrade if back else upgrade)(engine, args.to)
    with engine.connect() as connection:
        print(f"from {found or 'nothing'} to {revision_of(connection) or 'nothing'}")
    engine.dispose()
    return 0


ACTS = {"backup": _back_up, "check": _check, "purge": _purge}

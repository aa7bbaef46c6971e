"""A duty room as a process of its own, its clock in a file: `room_server.py CASE DATABASE CLOCK PORT`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from dispatch.intake import load_case
from dispatch.live import Budget, Desk
from dispatch.live.planner import Planner
from dispatch.store import open_store
from dispatch.store.accounts import Accounts
from web.app import create_app
from web.directory import Directory
from web.serve import serve


def main(case_folder: str, database: str, clock_file: str, port: str) -> None:
    """Serve until killed."""
    case = load_case(Path(case_folder))
    store = open_store(database)

    def clock() -> datetime:
        return datetime.fromisoformat(Path(clock_file).read_text()).astimezone(case.settings.zone)

    desk = Desk(case, store, clock, Budget(work=150, freeze_min=0))
    Planner(desk).start()
    app = create_app(desk, accounts_book=Directory(Accounts(store)), secret_key="the same after each start")
    serve(app, "127.0.0.1", int(port), threads=24, on_ready=lambda url: print(url, flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])

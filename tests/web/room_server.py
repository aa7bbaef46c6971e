"""A duty room as a process of its own, its clock in a file: `room_server.py CASE DATABASE CLOCK PORT`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from dispatch.intake import load_case
from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store import open_store
from web.app import create_app
from web.serve import serve


def main(case_folder: str, database: str, clock_file: str, port: str) -> None:
    """Serve until killed."""
    case = load_case(Path(case_folder))
    store = open_store(database)

    def clock() -> datetime:
        return datetime.fromisoformat(Path(clock_file).read_text()).astimezone(case.settings.zone)

    room = open_room(case, store, clock, RoomOptions(budget=Budget(work=150, freeze_min=0)))
    room.start()
    app = create_app(room.desk)
    serve(app, "127.0.0.1", int(port), threads=24, on_ready=lambda url: print(url, flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A simulated week in a duty room, lived on the running server from outside, then recounted.

    python benchmarks/week.py --folder /tmp/week                       # seven days, about 85 minutes
    python benchmarks/week.py --folder /tmp/day --days 1 --speed 240
    python benchmarks/week.py --folder /tmp/week --database postgresql+psycopg://user@host/empty

Callers, two dispatchers, a supervisor and nine crews on three shifts, six of them with phones, some
250 requests a day with a storm on the fourth, and two kills. Exit status 1 when anything is missing
at the end.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.acceptance.days import Days, Plan, write_case  # noqa: E402
from tests.acceptance.served import Served, store_faults  # noqa: E402
from tests.web.ports import lasting_port  # noqa: E402

DEMO = ROOT / "data" / "coquimbo"
BEGINS = datetime.fromisoformat("2026-06-18T07:30:00-04:00")


def main() -> int:
    """Live the days, recount, print what came out as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--database")
    parser.add_argument("--days", type=float, default=7)
    parser.add_argument("--speed", type=float, default=120)
    parser.add_argument("--kills", type=int, default=2)
    given = parser.parse_args()
    plan = Plan(hours=24 * given.days, speed=given.speed, kills=given.kills, storm_day=3)
    database = given.database or f"sqlite:///{given.folder.absolute()}/day.sqlite"
    given.folder.mkdir(parents=True)
    server = Served(
        case=write_case(DEMO, given.folder, plan),
        folder=given.folder / "room",
        database=database,
        port=lasting_port(),
        begins=BEGINS,
        speed=plan.speed,
    )
    began = time.monotonic()
    server.start()
    try:
        days = Days(server, plan, DEMO)
        told = days.live()
        days.settle()
        wrong = days.recount()
        status = server.end()
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
    faults = store_faults(database)
    wrong += [f"store check: {faults}"] if faults else []
    wrong += [] if status == 0 else [f"the server ended with {status}"]
    found = {
        "days": given.days,
        "calls": len(told.calls),
        "plans published": told.published,
        "taps": dict(told.taps),
        "refused": {what: count for what, count in told.refused.items() if count},
        "kills": told.kills,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "wrong": wrong,
    }
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""A simulated week in a duty room, lived on the running server from outside, then recounted.

    python benchmarks/week.py --folder /tmp/week                       # seven days, about 85 minutes
    python benchmarks/week.py --folder /tmp/day --days 1 --speed 240
    python benchmarks/week.py --folder /tmp/week --postgres            # a server of its own, restarted once

Callers, two dispatchers whose boards stay open in Chromium, a supervisor, a planner and nine crews on
three shifts: four with a phone at its API, two on the phone's page in Chromium, three for whom the desk
speaks. Some 250 requests a day with a storm on the fourth, two kills, a restart of PostgreSQL, an upgrade
of the policy, and another change of the roster each day. Exit status 1 when anything is missing at the
end.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from databases import database  # noqa: E402

from tests.acceptance.days import Days, Plan, write_case  # noqa: E402
from tests.acceptance.served import Served, store_faults  # noqa: E402
from tests.acceptance.windows import chrome  # noqa: E402
from tests.web.ports import lasting_port  # noqa: E402

DEMO = ROOT / "data" / "coquimbo"
BEGINS = datetime.fromisoformat("2026-06-18T07:30:00-04:00")
STORM_DAY = 3


def main() -> int:
    """Live the days, recount, print what came out as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--days", type=float, default=7)
    parser.add_argument("--speed", type=float, default=120)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--storm-day", type=int, default=STORM_DAY)
    parser.add_argument("--no-browser", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True)
    with (
        database("postgresql" if given.postgres else "sqlite") as make,
        nullcontext() if given.no_browser else chrome() as browser,
    ):
        # SQLite's file stays in the folder, to be looked into afterwards.
        file = f"sqlite:///{given.folder.absolute()}/day.sqlite"
        found = live(given, make("week") if given.postgres else file, make.restart, browser)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 1 if found["wrong"] else 0


def live(
    given: argparse.Namespace, url: str, restart: Callable[[], None] | None, browser: Any
) -> dict[str, Any]:
    """Live the days on one database; the figures, and what is not as it must be."""
    plan = Plan(
        hours=24 * given.days,
        speed=given.speed,
        kills=given.kills,
        storm_day=given.storm_day,
        windows=2 if browser else 0,
    )
    server = Served(
        case=write_case(DEMO, given.folder, plan),
        folder=given.folder / "room",
        database=url,
        port=lasting_port(),
        begins=BEGINS,
        speed=plan.speed,
    )
    began = time.monotonic()
    server.start()
    try:
        days = Days(server, plan, DEMO, browser, restart)
        days.live()
        lived_min = (time.monotonic() - began) / 60
        wrong = days.recount()
        wrong += [] if server.end() == 0 else ["the server did not end in order at last"]
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
    faults = store_faults(url)
    return figures(days, given, lived_min) | {"wrong": wrong + ([f"store check: {faults}"] if faults else [])}


def figures(days: Days, given: argparse.Namespace, lived_min: float) -> dict[str, Any]:
    """What went on."""
    told, windows = days.told, days.windows
    return {
        "database": "PostgreSQL" if given.postgres else "SQLite",
        "days": given.days,
        "speed": given.speed,
        "minutes": round(lived_min, 1),
        "rounds": told.rounds,
        "calls": len(told.calls),
        "plans published": told.published,
        "answers": {what: count for what, count in sorted(told.answers.items()) if count},
        "taps of phones": dict(days.crews.taps),
        "taps in the browser": dict(windows.taps) if windows else {},
        "supervisor and planner": dict(days.heads.done),
        "kills": told.kills,
        "restarts of the database": told.restarts,
        "rounds without an answer": told.away,
        "load of the machine at the end": [round(each, 1) for each in os.getloadavg()],
    }


if __name__ == "__main__":
    sys.exit(main())

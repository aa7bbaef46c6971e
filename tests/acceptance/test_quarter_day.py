"""Six hours of a duty room as README starts it, with a kill: nothing is lost, and the journal adds up."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.acceptance.days import Days, Plan, write_case
from tests.acceptance.served import Served, store_faults
from tests.web.ports import lasting_port

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1500)]
BEGINS = datetime.fromisoformat("2026-06-18T07:30:00-04:00")


def test_a_quarter_of_a_day_loses_nothing(coquimbo: Path, tmp_path: Path) -> None:
    plan = Plan(hours=6, speed=180, kills=1)
    database = f"sqlite:///{tmp_path}/day.sqlite"
    server = Served(
        case=write_case(coquimbo, tmp_path, plan),
        folder=tmp_path / "room",
        database=database,
        port=lasting_port(),
        begins=BEGINS,
        speed=plan.speed,
    )
    server.start()
    try:
        days = Days(server, plan, coquimbo)
        told = days.live()
        wrong = days.recount()
        taps = days.crews.taps
        print(f"{len(told.calls)} calls, {told.published} plans, {dict(taps)}, {dict(told.answers)}")
        assert wrong == []
        assert told.published > 3
        assert taps["taken"] > 20
        assert told.kills == 1
        assert server.end() == 0
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
    assert store_faults(database) == ""

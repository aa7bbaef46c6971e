"""A demo that is served begins at the time of its own calls, and its roster goes on after that day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.demo import demo_case, is_demo
from dispatch.intake import load_case
from dispatch.live.standing.duty import gap
from dispatch.live.standing.terms import broken_terms
from dispatch.room import open_room
from tests.prepared import empty_store
from web.commands.serve import demo_now

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def case():
    return load_case(demo_case("oberrhein"))


def test_only_cases_that_come_with_the_program_are_demos(tmp_path: Path) -> None:
    assert is_demo(demo_case())
    assert not is_demo(tmp_path)


def test_a_demo_goes_on_from_where_its_database_began(tmp_path: Path, case) -> None:
    store = empty_store(tmp_path / "day.sqlite")
    first = demo_now(case, store)
    again = demo_now(case, store)
    assert case.settings.now <= first <= again < case.settings.now + timedelta(minutes=5)
    store.close()


def test_weeks_later_crews_of_a_demo_still_come_to_work_and_rest(tmp_path: Path, case) -> None:
    store = empty_store(tmp_path / "day.sqlite")
    desk = open_room(case, store, lambda: case.settings.now).desk
    roster = desk.standing.shifts()
    for days in (0, 3, 40):
        now = case.settings.now + days * DAY
        nobody_from, back_at = gap(roster, now)
        assert nobody_from is None or (back_at is not None and back_at - nobody_from < DAY)
    later = roster.between(case.settings.now, case.settings.now + 14 * DAY)
    assert len(later) > 20
    assert not any(broken_terms(roster, shift, (shift,), case.settings) for shift in later)
    store.close()

"""Work that waits is planned on the days that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.ground.case import Case, CrewShift
from dispatch.live import Budget, Desk, Who
from dispatch.live.shift import plan_ahead
from dispatch.planning.main_road import plan_day
from dispatch.store import Store
from tests.dispatch.live.conftest import Clock

ANA = Who(name="ana")


def moved(crew: CrewShift, days: int) -> CrewShift:
    """A crew with its shift so many days later."""
    later = timedelta(days=days)
    breaks = tuple(
        replace(each, earliest=each.earliest + later, latest=each.latest + later) for each in crew.breaks
    )
    start, end = crew.shift_start + later, crew.shift_end + later
    return replace(crew, shift_start=start, shift_end=end, breaks=breaks)


@pytest.mark.parametrize("days", [1, 3, 10])
def test_work_that_has_waited_for_days_is_not_left_out_for_having_waited(small: Case, days: int) -> None:
    today = plan_day(small, work=300, processes=1)
    later = replace(
        small,
        settings=replace(small.settings, now=small.settings.now + timedelta(days=days)),
        crews=tuple(moved(crew, days) for crew in small.crews),
    )
    assert today.summary.jobs_left_out == 0
    assert plan_day(later, work=300, processes=1).summary.jobs_left_out == 0


def test_what_today_leaves_undone_is_planned_for_tomorrow(small: Case, store: Store, clock: Clock) -> None:
    both_days = (*small.shifts, *(moved(crew, 1) for crew in small.shifts))
    desk = Desk(replace(small, shifts=both_days), store, clock, Budget(work=300))
    for crew in desk.case.crews:
        desk.work.crew_is(crew.id, "absent", ANA, reason="ill")
    desk.shelf.propose(ANA)
    desk.shelf.publish(1, ANA)
    left = desk.day().summary.jobs_left_out
    assert left > 0
    for crew in desk.case.crews:
        desk.work.crew_is(crew.id, "on_shift", ANA)
    begins = min(crew.shift_start for crew in desk.case.crews) + timedelta(days=1)
    ahead = plan_ahead(desk, begins, begins + timedelta(hours=12))
    assert ahead.summary.jobs_left_out == 0
    assert ahead.summary.jobs_planned >= left

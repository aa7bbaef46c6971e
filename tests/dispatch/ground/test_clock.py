"""The room's clock: real, standing, fast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.ground.clock import room_clock

CHILE = ZoneInfo("America/Santiago")
START = datetime(2026, 6, 18, 7, 30, tzinfo=CHILE)


def test_the_real_clock_follows_the_machine_wherever_it_is_put() -> None:
    now_s = [1_000_000.0]
    clock = room_clock(CHILE, real_s=lambda: now_s[0])
    assert clock() == datetime.fromtimestamp(1_000_000, UTC)
    now_s[0] -= 3600
    assert clock() == datetime.fromtimestamp(1_000_000 - 3600, UTC)
    assert clock().utcoffset() == datetime.fromtimestamp(1_000_000 - 3600, CHILE).utcoffset()


def test_a_clock_that_stands_says_the_same_for_ever() -> None:
    now_s = [0.0]
    clock = room_clock(CHILE, start=START, speed=0, real_s=lambda: now_s[0])
    now_s[0] += 1e6
    assert clock() == START


def test_a_fast_clock_runs_so_many_times_faster_and_passes_a_change_of_hours_by_real_seconds() -> None:
    now_s = [0.0]
    start = datetime(2026, 4, 4, 23, 30, tzinfo=CHILE)  # an hour that comes twice follows
    clock = room_clock(CHILE, start=start, speed=120, real_s=lambda: now_s[0])
    now_s[0] += 60
    assert clock().timestamp() - start.timestamp() == 7200


def test_times_of_a_clock_are_added_and_compared_by_seconds_in_the_night_of_two_equal_hours() -> None:
    now_s = [
        datetime(2026, 4, 5, 2, 30, tzinfo=UTC).timestamp()
    ]  # 23:30 in Santiago, an hour that comes twice
    clock = room_clock(CHILE, real_s=lambda: now_s[0])
    before = clock()
    now_s[0] += 7200
    assert (clock() - before).total_seconds() == 7200
    assert (before + timedelta(hours=2)) == clock()
    assert f"{before:%H:%M} {clock():%H:%M}" == "23:30 00:30"

"""Working days skip weekends and holidays and count the weekends that China works instead."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import PolicyError, RulesError, load_calendar

CHINA = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def test_spring_festival_is_off_and_the_saturday_before_it_is_worked() -> None:
    calendar = load_calendar("cn")
    assert calendar.is_working_day(date(2026, 2, 14))
    assert not calendar.is_working_day(date(2026, 2, 17))
    assert not calendar.is_working_day(date(2026, 2, 22))
    assert calendar.is_working_day(date(2026, 2, 28))
    assert calendar.covers(date(2026, 1, 1))
    assert not calendar.covers(date(2031, 1, 1))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-02-13T10:00", 1, "2026-02-14T18:00"),
        ("2026-02-13T10:00", 2, "2026-02-24T18:00"),
        ("2026-09-30T22:00", 5, "2026-10-13T18:00"),
        ("2026-07-14T08:00", 5, "2026-07-21T18:00"),
        ("2026-07-18T08:00", 0, "2026-07-20T18:00"),
        ("2026-07-14T08:00", 0, "2026-07-14T18:00"),
    ],
)
def test_working_days_end_with_the_working_hours_of_the_last_day(start: str, days: int, end: str) -> None:
    assert load_calendar("cn").add_working_days(at(start), days) == at(end)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-07-14T09:00", 60, "2026-07-14T10:00"),
        ("2026-07-14T11:30", 60, "2026-07-14T13:30"),
        ("2026-07-14T17:30", 60, "2026-07-15T09:30"),
        ("2026-07-17T17:30", 60, "2026-07-20T09:30"),
        ("2026-07-18T12:00", 480, "2026-07-20T18:00"),
    ],
)
def test_working_minutes_pass_only_in_working_hours(start: str, minutes: float, end: str) -> None:
    assert load_calendar("cn").add_working_minutes(at(start), minutes) == at(end)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 1)), st.integers(0, 20), st.integers(0, 20))
def test_working_days_add_up(start: datetime, first: int, second: int) -> None:
    calendar = load_calendar("cn")
    start = start.replace(tzinfo=CHINA)
    one = calendar.add_working_days(calendar.add_working_days(start, first), second)
    begins = calendar.is_working_day(start.date()) or first > 0
    assert one == calendar.add_working_days(start, first + second) or not begins


def test_great_britain_and_the_united_states_have_their_holidays() -> None:
    assert not load_calendar("gb").is_working_day(date(2026, 5, 4))
    assert not load_calendar("us").is_working_day(date(2026, 11, 26))


def test_a_calendar_of_ones_own_is_read_and_its_faults_named(tmp_path: Path) -> None:
    good = tmp_path / "own.yaml"
    good.write_text(
        "calendar: own\nhours: ['08:00-16:00']\n"
        "years: {2026: {mark: verified, holidays: {09-18..09-19: Feast}}}\n"
    )
    assert not load_calendar("own.yaml", tmp_path).is_working_day(date(2026, 9, 18))
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "calendar: bad\nhours: ['16:00-08:00']\nyears: {2026: {mark: x, holidays: {13-40: Feast}}}\n"
    )
    with pytest.raises(PolicyError, match=r"(?s)bad.yaml 3:36: '13-40' is no day.*are no working hours"):
        load_calendar("bad.yaml", tmp_path)
    with pytest.raises(RulesError, match="unknown calendar 'cnn'; did you mean 'cn'"):
        load_calendar("cnn")

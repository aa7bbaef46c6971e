"""Working days skip weekends and holidays and count the weekends that China works instead."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import PolicyError, RulesError, load_calendar, load_policy, pack_path, policy_from_text
from rules.checks.lint import lint

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
    for name in ("/etc/passwd", "../own.yaml", f"{tmp_path}/own.yaml"):
        with pytest.raises(RulesError, match="unknown calendar"):
            load_calendar(name, tmp_path)
    (tmp_path / "plain.txt").write_text("root:x:0:0")
    with pytest.raises(PolicyError, match="a calendar is a mapping"):
        load_calendar("plain.txt", tmp_path)


def test_a_policy_carries_the_calendar_it_names_with_it(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "calendar: own\nyears: {2027: {mark: verified, holidays: {03-01: Feast}}}\n"
    )
    text = pack_path("cn").read_text(encoding="utf-8").replace("calendar: cn", "calendar: own.yaml")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    policy = load_policy(tmp_path / "mine.yaml")
    assert not policy.calendar.is_working_day(date(2027, 3, 1))
    assert policy_from_text(policy.text).version == policy.version


def test_a_year_can_be_added_to_a_built_in_calendar_inside_the_policy() -> None:
    own = "calendar: {from: cn, years: {2027: {mark: verified, holidays: {02-05..02-11: Spring Festival}}}}"
    text = pack_path("cn").read_text(encoding="utf-8").replace("calendar: cn", own)
    policy = policy_from_text(text)
    assert policy.calendar.without_year(date(2027, 2, 8)) is None
    assert not policy.calendar.is_working_day(date(2027, 2, 8))
    assert not policy.calendar.is_working_day(date(2026, 10, 1))
    assert [fault.level for fault in lint(policy, date(2026, 11, 21))] == []
    (warning,) = lint(load_policy("cn"), date(2026, 11, 21))
    assert warning.level == "warning"
    assert "2027" in warning.text
    assert lint(load_policy("cn"), date(2026, 6, 1)) == ()

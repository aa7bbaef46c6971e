"""Rosters: the demand met within the terms, and the reason where that cannot be."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dispatch.ground.errors import InputFaults
from dispatch.roster import (
    Demand,
    Member,
    NoRoster,
    Shift,
    Terms,
    fewest_people_roster,
    read_terms,
    solve_roster,
)
from dispatch.roster.demand import busy_hours

DAY = Shift(name="day", begin_h=8, end_h=16)
NIGHT = Shift(name="night", begin_h=20, end_h=28)


def terms(**changes: object) -> Terms:
    return Terms(**{"days": 3, "shifts": (DAY, NIGHT), "crews": (Member(name="c", count=4),), **changes})  # type: ignore[arg-type]


def demand(*spans: tuple[int, int, int], hours: int = 72) -> list[int]:
    found = [0] * hours
    for begin, end, count in spans:
        for hour in range(begin, end):
            found[hour] += count
    return found


def test_no_demand_needs_no_shift() -> None:
    assert solve_roster(terms(), [0] * 72, time_limit_s=5).duties == ()


def test_the_demand_of_every_hour_is_met_with_no_more_shifts_than_it_takes() -> None:
    roster = solve_roster(terms(), demand((8, 16, 2), (32, 40, 1), (56, 64, 3)), time_limit_s=5)
    assert all(have >= want for have, want in zip(roster.present, roster.demand, strict=True))
    assert len(roster.duties) == 6
    assert roster.optimal


def test_a_crew_rests_between_its_shifts_and_keeps_its_hours() -> None:
    wanted = demand((8, 16, 2), (20, 28, 2), (32, 40, 2), (44, 52, 2), (56, 64, 2))
    crews = (Member(name="c", count=6),)
    roster = solve_roster(terms(week_h=16, crews=crews), wanted, time_limit_s=5)
    for turns in roster.turns().values():
        assert all(later[0] - earlier[1] >= 11 for earlier, later in pairwise(turns))
        assert sum(end - begin for begin, end in turns) <= 16


def test_the_first_morning_is_covered_by_a_night_shift_of_the_evening_before() -> None:
    roster = solve_roster(terms(), demand((0, 4, 1)), time_limit_s=5)
    assert [(duty.day, duty.shift) for duty in roster.duties] == [(-1, "night")]


def test_enough_with_a_skill_are_there_in_each_hour_of_demand() -> None:
    crews = (Member(name="a", count=3, skills=("hv",)), Member(name="b", count=1, skills=("cable",)))
    roster = solve_roster(terms(crews=crews, skills={"cable": 1}), demand((8, 16, 2)), time_limit_s=5)
    assert {duty.crew[0] for duty in roster.duties} == {"a", "b"}


def test_nights_are_shared() -> None:
    roster = solve_roster(terms(), demand((20, 28, 1), (44, 52, 1), (68, 72, 1)), time_limit_s=5)
    assert len({duty.crew for duty in roster.duties}) == 3


def test_no_roster_is_explained_by_hours_crews_skills_and_what_is_missing_at_best() -> None:
    given = terms(crews=(Member(name="c", count=1),), skills={"tree": 2})
    with pytest.raises(NoRoster) as caught:
        solve_roster(given, demand((8, 16, 3), (17, 18, 1)), time_limit_s=5)
    said = str(caught.value)
    for expected in (
        "3 crews are asked for at once, there are 1",
        "2 crews with skill tree are asked for, 1 have it",
        "no shift covers 17:00 to 18:00",
        "day 1, 08:00: 2 crews short",
    ):
        assert expected in said


def test_the_fewest_crews_are_as_many_as_rest_allows() -> None:
    given = terms(days=2, crews=(Member(name="c", count=6),))
    # A day and the night after it are two crews: four hours between them are no rest.
    roster = fewest_people_roster(given, demand((8, 16, 1), (20, 28, 1), hours=48), time_limit_s=5)
    assert roster.crews == 2
    assert all(have >= want for have, want in zip(roster.present, roster.demand, strict=True))


def test_time_at_work_is_counted_by_the_hour() -> None:
    assert busy_hours([(1800, 5400), (3600, 7200)], 3).tolist() == [0.5, 1.5, 0.0]


def test_the_demand_is_what_the_share_of_days_does_not_exceed() -> None:
    busy = np.array([[1.0, 0.0], [2.0, 0.0], [3.05, 0.5], [9.0, 4.0]])
    assert Demand(busy=busy).crews(0.5).tolist() == [2, 0]
    assert Demand(busy=busy).crews(1.0).tolist() == [9, 4]


def test_all_faults_of_the_terms_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text(
        "day: 3\nrest_h: -1\nshifts: [{name: a, begin_h: 8, end_h: 30}]\n"
        "crews: [{name: c, count: 1, skils: [hv]}]\n"
    )
    with pytest.raises(InputFaults) as caught:
        read_terms(path)
    said = str(caught.value)
    for expected in ("did you mean 'days'", "rest_h", "lasts 22 h", "did you mean 'skills'"):
        assert expected in said

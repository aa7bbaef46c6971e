"""How many crews it takes, on a made-up law instead of days."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatch.simulate.crews import fewest_crews, kept_share, with_crews
from dispatch.simulate.scenario import CrewGroup, Scenario


def scenario(*counts: int) -> Scenario:
    return Scenario(
        name="x",
        case=".",
        start=datetime(2026, 7, 1, tzinfo=UTC),
        crews=tuple(CrewGroup(count=count) for count in counts),
    )


def crews_of(given: Scenario) -> int:
    return sum(group.count for group in given.crews)


@pytest.mark.parametrize("needed", [1, 7, 30, 31, 100])
def test_the_fewest_crews_are_found_from_any_side(needed: int) -> None:
    tried: list[int] = []

    def run(given: Scenario) -> list[dict[str, float]]:
        tried.append(crews_of(given))
        return [{"h_to_90": 20.0 if crews_of(given) >= needed else 30.0}] * 5

    answer = fewest_crews(scenario(20, 10), run)
    assert answer.crews == needed
    assert len(tried) == len(set(tried)) <= 10


def test_when_no_number_of_crews_will_do_there_is_no_answer() -> None:
    assert fewest_crews(scenario(2), lambda _: [{"h_to_90": 99.0}]).crews is None


def test_groups_keep_their_proportions() -> None:
    assert [group.count for group in with_crews(scenario(20, 10), 15).crews] == [10, 5]
    assert [crews_of(with_crews(scenario(18, 8, 4), n)) for n in range(1, 50)] == list(range(1, 50))


def test_a_share_of_few_replications_has_a_wide_interval() -> None:
    share, low, high = kept_share([1.0] * 10, 2.0)
    assert (share, high) == (1.0, 1.0)
    assert low == pytest.approx(0.6915, abs=1e-3)

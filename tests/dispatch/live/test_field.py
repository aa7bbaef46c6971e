"""Whom a job binds: the crew that has begun it, and nobody beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.live.field import running_of

NOW = datetime(2026, 6, 19, 20, 3, tzinfo=UTC)
SOON = timedelta(minutes=10)


def bound(
    routes: Mapping[str, list[str]], state: str, crew: str, waiting: frozenset[str] = frozenset()
) -> Mapping[str, tuple[str, ...]]:
    """By crew, what it is bound to when one has said something of job J, which is to begin now."""
    job = {"id": "J", "state": state, "crew": crew, "since": NOW, "minutes": None, "order_id": "W"}
    rows = {"jobs": [job], "crews": [], "wishes": [], "orders": [], "signs": []}
    starts = dict.fromkeys(("J", "K"), NOW)
    return dict(running_of(rows, routes, starts, NOW, SOON, waiting=waiting).committed)


@pytest.mark.parametrize("state", ["on_the_way", "on_site", "safe"])
def test_a_job_that_another_crew_has_begun_is_not_also_the_one_that_the_plan_sends(state: str) -> None:
    assert bound({"A": ["J", "K"], "B": []}, state, "B") == {"A": ("K",), "B": ("J",)}


def test_a_job_for_two_crews_binds_both_of_them() -> None:
    assert bound({"A": ["J"], "B": ["J"]}, "on_the_way", "B") == {"A": ("J",), "B": ("J",)}


def test_a_crew_that_has_gone_home_keeps_nobody_waiting_for_what_it_set_out_for() -> None:
    """It would be bound to it in its next shift, while the plan has given it to somebody on duty."""
    assert bound({"A": ["J"], "B": []}, "on_the_way", "B", frozenset("B")) == {"A": ("J",), "B": ()}


def test_a_crew_whose_shift_is_over_stays_with_what_it_is_at() -> None:
    assert bound({"A": ["J"], "B": []}, "on_site", "B", frozenset("B")) == {"A": (), "B": ("J",)}


def test_what_a_crew_outside_the_plan_has_begun_is_left_to_the_plan() -> None:
    assert bound({"A": ["J"]}, "on_the_way", "B") == {"A": ("J",)}

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dispatch.ground.day import Outage
from dispatch.outages import StepSpec, patrol_minutes, repair_steps
from geo import Fault

OUTAGE = Outage(
    id="O-F1",
    fault=Fault(id="O-F1", kind="line", place="L1"),
    since=datetime(2026, 3, 1, 18, 0, tzinfo=UTC),
    requests=(),
    transformers=("T1",),
    customers_out=40,
    component="line",
)


def test_a_known_fault_is_one_repair() -> None:
    (repair,) = repair_steps(OUTAGE, {"skills": ["hv", "lv"], "duration_min": 80})
    assert repair == StepSpec(kind="repair", skills=frozenset({"hv", "lv"}), minutes=80, after=())


def test_a_place_that_nobody_knows_is_looked_for_first() -> None:
    patrol, repair = repair_steps(OUTAGE, {"patrol": True, "skills": ["hv"], "patrol_min": 25})
    assert (patrol.kind, patrol.minutes, patrol.skills) == ("patrol", 25, frozenset())
    assert repair.after == ("patrol",)


def test_what_a_crew_has_confirmed_needs_no_patrol() -> None:
    steps = repair_steps(replace(OUTAGE, confirmed=True), {"patrol": True})
    assert [step.kind for step in steps] == ["repair"]


def test_a_reported_hazard_is_made_safe_without_waiting_for_the_patrol() -> None:
    steps = {step.kind: step for step in repair_steps(OUTAGE, {"patrol": True, "hazard": "wire down"})}
    assert steps["make_safe"].after == ()
    assert steps["make_safe"].skills == {"switching"}
    assert set(steps["repair"].after) == {"patrol", "make_safe"}


def test_making_safe_without_a_hazard_waits_for_the_patrol() -> None:
    steps = {step.kind: step for step in repair_steps(OUTAGE, {"patrol": True, "make_safe_min": 10})}
    assert steps["make_safe"].after == ("patrol",)
    assert steps["make_safe"].minutes == 10


@pytest.mark.parametrize("outcome", [{}, {"patrol": True}, {"hazard": "fire"}, {"patrol": None}])
def test_the_repair_is_always_last_and_waits_only_for_steps_before_it(outcome: dict[str, Any]) -> None:
    steps = repair_steps(OUTAGE, outcome)
    assert steps[-1].kind == "repair"
    done: set[str] = set()
    for step in steps:
        assert set(step.after) <= done
        done.add(step.kind)


def test_a_patrol_takes_as_long_as_the_line_is() -> None:
    assert patrol_minutes(5000) == 30  # 5 km at 10 km/h
    assert patrol_minutes(10) == 5

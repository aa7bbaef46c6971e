"""The planner answers events with proposals, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.live import Budget, Desk, Entry, Who
from dispatch.live.planner.worker import Planner
from tests.prepared import empty_store, small_case


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    return Desk(case, store, lambda: case.settings.now, Budget(work=100))


def seen_until(desk: Desk, kind: str, after: int) -> int:
    """Wait for an event of a kind; the desk's own waiting wakes us."""
    for _ in range(60):
        for event in desk.wait(after, timeout_s=1.0):
            after = event.seq or after
            if event.kind == kind:
                return after
    raise AssertionError(f"no {kind}")


def test_a_new_request_brings_a_proposal_that_nobody_published(desk: Desk) -> None:
    planner = Planner(desk)
    planner.start()
    try:
        made = seen_until(desk, "plan_made", 0)
        desk.calls.log(Entry(words="sparks", received_at=desk.clock(), customer="C11"), Who(name="ana"))
        seen_until(desk, "plan_made", made)
    finally:
        planner.end()
    assert desk.shelf.proposal() is not None
    assert desk.plan_number("published") is None
    assert not planner.is_alive()


def test_a_plan_by_the_rule_is_planned_again_once_the_solver_is_compiled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = [False]
    monkeypatch.setattr("dispatch.live.planner.worker.is_compiled_for_replans", lambda: compiled[0])
    desk.book.budget = Budget(time_limit_s=0.2)
    planner = Planner(desk)
    desk.calls.log(Entry(words="sparks", received_at=desk.clock(), customer="C11"), Who(name="ana"))
    planner.turn()
    first = desk.plan_number("proposed")
    assert first is not None
    planner.turn()
    assert desk.plan_number("proposed") == first
    compiled[0] = True
    planner.turn()
    assert desk.plan_number("proposed") == first + 1

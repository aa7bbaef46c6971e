"""What the parts of a proposal gain, and why one moves many visits."""

from __future__ import annotations

import pytest

from dispatch.live import Desk, Entry
from dispatch.live.gains import FEW, reasons_for_many, visits_moved
from dispatch.live.proposals import Comparison, Move, routes_of

from .conftest import ANA


def call(desk: Desk, words: str, customer: str) -> int:
    """Log a call, plan again, and return the proposal's number."""
    desk.calls.log(Entry(words=words, received_at=desk.clock(), customer=customer), ANA)
    desk.shelf.propose(ANA)
    return desk.plan_number("proposed") or 0


def test_the_parts_add_up_to_what_the_proposal_gains_and_hold_every_move_once(in_force: Desk) -> None:
    number = call(in_force, "sparks from the pole", "C11")
    proposed = in_force.plan(number)
    found = in_force.shelf.comparison(proposed)
    parts, _ = in_force.shelf.gains(number)
    moving = [move.job for move in found.moves if move.from_crew != move.to_crew]
    assert sorted(job for part in parts for job in part.jobs) == sorted(moving)
    assert sum(part.cost or 0 for part in parts) == pytest.approx(found.cost, abs=1)
    assert sum(part.customer_minutes or 0 for part in parts) == pytest.approx(found.customer_minutes, abs=1)


def test_what_the_planner_has_weighed_is_not_weighed_again_while_the_same_plan_is_in_force(
    in_force: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = call(in_force, "sparks from the pole", "C11")
    weighed: list[int] = []
    monkeypatch.setattr("dispatch.live.shelf.gains", lambda *_: weighed.append(0) or ())
    known, _ = in_force.shelf.gains(number)
    assert known
    assert not weighed
    monkeypatch.undo()
    # What is worked out here is the same.
    in_force.shelf._weighed.clear()
    assert in_force.shelf.gains(number)[0] == known


def test_what_is_new_is_never_folded_away(in_force: Desk) -> None:
    number = call(in_force, "voltage is low", "C09")
    new = {
        move.job for move in in_force.shelf.comparison(in_force.plan(number)).moves if move.from_crew is None
    }
    parts, why = in_force.shelf.gains(number)
    assert new
    assert all(part.carries for part in parts if new & set(part.jobs))
    assert why == ()


def test_planning_again_with_nothing_new_moves_nobody(in_force: Desk) -> None:
    in_force.shelf.propose(ANA)
    proposed = in_force.shelf.proposal()
    assert proposed is not None
    assert in_force.shelf.comparison(proposed).moves == ()
    assert routes_of(proposed.plan) == routes_of(in_force.day().plan)


def test_a_call_moves_no_visit_that_is_not_worth_it(in_force: Desk) -> None:
    number = call(in_force, "voltage is low", "C09")
    assert visits_moved(in_force.shelf.comparison(in_force.plan(number))) <= 3


def test_a_plan_made_freely_is_kept_as_such(in_force: Desk) -> None:
    in_force.shelf.propose(ANA, freely=True)
    number = in_force.plan_number("proposed") or 0
    assert in_force.archive.basis(number)["freely"] is True


def test_a_proposal_that_moves_many_says_why(in_force: Desk) -> None:
    number = call(in_force, "sparks from the pole", "C11")
    proposed = in_force.plan(number)
    jobs = [id_ for id_, card in proposed.cards.items() if card.tier == 0]
    many = tuple(
        Move(job=jobs[0] if jobs else str(at), from_crew="crew-1", to_crew="crew-2", from_s=0, to_s=0)
        for at in range(FEW + 1)
    )
    comparison = Comparison(moves=many, parts={}, cost=-1, customer_minutes=-1)
    told = reasons_for_many(proposed, comparison, ["crew-1"], freely=True)
    assert next(each.what for each in told) == "freely"
    assert "crew" in [each.what for each in told]
    assert ("danger" in [each.what for each in told]) == bool(jobs)
    few = Comparison(moves=many[:FEW], parts={}, cost=-1, customer_minutes=-1)
    assert reasons_for_many(proposed, few, ["crew-1"], freely=True) == ()

"""What happens out there makes a proposal and never a plan: one test for each kind of event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from dispatch.live import Budget, Desk, Edit, Entry, Refused, Who
from dispatch.live.planner.worker import MATTERS
from dispatch.live.proposals import routes_of
from tests.dispatch.live.conftest import Clock

ANA = Who(name="ana")


def proposed_after(desk: Desk, happens: Callable[[], object]) -> set[str]:
    """Let something happen, plan again; the kinds of events it was. The plan in force must not move."""
    number, routes = desk.plan_number("published"), routes_of(desk.day().plan)
    seen = desk.store.last_seq()
    happens()
    kinds = {event.kind for event in desk.store.events_after(seen)}
    assert kinds & MATTERS
    desk.shelf.propose(ANA)
    assert desk.shelf.proposal() is not None
    assert (desk.plan_number("published"), routes_of(desk.day().plan)) == (number, routes)
    return kinds


def proposal_of(desk: Desk) -> dict[str, list[str]]:
    found = desk.shelf.proposal()
    assert found is not None
    return routes_of(found.plan)


def test_a_new_fault(in_force: Desk, clock: Clock) -> None:
    entry = Entry(words="sparks from the pole", received_at=clock(), customer="C11")
    proposed_after(in_force, lambda: in_force.calls.log(entry, ANA))
    found = in_force.shelf.proposal()
    assert found is not None
    assert set(found.cards) - set(in_force.day().cards)


def test_a_crew_is_ill(in_force: Desk) -> None:
    proposed_after(in_force, lambda: in_force.work.crew_is("crew-2", "absent", ANA, reason="ill"))
    assert not proposal_of(in_force).get("crew-2")


def test_a_crew_is_late(in_force: Desk, clock: Clock) -> None:
    until = clock() + timedelta(minutes=120)
    edit = Edit(subject="crew-2", what="late", data={"until": until.isoformat()})
    proposed_after(in_force, lambda: in_force.hands.change_standing(edit, ANA, "flat tyre"))
    found = in_force.shelf.proposal()
    assert found is not None
    visits = [visit for route in found.plan.routes if route.crew == "crew-2" for visit in route.visits]
    assert all(visit.arrival_s >= 7200 for visit in visits)


def test_a_road_is_closed(in_force: Desk) -> None:
    roads = in_force.case.roads
    leg = next(r for r in in_force.day().plan.routes if r.visits and r.crew.startswith("crew"))
    there = in_force.day().nodes[in_force.day().problem.job_by_id[leg.visits[0].job].location]
    edges = roads.edge_paths([(in_force.day().nodes[leg.start], there)])[0]
    for edge in np.flip(edges):
        data = {"u": str(roads.ids[roads.tail[edge]]), "v": str(roads.ids[roads.head[edge]])}
        edit = Edit(subject=f"{data['u']} - {data['v']}", what="closed", data=data)
        try:
            in_force.hands.change_standing(edit, ANA, "tree down")
        except Refused:
            continue
        break
    else:
        pytest.skip("every road of the way is a dead end")
    in_force.shelf.propose(ANA)
    found = in_force.shelf.proposal()
    assert found is not None
    assert len(found.case.roads.tail) < len(roads.tail)
    assert len(in_force.day().case.roads.tail) == len(roads.tail)
    again = Desk(in_force.case, in_force.store, in_force.clock, Budget(work=100))
    assert routes_of(again.plan(again.plan_number("proposed") or 0).plan) == routes_of(found.plan)


def test_a_repair_takes_longer_than_thought(in_force: Desk, clock: Clock) -> None:
    crew, job = next(
        (crew, job)
        for crew, jobs in routes_of(in_force.day().plan).items()
        for job in jobs
        if job.endswith("/repair")
    )
    clock.later(20)
    in_force.work.report(job, "on_site", Who(name=crew, source="phone"), crew=crew)
    clock.later(10)
    proposed_after(in_force, lambda: in_force.work.estimate(job, 300, ANA, "cable burnt"))
    found = in_force.shelf.proposal()
    assert found is not None
    visit = next(v for route in found.plan.routes for v in route.visits if v.job == job)
    assert visit.finish_s - visit.start_s == pytest.approx(290 * 60, abs=60)


def test_work_not_begun_takes_longer_than_thought(in_force: Desk) -> None:
    job = next(id_ for id_ in in_force.day().cards if id_.endswith("/service"))
    proposed_after(in_force, lambda: in_force.work.estimate(job, 200, ANA, ""))
    found = in_force.shelf.proposal()
    assert found is not None
    assert found.plain.job_by_id[job].service_s == 200 * 60


def test_a_switch_is_found_stuck(in_force: Desk) -> None:
    device = next(
        (action.device for card in in_force.day().cards.values() for action in card.switching), None
    )
    assert device is not None
    edit = Edit(subject=device, what="stuck", data={})
    proposed_after(in_force, lambda: in_force.hands.change_standing(edit, ANA, ""))
    found = in_force.shelf.proposal()
    assert found is not None
    planned = {job for jobs in routes_of(found.plan).values() for job in jobs}
    assert not any(action.device == device for job in planned for action in found.cards[job].switching)
    in_force.hands.change_standing(Edit(subject=device, what="stuck"), ANA, "freed")
    assert in_force.rows("changes") == []


def test_what_does_not_exist_cannot_be_found_stuck_or_late(in_force: Desk) -> None:
    for what, code in (("stuck", "unknown_device"), ("late", "unknown_crew")):
        with pytest.raises(Refused) as refusal:
            in_force.hands.change_standing(Edit(subject="X", what=what, data={"until": "x"}), ANA, "")
        assert refusal.value.code == code


def test_visits_within_the_freeze_horizon_stay_where_they_are(in_force: Desk, clock: Clock) -> None:
    in_force.book.budget = Budget(work=300, freeze_min=600)
    before = routes_of(in_force.day().plan)
    clock.later(5)
    in_force.calls.log(Entry(words="sparks from the pole", received_at=clock(), customer="C11"), ANA)
    in_force.shelf.propose(ANA)
    after = proposal_of(in_force)
    for crew, jobs in before.items():
        assert after.get(crew, [])[: len(jobs)] == jobs


def test_some_moves_of_a_proposal_are_taken_and_the_gain_is_told_by_part(
    in_force: Desk, clock: Clock
) -> None:
    clock.later(5)
    told = in_force.calls.log(Entry(words="sparks from the pole", received_at=clock(), customer="C11"), ANA)
    in_force.calls.log(Entry(words="meter broken", received_at=clock(), customer="C05"), ANA)
    in_force.shelf.propose(ANA)
    found = in_force.shelf.proposal()
    assert found is not None
    compared = in_force.shelf.comparison(found)
    assert sum(compared.parts.values()) == pytest.approx(compared.cost)
    wanted = {move.job for move in compared.moves if told.id in move.job}
    assert wanted
    in_force.shelf.publish(in_force.plan_number("proposed") or 0, ANA, wanted)
    planned = {job for jobs in routes_of(in_force.day().plan).values() for job in jobs}
    assert wanted <= planned
    others = {move.job for move in compared.moves if move.from_crew is None} - wanted
    assert not others & planned

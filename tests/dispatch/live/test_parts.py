"""A part of a proposal, hearers of a plan that is being written, and what a crew says it has read."""

from __future__ import annotations

from itertools import combinations

import pytest

from dispatch.ground.problem import After, Crew, Job, Problem, Travel
from dispatch.live import Desk, Entry, Refused, Said, Who, hear
from dispatch.live.parts import bound_together, part_of
from dispatch.live.proposals import routes_of
from dispatch.live.shelf import ANSWERABLE
from dispatch.store import Conflict, Event, Store

ANA = Who(name="ana")
PHONE = Who(name="crew-1", source="phone")


def waiting(**after: str) -> Problem:
    """Jobs of which each may wait for another."""
    jobs = tuple(
        Job(id=name, location=0, after=(After(job=first, lag_s=0),) if first else ())
        for name, first in after.items()
    )
    travel = Travel(xy=((0.0, 0.0),))
    return Problem(jobs=jobs, crews=(Crew(id="c", start=(0,)),), travel=travel)


def test_jobs_that_wait_for_one_another_are_bound_together_and_others_are_not() -> None:
    bound = bound_together(waiting(a="", b="a", c="b", d=""), {"a", "b", "c", "d"})
    assert bound["a"] == bound["b"] == bound["c"] == {"a", "b", "c"}
    assert bound["d"] == {"d"}


def test_a_job_that_is_not_moved_binds_nobody() -> None:
    bound = bound_together(waiting(a="", b="a", c="b"), {"a", "c"})
    assert bound == {"a": frozenset({"a"}), "c": frozenset({"c"})}


def test_every_part_of_a_proposal_can_be_worked(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    proposed = desk.shelf.proposal()
    assert proposed is not None
    jobs = sorted(job for route in routes_of(proposed.plan).values() for job in route)
    waits = {job: {each.job for each in proposed.problem.job_by_id[job].after} for job in jobs}
    came_along = 0
    for size in (1, 2, 3):
        for accepted in combinations(jobs, size):
            part = part_of(proposed, {}, accepted, ANSWERABLE)
            planned = {job for route in part.routes.values() for job in route}
            assert part.broken == ()
            assert set(accepted) <= part.jobs == planned
            assert all(waits[job] <= planned for job in planned)
            came_along += len(part.jobs) > size
    assert came_along, "some repair needs its patrol"


def test_a_published_part_says_what_came_along(desk: Desk, store: Store) -> None:
    desk.shelf.propose(ANA)
    proposed = desk.shelf.proposal()
    assert proposed is not None
    job = next(each for each in proposed.problem.jobs if each.after)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA, {job.id})
    told = next(event for event in store.events_after(0) if event.kind == "plan_published")
    assert told.data["accepted"] == [job.id]
    assert {each.job for each in job.after} <= set(told.data["along"])


def test_nothing_of_a_proposal_or_what_is_not_in_it_is_no_part_of_it(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    number = desk.plan_number("proposed") or 0
    for accepted, said in (((), "nothing of the proposal"), ({"nobody's job"}, "nobody's job")):
        with pytest.raises(Refused, match=said):
            desk.shelf.publish(number, ANA, accepted)
    assert desk.plan_number("published") is None
    desk.shelf.publish(number, ANA)
    with pytest.raises(Refused, match="answered already"):
        desk.shelf.publish(number, ANA)


def test_a_proposal_is_answered_once(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    number = desk.plan_number("proposed") or 0
    desk.shelf.decline(number, ANA, "no")
    for answer in (lambda: desk.shelf.publish(number, ANA), lambda: desk.shelf.decline(number, ANA, "no")):
        with pytest.raises(Refused, match="answered already"):
            answer()
    with pytest.raises(Refused, match="there is no plan"):
        desk.shelf.publish(10**30, ANA)


def test_who_hears_of_a_plan_finds_it_whoever_made_it(in_force: Desk, store: Store) -> None:
    found: list[int] = []

    def look(_: object, event: Event) -> None:
        if event.kind in ("plan_made", "plan_published"):
            found.append(len(in_force.plan(int(event.subject)).cards))

    store.hearers.append(look)
    in_force.hands.set_routes(routes_of(in_force.day().plan), ANA, "as it is")
    logged = in_force.calls.log(
        Entry(words="a wire is lying on the road", received_at=in_force.clock(), customer="C11"), ANA
    )
    offer = in_force.calls.urgent(logged.id)
    assert offer is not None
    in_force.calls.divert(logged.id, offer.crews[0].crew, ANA, "")
    in_force.shelf.propose(ANA)
    some = next(iter(in_force.day().problem.job_by_id))
    in_force.shelf.publish(in_force.plan_number("proposed") or 0, ANA, {some})
    assert len(found) == 6
    assert all(found)
    assert not [event for event in store.events_after(0) if event.data.get("what") == "untold"]


def test_a_plan_that_could_not_be_written_is_not_at_hand(in_force: Desk, store: Store) -> None:
    number = in_force.plan_number("published") or 0
    before = in_force.plan(number)
    with pytest.raises(RuntimeError), in_force.archive.held(number, object()):  # type: ignore[arg-type]
        raise RuntimeError("disk full")
    assert in_force.plan(number) is before
    with pytest.raises(RuntimeError), in_force.archive.held(number + 1, before):
        raise RuntimeError("disk full")
    with pytest.raises(Refused, match="there is no plan"):
        in_force.plan(number + 1)


def test_routes_drawn_from_an_older_plan_are_refused_at_the_desk(in_force: Desk) -> None:
    seen = in_force.plan_number("published")
    routes = routes_of(in_force.day().plan)
    in_force.hands.set_routes(routes, Who(name="bo"), "first", seen=seen)
    with pytest.raises(Conflict, match="changed by bo"):
        in_force.hands.set_routes(routes, ANA, "second", seen=seen)


@pytest.mark.parametrize("plan", [0, -1, 99_999, 10**30])
def test_a_plan_that_was_never_in_force_cannot_have_been_read(in_force: Desk, plan: int) -> None:
    with pytest.raises(Refused, match="there is no plan"):
        in_force.shelf.acknowledge("crew-1", plan, ANA)
    tap = Said(id=f"t{plan}"[:20], kind="acknowledge", at=in_force.clock(), data={"plan": plan})
    heard = hear(in_force, "crew-1", tap, PHONE)
    assert (heard.status, heard.code) == ("conflict", "refused")
    assert not any(row["acknowledged"] for row in in_force.rows("crews"))


def test_a_proposal_that_was_never_published_cannot_have_been_read(in_force: Desk) -> None:
    in_force.shelf.propose(ANA)
    with pytest.raises(Refused, match="there is no plan"):
        in_force.shelf.acknowledge("crew-1", in_force.plan_number("proposed") or 0, ANA)
    in_force.shelf.acknowledge("crew-1", in_force.plan_number("published") or 0, ANA)


def test_only_a_crew_that_exists_can_have_read_a_plan(in_force: Desk) -> None:
    with pytest.raises(Refused, match="no crew 'crew-9'"):
        in_force.shelf.acknowledge("crew-9", in_force.plan_number("published") or 0, ANA)

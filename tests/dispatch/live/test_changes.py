"""Work changed by hand: split, put together, added, removed, moved to a time; and taken back."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from dispatch.ground.case import Case
from dispatch.judge.check import judge
from dispatch.live import Budget, Desk, Edit, Refused, Who
from dispatch.live.proposals import routes_of
from dispatch.store import Store

ANA = Who(name="ana")


def card_of(desk: Desk, kind: str) -> str:
    return next(id_ for id_, card in desk.day().cards.items() if kind in (card.kind, card.title))


def order_state(desk: Desk, order: str) -> str:
    return next(row["state"] for row in desk.rows("orders") if row["id"] == order)


def make(desk: Desk, *edits: Edit, reason: str = "asked for") -> dict[str, list[str]]:
    desk.hands.set_routes(None, ANA, reason, edits)
    assert desk.store.differing() == []
    return routes_of(desk.day().plan)


def added(**more: object) -> Edit:
    """Work that nobody called about, at a customer's unless a place is given."""
    data = {"words": "a look", "at": "2026-07-14T18:30:00-04:00", "minutes": 10, "customer": "C12"}
    place = {"customer": None} if more.keys() & {"address", "lon"} else {}
    return Edit(subject="W-H000001/service", what="add", data={**data, **place, **more})


def again(desk: Desk) -> Desk:
    """The same day, worked out of the store by a program that starts anew."""
    return Desk(desk.case, desk.store, desk.clock, Budget(work=300))


def test_a_split_job_is_two_jobs_one_after_the_other_and_supply_waits_for_both(in_force: Desk) -> None:
    repair = card_of(in_force, "repair")
    tried = in_force.hands.try_change(None, [Edit(subject=repair, what="split", data={"minutes": [30, 60]})])
    first = f"{repair}.1"
    routes = next(jobs for jobs in tried.routes.values() if repair in jobs)
    assert routes.index(first) + 1 == routes.index(repair)
    assert not tried.broken
    routes = make(in_force, Edit(subject=repair, what="split", data={"minutes": [30, 60]}))
    ways = [way for block in in_force.day().problem.blocks for way in block.restored_by if repair in way]
    assert ways
    assert all(first in way for way in ways)
    assert routes_of(again(in_force).day().plan) == routes


def test_an_order_is_restored_when_the_last_part_is_done(in_force: Desk) -> None:
    repair = card_of(in_force, "repair")
    edit = Edit(subject=repair, what="split", data={"minutes": [30, 60], "together": True})
    make(in_force, edit)
    order = in_force.work.order_of(repair)
    crew = next(crew for crew, jobs in routes_of(in_force.day().plan).items() if repair in jobs)
    phone = Who(name=crew, source="phone")
    in_force.work.report(repair, "on_site", phone, crew=crew)
    in_force.work.report(repair, "done", phone, crew=crew)
    assert order_state(in_force, order) == "on_site"
    in_force.work.report(f"{repair}.1", "done", phone, crew=crew)
    assert order_state(in_force, order) == "restored"


def test_jobs_put_together_are_one_stay_that_ends_both_orders(in_force: Desk) -> None:
    day = in_force.day()
    work = [id_ for id_, card in day.cards.items() if card.kind in ("repair", "service")]
    for kept, gone in itertools.permutations(work, 2):
        merge = Edit(subject=gone, what="merge", data={"into": kept, "minutes": 50})
        if not in_force.hands.try_change(None, [merge]).unsafe:
            break
    orders = {day.cards[kept].order, day.cards[gone].order}
    routes = make(in_force, merge)
    assert gone not in in_force.day().cards
    assert sum(jobs.count(kept) for jobs in routes.values()) <= 1
    assert set(in_force.work.orders_of(kept)) == orders
    crew = next((crew for crew, jobs in routes.items() if kept in jobs), "crew-1")
    for to in ("on_site", "done"):
        in_force.work.report(kept, to, Who(name=crew, source="phone"), crew=crew)
    assert {order_state(in_force, order) for order in orders} == {"restored"}


def test_two_outages_put_together_come_back_by_one_repair(in_force: Desk) -> None:
    repairs = [id_ for id_, card in in_force.day().cards.items() if card.kind == "repair"]
    if len(repairs) < 2:
        pytest.skip("the small case has one repair")
    make(in_force, Edit(subject=repairs[1], what="merge", data={"into": repairs[0], "minutes": 45}))
    ways = [way for block in in_force.day().problem.blocks for way in block.restored_by]
    assert not any(repairs[1] in way for way in ways)


def test_work_is_added_without_a_call_and_stays_in_the_next_proposal(in_force: Desk) -> None:
    data = {
        "at": in_force.clock().isoformat(),
        "words": "check the pole",
        "kind": "inspection",
        "customer": "C05",
        "minutes": 25,
        "skills": [],
        "crew": "crew-1",
    }
    routes = make(in_force, Edit(subject="W-H1/service", what="add", data=data))
    assert "W-H1/service" in routes["crew-1"]
    card = in_force.day().cards["W-H1/service"]
    assert (card.duration_min, card.skills) == (25, frozenset())
    assert order_state(in_force, "W-H1") == "dispatched"
    assert "W-H1/service" in in_force.shelf.propose(ANA).cards
    for to in ("on_site", "done"):
        in_force.work.report("W-H1/service", to, Who(name="crew-1", source="phone"), crew="crew-1")
    assert order_state(in_force, "W-H1") == "restored"
    assert "W-H1/service" not in in_force.shelf.propose(ANA).cards


def test_removed_work_needs_a_reason_and_nobody_is_sent(in_force: Desk) -> None:
    job = card_of(in_force, "metering")
    with pytest.raises(Refused, match="say why"):
        in_force.hands.set_routes(None, ANA, " ", [Edit(subject=job, what="remove", data={})])
    order = in_force.day().cards[job].order
    assert order_state(in_force, order) == "dispatched"
    routes = make(in_force, Edit(subject=job, what="remove", data={}), reason="customer withdrew")
    assert all(job not in jobs for jobs in routes.values())
    row = next(row for row in in_force.rows("orders") if row["id"] == order)
    assert (row["state"], row["crew"]) == ("accepted", None)
    proposed = in_force.shelf.propose(ANA)
    assert job in {each.job for each in proposed.plan.dropped}
    event = next(each for each in in_force.store.events_after(0) if each.kind == "changed")
    assert (event.actor, event.data["reason"]) == ("ana", "customer withdrew")


def test_a_job_moved_to_a_time_starts_not_before_it(in_force: Desk) -> None:
    job = card_of(in_force, "metering")
    at = in_force.clock() + timedelta(minutes=90)
    make(in_force, Edit(subject=job, what="time", data={"from": at.isoformat()}))
    visit = next(v for route in in_force.day().plan.routes for v in route.visits if v.job == job)
    assert visit.start_s >= 90 * 60
    proposed = in_force.shelf.propose(ANA)
    starts = [v.start_s for route in proposed.plan.routes for v in route.visits if v.job == job]
    assert all(start >= 90 * 60 for start in starts)


def test_what_was_changed_is_taken_back_and_put_forth_again(in_force: Desk) -> None:
    repair = card_of(in_force, "repair")
    before = routes_of(in_force.day().plan)
    cards = set(in_force.day().cards)
    split = {"minutes": [20, 20]}
    make(in_force, Edit(subject=repair, what="split", data=split))
    in_force.hands.set_routes(before, ANA, "undo", [Edit(subject=repair, what="split", data=None)])
    assert routes_of(in_force.day().plan) == before
    assert set(in_force.day().cards) == cards
    assert in_force.rows("changes") == []
    make(in_force, Edit(subject=repair, what="split", data=split))
    assert f"{repair}.1" in in_force.day().cards


def test_what_makes_no_sense_is_refused_with_a_code(in_force: Desk) -> None:
    job = card_of(in_force, "metering")
    for edit, code in (
        (Edit(subject="X/service", what="remove", data={}), "unknown_job"),
        (Edit(subject=job, what="split", data={"minutes": [60]}), "too_few_parts"),
        (Edit(subject=job, what="merge", data={"into": job, "minutes": 5}), "same_job"),
        (
            Edit(
                subject=job,
                what="time",
                data={"from": "2020-01-01T00:00+00:00", "to": "2020-01-01T01:00+00:00"},
            ),
            "time_past",
        ),
        (
            Edit(
                subject=job,
                what="time",
                data={"from": "2030-01-01T02:00+00:00", "to": "2030-01-01T01:00+00:00"},
            ),
            "time_order",
        ),
        (added(address="nowhere that anybody knows 99999"), "no_place"),
        (added(lon=0.0, lat=0.0), "no_place"),
        (added(crew="ghost"), "unknown_crew"),
        (added(skills=["juggling"]), "unknown_skill"),
    ):
        with pytest.raises(Refused) as refusal:
            in_force.hands.try_change(None, [edit])
        assert refusal.value.code == code


def test_every_changed_day_is_priced_as_the_checker_prices_it(in_force: Desk) -> None:
    repair = card_of(in_force, "repair")
    before = in_force.day()
    tried = in_force.hands.try_change(None, [Edit(subject=repair, what="split", data={"minutes": [30, 60]})])
    made = in_force.hands.set_routes(
        None, ANA, "", [Edit(subject=repair, what="split", data={"minutes": [30, 60]})]
    )
    assert made.summary.cost - judge(before.plain, before.plan).cost == pytest.approx(tried.cost)


def test_a_desk_without_a_plan_refuses_changes_by_hand(small: Case, store: Store) -> None:
    desk = Desk(small, store, lambda: small.settings.now, Budget(work=50))
    with pytest.raises(Refused, match="no plan"):
        desk.hands.try_change(None, [Edit(subject="X", what="remove", data={})])


def test_a_part_under_way_stays_with_its_crew_in_the_next_proposal(in_force: Desk) -> None:
    repair = card_of(in_force, "repair")
    edit = Edit(subject=repair, what="split", data={"minutes": [30, 60], "together": True})
    routes = make(in_force, edit)
    crew = next(crew for crew, jobs in routes.items() if repair in jobs)
    first = f"{repair}.1"
    in_force.work.report(first, "on_site", Who(name=crew, source="phone"), crew=crew)
    proposed = in_force.shelf.propose(ANA)
    assert routes_of(proposed.plan)[crew][0] == first
    in_force.work.report(first, "done", Who(name=crew, source="phone"), crew=crew)
    proposed = in_force.shelf.propose(ANA)
    assert first not in proposed.cards
    assert repair in proposed.cards


def test_stock_follows_the_vehicle_that_a_crew_signs_on_with(in_force: Desk) -> None:
    own = in_force.case.crew_by_id
    mine, other = own["crew-1"], own["crew-2"]
    assert mine.stock != other.stock
    in_force.work.crew_is("crew-1", "on_shift", ANA, vehicle=other.vehicle)
    in_force.work.crew_is("crew-2", "on_shift", ANA, vehicle=mine.vehicle)
    day = in_force.shelf.propose(ANA)
    for crew, lent in (("crew-1", other), ("crew-2", mine)):
        assert day.case.crew_by_id[crew].vehicle == lent.vehicle
        capacity = day.problem.crew_by_id[crew].capacity
        assert capacity == {name: lent.stock.get(name, 0) for name in capacity}
    again = Desk(in_force.case, in_force.store, in_force.clock, in_force.budget)
    assert again.plan(in_force.plan_number("proposed") or 0).case.crews == day.case.crews
    in_force.work.crew_is("crew-1", "on_shift", ANA, vehicle="a hired van")
    assert in_force.shelf.propose(ANA).case.crew_by_id["crew-1"].stock == {}

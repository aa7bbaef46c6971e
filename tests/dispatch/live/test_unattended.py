"""Unattended sending: off until a supervisor says so, clear single cases, nobody's visit moved, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.live import Budget, Desk, Entry, Refused, Who
from dispatch.live.book import PLANNER
from dispatch.live.proposals import routes_of
from dispatch.live.service.unattended import RULES
from dispatch.store import Event
from dispatch.store.history import events_keyed
from tests.dispatch.live.conftest import ANA, Clock

SUP = Who(name="sup")
HOTLINE = Who(name="hotline", source="api", system=True)


def call(
    desk: Desk, customer: str | None, kind: str | None, words: str = "the meter is broken", **told
) -> str:
    entry = Entry(words=words, received_at=desk.clock(), customer=customer, kind=kind, **told)
    return desk.calls.log(entry, HOTLINE).id


def turn(desk: Desk) -> int:
    """What the planner and then the rules do."""
    desk.shelf.propose(PLANNER)
    return desk.service.unattended.look()


def state_of(desk: Desk, order: str) -> str:
    row = desk.row("orders", order)
    return "" if row is None else str(row["state"])


def starts(desk: Desk) -> dict[str, tuple[str, int]]:
    day = desk.day()
    origin_s = int(day.origin.timestamp())
    return {
        visit.job: (route.crew, origin_s + visit.start_s)
        for route in day.plan.routes
        for visit in route.visits
    }


def test_nothing_goes_out_until_a_supervisor_says_why(in_force: Desk) -> None:
    order = f"W-{call(in_force, 'C12', 'metering')}"
    assert turn(in_force) == 0
    assert state_of(in_force, order) == "received"
    with pytest.raises(Refused, match="say why"):
        in_force.service.unattended.switch_on(" ", SUP)
    with pytest.raises(Refused, match="at most 24 hours"):
        in_force.service.unattended.switch_on("night", SUP, hours=48)


def test_nobody_switches_it_on_before_a_plan_is_in_force(desk: Desk) -> None:
    with pytest.raises(Refused):
        desk.service.unattended.switch_on("night", SUP)


def test_a_clear_case_goes_out_and_the_supervisor_answers_for_it(in_force: Desk, clock: Clock) -> None:
    held = in_force.service.unattended
    held.switch_on("one dispatcher for two rooms", SUP)
    clock.later(1)
    order = f"W-{call(in_force, 'C12', 'metering')}"
    clock.later(1)
    before = starts(in_force)
    assert turn(in_force) == 1
    row = in_force.row("orders", order)
    assert row is not None
    assert (row["state"], row["responsible"]) == ("dispatched", "sup")
    (sent,) = held.sent(clock() - timedelta(hours=1))
    assert (sent.order, sent.in_time, sent.crew) == (order, True, row["crew"])
    after = starts(in_force)
    assert {job: crew for job, (crew, _) in before.items()} == {job: after[job][0] for job in before}
    assert turn(in_force) == 0
    assert in_force.store.differing() == []


def test_what_is_not_clear_waits_with_the_reason(in_force: Desk, clock: Clock) -> None:
    held = in_force.service.unattended
    held.switch_on("night", SUP)
    clinic = call(in_force, "C06", "metering")
    known = call(in_force, "C12", "metering")
    lost = call(in_force, None, "metering", lon=-71.2558, lat=-29.9063)
    call(in_force, "C05", "complaint", "the crew was rude")
    unheard = call(in_force, "C11", None, "hello, are you there")
    assert turn(in_force) == 1
    assert state_of(in_force, f"W-{known}") == "dispatched"
    why = {each.requests[0]: each.why for each in held.listed()}
    assert why == {clinic: "by_rule", lost: "no_customer", unheard: "in_doubt"}
    told = {event.subject: event.data["why"] for event in events_keyed(in_force.store, "unattended_left/")}
    assert told == {f"W-{clinic}": "by_rule", f"W-{lost}": "no_customer"}


def test_a_danger_is_never_sent_and_is_answered_first(in_force: Desk, clock: Clock) -> None:
    held = in_force.service.unattended
    held.switch_on("night", SUP)
    wire = call(in_force, "C11", None, "A wire is lying on the road")
    meter = call(in_force, "C12", "metering")
    assert turn(in_force) == 0
    why = {each.requests[0]: each.why for each in held.listed()}
    assert why == {wire: "danger", meter: "danger_first"}
    assert in_force.calls.dangers() == (wire,)
    crew = in_force.calls.urgent(wire)
    assert crew is not None
    in_force.calls.divert(wire, crew.crews[0].crew, ANA, "danger")
    assert turn(in_force) == 1
    assert state_of(in_force, f"W-{meter}") == "dispatched"


def test_a_street_without_light_is_no_single_case(in_force: Desk, clock: Clock) -> None:
    held = in_force.service.unattended
    held.switch_on("night", SUP)
    for customer in ("C11", "C12"):
        call(in_force, customer, "outage", "the whole street is dark")
    assert turn(in_force) == 0
    assert {each.why for each in held.listed()} == {"many"}


def test_where_the_plan_in_force_would_lose_work_services_go_in_beside(in_force: Desk, clock: Clock) -> None:
    held = in_force.service.unattended
    held.switch_on("night", SUP)
    meter = call(in_force, "C12", "metering")
    # Dark everywhere: what was planned is another repair now.
    for at in range(12):
        call(in_force, f"C{at + 1:02d}", "outage", "no light")
    planned = {job for jobs in routes_of(in_force.day().plan).values() for job in jobs}
    in_force.shelf.propose(PLANNER)
    day = in_force.shelf.proposal()
    assert day is not None
    assert planned - day.problem.job_by_id.keys()
    waits = {each.order: each.why for each in held.waiting()}
    assert waits[f"W-{meter}"] == "plan_first"
    before = routes_of(in_force.day().plan)
    # What is no outage goes into the plan in force, which keeps all that it holds.
    assert held.look() == 1
    after = routes_of(in_force.day().plan)
    assert all(after[crew][: len(jobs)] == jobs for crew, jobs in before.items())
    row = in_force.row("orders", f"W-{meter}")
    assert row is not None
    assert (row["state"], row["responsible"]) == ("dispatched", "sup")
    assert [each.order for each in held.sent(clock() - timedelta(hours=1))] == [f"W-{meter}"]
    assert in_force.store.differing() == []
    in_force.shelf.propose(PLANNER)
    assert held.look() == 0


def test_it_is_stopped_at_once_and_ends_by_itself(in_force: Desk, clock: Clock) -> None:
    held = in_force.service.unattended
    held.switch_on("night", SUP, hours=2)
    call(in_force, "C12", "metering")
    in_force.shelf.propose(PLANNER)
    held.switch_off(ANA, "I am back")
    assert (held.look(), held.state().on, held.state().by) == (0, False, "ana")
    held.switch_on("night", SUP, hours=2)
    clock.later(121)
    assert (held.look(), held.state().on, held.state().by) == (0, False, RULES.name)


def test_of_fifty_calls_at_once_each_is_sent_or_says_why_not(in_force: Desk, clock: Clock) -> None:
    held = in_force.service.unattended
    held.switch_on("storm", SUP)
    kinds = ("metering", "power_quality", "street_light", "metering", None)
    asked = [call(in_force, f"C{at % 12 + 1:02d}", kinds[at % 5], f"call number {at}") for at in range(50)]
    before = routes_of(in_force.day().plan)
    while turn(in_force):
        clock.later(0.25)
    sent = {id_ for each in held.sent(clock() - timedelta(hours=1)) for id_ in each.requests}
    listed = {id_ for each in held.listed() for id_ in each.requests}
    # Of the rest nobody need drive anywhere, or it is of an outage that somebody was sent to before.
    rows = {row["id"]: row for row in in_force.rows("requests")}
    elsewhere = {
        each for each in asked if rows[each]["desk"] or (rows[each]["order_id"] or "").startswith("O-")
    }
    assert set(asked) <= sent | listed | elsewhere
    assert sent
    assert not sent & listed
    assert all(each.why for each in held.listed())
    assert all(each.in_time for each in held.sent(clock() - timedelta(hours=1)))
    after = routes_of(in_force.day().plan)
    assert all(after[crew][: len(jobs)] == jobs for crew, jobs in before.items())
    assert in_force.store.differing() == []


def test_a_second_server_and_a_new_start_send_nothing_twice(in_force: Desk, clock: Clock) -> None:
    held = in_force.service.unattended
    held.switch_on("night", SUP)
    order = f"W-{call(in_force, 'C12', 'metering')}"
    in_force.shelf.propose(PLANNER)
    other = Desk(in_force.case, in_force.store, clock, Budget(work=100))
    assert held.look() == 1
    assert other.service.unattended.look() == 0
    moved = [event for event in in_force.store.events_after(0, 10_000) if event.subject == order]
    assert sum(event.data.get("to") == "dispatched" for event in moved) == 1


def test_what_a_sudden_end_left_open_is_handed_out_by_the_next_start(in_force: Desk, clock: Clock) -> None:
    held = in_force.service.unattended
    held.switch_on("night", SUP)
    order = f"W-{call(in_force, 'C12', 'metering')}"
    in_force.shelf.propose(PLANNER)
    number, day = in_force.plan_number("proposed"), in_force.shelf.proposal()
    assert day is not None
    job = f"{order}/service"
    crew = next(crew for crew, jobs in routes_of(day.plan).items() if job in jobs)
    routes = in_force.archive.routes_on(day)
    routes[crew] = [*routes.get(crew, []), job]
    row = {"order": order, "job": job, "crew": crew, "requests": [order[2:]]}
    row |= {"received_at": clock().isoformat(), "due": clock().isoformat()}
    # All that a server writes before it is killed between the plan and the orders.
    data = {"routes": routes, "accepted": [job], "unattended": [row], "on": "sup"}
    event = Event(
        at=clock(),
        actor=RULES.name,
        source=RULES.source,
        kind="plan_published",
        subject=str(number),
        data=data,
        key=f"unattended/{number}",
    )
    in_force.store.record(event)
    fresh = Desk(in_force.case, in_force.store, clock, Budget(work=100))
    assert state_of(fresh, order) == "received"
    fresh.service.unattended.look()
    found = fresh.row("orders", order)
    assert found is not None
    assert (found["state"], found["crew"], found["responsible"]) == ("dispatched", crew, "sup")
    assert fresh.service.unattended.look() == 0

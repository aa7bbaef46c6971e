"""Two tickets: the order of steps, the order of acts, two names, and what an open permit forbids."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dispatch.ground.day import DayPlan
from dispatch.permits import Refusal, Step, Ticket, acted, allowed_acts, breaches, draft, forms_for
from dispatch.permits.following import Entry, drafted
from dispatch.planning.main_road import plan_day
from tests.prepared import small_case

AT = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> DayPlan:
    return plan_day(small_case(), work=50)


def entry(act: str, by: str = "ana", second: str = "ben", **told: Any) -> Entry:
    return Entry(act=act, at=AT, by=by, second=second, **told)


@pytest.fixture
def ticket(day: DayPlan) -> Ticket:
    outage = next(each for each in day.outages if each.device)
    card = day.cards[f"{outage.id}/repair"]
    form = forms_for(card, "cn")[-1]
    return drafted("W-20260714-001", draft(day, card.id, form), entry("draft"))


def test_the_table_says_which_work_needs_which_ticket(day: DayPlan) -> None:
    asked = {
        card.kind: {(form.kind, form.id) for form in forms_for(card, "cn")} for card in day.cards.values()
    }
    assert asked["repair"] & {("work", "line_first"), ("work", "low_voltage")}
    assert asked.get("patrol", set()) == set()
    manual = next(c for c in day.cards.values() if c.kind == "switching" and not c.remote)
    assert [form.id for form in forms_for(manual, "generic.yaml")] == ["switching"]


def test_a_drafted_permit_isolates_all_round_proves_dead_and_earths_in_that_order(ticket: Ticket) -> None:
    acts = [step.act for step in ticket.steps]
    assert ticket.breaches == ()
    assert acts.index("prove_dead") < acts.index("earth") < acts.index("clear") < acts.index("remove_earth")
    assert {s.device for s in ticket.steps if s.act == "lock_tag"} == {
        s.device for s in ticket.steps if s.act == "remove_tag"
    }


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ([], "empty"),
        ([("close", "A"), ("open", "B"), ("lock_tag", "B")], "close_before_open"),
        ([("open", "A")], "untagged"),
        ([("earth", "A"), ("prove_dead", ""), ("remove_earth", "A")], "unproved"),
        ([("prove_dead", ""), ("earth", "A")], "earth_left"),
        ([("prove_dead", ""), ("earth", "A"), ("close", "A"), ("remove_earth", "A")], "closed_on_earth"),
        ([("open", "A"), ("lock_tag", "A"), ("prove_dead", "")], "no_earth"),
    ],
)
def test_steps_that_are_not_safe_in_their_order_are_named(acts: list[tuple[Any, str]], code: str) -> None:
    steps = [Step(id=str(at), act=act, device=device) for at, (act, device) in enumerate(acts)]
    assert code in {each.code for each in breaches("work", steps)}


def test_a_ticket_goes_from_draft_to_return_step_by_step(ticket: Ticket) -> None:
    for act in ("issue", "read_back", "permit"):
        ticket = acted(ticket, entry(act))
    assert ticket.state == "working"
    assert "return" not in allowed_acts(ticket)
    with pytest.raises(Refusal, match="next_step"):
        acted(ticket, entry("return"))
    while step := ticket.next_step:
        ticket = acted(ticket, entry("step", step=step.id))
    ticket = acted(ticket, entry("return"))
    assert (ticket.state, ticket.open) == ("returned", False)
    assert all(done.by == "ana" and done.second == "ben" for done in ticket.done.values())


def test_no_step_is_left_out(ticket: Ticket) -> None:
    for act in ("issue", "read_back", "permit"):
        ticket = acted(ticket, entry(act))
    with pytest.raises(Refusal, match="next_step"):
        acted(ticket, entry("step", step=ticket.steps[1].id))


def test_two_different_names_are_needed(ticket: Ticket) -> None:
    for second in ("", "ana", " ana "):
        with pytest.raises(Refusal, match="two_names"):
            acted(ticket, entry("issue", second=second))


def test_an_unsafe_ticket_is_not_issued(ticket: Ticket) -> None:
    with pytest.raises(Refusal, match="unsafe"):
        acted(replace(ticket, steps=ticket.steps[:1]), entry("issue"))


def test_suspended_work_is_resumed_or_handed_over_and_read_back_again(ticket: Ticket) -> None:
    for act in ("issue", "read_back", "permit", "suspend"):
        ticket = acted(ticket, entry(act))
    assert ticket.open
    with pytest.raises(Refusal, match="order"):
        acted(ticket, entry("step", step="1"))
    handed = acted(ticket, entry("transfer", crew="crew-2"))
    assert (handed.state, handed.crew) == ("issued", "crew-2")
    assert acted(ticket, entry("resume")).state == "working"

"""A crew is sent to look first where knowing the device saves more than the look costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.ground.case import Case, CrewShift, Request
from dispatch.ground.day import DayPlan
from dispatch.intake import load_case
from dispatch.planning.looking import is_look
from dispatch.planning.main_road import open_day, plan_day
from dispatch.planning.running import Running
from tests.dispatch.live.street import write_street

LOOK = "O-BR-2/look"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Two feeders are out; of the second one nobody can tell its breaker from its only transformer."""
    street = load_case(write_street(tmp_path_factory.mktemp("street")))
    called = [(f"M4-{home}", 50 - home) for home in range(1, 9)] + [("M1-1", 20), ("M3-1", 20), ("M2a-1", 40)]
    called += [(f"M5-{home}", 50 - home) for home in range(1, 9)]
    now = street.settings.now
    requests = [
        Request(
            id=f"R{number}",
            received_at=now - timedelta(minutes=minutes),
            words="no light",
            channel="phone",
            customer=customer,
            kind="outage",
        )
        for number, (customer, minutes) in enumerate(called)
    ]
    return replace(street, requests=tuple(requests))


def with_crews(case: Case, *crews: CrewShift) -> Case:
    return replace(case, crews=crews)


def mate(case: Case) -> CrewShift:
    """A crew that may switch and look, and repair nothing."""
    return replace(case.crews[1], skills=frozenset({"switching"}))


def planned(day: DayPlan) -> Sequence[str]:
    return [visit.job for route in day.plan.routes for visit in route.visits]


def test_a_look_weighs_the_customer_minutes_that_it_saves(case: Case) -> None:
    opened = open_day(with_crews(case, case.crews[0], mate(case)))
    card, job = opened.cards[LOOK], opened.problem.job_by_id[LOOK]
    outage = opened.outage_by_id["O-BR-2"]
    suspect = outage.alternatives[0]
    assert (card.place, card.kind, card.is_look) == (suspect.place, "patrol", True)
    assert card.saves == round(suspect.score * suspect.customers_out * 45)
    assert job.drop_cost == pytest.approx(card.saves, abs=1)
    assert not job.skills
    assert not any(after.job == LOOK for each in opened.problem.jobs for after in each.after)


def test_nobody_looks_where_a_crew_that_repairs_is_free(case: Case) -> None:
    opened = open_day(case)
    assert not any(is_look(job) for job in opened.cards)


def test_a_look_that_would_cost_more_than_it_saves_is_left_out_and_not_counted_as_work_left_undone(
    case: Case,
) -> None:
    day = plan_day(with_crews(case, case.crews[0]), work=300, processes=1)
    assert LOOK in day.cards
    assert LOOK not in planned(day)
    assert day.summary.jobs_left_out == 0


def test_no_look_is_planned_behind_the_repair(case: Case) -> None:
    day = plan_day(with_crews(case, case.crews[0], mate(case)), work=300, processes=1)
    start_s = {visit.job: visit.start_s for route in day.plan.routes for visit in route.visits}
    assert start_s.get(LOOK, -1) < start_s["O-BR-2/repair"]


def test_a_crew_with_nothing_better_to_do_looks_while_the_repair_waits(case: Case) -> None:
    busy = Running(
        previous={"crew-1": ["O-BR-1/patrol", "O-BR-1/repair"]},
        committed={"crew-1": ("O-BR-1/patrol", "O-BR-1/repair")},
        on_site={"O-BR-1/patrol": case.settings.now},
    )
    day = plan_day(with_crews(case, case.crews[0], mate(case)), work=300, processes=1, running=busy)
    routes = {route.crew: [visit.job for visit in route.visits] for route in day.plan.routes}
    assert LOOK in routes["crew-2"]
    # Neither the order's crew nor its promised arrival is that of the crew that looks elsewhere.
    assert day.crew_of_order["O-BR-2"] == "crew-1"
    start_s = {visit.job: visit.start_s for route in day.plan.routes for visit in route.visits}
    assert day.arrival_s["O-BR-2"] > start_s[LOOK]
    assert start_s[LOOK] < start_s["O-BR-2/repair"]


def test_one_flat_sends_nobody_to_look(case: Case) -> None:
    one = [each for each in case.requests if each.customer == "M5-1"]
    alone = [replace(one[0], received_at=case.settings.now, words="no light, only my flat")]
    opened = open_day(replace(with_crews(case, case.crews[0], mate(case)), requests=tuple(alone)))
    assert opened.outages
    assert not any(is_look(job) for job in opened.cards)


def test_who_has_looked_twice_is_not_sent_again(case: Case) -> None:
    twice = Running(done=frozenset({LOOK, f"{LOOK}+2"}))
    opened = open_day(with_crews(case, case.crews[0], mate(case)), twice)
    assert not any(is_look(job) for job in opened.cards)

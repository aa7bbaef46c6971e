"""What finished jobs take off a vehicle is not given out again, until the depot has put it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.ground.case import Case
from dispatch.live import Budget, Desk, Refused, Who
from dispatch.live.proposals import routes_of
from dispatch.live.under_way import running_at
from dispatch.planning.drafting import Draft
from dispatch.planning.main_road import open_day
from dispatch.planning.running import Running, used_at_finished, with_stock_left
from dispatch.store import Store

from .conftest import ANA, Clock


def planned(case: Case, store: Store, clock: Clock) -> Desk:
    made = Desk(case, store, clock, Budget(work=300))
    made.shelf.propose(ANA)
    made.shelf.publish(made.plan_number("proposed") or 0, ANA)
    return made


def a_job_with_parts(desk: Desk) -> tuple[str, str, Mapping[str, float]]:
    """A planned job that takes something: itself, its crew, what it takes."""
    for crew, jobs in routes_of(desk.day().plan).items():
        for job in jobs:
            load = desk.day().problem.job_by_id[job].load
            if any(load.values()):
                return job, crew, load
    pytest.skip("no job of the small case takes parts")


def left(desk: Desk, crew: str, what: str) -> float:
    """What the next plan may give out of a crew's stock."""
    day = desk.shelf.propose(ANA)
    found = day.problem.crew_by_id[crew].capacity
    return found[what] if what in found else day.case.crew_by_id[crew].stock[what]


def finish(desk: Desk, job: str, crew: str) -> None:
    day = desk.day()
    for each in (*(wait.job for wait in day.problem.job_by_id[job].after), job):
        for to in ("on_site", "restored" if each == job else "done", "done"):
            desk.work.report(each, to, Who(name=crew, source="phone"), crew=crew)


def test_what_a_finished_job_took_is_gone_once_and_the_depot_brings_it_back(
    small: Case, store: Store, clock: Clock
) -> None:
    desk = planned(small, store, clock)
    job, crew, load = a_job_with_parts(desk)
    what, count = next((what, count) for what, count in load.items() if count)
    before = left(desk, crew, what)
    finish(desk, job, crew)
    assert left(desk, crew, what) == before - count
    again = Desk(desk.case, store, clock, Budget(work=300))
    assert left(again, crew, what) == before - count
    clock.later(1)
    assert desk.work.restocked(crew, ANA, key="depot 1")
    assert not desk.work.restocked(crew, ANA, key="depot 1")
    assert left(desk, crew, what) == before


def test_who_takes_over_a_vehicle_takes_over_what_is_left_on_it(
    small: Case, store: Store, clock: Clock
) -> None:
    desk = planned(small, store, clock)
    job, crew, load = a_job_with_parts(desk)
    what, count = next((what, count) for what, count in load.items() if count)
    before, truck = left(desk, crew, what), desk.case.crew_by_id[crew].vehicle
    finish(desk, job, crew)
    other = next(each.id for each in small.crews if each.id != crew)
    desk.note("crew_changed", crew, {"state": "off"}, ANA)
    desk.note("crew_changed", other, {"state": "on_shift", "vehicle": truck}, ANA)
    assert left(desk, other, what) == before - count
    desk.work.restocked(other, ANA)
    assert left(desk, other, what) == before


def test_what_a_phone_tells_late_of_before_the_filling_takes_nothing(
    small: Case, store: Store, clock: Clock
) -> None:
    desk = planned(small, store, clock)
    job, crew, load = a_job_with_parts(desk)
    what = next(what for what, count in load.items() if count)
    before = left(desk, crew, what)
    then = clock.now
    clock.later(30)
    desk.work.restocked(crew, ANA)
    for each in (*(wait.job for wait in desk.day().problem.job_by_id[job].after), job):
        for to in ("on_site", "done"):
            desk.work.report(
                each, to, Who(name=crew, source="phone"), crew=crew, at=then + timedelta(minutes=1)
            )
    assert left(desk, crew, what) == before


def test_a_vehicle_is_full_again_after_a_day(small: Case, store: Store, clock: Clock) -> None:
    desk = planned(small, store, clock)
    job, crew, load = a_job_with_parts(desk)
    what = next(what for what, count in load.items() if count)
    finish(desk, job, crew)
    assert running_at(desk.book, desk.day(), clock.now, ()).used != {}
    clock.later(25 * 60)
    assert not any((running_at(desk.book, desk.day(), clock.now, ()).used or {}).values()), what


def test_a_filling_names_a_crew_that_there_is(small: Case, store: Store, clock: Clock) -> None:
    with pytest.raises(Refused):
        Desk(small, store, clock, Budget(work=10)).work.restocked("nobody", ANA)


def test_without_an_account_what_the_plan_before_finished_counts(small: Case) -> None:
    job = next(job for job in open_day(small).problem.jobs if any(job.load.values()))
    what, count = next((what, count) for what, count in job.load.items() if count)
    crew = next(crew for crew in small.crews if crew.stock.get(what, 0) >= count)
    drafts = [Draft(card=open_day(small).cards[job.id], job=job)]
    running = Running(previous={crew.id: [job.id]}, done=frozenset({job.id}))
    used = used_at_finished(small.crews, drafts, running)
    after = next(each for each in with_stock_left(small.crews, used) if each.id == crew.id)
    assert after.stock[what] == crew.stock[what] - count
    assert not used_at_finished(small.crews, drafts, replace(running, used={}))

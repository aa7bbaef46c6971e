"""Restore first, repair later: what is switched, when, and what it saves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.ground.day import DayPlan
from dispatch.intake import load_case
from dispatch.outages import Finding
from dispatch.planning.drafting import step_job
from dispatch.planning.main_road import open_day, plan_day
from dispatch.planning.running import Running
from geo import Grid, SwitchAction, check_switching, restore, switching_list
from geo.readers.loading import grid_tables
from tests.prepared import small_case


@pytest.fixture(scope="module")
def day(root: Path) -> DayPlan:
    return plan_day(load_case(root / "data" / "oberrhein"), work=40, processes=1)


def test_nothing_is_closed_before_the_patrol_has_found_the_fault(day: DayPlan) -> None:
    finish_s = {visit.job: visit.finish_s for route in day.plan.routes for visit in route.visits}
    start_s = {visit.job: visit.start_s for route in day.plan.routes for visit in route.visits}
    patrol = "O-BR-099/patrol"
    closings = [job for job in start_s if job.startswith("close:")]
    assert closings
    assert all(start_s[job] >= finish_s[patrol] for job in closings)


def test_a_switch_may_be_opened_while_the_patrol_is_on_its_way(day: DayPlan) -> None:
    opened = [job for job in day.problem.jobs if job.id.startswith("open:")]
    assert opened
    assert not any(job.after for job in opened)


def test_without_ties_fewer_ways_lead_back(day: DayPlan) -> None:
    tables = grid_tables(day.case.grid)
    tables["switches"] = tables["switches"][tables["switches"]["normal"] == "closed"]
    bare = open_day(replace(day.case, grid=Grid.from_tables(**tables)))
    assert sum(len(block.restored_by) for block in bare.problem.blocks) < sum(
        len(block.restored_by) for block in day.problem.blocks
    )
    assert sum(card.customers for card in bare.blocks) == day.summary.customers_out


def test_patrol_isolation_closing_and_repair_follow_each_other_by_different_crews(day: DayPlan) -> None:
    visits = {visit.job: (route.crew, visit) for route in day.plan.routes for visit in route.visits}
    repair = "O-BR-099/repair"
    block = next(block for block in day.problem.blocks if (repair,) in block.restored_by)
    switched = next(way for way in block.restored_by if len(way) > 1 and set(way) <= set(visits))
    by_kind = {job.split(":")[0]: job for job in switched}
    by_kind |= {"patrol": "O-BR-099/patrol", "repair": repair}
    assert set(by_kind) == {"patrol", "open", "close", "repair"}
    assert set(by_kind.values()) <= set(visits)
    crew = {kind: visits[job][0] for kind, job in by_kind.items()}
    assert len(set(crew.values())) > 1
    start = {kind: visits[job][1].start_s for kind, job in by_kind.items()}
    finish = {kind: visits[job][1].finish_s for kind, job in by_kind.items()}
    assert start["close"] >= max(finish["open"], finish["patrol"])
    assert start["repair"] >= finish["patrol"]
    skills = {each.id: each.skills for each in day.problem.crews}
    assert all(day.problem.job_by_id[job].skills <= skills[crew[kind]] for kind, job in by_kind.items())


def test_the_days_switching_breaches_nothing_in_the_order_of_the_plan(day: DayPlan) -> None:
    faults = [outage.fault for outage in day.outages if outage.customers is None]
    restoration = restore(day.case.grid, faults, load_kw=day.case.load_kw)
    by_job = {
        step_job(step, {o.fault.id: o for o in day.outages}): step for step in restoration.steps.values()
    }
    finished = sorted((visit.finish_s, visit.job) for route in day.plan.routes for visit in route.visits)
    done = [by_job[job].id for _, job in finished if job in by_job]
    assert any(name.startswith("close:") for name in done)
    operations: list[SwitchAction | str] = []
    for move in switching_list(day.case.grid, faults, restoration, done):
        if (fault := restoration.steps[move.step].fault) is not None:
            operations.append(fault)
        operations += move.actions
    assert check_switching(day.case.grid, operations, faults) == ()


def test_a_wire_on_the_ground_is_made_safe_before_it_is_mended(tmp_path: Path) -> None:
    case = small_case()
    found = Finding(place="L2", state="fault", at=case.settings.now, cause="wire_down")
    day = plan_day(case, work=20, processes=1, running=Running(findings=(found,)))
    jobs = day.problem.job_by_id
    outage = next(each for each in day.outages if each.fault.place == "L2")
    assert (outage.confirmed, outage.cause) == (True, "wire_down")
    assert f"{outage.id}/patrol" not in jobs
    assert [each.job for each in jobs[f"{outage.id}/repair"].after] == [f"{outage.id}/make_safe"]
    visits = {visit.job: visit for route in day.plan.routes for visit in route.visits}
    assert visits[f"{outage.id}/repair"].start_s >= visits[f"{outage.id}/make_safe"].finish_s

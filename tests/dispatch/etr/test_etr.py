from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from dispatch.etr.estimates import CrewWord, EtrSettings, InHand, etrs, restoration_draws, rounded_up
from dispatch.etr.history import EtrRecord, accuracy, stretch, with_new
from dispatch.etr.repair_times import REPAIR_TIMES, UNKNOWN, RepairTime, pooled, repair_time
from dispatch.ground.case import Case
from dispatch.ground.day import BlockCard, Etr, Outage, WorkOrder
from dispatch.ground.plan import Plan, Route, Visit
from dispatch.ground.problem import After, Block, Crew, Job, Problem, Travel
from geo import Fault

ORIGIN = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
HOUR = 3600
EXACT = EtrSettings(round_min=0, draws=4000, travel_sigma=0.0, centre="plan")


def outage(name: str, cause: str | None = "tree", *, confirmed: bool = True) -> Outage:
    """An outage of one transformer of the same name."""
    return Outage(
        id=name,
        fault=Fault(id=name, kind="line", place="L1"),
        since=ORIGIN,
        requests=(),
        transformers=(f"T-{name}",),
        customers_out=40,
        component="line",
        cause=cause,
        confirmed=confirmed,
    )


def block(name: str) -> BlockCard:
    """The block of one outage."""
    return BlockCard(
        id=f"B-{name}", outages=(name,), transformers=(f"T-{name}",), customers=40, weight=40, since=ORIGIN
    )


def problem_of(jobs: list[Job], blocks: list[Block]) -> Problem:
    """One crew, one place."""
    travel = Travel(durations_s=np.zeros((1, 1), dtype=np.int64))
    return Problem(travel=travel, jobs=tuple(jobs), crews=(Crew(id="C1", start=(0,)),), blocks=tuple(blocks))


def two_repairs() -> tuple[Problem, Plan]:
    """A crew that repairs A for an hour and then B for an hour."""
    jobs = [Job(id=name, location=0, service_s=HOUR) for name in ("A/repair", "B/repair")]
    blocks = [Block(id=f"B-{name}", cost_per_s=1, restored_by=((f"{name}/repair",),)) for name in "AB"]
    visits = (
        Visit(job="A/repair", arrival_s=0, start_s=0, finish_s=HOUR),
        Visit(job="B/repair", arrival_s=HOUR, start_s=HOUR, finish_s=2 * HOUR),
    )
    plan = Plan(status="feasible", cost=0, routes=(Route(crew="C1", start=0, visits=visits),))
    return problem_of(jobs, blocks), plan


def estimates(
    problem: Problem,
    plan: Plan,
    outages: list[Outage],
    *,
    words: Sequence[CrewWord] = (),
    settings: EtrSettings | None = None,
    seed: int = 1,
) -> dict[str, Etr]:
    """Estimates by outage; each outage's order holds the repair of its name."""
    case = cast(Case, SimpleNamespace(settings=SimpleNamespace(now=ORIGIN)))
    orders = [order(each.id) for each in outages]
    blocks = [block(each.id) for each in outages]
    found = etrs(case, outages, orders, blocks, problem, plan, words=words, settings=settings, seed=seed)
    return {etr.outage: etr for etr in found}


def order(name: str, outcome: dict[str, float] | None = None) -> WorkOrder:
    """The order of an outage."""
    return WorkOrder(
        id=name,
        kind="outage",
        class_="P2",
        tier=1,
        weight=1,
        grade="ordinary",
        requests=(),
        received_at=ORIGIN,
        decision=cast(Any, SimpleNamespace(outcome=outcome or {})),
        outage=name,
    )


def test_one_repair_has_the_log_normals_own_quantiles() -> None:
    problem, plan = two_repairs()
    etr = estimates(problem, plan, [outage("A")], settings=EXACT)["A"]
    assert etr.median is not None
    assert etr.p90 is not None
    # Median of the plan, 60 min; 90 %: 60 min x exp(1.2816 x 0.78) = 163 min.
    assert abs((etr.median - ORIGIN).total_seconds() / 60 - 60) < 3
    assert abs((etr.p90 - ORIGIN).total_seconds() / 60 - 163) < 8


def test_a_later_repair_inherits_the_spread_of_the_earlier() -> None:
    problem, plan = two_repairs()
    both = estimates(problem, plan, [outage("A"), outage("B")], settings=EXACT)
    a, b = both["A"], both["B"]
    assert a.median
    assert a.p90
    assert b.median
    assert b.p90
    assert b.median - ORIGIN > timedelta(hours=2)
    assert b.p90 - b.median > a.p90 - a.median


def test_what_must_wait_for_another_crew_moves_with_it() -> None:
    jobs = [
        Job(id="A", location=0, service_s=HOUR),
        Job(id="B", location=0, service_s=HOUR, after=(After(job="A", lag_s=600),)),
    ]
    blocks = [Block(id="B-B", cost_per_s=1, restored_by=(("B",),))]
    plan = Plan(
        status="feasible",
        cost=0,
        routes=(
            Route(crew="C1", start=0, visits=(Visit(job="A", arrival_s=0, start_s=0, finish_s=HOUR),)),
            Route(crew="C2", start=0, visits=(Visit(job="B", arrival_s=0, start_s=4200, finish_s=7800),)),
        ),
    )
    draws = restoration_draws([], [], problem_of(jobs, blocks), plan, settings=EXACT)
    assert np.median(draws["B-B"]) > 7800
    assert draws["B-B"].min() > 600


def test_the_earliest_way_counts() -> None:
    problem, plan = two_repairs()
    blocks = [Block(id="B-A", cost_per_s=1, restored_by=(("A/repair", "B/repair"), ("A/repair",)))]
    problem = problem_of(list(problem.jobs), blocks)
    etr = estimates(problem, plan, [outage("A")], settings=EXACT)["A"]
    assert etr.median is not None
    assert etr.median < ORIGIN + timedelta(minutes=66)


def test_what_is_not_planned_has_no_estimate() -> None:
    problem, _ = two_repairs()
    empty = Plan(status="feasible", cost=0)
    etr = estimates(problem, empty, [outage("A")])["A"]
    assert (etr.median, etr.p90, etr.status) == (None, None, "not_planned")


def test_an_outage_is_being_assessed_until_it_is_confirmed() -> None:
    problem, plan = two_repairs()
    found = estimates(problem, plan, [outage("A", confirmed=False), outage("B")])
    assert (found["A"].status, found["B"].status) == ("being_assessed", "assessed")


def test_estimates_are_rounded_up() -> None:
    problem, plan = two_repairs()
    etr = estimates(problem, plan, [outage("A")])["A"]
    assert etr.median is not None
    assert etr.median.minute % 15 == 0
    assert etr.median.second == 0
    assert rounded_up(ORIGIN + timedelta(minutes=1), 15) == ORIGIN + timedelta(minutes=15)
    assert rounded_up(ORIGIN, 15) == ORIGIN


def test_a_crews_own_word_overrides_the_plan() -> None:
    problem, plan = two_repairs()
    words = [
        CrewWord(outage="A", at=ORIGIN, ready_at=ORIGIN + timedelta(hours=1)),
        CrewWord(outage="A", at=ORIGIN + timedelta(minutes=30), ready_at=ORIGIN + timedelta(hours=4)),
    ]
    etr = estimates(problem, plan, [outage("A", confirmed=False)], words=words)["A"]
    assert (etr.median, etr.status) == (ORIGIN + timedelta(hours=4), "assessed")
    assert etr.p90 is not None
    assert etr.p90 > ORIGIN + timedelta(hours=4)


def test_the_same_seed_gives_the_same_estimates() -> None:
    problem, plan = two_repairs()
    outages = [outage("A"), outage("B")]
    assert estimates(problem, plan, outages, seed=3) == estimates(problem, plan, outages, seed=3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ninety_percent_holds_in_ninety_percent_of_days(seed: int) -> None:
    problem, plan = two_repairs()
    etr = estimates(problem, plan, [outage("A"), outage("B")], settings=EXACT)["B"]
    assert etr.p90 is not None
    random = np.random.default_rng(seed)
    truth_h = np.exp(0.78 * random.standard_normal((1000, 2))).sum(axis=1)
    held = (truth_h * HOUR <= (etr.p90 - ORIGIN).total_seconds()).mean()
    assert 0.87 <= held <= 0.93


def test_causes_are_found_in_a_utilitys_own_words() -> None:
    assert repair_time("Tree down across our wires") == REPAIR_TIMES["tree"]
    assert repair_time("WIRE DOWN") == REPAIR_TIMES["wire down"]
    assert repair_time(None, "cable") == REPAIR_TIMES["cable"]
    assert repair_time(None) == UNKNOWN


def test_an_unknown_cause_is_all_causes_together() -> None:
    one = RepairTime(cause="a", median_h=1.0, sigma=0.6, records=100)
    two = RepairTime(cause="b", median_h=math.exp(1), sigma=0.6, records=100)
    both = pooled([one, two])
    # Logarithms 0 and 1: mean 0.5; variance 0.36 within and 0.25 between.
    assert (both.median_h, both.sigma) == pytest.approx((math.exp(0.5), math.sqrt(0.61)))
    assert 0.9 < UNKNOWN.median_h < 1.3


def test_estimates_can_be_centred_on_the_records() -> None:
    problem, plan = two_repairs()
    settings = replace(EXACT, centre="records")
    etr = estimates(problem, plan, [outage("A")], settings=settings)["A"]
    assert etr.median is not None
    assert abs((etr.median - ORIGIN).total_seconds() / 60 - 1.49 * 60) < 5


def test_an_estimate_without_a_cause_spreads_over_all_that_it_may_be() -> None:
    problem, plan = two_repairs()
    settings = replace(EXACT, centre="records")
    known = estimates(problem, plan, [outage("A", "bird")], settings=settings)["A"]
    unknown = estimates(problem, plan, [outage("A", None)], settings=settings)["A"]
    assert known.p90
    assert unknown.p90
    # A bird: 37 min x exp(1.2816 x 0.61) = 81 min; all causes together: about 65 min x exp(1.2816 x 0.8).
    assert abs((known.p90 - ORIGIN).total_seconds() / 60 - 81) < 6
    assert 150 < (unknown.p90 - ORIGIN).total_seconds() / 60 < 210


def test_shares_of_causes_tell_a_storm_from_an_ordinary_day() -> None:
    problem, plan = two_repairs()
    ordinary = replace(EXACT, centre="records")
    storm = replace(ordinary, shares={"tree": 0.6, "pole down": 0.4})
    found = [
        estimates(problem, plan, [outage("A", None)], settings=each)["A"].median for each in (ordinary, storm)
    ]
    assert found[0]
    assert found[1]
    assert found[1] > found[0] + timedelta(minutes=30)


def test_a_repair_that_lasts_already_is_likelier_to_be_a_long_one() -> None:
    problem, plan = two_repairs()
    settings = replace(EXACT, centre="records")
    case = cast(Case, SimpleNamespace(settings=SimpleNamespace(now=ORIGIN)))
    hand = {"A/repair": InHand(worked_s=3 * HOUR)}
    (etr,) = etrs(
        case, [outage("A")], [], [block("A")], problem, plan, in_hand=hand, settings=settings, seed=1
    )
    assert etr.median
    # Of repairs of fallen trees that have taken 3 hours (18 % do), half take another 1.1 hours.
    assert abs((etr.median - ORIGIN).total_seconds() / 60 - 67) < 8


def test_what_a_crew_said_of_its_job_moves_all_that_follows() -> None:
    problem, plan = two_repairs()
    settings = replace(EXACT, centre="records", word_sigma=0.0)
    draws = restoration_draws(
        [outage("A"), outage("B")],
        [],
        problem,
        plan,
        in_hand={"A/repair": InHand(worked_s=0, told=True)},
        settings=settings,
    )
    assert np.allclose(draws["B-A"], HOUR)
    assert draws["B-B"].min() > HOUR


def test_a_policy_that_knows_its_spread_is_believed() -> None:
    problem, plan = two_repairs()
    settings = replace(EXACT, centre="records")
    draws = restoration_draws(
        [outage("A")], [order("A", {"duration_sigma": 0.1})], problem, plan, settings=settings
    )
    assert abs(np.median(draws["B-A"]) - HOUR) < 60


def test_the_repair_times_are_those_of_the_source(shared: Path) -> None:
    table = pd.read_csv(shared / "data/params/lognormal_fit_by_cause.csv")
    source = {(row.site_med, row.site_sigma, row.nsite) for row in table.itertuples()}
    assert all((each.median_h, each.sigma, each.records) in source for each in REPAIR_TIMES.values())


def _etr(median_h: float, p90_h: float) -> Etr:
    median, p90 = (ORIGIN + timedelta(hours=each) for each in (median_h, p90_h))
    return Etr(outage="A", median=median, p90=p90, status="assessed")


def test_history_keeps_only_changes() -> None:
    history = with_new((), [_etr(1, 2)], ORIGIN)
    history = with_new(history, [_etr(1, 2)], ORIGIN + timedelta(minutes=5))
    history = with_new(history, [_etr(3, 4)], ORIGIN + timedelta(minutes=10), by="crew")
    assert [(each.by, each.etr.median) for each in history] == [
        ("plan", ORIGIN + timedelta(hours=1)),
        ("crew", ORIGIN + timedelta(hours=3)),
    ]


def test_accuracy_compares_first_and_last_estimate_with_what_happened() -> None:
    history = (
        EtrRecord(etr=_etr(1, 2), stated_at=ORIGIN),
        EtrRecord(etr=_etr(3, 4), stated_at=ORIGIN + timedelta(hours=1)),
    )
    restored = {"A": ORIGIN + timedelta(hours=3.5)}
    first, last = accuracy(history, restored, "first"), accuracy(history, restored, "last")
    assert first is not None
    assert last is not None
    assert (first.p90_held, first.error_min) == (0.0, 150.0)
    assert (last.p90_held, last.median_held, last.error_min, last.changes) == (1.0, 0.0, 30.0, 2.0)
    assert accuracy(history, {}) is None


def _said(name: str, median_h: float, p90_h: float) -> EtrRecord:
    median, p90 = (ORIGIN + timedelta(hours=each) for each in (median_h, p90_h))
    return EtrRecord(etr=Etr(outage=name, median=median, p90=p90, status="assessed"), stated_at=ORIGIN)


def test_estimates_are_stretched_by_what_became_of_the_earlier_ones() -> None:
    history = [_said(f"O{n}", 1, 2) for n in range(200)]
    # Everything took one to four hours: half of it up to 2.5 of the one, nine of ten up to 3.7 of the two.
    restored = {f"O{n}": ORIGIN + timedelta(hours=1 + 3 * n / 200) for n in range(200)}
    median, p90 = stretch(history, restored, ORIGIN + timedelta(days=1))
    assert median == pytest.approx(2.5, abs=0.15)
    assert p90 == pytest.approx(3.7 / 2, abs=0.1)


def test_without_a_history_nothing_is_stretched() -> None:
    assert stretch([], {}, ORIGIN) == (1.0, 1.0)


def test_few_observations_stretch_little_and_overdue_outages_count() -> None:
    overdue = [_said("O1", 1, 2), _said("O2", 1, 2), _said("O3", 1, 2)]
    assert stretch(overdue[:1], {}, ORIGIN + timedelta(hours=1.5))[1] == 1.0
    assert stretch(overdue, {}, ORIGIN + timedelta(hours=6))[1] == 3.0


def test_a_stretched_estimate_is_later_and_the_median_never_after_the_rest() -> None:
    problem, plan = two_repairs()
    plain = estimates(problem, plan, [outage("A")], settings=EXACT)["A"]
    found = estimates(problem, plan, [outage("A")], settings=replace(EXACT, stretch=(5.0, 1.0)))["A"]
    assert found.median
    assert found.p90
    assert plain.median
    assert (found.median - ORIGIN) / (plain.median - ORIGIN) == pytest.approx(5.0, abs=0.01)
    assert found.p90 >= found.median

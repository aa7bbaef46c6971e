"""How often the 90 % estimate holds: on plans of real cases, and in simulated days with re-planning.

    python benchmarks/etr_accuracy.py [--case FOLDER ...] [--scenario FILE ...] [--days 200] [--seed 1]

Cases: each is planned once; then its day is lived through many times in the plan's order, with
causes that nobody knows beforehand, times on site by the cause, drives that vary by a fifth and
other jobs by three tenths. Causes come as often as in the records, or as in a storm.
Scenarios: event by event with re-planning, as `gridcrew simulate` does. Every re-plan states
estimates; the first of each outage and the last before a crew is at it are compared with the truth.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.etr.estimates import EtrSettings, InHand, etrs, restoration_draws
from dispatch.etr.history import EtrRecord, stretch
from dispatch.etr.repair_times import REPAIR_TIMES
from dispatch.ground.day import DayPlan, Etr, Outage
from dispatch.ground.plan import Plan
from dispatch.ground.problem import Problem
from dispatch.intake import load_case
from dispatch.judge.timing import timed
from dispatch.planning.main_road import plan_day
from dispatch.simulate.damage_settings import CAUSES
from dispatch.simulate.dispatchers import PlannerDispatcher, Routes, View
from dispatch.simulate.engine import play
from dispatch.simulate.scenario import Scenario
from dispatch.simulate.scenario_file import read_study
from dispatch.simulate.stage import Stage, make_stage
from dispatch.simulate.storms import draw_hits
from dispatch.simulate.world import COMPONENTS, ORDER_COMPONENT, World, load_world
from geo import Fault

Floats = NDArray[np.float64]
START = datetime(2026, 7, 1, tzinfo=UTC)
AS_RECORDED = {name: float(each.records) for name, each in REPAIR_TIMES.items()}
# What a storm breaks, by the component's name in orders.
STORM = {ORDER_COMPONENT[name]: shares for name, shares in CAUSES.items()}
LINES = ("line", "lv_main", "service", "switch")
STORM_SHARES = CAUSES["overhead"]
# Fewer draws, as the simulator plans again at every event.
LIVED = EtrSettings(draws=100)


@dataclass
class Held:
    """How many estimates there were and how many held."""

    stated: int = 0
    median: int = 0
    p90: int = 0
    error_min: list[float] = field(default_factory=list)

    def add(self, true_s: Floats, median_s: float, p90_s: float) -> None:
        """Compare an estimate with what happened, (days,) seconds."""
        self.stated += len(true_s)
        self.median += int((true_s <= median_s).sum())
        self.p90 += int((true_s <= p90_s).sum())
        self.error_min += (np.abs(true_s - median_s) / 60).tolist()

    def cells(self) -> str:
        """As cells of a table."""
        stated = max(1, self.stated)
        error = float(np.median(self.error_min)) if self.error_min else float("nan")
        return f"{self.stated:,} | **{self.p90 / stated:.1%}** | {self.median / stated:.1%} | {error:.0f}"


def true_stay_s(outage: Outage | None, planned_s: float, storm: bool, random: np.random.Generator) -> float:
    """What a job takes in truth."""
    if outage is None:
        return planned_s * float(np.exp(0.3 * random.standard_normal()))
    shares: Mapping[str, float] = AS_RECORDED
    if outage.component in ("transformer", "cable") or storm:
        shares = STORM.get(outage.component, STORM_SHARES)
    names = list(shares)
    weight = np.array([shares[name] for name in names])
    fit = REPAIR_TIMES[names[int(random.choice(len(names), p=weight / weight.sum()))]]
    return fit.median_h * 3600 * float(np.exp(fit.sigma * random.standard_normal()))


def lived(
    problem: Problem, plan: Plan, stay_s: Mapping[str, float], random: np.random.Generator
) -> dict[str, float]:
    """Second at which each job is finished when crews do the plan in its order."""
    queue = {route.crew: [visit.job for visit in route.visits] for route in plan.routes}
    doers = {job: [crew for crew in queue if job in queue[crew]] for crew in queue for job in queue[crew]}
    crews = problem.crew_by_id
    at = {name: crews[name].start[0] for name in queue}
    free = {name: float(max(0, (crews[name].shift or (0, 0))[0])) for name in queue}
    done: dict[str, float] = {}
    progress = True
    while progress:
        progress = False
        for job_id in [jobs[0] for jobs in queue.values() if jobs]:
            job = problem.job_by_id[job_id]
            planned_before = [each for each in job.after if each.job in doers]
            ready = all(queue[crew] and queue[crew][0] == job_id for crew in doers[job_id])
            if job_id in done or not ready or any(each.job not in done for each in planned_before):
                continue
            begin = max([0.0, *(done[each.job] + each.lag_s for each in planned_before)])
            for crew in doers[job_id]:
                drive = crews[crew].drive_s(problem.travel.between(at[crew], job.location))
                begin = max(begin, free[crew] + drive * float(np.exp(0.2 * random.standard_normal())))
            opens = [first for first, last in job.windows if begin <= last]
            begin = max([begin, *(opens[:1])])
            done[job_id] = begin + stay_s[job_id]
            for crew in doers[job_id]:
                queue[crew].pop(0)
                at[crew], free[crew] = job.location, done[job_id]
            progress = True
    return done


def case_rows(folder: Path, days: int, work: int, seed: int) -> list[str]:
    """Plan a case and live through it; a row per kind of truth and estimate."""
    day = plan_day(load_case(folder), work=work, seed=seed, processes=1)
    rows = []
    for storm in (False, True):
        random = np.random.default_rng([seed, int(storm)])
        truth = [_true_restorations(day, storm, random) for _ in range(days)]
        for name, settings in _settings(storm).items():
            held = _compared(day, truth, settings)
            causes = "a storm's" if storm else "as recorded"
            rows.append(f"| {day.case.settings.name} | {causes} | {name} | {held.cells()} |")
    return rows


def _settings(storm: bool) -> dict[str, EtrSettings]:
    found = {"records": EtrSettings(), "planned duration": EtrSettings(centre="plan")}
    if storm:
        found["records, a storm's causes"] = EtrSettings(shares=STORM_SHARES)
    return found


def _true_restorations(day: DayPlan, storm: bool, random: np.random.Generator) -> dict[str, float]:
    """Second at which each block is back in one true day."""
    outages = {outage.id: outage for outage in day.outages}
    stay_s = {
        job.id: true_stay_s(
            outages.get(job.id.rpartition("/")[0]) if job.id.endswith("/repair") else None,
            job.service_s,
            storm,
            random,
        )
        for job in day.problem.jobs
    }
    done = lived(day.problem, day.plan, stay_s, random)
    never = float("inf")
    return {
        block.id: min(max((done.get(job, never) for job in way), default=0.0) for way in block.restored_by)
        for block in day.problem.blocks
    }


def _compared(day: DayPlan, truth: Sequence[Mapping[str, float]], settings: EtrSettings) -> Held:
    found = etrs(day.case, day.outages, day.orders, day.blocks, day.problem, day.plan, settings=settings)
    held = Held()
    for outage, etr in zip(day.outages, found, strict=True):
        own = set(outage.transformers)
        blocks = [
            card.id
            for card in day.blocks
            if outage.id in card.outages and (not own or own & set(card.transformers))
        ]
        if etr.median is None or etr.p90 is None or not blocks:
            continue
        true_s = np.array([max(each[block] for block in blocks) for each in truth])
        if np.isfinite(true_s).all():
            held.add(true_s, _seconds(day, etr, "median"), _seconds(day, etr, "p90"))
    return held


def _seconds(day: DayPlan, etr: Etr, name: str) -> float:
    return float((getattr(etr, name) - day.origin).total_seconds())


class Telling(PlannerDispatcher):
    """The planner, which states estimates of every block at every re-plan."""

    def __init__(self, stage: Stage, work: int, outages: Sequence[Outage]) -> None:
        super().__init__(work)
        self.outages = outages
        self.guessed_s = {job.id: job.service_s for job in stage.jobs}
        self.stated: dict[str, list[tuple[int, float, float]]] = {}

    def routes(self, view: View, before: Routes, idle: Sequence[str], seed: int) -> Routes:
        """Plan, and write down what is said of each block."""
        found = super().routes(view, before, idle, seed)
        problem = view.problem
        plan = Plan(status="feasible", cost=0, routes=timed(problem, found))
        told = {
            job.id: InHand(worked_s=0.0, told=True)
            for job in problem.jobs
            if job.service_s != self.guessed_s[job.id]
        }
        draws = restoration_draws(self.outages, [], problem, plan, in_hand=told, settings=LIVED)
        for block, restored in draws.items():
            median, p90 = (np.quantile(restored, [0.5, 0.9], method="higher") + view.now_s).tolist()
            if np.isfinite(p90):
                self.stated.setdefault(block, []).append((view.now_s, median, p90))
        return found


def scenario_rows(file: Path, days: int, seed: int) -> Iterator[str]:
    """Live through a scenario's days; first and last estimates, as drawn and stretched by the other days."""
    study = read_study(file)
    scenario = next(iter(study.alternatives.values()))
    world = load_world(study.case_folder)
    lived = [_live(world, scenario, seed, number) for number in range(days)]
    for which in ("first", "last before work"):
        plain, learnt = Held(), Held()
        for number, day in enumerate(lived):
            others = [each for other, rest in enumerate(lived) if other != number for each in rest[which]]
            factors = _learnt(others)
            for said_s, median_s, p90_s, back_s in day[which]:
                true_s = np.array([back_s])
                plain.add(true_s, median_s, p90_s)
                later = [said_s + f * (at - said_s) for f, at in zip(factors, (median_s, p90_s), strict=True)]
                learnt.add(true_s, later[0], later[1])
        yield f"| {file.stem} | {which} | as drawn | {plain.cells()} |"
        yield f"| {file.stem} | {which} | stretched by the other days | {learnt.cells()} |"


Stated = tuple[float, float, float, float]


def _learnt(stated: Sequence[Stated]) -> tuple[float, float]:
    """Factors by what became of other days' estimates."""
    history, restored = [], {}
    for number, (said_s, median_s, p90_s, back_s) in enumerate(stated):
        said, median, p90, back = (START + timedelta(seconds=s) for s in (said_s, median_s, p90_s, back_s))
        etr = Etr(outage=str(number), median=median, p90=p90, status="assessed")
        history.append(EtrRecord(etr=etr, stated_at=said))
        restored[str(number)] = back
    return stretch(history, restored, START + timedelta(days=30))


def _live(world: World, scenario: Scenario, seed: int, number: int) -> dict[str, list[Stated]]:
    """One day: when was said what of each block, and when it was back."""
    hits = draw_hits(world, scenario, seed, number)
    stage = make_stage(world, scenario, hits)
    outages = [_bare_outage(f"F{at + 1}", world, hit.element) for at, hit in enumerate(hits)]
    dispatcher = Telling(stage, scenario.plan.work, outages)
    outcome = play(stage, dispatcher, seed=seed, every_s=round(scenario.plan.every_min * 60))
    begun = _work_began(stage, {work.job: work.start_s for work in outcome.works})
    found: dict[str, list[Stated]] = {"first": [], "last before work": []}
    for interruption in outcome.interruptions:
        block = stage.blocks[interruption.block].id
        since, back = interruption.from_s, interruption.to_s
        said = [each for each in dispatcher.stated.get(block, ()) if since <= each[0] <= back]
        early = [each for each in said if each[0] < begun.get(block, back)]
        for which, chosen in (("first", said[:1]), ("last before work", early[-1:])):
            found[which] += [(*each, float(back)) for each in chosen]
    return found


def _work_began(stage: Stage, started: Mapping[str, int]) -> dict[str, int]:
    """When the first repair of each block began."""
    found = {}
    for block in stage.blocks:
        jobs = {job for way in block.restored_by for job in way if job.endswith("/repair")}
        starts = [started[job] for job in jobs if job in started]
        if starts:
            found[block.id] = min(starts)
    return found


def _bare_outage(name: str, world: World, element: int) -> Outage:
    return Outage(
        id=name,
        fault=Fault(id=name, kind="line", place=name),
        since=START,
        requests=(),
        transformers=(),
        customers_out=1,
        component=ORDER_COMPONENT[COMPONENTS[int(world.elements.component[element])]],
    )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, action="append")
    parser.add_argument("--scenario", type=Path, action="append")
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--lived", type=int, default=10, help="simulated days of each scenario")
    parser.add_argument("--work", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    data = Path(__file__).parents[1] / "data"
    print("| case | causes | estimated by | outages x days | 90 % held | median held | median error, min |")
    print("|---|---|---|---|---|---|---|")
    for folder in (
        () if asked.scenario and not asked.case else asked.case or [data / "coquimbo", data / "oberrhein"]
    ):
        print(*case_rows(folder, asked.days, asked.work, asked.seed), sep="\n", flush=True)
    print("\n| scenario | stated | 90 % | blocks x days | 90 % held | median held | median error, min |")
    print("|---|---|---|---|---|---|---|")
    scenarios = data / "coquimbo" / "scenarios"
    for file in asked.scenario or [scenarios / "normal.yaml", scenarios / "storm.yaml"]:
        for row in scenario_rows(file, asked.lived, asked.seed):
            print(row, flush=True)


if __name__ == "__main__":
    main()

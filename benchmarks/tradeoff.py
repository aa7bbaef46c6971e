"""What few moves cost: customer-minutes lost against visits moved, over the events of simulated days.

Run: python benchmarks/tradeoff.py [EVENTS] [--json FILE]

The days are the demo city's, with a third of their orders not yet reported. Every few minutes something
happens: a call, an estimate that grows, work that ends early, a danger to life, a crew that drops out. At
each event the plan in force is planned again at every price of a move and freely, all from the same state
and with the same work; the day goes on with the default's plan. A visit has moved when another crew has
it, or when it begins a quarter of an hour earlier or later than it would by the plan in force. Customer-
minutes are those still to be lost. No times are measured: the figures are the same on any machine.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dispatch.demo import demo_case
from dispatch.ground.day import OpenDay
from dispatch.ground.plan import Plan
from dispatch.ground.problem import Block, Crew, Job, Previous, Problem
from dispatch.intake import load_case
from dispatch.judge.check import judge
from dispatch.judge.timing import plan_of
from dispatch.planning.main_road import open_day
from dispatch.planning.replan import MOVE_PRICE, replan
from dispatch.solver.starts.in_force import MOVED_S

PRICES = (0.0, 0.0002, 0.0005, 0.002)
WORK, FIRST_WORK = 900, 6000
EVENTS_A_DAY = 50
HIDDEN = 1 / 3
KINDS = {"call": 0.45, "longer": 0.2, "early": 0.2, "danger": 0.1, "crew": 0.05}
Routes = Mapping[str, Sequence[str]]


@dataclass
class Day:
    """A day as it is lived through; times in seconds from its beginning."""

    opened: OpenDay
    hidden: set[str]
    now_s: int = 0
    done: set[str] = field(default_factory=set)
    finish_s: dict[str, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    dangers: list[Job] = field(default_factory=list)
    plan: Plan | None = None

    @property
    def whole(self) -> Problem:
        """All jobs of the day, dangers with them."""
        return replace(self.opened.problem, jobs=(*self.opened.problem.jobs, *self.dangers))

    def visits(self) -> Iterator[tuple[str, int, str, int, int]]:
        """Crew, when it left for it, job, start and finish, of the plan in force."""
        for route in self.plan.routes if self.plan else ():
            left_s = 0
            for visit in route.visits:
                yield route.crew, left_s, visit.job, visit.start_s, visit.finish_s
                left_s = visit.finish_s

    def go_on(self, to_s: int) -> None:
        """Let crews work by the plan in force."""
        self.now_s = to_s
        for _, _, job, _, finish_s in self.visits():
            if self.finish_s.get(job, finish_s) <= to_s:
                self.done.add(job)

    def under_way(self) -> dict[str, tuple[str, int, int, int]]:
        """Job, departure, start and finish of what each crew is at or on its way to."""
        found: dict[str, tuple[str, int, int, int]] = {}
        for crew, left_s, job, start_s, finish_s in self.visits():
            if job not in self.done and crew not in found and left_s <= self.now_s and crew not in self.lost:
                found[crew] = (job, left_s, start_s, self.finish_s.get(job, finish_s))
        return found

    def places(self) -> dict[str, int]:
        """Where each crew was last at work."""
        at = {}
        jobs = self.whole.job_by_id
        for crew, _, job, _, _ in self.visits():
            if job in self.done:
                at[crew] = jobs[job].location
        return at

    def problem(self) -> Problem:
        """What is open now, with times from now on."""
        moving, places = self.under_way(), self.places()
        on_site = {job: finish_s for job, _, start_s, finish_s in moving.values() if start_s <= self.now_s}
        gone = self.done | self.hidden
        jobs = tuple(self._job(job, gone, on_site) for job in self.whole.jobs if job.id not in gone)
        known = {job.id for job in jobs}
        crews = tuple(
            self._crew(crew, moving, places, on_site) for crew in self.whole.crews if crew.id not in self.lost
        )
        routes = self.in_force()
        return replace(
            self.whole,
            jobs=jobs,
            crews=crews,
            blocks=tuple(self._blocks(known)),
            unserved_at_s=(self.whole.unserved_at_s or 0) - self.now_s,
            previous=tuple(Previous(crew=crew.id, jobs=tuple(routes.get(crew.id, ()))) for crew in crews),
        )

    def in_force(self) -> dict[str, list[str]]:
        """What is left of the plan in force, by crews that are left."""
        found: dict[str, list[str]] = {}
        for crew, _, job, _, _ in self.visits():
            if job not in self.done and crew not in self.lost:
                found.setdefault(crew, []).append(job)
        return found

    def _job(self, job: Job, gone: set[str], on_site: Mapping[str, int]) -> Job:
        back = self.now_s
        moved = {
            name: None if at is None else at - back
            for name, at in (("arrive_by_s", job.arrive_by_s), ("finish_by_s", job.finish_by_s))
        }
        if job.id in on_site:
            service_s = max(60, on_site[job.id] - back)
        else:
            service_s = job.service_s
        windows = (
            () if job.id in on_site else tuple((a - back, b - back) for a, b in job.windows if b >= back)
        )
        return replace(
            job,
            service_s=service_s,
            windows=windows,
            cost_from_s=job.cost_from_s - back,
            after=tuple(each for each in job.after if each.job not in gone),
            **moved,  # type: ignore[arg-type]
        )

    def _crew(
        self,
        crew: Crew,
        moving: Mapping[str, tuple[str, int, int, int]],
        places: Mapping[str, int],
        on_site: Mapping[str, int],
    ) -> Crew:
        begin_s, end_s = crew.shift or (0, 10**6)
        start, from_s = places.get(crew.id, crew.start[0]), max(0, begin_s - self.now_s)
        committed: tuple[str, ...] = ()
        if crew.id in moving:
            job, left_s, _, _ = moving[crew.id]
            committed = (job,)
            if job in on_site:
                start = self.whole.job_by_id[job].location
            elif begin_s < self.now_s:
                from_s = max(left_s, begin_s) - self.now_s
        return replace(
            crew,
            start=(start,),
            shift=(from_s, end_s - self.now_s),
            breaks=(),
            committed=committed,
        )

    def _blocks(self, known: set[str]) -> Iterator[Block]:
        for block in self.whole.blocks:
            ways = [tuple(job for job in way if job not in self.done) for way in block.restored_by]
            ways = [way for way in ways if set(way) <= known]
            if ways and all(ways):
                yield replace(block, since_s=block.since_s - self.now_s, restored_by=tuple(ways))


def happen(day: Day, kind: str, rng: random.Random) -> bool:
    """Let something happen; False where there is nothing for it to happen to."""
    return HAPPENS[kind](day, rng)


def call(day: Day, rng: random.Random) -> bool:
    """Somebody reports an order that nobody knew."""
    orders = sorted({day.opened.cards[job].order for job in day.hidden})
    if orders:
        order = rng.choice(orders)
        day.hidden -= {job for job in day.hidden if day.opened.cards[job].order == order}
    return bool(orders)


def longer(day: Day, rng: random.Random) -> bool:
    """A crew on site says that it needs half an hour to three hours more."""
    busy = on_site(day)
    if busy:
        job, finish_s = rng.choice(busy)
        day.finish_s[job] = finish_s + rng.choice((1800, 3600, 10_800))
    return bool(busy)


def early(day: Day, rng: random.Random) -> bool:
    """A crew on site is as good as done."""
    busy = on_site(day)
    if busy:
        day.finish_s[rng.choice(busy)[0]] = day.now_s + 60
    return bool(busy)


def on_site(day: Day) -> list[tuple[str, int]]:
    """Jobs that somebody is at, and when they should be finished."""
    return [
        (job, finish_s)
        for job, _, start_s, finish_s in sorted(day.under_way().values())
        if start_s <= day.now_s < finish_s
    ]


def crew_lost(day: Day, rng: random.Random) -> bool:
    """A crew drops out."""
    able = sorted(crew.id for crew in day.whole.crews if crew.shift and crew.id not in day.lost)
    if len(able) >= 5:
        day.lost.add(rng.choice(able))
    return len(able) >= 5


def danger(day: Day, rng: random.Random) -> bool:
    """A danger to life somewhere in town, which comes before all else."""
    like = rng.choice([job for job in day.opened.problem.jobs if not job.after and job.location > 0])
    rate = max(job.cost_per_s for job in day.opened.problem.jobs)
    day.dangers.append(
        Job(
            id=f"danger {len(day.dangers)}",
            location=like.location,
            service_s=1800,
            cost_per_s=rate,
            cost_from_s=day.now_s,
            drop_cost=rate * 10**6,
        )
    )
    return True


HAPPENS = {"call": call, "longer": longer, "early": early, "danger": danger, "crew": crew_lost}


def moves(problem: Problem, before: Routes, plan: Plan) -> tuple[int, int]:
    """Visits of the plan in force that another crew has or that begin at another time; the former alone."""
    old = starts(plan_of(problem, before))
    new = starts(plan)
    other = sum(job not in new or new[job][0] != at[0] for job, at in old.items())
    later = sum(
        job in new and new[job][0] == at[0] and abs(new[job][1] - at[1]) >= MOVED_S for job, at in old.items()
    )
    return other + later, other


def starts(plan: Plan) -> dict[str, tuple[str, int]]:
    """Crew and start of each job."""
    return {visit.job: (route.crew, visit.start_s) for route in plan.routes for visit in route.visits}


def still_lost(day: Day, problem: Problem, plan: Plan) -> float:
    """Customer-minutes from now on."""
    customers = {card.id: card.customers for card in day.opened.blocks}
    back = {block.id: block.restored_s for block in judge(problem, plan).blocks}
    return sum(customers[block.id] * max(0, back[block.id]) / 60 for block in problem.blocks)


def to_go(day: Day, problem: Problem, plan: Plan) -> float:
    """The same weighted by grades, with what promises cost: what the planner minimises, without tiers."""
    weight = {card.id: card.weight for card in day.opened.blocks}
    back = {block.id: block.restored_s for block in judge(problem, plan).blocks}
    lost = sum(weight[block.id] * max(0, back[block.id]) / 60 for block in problem.blocks)
    plain = day.opened.plain.job_by_id
    for visit in (visit for route in plan.routes for visit in route.visits):
        job, open_job = plain.get(visit.job), problem.job_by_id[visit.job]
        if job is None:
            continue
        lost += job.cost_per_s * max(0, visit.finish_s)
        for at, by, rate in (
            (visit.arrival_s, open_job.arrive_by_s, job.late_arrival_cost_per_s),
            (visit.finish_s, open_job.finish_by_s, job.late_finish_cost_per_s),
        ):
            lost += rate * max(0, at - max(0, by)) if by is not None else 0.0
    return lost


def planned_at(problem: Problem, routes: Routes, price: float, seed: int) -> Plan:
    """The plan at a price of a move; 0 is free."""
    start = [list(routes.get(crew.id, ())) for crew in problem.crews]
    return replan(problem, start, work=WORK, seed=seed, processes=1, move_price=price)


def live(seed: int, events: int) -> Iterator[dict[str, object]]:
    """A day's events with what each price made of them."""
    rng = random.Random(seed)
    opened = open_day(load_case(demo_case()))
    orders = sorted({card.order for card in opened.cards.values()})
    kept_back = set(rng.sample(orders, round(HIDDEN * len(orders))))
    day = Day(opened=opened, hidden={id_ for id_, card in opened.cards.items() if card.order in kept_back})
    first = replan(day.problem(), None, work=FIRST_WORK, seed=seed, processes=1)
    day.plan = first
    told = 0
    while told < events:
        day.go_on(day.now_s + rng.randint(180, 900))
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        if not happen(day, kind, rng):
            continue
        problem, before = day.problem(), day.in_force()
        row: dict[str, object] = {"kind": kind, "open": len(problem.jobs)}
        chosen = None
        for price in PRICES:
            plan = planned_at(problem, before, price, seed + told)
            lost = still_lost(day, problem, plan), to_go(day, problem, plan)
            row[str(price)] = [*moves(problem, before, plan), *lost]
            chosen = plan if price == MOVE_PRICE else chosen
        assert chosen is not None
        day.plan = moved_on(chosen, day.now_s)
        day.finish_s.clear()
        told += 1
        yield row


def moved_on(plan: Plan, by_s: int) -> Plan:
    """A plan with times from the beginning of its day."""
    return replace(
        plan,
        routes=tuple(
            replace(
                route,
                visits=tuple(
                    replace(
                        v, arrival_s=v.arrival_s + by_s, start_s=v.start_s + by_s, finish_s=v.finish_s + by_s
                    )
                    for v in route.visits
                ),
            )
            for route in plan.routes
        ),
    )


def table(rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """The curve, and the default by kind of event."""
    free, free_weighted = (
        sum(row[str(PRICES[0])][each] for row in rows)  # type: ignore[index]
        for each in (2, 3)
    )
    columns = "customer-minutes | with weights and promises"
    yield f"| price of a move | visits moved: median | 90 % | most | other crew | {columns} |"
    yield "|---|---|---|---|---|---|---|"
    for price in PRICES:
        told = np.array([row[str(price)] for row in rows], float)
        name = "none (free)" if price == 0 else f"{price:.2%}{' (default)' if price == MOVE_PRICE else ''}"
        moved = told[:, 0]
        figures = f"{np.median(moved):.0f} | {np.quantile(moved, 0.9):.0f} | {moved.max():.0f}"
        lost = 100 * (told[:, 2].sum() / free - 1)
        weighted = 100 * (told[:, 3].sum() / free_weighted - 1)
        yield f"| {name} | {figures} | {told[:, 1].mean():.1f} | {lost:+.2f} % | {weighted:+.2f} % |"
    yield ""
    yield "| event, default price | number | visits moved: median | 90 % | most | free: median |"
    yield "|---|---|---|---|---|---|"
    for kind in KINDS:
        ours = np.array([row[str(MOVE_PRICE)] for row in rows if row["kind"] == kind], float)
        freely = np.array([row[str(PRICES[0])] for row in rows if row["kind"] == kind], float)
        if len(ours):
            parts = np.median(ours[:, 0]), np.quantile(ours[:, 0], 0.9), ours[:, 0].max()
            told_of = " | ".join(f"{each:.0f}" for each in parts)
            yield f"| {kind} | {len(ours)} | {told_of} | {np.median(freely[:, 0]):.0f} |"


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=int, nargs="?", default=200)
    parser.add_argument("--json", type=Path, help="write every event's figures")
    given = parser.parse_args()
    rows: list[dict[str, object]] = []
    for seed in range(1, -(-given.events // EVENTS_A_DAY) + 1):
        for row in live(seed, min(EVENTS_A_DAY, given.events - len(rows))):
            rows.append(row)
            if given.json:
                given.json.write_text(json.dumps(rows))
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()

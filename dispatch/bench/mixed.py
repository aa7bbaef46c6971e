"""Small problems by seed with every feature of the format mixed in, and plans for them.

They are for tests and for the judge of the judge: times are short, costs are
whole, rules bite often, and many problems have no feasible plan at all.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..ground.drive import IMPASSABLE_S
from ..ground.problem import After, Block, Break, Costs, Crew, Job, Previous, Problem, Travel

SKILLS = ("hv", "lv", "cable")


def mixed_problem(seed: int, *, jobs: int = 6, crews: int = 2, hard: bool = True) -> Problem:
    """Make a small problem.

    Parameters
    ----------
    seed : same seed, same problem.
    jobs, crews : how many.
    hard : with rules that may rule out every plan (shifts, windows, stock,
        skills on jobs that must be served); without, jobs have a drop cost.
    """
    return _Mixer(random.Random(seed), jobs, crews, hard).problem()


class _Mixer:
    def __init__(self, rng: random.Random, jobs: int, crews: int, hard: bool) -> None:
        self.rng, self.jobs, self.crews, self.hard = rng, jobs, crews, hard
        self.places = jobs + 2

    def sometimes(self, share: float) -> bool:
        return self.rng.random() < share

    def problem(self) -> Problem:
        rng = self.rng
        crews = [self.crew(at) for at in range(self.crews)]
        jobs = [self.job(at) for at in range(self.jobs)]
        blocks = self.blocks() if self.sometimes(0.4) else ()
        names = [job.id for job in jobs]
        previous: tuple[Previous, ...] = ()
        if self.sometimes(0.2):
            picked = rng.sample(names, min(3, len(names)))
            previous = (Previous(crew=rng.choice(crews).id, jobs=tuple(picked)),)
        return Problem(
            travel=self.travel(),
            jobs=tuple(jobs),
            crews=tuple(crews),
            blocks=blocks,
            unserved_at_s=rng.randint(500, 2000) if blocks else None,
            max_crews=rng.randint(1, self.crews) if self.sometimes(0.15) else None,
            costs=Costs(travel_per_s=rng.choice([0, 0, 1])),
            previous=previous,
            change_cost=rng.choice([0, 300]) if previous else 0,
        )

    def travel(self) -> Travel:
        rng = self.rng
        points = np.array([[rng.randint(0, 60), rng.randint(0, 60)] for _ in range(self.places)], float)
        if self.sometimes(0.5):
            metric = rng.choice(["euclid", "manhattan"])
            return Travel(xy=points, metric=metric, rounding=rng.choice(["round", "floor", "ceil"]))
        table = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1)).astype(np.int64)
        noise = np.array([[rng.randint(0, 9) for _ in points] for _ in points])
        table = table + noise
        np.fill_diagonal(table, 0)
        return Travel(durations_s=table)

    def crew(self, at: int) -> Crew:
        rng, plain = self.rng, self.sometimes(0.3)
        shift = (rng.randint(-50, 50), rng.randint(300, 900)) if self.sometimes(0.5) else None
        if not self.hard and shift:
            shift = (shift[0], shift[1] + 600)
        breaks: tuple[Break, ...] = ()
        if self.sometimes(0.3):
            low = rng.randint(50, 200)
            breaks = (Break(window=(low, low + rng.randint(20, 150)), duration_s=rng.randint(10, 60)),)
        return Crew(
            id=f"C{at}",
            start=tuple(rng.sample(range(self.places), rng.choice([1, 1, 1, 2]))),
            end=rng.choice([None, None, rng.randrange(self.places)]),
            shift=shift,
            overtime_s=rng.choice([0, 100]),
            overtime_cost_per_s=rng.choice([0, 2]),
            skills=frozenset(SKILLS if plain else rng.sample(SKILLS, 2)),
            capacity={"fuse": rng.randint(1, 4)} if self.sometimes(0.3) else {},
            speed_factor=rng.choice([1, 1, 1.25, 0.8]),
            fixed_cost=rng.choice([0, 0, 200]),
            breaks=breaks if not plain else (),
        )

    def job(self, at: int) -> Job:
        rng = self.rng
        windows: tuple[tuple[int, int], ...] = ()
        if self.sometimes(0.3):
            low = rng.randint(0, 200)
            windows = ((low, low + rng.randint(20, 150)), (low + 250, low + 400))[: rng.randint(1, 2)]
        must = self.sometimes(0.4) if self.hard else False
        return Job(
            id=f"J{at}",
            location=rng.randrange(self.places),
            service_s=rng.randint(0, 60),
            windows=windows,
            skills=frozenset(rng.sample(SKILLS, 1)) if self.sometimes(0.3) else frozenset(),
            load={"fuse": rng.randint(1, 2)} if self.sometimes(0.3) else {},
            cost_per_s=rng.randint(0, 9),
            cost_from_s=rng.choice([0, -100, 30]),
            arrive_by_s=rng.randint(20, 200) if self.sometimes(0.3) else None,
            late_arrival_cost_per_s=rng.randint(0, 5),
            finish_by_s=rng.randint(20, 300) if self.sometimes(0.3) else None,
            late_finish_cost_per_s=rng.randint(0, 5),
            drop_cost=None if must else rng.randint(0, 3000),
            after=(After(job=f"J{rng.randrange(at)}", lag_s=rng.choice([0, 20])),)
            if at and self.sometimes(0.15)
            else (),
            crews_needed=2 if self.crews > 1 and self.sometimes(0.12) else 1,
        )

    def blocks(self) -> tuple[Block, ...]:
        rng = self.rng
        return tuple(
            Block(
                id=f"B{at}",
                cost_per_s=rng.randint(1, 20),
                since_s=rng.choice([0, -60]),
                restored_by=tuple(
                    tuple(
                        f"J{job}" for job in rng.sample(range(self.jobs), rng.randint(1, min(3, self.jobs)))
                    )
                    for _ in range(rng.randint(1, 2))
                ),
            )
            for at in range(rng.randint(1, 3))
        )


def wild_problem(seed: int, *, jobs: int = 6, crews: int = 2, hard: bool = True) -> Problem:
    """Make a small problem of `mixed_problem` with what real data bring besides.

    Places that no road leads to, metres that cost, jobs of a higher tier, costs that are not whole, an
    origin hours after the outages, a second good, committed jobs, and now and then nobody at work.

    Parameters
    ----------
    seed, jobs, crews, hard : as in `mixed_problem`.
    """
    rng = random.Random(f"wild {seed}")
    problem = mixed_problem(seed, jobs=jobs, crews=crews, hard=hard)
    for change, share in _CHANGES:
        if rng.random() < share:
            problem = change(problem, rng)
    return problem


def _without_roads(problem: Problem, rng: random.Random) -> Problem:
    table, no = problem.travel.matrix_s.copy(), rng.choice([IMPASSABLE_S, IMPASSABLE_S + 1, 10**12])
    share = rng.choice([0.05, 0.2, 1.0])
    for start in range(len(table)):
        for end in range(len(table)):
            if start != end and rng.random() < share:
                table[start, end] = no
    return replace(problem, travel=Travel(durations_s=table))


def _with_metres(problem: Problem, rng: random.Random) -> Problem:
    size = problem.travel.size
    metres = np.array([[float(rng.randint(0, 900)) for _ in range(size)] for _ in range(size)])
    costs = replace(problem.costs, distance_per_m=rng.choice([0.01, 0.5, 2]))
    return replace(problem, travel=replace(problem.travel, distances_m=metres), costs=costs)


def _with_a_tier(problem: Problem, rng: random.Random) -> Problem:
    factor = rng.choice([1e3, 1e6])
    return replace(
        problem,
        jobs=tuple(
            replace(
                job,
                cost_per_s=job.cost_per_s * factor,
                drop_cost=None if job.drop_cost is None else job.drop_cost * factor,
            )
            if rng.random() < 0.3
            else job
            for job in problem.jobs
        ),
        blocks=tuple(
            replace(block, cost_per_s=block.cost_per_s * factor) if rng.random() < 0.3 else block
            for block in problem.blocks
        ),
    )


def _with_odd_costs(problem: Problem, rng: random.Random) -> Problem:
    return replace(
        problem,
        jobs=tuple(
            replace(job, cost_per_s=job.cost_per_s / 7, late_finish_cost_per_s=rng.random())
            for job in problem.jobs
        ),
        costs=replace(problem.costs, travel_per_s=rng.choice([0.1, 1 / 3])),
    )


def _from_a_later_origin(problem: Problem, rng: random.Random) -> Problem:
    """The same moments, told as seconds from an origin some time after: many become negative."""
    by = rng.choice([150, 600, 7200])
    return replace(
        problem,
        jobs=tuple(_earlier_job(job, by) for job in problem.jobs),
        crews=tuple(_earlier_crew(crew, by) for crew in problem.crews),
        blocks=tuple(replace(block, since_s=block.since_s - by) for block in problem.blocks),
    )


def _earlier_job(job: Job, by: int) -> Job:
    return replace(
        job,
        windows=tuple((opens - by, closes - by) for opens, closes in job.windows),
        cost_from_s=job.cost_from_s - by,
        arrive_by_s=None if job.arrive_by_s is None else job.arrive_by_s - by,
        finish_by_s=None if job.finish_by_s is None else job.finish_by_s - by,
    )


def _earlier_crew(crew: Crew, by: int) -> Crew:
    begins, ends = crew.shift or (0, 5000)
    breaks = tuple(replace(rest, window=(rest.window[0] - by, rest.window[1] - by)) for rest in crew.breaks)
    return replace(crew, shift=(begins - by, ends - by), breaks=breaks)


def _with_a_second_good(problem: Problem, rng: random.Random) -> Problem:
    return replace(
        problem,
        jobs=tuple(
            replace(job, load={**job.load, "pole": rng.choice([0.1, 0.3, 1])}) for job in problem.jobs
        ),
        crews=tuple(
            replace(crew, capacity={**crew.capacity, "pole": rng.choice([0.3, 0.7, 2])})
            for crew in problem.crews
        ),
    )


def _with_committed_jobs(problem: Problem, rng: random.Random) -> Problem:
    alone = [job for job in problem.jobs if job.crews_needed == 1]
    rng.shuffle(alone)
    crews = []
    for crew in problem.crews:
        count = rng.choice([0, 0, 1, 2])
        first = [job.id for job in alone if job.skills <= crew.skills][:count]
        alone = [job for job in alone if job.id not in first]
        crews.append(replace(crew, committed=tuple(first)))
    return replace(problem, crews=tuple(crews))


def _without_hours(problem: Problem, rng: random.Random) -> Problem:
    """Shifts of no length, or nobody at all."""
    if rng.random() < 0.5:
        return replace(problem, crews=tuple(replace(crew, shift=(0, 0)) for crew in problem.crews))
    return replace(
        problem,
        crews=(),
        previous=(),
        jobs=tuple(replace(job, crews_needed=1) for job in problem.jobs),
    )


_Change = Callable[[Problem, random.Random], Problem]
_CHANGES: tuple[tuple[_Change, float], ...] = (
    (_without_roads, 0.3),
    (_with_metres, 0.2),
    (_with_a_tier, 0.25),
    (_with_odd_costs, 0.15),
    (_from_a_later_origin, 0.2),
    (_with_a_second_good, 0.15),
    (_with_committed_jobs, 0.2),
    (_without_hours, 0.02),
)


def random_sequences(problem: Problem, seed: int) -> dict[str, list[str]]:
    """Deal the jobs out at random, each to as many crews as it needs, some to nobody.

    Parameters
    ----------
    problem : the problem.
    seed : same seed, same sequences.

    Returns
    -------
    dict of str to list of str
        Job ids by crew id.
    """
    rng = random.Random(seed)
    routes: dict[str, list[str]] = {crew.id: list(crew.committed) for crew in problem.crews}
    given = {job for jobs in routes.values() for job in jobs}
    jobs = [job for job in problem.jobs if job.id not in given]
    rng.shuffle(jobs)
    for job in jobs:
        able = [crew.id for crew in problem.crews if job.skills <= crew.skills]
        if len(able) < job.crews_needed or (job.drop_cost is not None and rng.random() < 0.2):
            continue
        for crew in rng.sample(able, job.crews_needed):
            routes[crew].append(job.id)
    return routes

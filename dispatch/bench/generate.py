"""Made-up days by seed, of the families that the benchmark knows, at any size.

Towns are clusters on a square that grows with the number of jobs; drives are
Manhattan distances in seconds. Repair times are log-normal (median 70 min);
what an outage costs per second is its customers times a grade, log-normal too.
None of it is real.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..ground.problem import Block, Break, Costs, Crew, Job, Problem, Travel

Floats = NDArray[np.float64]

HOUR_S = 3600
SIDE_S = 212.0  # of the square, seconds of driving for the root of the number of jobs
DEPOTS = 3
SKILLS = ("lv", "hv", "cable", "live_line")


def outage_plain(jobs: int, crews: int, seed: int) -> Problem:
    """Faults with weights; crews from three depots; weighted completion time.

    Parameters
    ----------
    jobs, crews : how many.
    seed : same seed, same problem.

    Returns
    -------
    Problem
        Named by family, size and seed.
    """
    ground = _Ground(jobs, crews, seed)
    faults = tuple(
        Job(id=f"F{at}", location=at, service_s=int(service), cost_per_s=int(weight))
        for at, (service, weight) in enumerate(zip(ground.repair_s(), ground.weight(), strict=True))
    )
    return ground.problem(
        "outage-plain", faults, tuple(Crew(id=f"C{at}", start=(ground.depot(at),)) for at in range(crews))
    )


def outage_shift(jobs: int, crews: int, seed: int) -> Problem:
    """A working day: skills, shifts, breaks, overtime, promises, appointments, work left out.

    Parameters
    ----------
    jobs, crews : how many.
    seed : same seed, same problem.

    Returns
    -------
    Problem
        Named by family, size and seed.
    """
    ground = _Ground(jobs, crews, seed)
    rng = ground.rng
    visits = jobs // 7
    repair_s, weight = ground.repair_s(), ground.weight()
    since = -rng.integers(0, 2 * HOUR_S, jobs)
    made: list[Job] = []
    for at in range(jobs):
        skill = SKILLS[int(rng.choice(4, p=[0.6, 0.2, 0.15, 0.05]))]
        if at < jobs - visits:
            made.append(
                Job(
                    id=f"F{at}",
                    location=at,
                    service_s=int(repair_s[at]),
                    cost_per_s=int(weight[at]),
                    cost_from_s=int(since[at]),
                    skills=frozenset({skill}),
                    arrive_by_s=int(since[at]) + 2700,
                    late_arrival_cost_per_s=50,
                    drop_cost=float(weight[at] * 86400),
                )
            )
            continue
        opens = int(rng.integers(0, 8)) * HOUR_S
        made.append(
            Job(
                id=f"P{at}",
                location=at,
                service_s=2700,
                windows=((opens, opens + 2 * HOUR_S),),
                skills=frozenset({"lv"}),
                drop_cost=600000,
            )
        )
    team = tuple(_shift_crew(ground, at) for at in range(crews))
    return ground.problem("outage-shift", tuple(made), team, costs=Costs(travel_per_s=1))


def _shift_crew(ground: _Ground, at: int) -> Crew:
    begins = (at % 3) * HOUR_S
    extra = [skill for skill in SKILLS[1:] if at == 0 or ground.rng.random() < 0.5]
    return Crew(
        id=f"C{at}",
        start=(ground.depot(at),),
        end=ground.depot(at),
        shift=(begins, begins + 10 * HOUR_S),
        overtime_s=2 * HOUR_S,
        overtime_cost_per_s=60,
        skills=frozenset({"lv", *extra}),
        breaks=(Break(window=(begins + 4 * HOUR_S, begins + 6 * HOUR_S), duration_s=1800),),
    )


def outage_storm(jobs: int, crews: int, seed: int) -> Problem:
    """Feeders as trees: what lies upstream must be repaired too; some ties can be closed instead.

    Parameters
    ----------
    jobs, crews : how many.
    seed : same seed, same problem.

    Returns
    -------
    Problem
        Named by family, size and seed.
    """
    ground = _Ground(jobs, crews, seed)
    rng = ground.rng
    switches = max(1, jobs // 16)
    faults = jobs - switches
    repair_s = ground.repair_s() * 1.5
    parent = [int(rng.integers(max(0, at - 8), at)) if at % 12 else -1 for at in range(faults)]
    blocks: list[Block] = []
    for at in range(faults):
        way = _upstream(parent, at)
        for part in range(int(rng.integers(1, 3))):
            ways = [way]
            if rng.random() < 0.12:
                switch = f"S{faults + int(rng.integers(switches))}"
                ways.append((f"F{at}", switch) if len(way) > 1 and rng.random() < 0.7 else (switch,))
            rate = float(math.ceil(rng.lognormal(3.2, 1.2)))
            blocks.append(Block(id=f"B{at}.{part}", cost_per_s=rate, restored_by=tuple(ways)))
    made = tuple(
        Job(
            id=f"F{at}" if at < faults else f"S{at}",
            location=at,
            service_s=int(repair_s[at]) if at < faults else 900,
            drop_cost=0,
        )
        for at in range(jobs)
    )
    team = tuple(Crew(id=f"C{at}", start=(ground.depot(at),), shift=(0, 16 * HOUR_S)) for at in range(crews))
    return ground.problem("outage-storm", made, team, blocks=tuple(blocks), unserved_at_s=48 * HOUR_S)


def _upstream(parent: list[int], at: int) -> tuple[str, ...]:
    way = []
    while at >= 0:
        way.append(f"F{at}")
        at = parent[at]
    return tuple(way)


class _Ground:
    """Places and random draws of one day."""

    def __init__(self, jobs: int, crews: int, seed: int) -> None:
        self.jobs, self.crews, self.seed = jobs, crews, seed
        self.rng = np.random.default_rng(seed)
        side = SIDE_S * math.sqrt(jobs)
        towns = self.rng.uniform(0, side, (max(2, jobs // 40), 2))
        spread = self.rng.normal(0, side / 12, (jobs, 2))
        sites = towns[self.rng.integers(0, len(towns), jobs)] + spread
        depots = self.rng.uniform(side / 4, side * 3 / 4, (DEPOTS, 2))
        self.points: Floats = np.asarray(
            np.round(np.clip(np.vstack([sites, depots]), 0, side), 1), dtype=np.float64
        )

    def depot(self, crew: int) -> int:
        return self.jobs + crew % DEPOTS

    def repair_s(self) -> Floats:
        return np.clip(self.rng.lognormal(math.log(4200), 0.5, self.jobs), 600, 21600)

    def weight(self) -> Floats:
        customers = self.rng.lognormal(math.log(25), 1.3, self.jobs)
        grade = self.rng.choice([1, 3, 10], self.jobs, p=[0.92, 0.06, 0.02])
        return np.asarray(np.ceil(customers * grade), dtype=np.float64)

    def problem(self, family: str, jobs: tuple[Job, ...], crews: tuple[Crew, ...], **more: object) -> Problem:
        return Problem(
            travel=Travel(xy=self.points, metric="manhattan"),
            jobs=jobs,
            crews=crews,
            name=f"{family}-{self.jobs}-{self.crews}-seed{self.seed}",
            **more,  # type: ignore[arg-type]
        )


FAMILIES: dict[str, Callable[[int, int, int], Problem]] = {
    "outage-plain": outage_plain,
    "outage-shift": outage_shift,
    "outage-storm": outage_storm,
}

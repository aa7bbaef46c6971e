"""Proven optima of small problems whose cost is linear in the finish times.

A leg of a route delays everything that follows, so it costs its seconds times
the weight still to come. That makes the best order of a set of jobs a dynamic
programme over subsets, and the best deal of jobs to crews another one
(Held and Karp, J. SIAM 10, 1962, section 2, with the weights of the travelling
repairman; dealing out by enumeration of subsets of subsets, 3^n steps a crew).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ...ground.drive import IMPASSABLE_S, all_driven_s
from ...ground.plan import Plan
from ...ground.problem import Crew, Problem
from ...judge.check import judge
from ...judge.timing import plan_of
from .._compile import compiled

Floats = NDArray[np.float64]
Masks = NDArray[np.int64]

MOST_JOBS = 20
MOST_STEPS = 2_000_000_000  # of the subset enumeration: a few seconds


def solve_subsets(problem: Problem) -> Plan | None:
    """Prove the optimum, or None where the problem is too large or not of this kind.

    The kind: costs linear in finish times, no windows, promises, breaks, waits,
    shared or committed jobs, no shift end that could bind; blocks of one job.
    """
    if not fits_subsets(problem):
        return None
    deal = _Deal(problem)
    if deal.steps > MOST_STEPS:
        return None
    return deal.solve()


def fits_subsets(problem: Problem) -> bool:
    """Whether the problem is of the kind that `solve_subsets` proves."""
    if not 0 < len(problem.jobs) <= MOST_JOBS or not problem.crews:
        return False
    plain_jobs = all(
        not (job.windows or job.after)
        and job.crews_needed == 1
        and not (job.arrive_by_s is not None and job.late_arrival_cost_per_s)
        and not (job.finish_by_s is not None and job.late_finish_cost_per_s)
        for job in problem.jobs
    )
    if not plain_jobs or any(crew.breaks or crew.committed for crew in problem.crews):
        return False
    if problem.crews and _has_no_road(problem):
        return False
    plain_blocks = all(len(block.restored_by) == 1 == len(block.restored_by[0]) for block in problem.blocks)
    if not plain_blocks or (problem.blocks and any(_shift_start(crew) < 0 for crew in problem.crews)):
        return False
    return all(crew.shift is None or _cannot_be_late(problem, crew) for crew in problem.crews)


def _shift_start(crew: Crew) -> int:
    return crew.shift[0] if crew.shift else 0


def _has_no_road(problem: Problem) -> bool:
    slowest = max(crew.speed_factor for crew in problem.crews)
    return bool((all_driven_s(problem.travel.matrix_s, slowest) >= IMPASSABLE_S).any())


def _cannot_be_late(problem: Problem, crew: Crew) -> bool:
    assert crew.shift is not None
    longest = crew.drive_s(int(problem.travel.matrix_s.max()))
    total = sum(job.service_s for job in problem.jobs) + longest * (len(problem.jobs) + 1)
    return crew.shift[0] + total <= crew.shift[1]


@dataclass(frozen=True, slots=True)
class _Kin:
    """Crews that are alike in all that costs, and what each set of jobs costs one of them."""

    crews: tuple[Crew, ...]
    set_cost: Floats
    first_leg: Floats  # (starts, jobs): seconds from each start place
    route_cost: Floats  # (sets, jobs): by first job, from the arrival there


class _Deal:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.count = len(problem.jobs)
        self.sets = 1 << self.count
        self.weight, self.constant, self.left_out = self._weights()
        self.weight_of_set = _sums(self.weight)
        place = np.array([job.location for job in problem.jobs])
        self.place = place
        self.table = problem.travel.matrix_s
        self.service = np.array([job.service_s for job in problem.jobs], dtype=np.float64)
        key = self._kinship
        crews = sorted(problem.crews, key=lambda crew: repr(key(crew)))
        self.groups = [tuple(group) for _, group in groupby(crews, key=lambda crew: repr(key(crew)))]

    @property
    def steps(self) -> float:
        """Steps of the enumeration, roughly."""
        plain = len(self.groups) == 1 and not np.isfinite(self.left_out).any()
        layers = sum(len(group) for group in self.groups) + len(self.groups)
        if self.problem.max_crews is not None and len(self.groups) > 1:
            layers *= self.problem.max_crews + 1
        if plain:
            layers = max(0, min(len(self.groups[0]), self._crew_limit) - 2)
            return float(3.0 ** (self.count - 1) / 2 * max(layers, 0.01))
        return float(3.0**self.count * layers)

    @property
    def _crew_limit(self) -> int:
        limit = self.problem.max_crews
        return len(self.problem.crews) if limit is None else limit

    def _weights(self) -> tuple[Floats, float, Floats]:
        """Cost per second of each job's finish, what is due in any case, what leaving out costs."""
        jobs = self.problem.jobs
        weight = np.array([job.cost_per_s for job in jobs], dtype=np.float64)
        never = [np.inf if job.drop_cost is None else float(job.drop_cost) for job in jobs]
        left_out = np.array(never) + weight * np.array([job.cost_from_s for job in jobs])
        constant = -float(sum(job.cost_per_s * job.cost_from_s for job in jobs))
        at = {job.id: idx for idx, job in enumerate(jobs)}
        for block in self.problem.blocks:
            job_idx = at[block.restored_by[0][0]]
            weight[job_idx] += block.cost_per_s
            unserved_s = max(0, self.problem.unserved_at_s or 0)
            left_out[job_idx] += block.cost_per_s * unserved_s
            constant -= block.cost_per_s * block.since_s
        return weight, constant, left_out

    def _kinship(self, crew: Crew) -> tuple[object, ...]:
        before = sorted(job for prev in self.problem.previous if prev.crew == crew.id for job in prev.jobs)
        stock = sorted(crew.capacity.items())
        return (
            *(crew.speed_factor, crew.start, crew.end, _shift_start(crew), sorted(crew.skills)),
            *(stock, crew.fixed_cost, before),
        )

    def _kin(self, crews: tuple[Crew, ...]) -> _Kin:
        crew = crews[0]
        legs = _drives(self.table[np.ix_(self.place, self.place)], crew.speed_factor)
        first = _drives(self.table[np.ix_(np.array(crew.start), self.place)], crew.speed_factor)
        paid, first_paid, home_paid = self._paid(crew, legs, first)
        route_cost = np.full((self.sets, self.count), np.inf)
        _best_orders(
            legs + self.service[:, None],
            paid,
            home_paid,
            self.weight_of_set,
            self.service * self.weight,
            route_cost,
        )
        set_cost = np.full(self.sets, np.inf)
        _best_starts(first + _shift_start(crew), first_paid, self.weight_of_set, route_cost, set_cost)
        set_cost += crew.fixed_cost + self._changes(crew)
        set_cost[~self._able(crew)] = np.inf
        set_cost[0] = 0
        return _Kin(crews, set_cost, first, route_cost)

    def _paid(self, crew: Crew, legs: Floats, first: Floats) -> tuple[Floats, Floats, Floats]:
        """Price of driving each leg: between jobs, from the starts, and home."""
        costs, metres = self.problem.costs, self.problem.travel.distances_m
        paid, first_paid = legs * costs.travel_per_s, first * costs.travel_per_s
        home = np.zeros(self.count)
        if crew.end is not None:
            home = _drives(self.table[self.place, crew.end], crew.speed_factor) * costs.travel_per_s
        if costs.distance_per_m and metres is not None:
            paid = paid + metres[np.ix_(self.place, self.place)] * costs.distance_per_m
            first_paid = first_paid + metres[np.ix_(np.array(crew.start), self.place)] * costs.distance_per_m
            if crew.end is not None:
                home = home + metres[self.place, crew.end] * costs.distance_per_m
        return paid, first_paid, home

    def _changes(self, crew: Crew) -> Floats:
        before = {job: prev.crew for prev in self.problem.previous for job in prev.jobs}
        changed = [before.get(job.id, crew.id) != crew.id for job in self.problem.jobs]
        return _sums(np.array(changed, dtype=np.float64) * self.problem.change_cost)

    def _able(self, crew: Crew) -> NDArray[np.bool_]:
        lacks = [not job.skills <= crew.skills for job in self.problem.jobs]
        able: NDArray[np.bool_] = _sums(np.array(lacks, dtype=np.float64)) == 0
        for what, limit in crew.capacity.items():
            needed = np.array([job.load.get(what, 0) for job in self.problem.jobs], dtype=np.float64)
            able &= _sums(needed) <= limit + 1e-6
        return able

    def solve(self) -> Plan | None:
        kins = [self._kin(group) for group in self.groups]
        nobody = _sums(self.left_out)
        if len(kins) > 1 and self.problem.max_crews is not None:
            best, given = self._deal_counted(kins, nobody)
        else:
            best, given = self._deal_by_kin(kins, nobody)
        if not np.isfinite(best):
            return None
        return self._plan(given)

    def _deal_by_kin(self, kins: Sequence[_Kin], nobody: Floats) -> tuple[float, list[tuple[_Kin, int]]]:
        """Split each kin's share among its crews, then the jobs among the kins and nobody."""
        full, layers = self.sets - 1, []
        best = nobody
        for kin in kins:
            most = min(len(kin.crews), self._crew_limit)
            alone = len(kins) == 1 and not np.isfinite(self.left_out).any()
            shares, splits = _split_among(kin.set_cost, most, only_full=alone)
            if alone:
                return float(shares[full]), [(kin, part) for part in _parts(full, splits)]
            joined, taken = np.empty(self.sets), np.zeros(self.sets, dtype=np.int64)
            _join(best, shares, joined, taken)
            layers.append((kin, splits, taken))
            best = joined
        given, rest = [], full
        for kin, splits, taken in reversed(layers):
            share = int(taken[rest])
            given += [(kin, part) for part in _parts(share, splits)]
            rest ^= share
        return float(best[full]), given

    def _deal_counted(self, kins: Sequence[_Kin], nobody: Floats) -> tuple[float, list[tuple[_Kin, int]]]:
        """As above crew by crew, keeping count of the crews in use."""
        full, limit, layers = self.sets - 1, self._crew_limit, []
        best = [nobody] + [np.full(self.sets, np.inf) for _ in range(limit)]
        for kin in kins:
            for _ in kin.crews:
                joined, shares = list(best), [np.zeros(self.sets, dtype=np.int64) for _ in best]
                for used in range(1, limit + 1):
                    out, share = np.empty(self.sets), np.zeros(self.sets, dtype=np.int64)
                    _join(best[used - 1], kin.set_cost, out, share)
                    better = out < best[used]
                    joined[used] = np.where(better, out, best[used])
                    shares[used] = np.where(better, share, -1)
                layers.append((kin, shares))
                best = joined
        used = int(np.argmin([costs[full] for costs in best]))
        total, given, rest = float(best[used][full]), [], full
        for kin, shares in reversed(layers):
            part = int(shares[used][rest]) if used else -1
            if part >= 0:
                used -= 1
                given += [(kin, part)] if part else []
                rest ^= part
        return total, given

    def _plan(self, given: Sequence[tuple[_Kin, int]]) -> Plan:
        idle = {id(kin): list(kin.crews) for kin, _ in given}
        routes: dict[str, list[str]] = {crew.id: [] for crew in self.problem.crews}
        starts = {}
        for kin, share in given:
            crew = idle[id(kin)].pop()
            start_idx, order = self._order(kin, crew, share)
            routes[crew.id] = [self.problem.jobs[job_idx].id for job_idx in order]
            starts[crew.id] = crew.start[start_idx]
        plan = plan_of(self.problem, routes, starts)
        cost = judge(self.problem, plan).cost
        return replace(plan, status="optimal", cost=cost, bound=cost)

    def _order(self, kin: _Kin, crew: Crew, share: int) -> tuple[int, list[int]]:
        legs = _drives(self.table[np.ix_(self.place, self.place)], crew.speed_factor)
        paid, first_paid, _ = self._paid(crew, legs, kin.first_leg)
        weight = self.weight_of_set
        start = (kin.first_leg + _shift_start(crew)) * weight[share] + first_paid + kin.route_cost[share]
        start_idx, here = np.unravel_index(int(np.argmin(start)), start.shape)
        order = [int(here)]
        while share := share & ~(1 << order[-1]):
            last = order[-1]
            onward = (legs[last] + self.service[last]) * weight[share] + paid[last] + kin.route_cost[share]
            order.append(int(np.argmin(onward)))
        return int(start_idx), order


def _drives(table: NDArray[np.int64], speed_factor: float) -> Floats:
    return all_driven_s(table, speed_factor)


def _sums(values: Floats) -> Floats:
    """Sum of `values` over every set of their positions, by bit mask."""
    sums: Floats = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums


def _parts(share: int, splits: Sequence[Masks]) -> list[int]:
    parts = []
    for split in reversed(splits):
        part = int(split[share])
        parts.append(part)
        share ^= part
    return [part for part in [*parts, share] if part]


def _split_among(set_cost: Floats, crews: int, *, only_full: bool) -> tuple[Floats, list[Masks]]:
    """Cheapest split of every set among so many like crews; the last split of all jobs only, if told so."""
    if crews <= 0:
        none = np.full_like(set_cost, np.inf)
        none[0] = 0
        return none, []
    shares, splits = set_cost, []
    for crew in range(1, crews):
        better, split = shares.copy(), np.zeros(len(shares), dtype=np.int64)
        last = only_full and crew == crews - 1
        # jobs of the first part include the lowest one, so before the last split sets without it suffice
        step, first = (1, len(shares) - 1) if last else (2 if only_full else 1, 0)
        _split(shares, set_cost, better, split, first, step)
        shares = better
        splits.append(split)
    return shares, splits


@compiled
def _best_orders(
    onward: Floats, paid: Floats, home_paid: Floats, weight: Floats, own: Floats, route_cost: Floats
) -> None:
    count = onward.shape[0]
    for jobs in range(1, route_cost.shape[0]):
        for first in range(count):
            bit = 1 << first
            if not jobs & bit:
                continue
            rest = jobs ^ bit
            if rest == 0:
                route_cost[jobs, first] = own[first] + home_paid[first]
                continue
            best = np.inf
            for following in range(count):
                if rest & (1 << following):
                    cost = onward[first, following] * weight[rest] + paid[first, following]
                    best = min(best, cost + route_cost[rest, following])
            route_cost[jobs, first] = own[first] + best


@compiled
def _best_starts(first: Floats, paid: Floats, weight: Floats, route_cost: Floats, set_cost: Floats) -> None:
    for jobs in range(1, route_cost.shape[0]):
        for job in range(first.shape[1]):
            if jobs & (1 << job):
                for start in range(first.shape[0]):
                    cost = first[start, job] * weight[jobs] + paid[start, job] + route_cost[jobs, job]
                    set_cost[jobs] = min(set_cost[jobs], cost)


@compiled
def _join(left: Floats, right: Floats, joined: Floats, taken: Masks) -> None:
    """Cheapest split of every set between `left` and `right`; `taken` goes to the right."""
    for jobs in range(left.shape[0]):
        best, best_part = left[jobs] + right[0], 0
        part = jobs
        while part:
            cost = left[jobs ^ part] + right[part]
            if cost < best:
                best, best_part = cost, part
            part = (part - 1) & jobs
        joined[jobs], taken[jobs] = best, best_part


@compiled
def _split(shares: Floats, set_cost: Floats, better: Floats, split: Masks, first: int, step: int) -> None:
    """Split off one more crew's part, which holds the lowest job of the set."""
    for jobs in range(first, shares.shape[0], step):
        low = jobs & -jobs
        rest = jobs ^ low
        part = rest
        while True:
            cost = set_cost[part | low] + shares[rest ^ part]
            if jobs and cost < better[jobs]:
                better[jobs], split[jobs] = cost, part | low
            if part == 0:
                break
            part = (part - 1) & rest

"""The whole problem as a CP-SAT model: one circuit for each crew, one start for each job.

Every method adds one rule and is named for what it ensures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from ...ground.drive import IMPASSABLE_S
from ...ground.plan import Dropped, Plan, Rest, Route, Visit
from ...ground.problem import Block, Crew, Job, Problem
from ...judge.check import judge
from ...judge.timing import plan_of
from .child import Answer, Stop, solve_model

DEPOT = 0  # node of the circuits; job k of a crew is node k + 1
SCALES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 60, 100, 120, 300, 600, 1000, 3600, 36000)
LARGEST = 2**60
Literal = cp_model.IntVar


class Model:
    """Variables, rules and objective of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.earliest_s = min([_shift_start(crew) for crew in problem.crews], default=0)
        self.latest_s = _horizon(problem)
        self.prices: list[tuple[float, Any, int]] = []  # cost per unit, variable, its least value
        self.constant = 0.0
        self._variables()
        self._crews_drive_circuits()
        self._jobs_start_in_windows()
        self._jobs_are_served_or_dropped()
        self._stock_suffices()
        self._committed_jobs_come_first()
        self._jobs_wait_for_others()
        self._shifts_end_in_time()
        self._breaks_are_taken()
        self._few_enough_crews_are_used()
        self._promises_cost()
        self._blocks_are_restored()
        self._changes_cost()

    def _variables(self) -> None:
        model, problem = self.model, self.problem
        self.served = {job.id: model.new_bool_var(f"served {job.id}") for job in problem.jobs}
        self.start = {job.id: self._time(f"start {job.id}") for job in problem.jobs}
        self.stay: dict[tuple[str, str], Literal] = {}
        self.arrival: dict[tuple[str, str], Any] = {}
        self.arcs: dict[str, list[tuple[int, int, int, Literal]]] = {}
        self.used = {crew.id: model.new_bool_var(f"used {crew.id}") for crew in problem.crews}
        self.rest: dict[tuple[str, int], Any] = {}
        self.rested: dict[tuple[str, int], Literal] = {}
        for crew in problem.crews:
            for job in problem.jobs:
                if job.skills <= crew.skills:
                    self.stay[crew.id, job.id] = model.new_bool_var(f"{crew.id} at {job.id}")
                    self.arrival[crew.id, job.id] = self._time(f"{crew.id} reaches {job.id}")

    def _time(self, name: str) -> Any:
        return self.model.new_int_var(self.earliest_s, self.latest_s, name)

    def _finish(self, job: Job) -> Any:
        return self.start[job.id] + job.service_s

    def _price(self, rate: float, variable: Any, least: int = 0) -> None:
        """Charge `rate` for each unit of a variable that is at least `least`."""
        if rate:
            self.prices.append((rate, variable, least))

    def _jobs_of(self, crew: Crew) -> list[Job]:
        return [job for job in self.problem.jobs if (crew.id, job.id) in self.stay]

    def _crews_drive_circuits(self) -> None:
        for crew in self.problem.crews:
            arcs = self.arcs[crew.id] = list(self._arcs(crew))
            loops = [(k + 1, k + 1, ~self.stay[crew.id, job.id]) for k, job in enumerate(self._jobs_of(crew))]
            idle = (DEPOT, DEPOT, ~self.used[crew.id])
            self.model.add_circuit([idle, *loops, *((tail, head, lit) for tail, head, _, lit in arcs)])
            # an idle crew's depot loops on itself: without this, jobs could form a circle of their own
            for job in self._jobs_of(crew):
                self.model.add_implication(self.stay[crew.id, job.id], self.used[crew.id])
            self._price(crew.fixed_cost, self.used[crew.id])
            for tail, head, place, literal in arcs:
                self._drive(crew, tail, head, place, literal)

    def _arcs(self, crew: Crew) -> Iterable[tuple[int, int, int, Literal]]:
        """Tail, head, start place (or -1) and literal of all legs a crew may drive."""
        count = len(self._jobs_of(crew))
        for node in range(1, count + 1):
            for place in crew.start:
                yield DEPOT, node, place, self.model.new_bool_var("")
            yield node, DEPOT, -1, self.model.new_bool_var("")
            for head in range(1, count + 1):
                if head != node:
                    yield node, head, -1, self.model.new_bool_var("")

    def _leg(self, crew: Crew, start: int, end: int | None) -> tuple[int, float]:
        """Seconds and price of a drive."""
        if end is None:
            return 0, 0.0
        travel, costs = self.problem.travel, self.problem.costs
        leg_s = crew.drive_s(travel.between(start, end))
        price = leg_s * costs.travel_per_s
        if costs.distance_per_m and travel.distances_m is not None:
            price += float(travel.distances_m[start, end]) * costs.distance_per_m
        return leg_s, price

    def _drive(self, crew: Crew, tail: int, head: int, place: int, literal: Literal) -> None:
        jobs = self._jobs_of(crew)
        start = place if tail == DEPOT else jobs[tail - 1].location
        end = crew.end if head == DEPOT else jobs[head - 1].location
        leg_s, price = self._leg(crew, start, end)
        if leg_s >= IMPASSABLE_S:
            self.model.add(literal == 0)
            return
        self._price(price, literal)
        if head == DEPOT:
            return
        ready: Any = _shift_start(crew) if tail == DEPOT else self._finish(jobs[tail - 1])
        arrival = self.arrival[crew.id, jobs[head - 1].id]
        self.model.add(arrival >= ready + leg_s).only_enforce_if(literal)

    def _jobs_start_in_windows(self) -> None:
        for (crew, name), literal in self.stay.items():
            self.model.add(self.start[name] >= self.arrival[crew, name]).only_enforce_if(literal)
        for job in self.problem.jobs:
            if job.windows:
                domain = cp_model.Domain.from_intervals([list(window) for window in job.windows])
                self.model.add_linear_expression_in_domain(self.start[job.id], domain).only_enforce_if(
                    self.served[job.id]
                )

    def _jobs_are_served_or_dropped(self) -> None:
        for job in self.problem.jobs:
            served = self.served[job.id]
            stays = [literal for (_, name), literal in self.stay.items() if name == job.id]
            self.model.add(sum(stays) == job.crews_needed * served)
            if job.drop_cost is None:
                self.model.add(served == 1)
            else:
                self._price(job.drop_cost, ~served)
            counted = self._when(served, self._finish(job), self.earliest_s, f"finish {job.id}")
            self._price(job.cost_per_s, counted, self.earliest_s)
            since = job.cost_per_s * (job.cost_from_s - self.earliest_s)
            self.constant -= since
            self._price_signed(since, ~served)

    def _when(self, literal: Any, value: Any, otherwise: int, name: str) -> Any:
        """At least `value` where the literal holds; costs pull it down to `otherwise` elsewhere."""
        counted = self.model.new_int_var(min(otherwise, self.earliest_s), self.latest_s, name)
        self.model.add(counted >= value).only_enforce_if(literal)
        return counted

    def _price_signed(self, price: float, literal: Any) -> None:
        if price >= 0:
            self._price(price, literal)
        else:
            self.constant += price
            self._price(-price, ~literal)

    def _stock_suffices(self) -> None:
        for crew in self.problem.crews:
            for what, limit in crew.capacity.items():
                loads = [(job.load[what], job) for job in self._jobs_of(crew) if job.load.get(what)]
                scale = _scale([limit, *(load for load, _ in loads)]) or 1000
                taken = [math.floor(load * scale + 1e-6) * self.stay[crew.id, job.id] for load, job in loads]
                self.model.add(sum(taken) <= math.floor(limit * scale + 1e-6))

    def _committed_jobs_come_first(self) -> None:
        for crew in self.problem.crews:
            names = [job.id for job in self._jobs_of(crew)]
            tail = DEPOT
            for name in crew.committed:
                if name not in names:
                    self.model.add_bool_or([])
                    continue
                head = names.index(name) + 1
                legs = [lit for first, last, _, lit in self.arcs[crew.id] if (first, last) == (tail, head)]
                self.model.add_exactly_one(legs)
                tail = head

    def _jobs_wait_for_others(self) -> None:
        jobs = self.problem.job_by_id
        for job in self.problem.jobs:
            for wait in job.after:
                served = self.served[job.id]
                self.model.add_implication(served, self.served[wait.job])
                ready = self._finish(jobs[wait.job]) + wait.lag_s
                self.model.add(self.start[job.id] >= ready).only_enforce_if(served)

    def _shifts_end_in_time(self) -> None:
        for crew in self.problem.crews:
            if crew.shift is None:
                continue
            jobs, end_s = self._jobs_of(crew), crew.shift[1]
            over = self.model.new_int_var(0, crew.overtime_s, f"overtime {crew.id}")
            self._price(crew.overtime_cost_per_s, over)
            for tail, head, _, literal in self.arcs[crew.id]:
                if head == DEPOT:
                    home_s, _ = self._leg(crew, jobs[tail - 1].location, crew.end)
                    if home_s >= IMPASSABLE_S:
                        continue
                    back = self._finish(jobs[tail - 1]) + home_s
                    self.model.add(back <= end_s + over).only_enforce_if(literal)

    def _breaks_are_taken(self) -> None:
        for crew in self.problem.crews:
            for k, due in enumerate(crew.breaks):
                rested = self.rested[crew.id, k] = self.model.new_bool_var(f"{crew.id} rests {k}")
                self.rest[crew.id, k] = self.model.new_int_var(*due.window, f"{crew.id} break {k}")
                if k:
                    before = crew.breaks[k - 1].duration_s
                    self.model.add_implication(rested, self.rested[crew.id, k - 1])
                    self.model.add(
                        self.rest[crew.id, k] >= self.rest[crew.id, k - 1] + before
                    ).only_enforce_if(rested)
                for job in self._jobs_of(crew):
                    idle = [~self.stay[crew.id, job.id], rested]
                    early = self.model.new_bool_var("")
                    self.model.add(self._finish(job) <= due.window[1]).only_enforce_if(early)
                    self.model.add_bool_or([*idle, early])
                self._break_lies_before_a_visit(crew, k)

    def _break_lies_before_a_visit(self, crew: Crew, k: int) -> None:
        jobs, rest, duration_s = self._jobs_of(crew), self.rest[crew.id, k], crew.breaks[k].duration_s
        gaps = [self.model.new_bool_var("") for _ in jobs]
        self.model.add(sum(gaps) == self.rested[crew.id, k])
        for gap, job in zip(gaps, jobs, strict=True):
            self.model.add_implication(gap, self.stay[crew.id, job.id])
            self.model.add(self.start[job.id] >= rest + duration_s).only_enforce_if(gap)
        for tail, head, place, literal in self.arcs[crew.id]:
            if head == DEPOT:
                continue
            start = place if tail == DEPOT else jobs[tail - 1].location
            ready: Any = _shift_start(crew) if tail == DEPOT else self._finish(jobs[tail - 1])
            leg_s, _ = self._leg(crew, start, jobs[head - 1].location)
            if leg_s >= IMPASSABLE_S:
                continue
            on_site = self.model.new_bool_var("")
            here = [literal, gaps[head - 1]]
            self.model.add(rest >= ready).only_enforce_if(here)
            self.model.add(rest >= ready + leg_s).only_enforce_if([*here, on_site])
            arrival = self.arrival[crew.id, jobs[head - 1].id]
            self.model.add(arrival >= rest + duration_s + leg_s).only_enforce_if([*here, ~on_site])

    def _few_enough_crews_are_used(self) -> None:
        if self.problem.max_crews is not None:
            self.model.add(sum(self.used.values()) <= self.problem.max_crews)

    def _promises_cost(self) -> None:
        for job in self.problem.jobs:
            if job.arrive_by_s is not None and job.late_arrival_cost_per_s:
                late = self._lateness(job.arrive_by_s, job.late_arrival_cost_per_s)
                for crew in self.problem.crews:
                    if (crew.id, job.id) in self.stay:
                        after = self.arrival[crew.id, job.id] - job.arrive_by_s
                        self.model.add(late >= after).only_enforce_if(self.stay[crew.id, job.id])
            if job.finish_by_s is not None and job.late_finish_cost_per_s:
                late = self._lateness(job.finish_by_s, job.late_finish_cost_per_s)
                after = self._finish(job) - job.finish_by_s
                self.model.add(late >= after).only_enforce_if(self.served[job.id])

    def _lateness(self, due_s: int, rate: float) -> Any:
        late = self.model.new_int_var(0, max(0, self.latest_s - due_s), "")
        self._price(rate, late)
        return late

    def _blocks_are_restored(self) -> None:
        jobs = self.problem.job_by_id
        unserved_s = max(0, self.problem.unserved_at_s or 0)
        for block in self.problem.blocks:
            self.constant -= block.cost_per_s * block.since_s
            back = self.model.new_int_var(0, max(self.latest_s, unserved_s, 0), f"{block.id} back")
            self._price(block.cost_per_s, back)
            chosen = [self.model.new_bool_var("") for _ in block.restored_by]
            never = self._block_is_never_back(block)
            self.model.add(back >= unserved_s).only_enforce_if(never)
            self.model.add_exactly_one([never, *chosen])
            for literal, way in zip(chosen, block.restored_by, strict=True):
                for name in way:
                    self.model.add_implication(literal, self.served[name])
                    self.model.add(back >= self._finish(jobs[name])).only_enforce_if(literal)

    def _block_is_never_back(self, block: Block) -> Literal:
        never = self.model.new_bool_var(f"{block.id} never back")
        for way in block.restored_by:
            self.model.add_bool_or([~never, *(~self.served[name] for name in way)])
        return never

    def _changes_cost(self) -> None:
        before = {job: previous.crew for previous in self.problem.previous for job in previous.jobs}
        for job, crew in before.items():
            changed = self.model.new_bool_var(f"{job} changes crew")
            stays = [self.stay[crew, job]] if (crew, job) in self.stay else []
            self.model.add_bool_or([~self.served[job], changed, *stays])
            self._price(self.problem.change_cost, changed)

    def solve(
        self,
        time_limit_s: float,
        upper: float | None,
        *,
        seed: int,
        stop: Stop | None = None,
        work: float | None = None,
    ) -> Plan | None:
        """Minimise; see `exact.solve_exact`. None where the costs do not fit whole numbers."""
        scale = self._minimise(upper)
        if scale is None:
            return None
        seconds = time_limit_s if work is None else None
        answer = solve_model(self.model, seconds=seconds, work=work, seed=seed, stop=stop, combinatorial=True)
        if answer.infeasible and upper is None:
            return Plan(status="infeasible", cost=math.inf)
        if answer.found:
            return self._plan(answer, scale)
        return None if upper is None else self._nothing_cheaper(answer, scale, upper)

    def _nothing_cheaper(self, answer: Answer, scale: float, upper: float) -> Plan | None:
        """No plan below `upper` was found: a bound without routes, `upper` itself where there is none."""
        if answer.infeasible:
            return Plan(status="feasible", cost=math.inf, bound=upper)
        bound = max(0.0, answer.bound) / scale + self.constant
        return Plan(status="feasible", cost=math.inf, bound=min(upper, bound))

    def _minimise(self, upper: float | None) -> float | None:
        rates = [rate for rate, _, _ in self.prices]
        scale = _scale(rates) or 1e6 / max(1.0, max(rates, default=1.0))
        # rates that are not whole are rounded down: the bound stays a bound
        whole = [math.floor(rate * scale + 1e-7) for rate in rates]
        most = sum(rate * (self.latest_s - self.earliest_s) for rate in whole)
        if most > LARGEST:
            return None
        objective = sum(
            rate * variable - rate * least
            for rate, (_, variable, least) in zip(whole, self.prices, strict=True)
        )
        self.model.minimize(objective)
        if upper is not None and math.isfinite(upper):
            self.model.add(objective <= _below((upper - self.constant) * scale))
        return float(scale)

    def _plan(self, answer: Answer, scale: float) -> Plan:
        plans = [self._as_solved(answer), self._as_timed(answer)]
        judged = [(judge(self.problem, plan), plan) for plan in plans]
        sound = [(verdict.cost, plan) for verdict, plan in judged if verdict.feasible]
        cost, plan = min(sound, key=lambda found: found[0], default=(judged[0][0].cost, plans[0]))
        bound = max(0.0, answer.bound) / scale + self.constant
        proven = cost - bound <= 1e-9 * max(1.0, abs(cost))
        dropped = tuple(
            Dropped(job=job.id) for job in self.problem.jobs if not answer.value(self.served[job.id])
        )
        return replace(
            plan,
            status="optimal" if proven else "feasible",
            cost=cost,
            bound=cost if proven else bound,
            dropped=dropped,
        )

    def _sequence(self, answer: Answer, crew: Crew) -> tuple[int, list[Job]]:
        following = {
            tail: (head, place) for tail, head, place, lit in self.arcs[crew.id] if answer.value(lit)
        }
        jobs, node, start, order = self._jobs_of(crew), DEPOT, crew.start[0], []
        while node in following:
            node, place = following[node]
            if node == DEPOT:
                break
            start = place if place >= 0 else start
            order.append(jobs[node - 1])
        return start, order

    def _as_timed(self, answer: Answer) -> Plan:
        routes: dict[str, list[str]] = {}
        starts: dict[str, int] = {}
        for crew in self.problem.crews:
            starts[crew.id], order = self._sequence(answer, crew)
            routes[crew.id] = [job.id for job in order]
        return plan_of(self.problem, routes, starts)

    def _as_solved(self, answer: Answer) -> Plan:
        routes = []
        for crew in self.problem.crews:
            start, order = self._sequence(answer, crew)
            visits = tuple(
                Visit(
                    job=job.id,
                    arrival_s=answer.value(self.arrival[crew.id, job.id]),
                    start_s=answer.value(self.start[job.id]),
                    finish_s=answer.value(self.start[job.id]) + job.service_s,
                )
                for job in order
            )
            rests = tuple(
                Rest(start_s=answer.value(self.rest[crew.id, k]), duration_s=due.duration_s)
                for k, due in enumerate(crew.breaks)
                if answer.value(self.rested[crew.id, k])
            )
            routes.append(Route(crew=crew.id, start=start, visits=visits, breaks=rests))
        return Plan(status="feasible", cost=0, routes=tuple(routes))


def _shift_start(crew: Crew) -> int:
    return crew.shift[0] if crew.shift else 0


def _below(units: float) -> int:
    """The largest whole number below a sum of whole rates that floating point may have blurred."""
    return math.ceil(units - 1e-3 - 1e-9 * abs(units)) - 1


def _horizon(problem: Problem) -> int:
    """A time by which some best plan is over: everything done one after another, all waits waited."""
    table = problem.travel.matrix_s if problem.travel.size else np.zeros(1, np.int64)
    longest = int(table[table < IMPASSABLE_S].max(initial=0))
    slowest = max([crew.speed_factor for crew in problem.crews], default=1)
    legs = math.ceil(longest * slowest) * (len(problem.jobs) + 1)
    work = sum(job.service_s + sum(max(0, wait.lag_s) for wait in job.after) for job in problem.jobs)
    opens = [first for job in problem.jobs for first, _ in job.windows]
    rests = [(rest.window[0], rest.duration_s) for crew in problem.crews for rest in crew.breaks]
    begin = max([0, *(_shift_start(crew) for crew in problem.crews), *opens, *(at for at, _ in rests)])
    return begin + legs + work + sum(duration for _, duration in rests)


def _scale(rates: Iterable[float]) -> int | None:
    """Smallest factor that makes all rates whole, or None."""
    known: Mapping[float, None] = dict.fromkeys(rates)
    for scale in SCALES:
        if all(abs(rate * scale - round(rate * scale)) <= 1e-9 * max(1.0, rate) for rate in known):
            return scale
    return None

"""Solve a problem: from the dispatcher's rule through the search to a priced plan with a proven bound."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from ..ground.plan import Plan, Status
from ..ground.problem import Problem
from ..soundness.door import sound_call
from .budget import Budget
from .conflicts import find_conflicts, unkept
from .exact.beside import ProofBeside
from .exact.proof import solve_exact
from .idle_rules import without_idle_rules
from .kernels.arrays import Lookup, build
from .kernels.flat import Arrays
from .plans import make_plan, without_vain_waits
from .progress import Progress
from .ready import ready
from .search.engine import Engine
from .search.workers import BOUND_ALONE, MOST_BOUND_S, SHORTEST_S, Crowd, context_for, prove, search
from .starts.construct import rule_routes
from .starts.districts import LARGE, solve_large
from .starts.spare import with_spare_crews, without_spare_crews

DEFAULT_SECONDS = 10.0
SMALL = 12  # jobs up to which the optimum is proven as a rule
NOTEWORTHY = 20  # jobs up to which it is tried when there is time
NOTEWORTHY_S = 6.0
SMALL_SHARE = 0.15  # of the time for the search, where a proof follows and the search goes on beside it
ALONE_SHARE = 0.4  # the same where there is one process, and the search ends before the proof
PROOF_SHARE = 0.85
DOUBT_WORK = 2.0  # of CP-SAT, for a small problem of which a search without a clock finds no plan
CONFLICTS_S = 0.7  # beyond the limit, for the smallest sets of jobs that conflict
LOOK_S = 0.05  # between two looks at a proof that is still going on
HURRIED_S = 0.3  # the same once somebody has asked to stop

# What `without` can leave out.
METHODS: tuple[str, ...] = ("exchange", "latency", "districts", "crowd", "exact", "bound")

OnProgress = Callable[[Progress], None]


def solve(
    problem: Problem,
    *,
    time_limit_s: float | None = None,
    work: int | None = None,
    seed: int = 1,
    processes: int = 2,
    on_progress: OnProgress | None = None,
    stop: Callable[[], bool] | None = None,
    start: Sequence[Sequence[str]] | None = None,
    without: Collection[str] = frozenset(),
) -> Plan:
    """Find a plan of low cost.

    Parameters
    ----------
    problem : its fields may also be lists, numpy arrays and scalars, and pandas tables.
    time_limit_s : wall clock for everything, seconds; 10 where neither limit is given.
    work : search steps; with one process and no time limit the plan depends on the
        problem, `work` and `seed` alone. A small problem of which they find no plan is left
        to CP-SAT, with a limit on its work.
    processes : search processes; the last one proves a bound towards the end.
    on_progress : called some 20 times a second at most.
    stop : asked between steps; True ends the search with the best plan so far, as
        a KeyboardInterrupt or a MemoryError does.
    start : job ids crew by crew (in the problem's order of crews) to start from, such
        as the plan in force; otherwise the dispatcher's rule.
    without : names out of `METHODS` to do without, to measure what each adds.

    Raises
    ------
    ProblemFaults
        with every fault of the problem and of the options; it is a ValueError.

    Returns
    -------
    Plan
        `status` "optimal" only where `bound` meets the cost, "infeasible" with
        `conflicts` where jobs that must be served are not.
    """
    sound, options = sound_call(
        problem,
        METHODS,
        time_limit_s=time_limit_s,
        work=work,
        seed=seed,
        processes=processes,
        start=start,
        without=without,
        on_progress=on_progress,
        stop=stop,
    )
    return solve_sound(sound, **options)


def solve_sound(
    problem: Problem,
    *,
    time_limit_s: float | None = None,
    work: int | None = None,
    seed: int = 1,
    processes: int = 2,
    on_progress: OnProgress | None = None,
    stop: Callable[[], bool] | None = None,
    start: Sequence[Sequence[str]] | None = None,
    without: frozenset[str] = frozenset(),
) -> Plan:
    """The same for a problem that is known to be sound, as the product builds it.

    Parameters
    ----------
    problem : sound: nothing of it is looked at.
    time_limit_s, work, seed, processes, on_progress, stop, start, without : as in `solve`.

    Returns
    -------
    Plan
        As `solve` does.
    """
    ready()
    seconds = time_limit_s if time_limit_s is not None or work is not None else DEFAULT_SECONDS
    budget = Budget(began=time.monotonic(), seconds=seconds, work=work)
    if not problem.jobs:
        nothing = make_plan(problem, (), status="optimal", seed=seed)
        return replace(nothing, bound=nothing.cost)
    needed = without_spare_crews(problem) if start is None else problem
    free = without_idle_rules(needed)
    processes = 1 if "crowd" in without else processes
    if len(needed.jobs) > LARGE and "districts" not in without:
        plan = solve_large(free, budget, seed, processes, on_progress, stop, start)
    else:
        plan = _Solve(free, budget, seed, processes, on_progress, stop, without).run(start)
    plan = plan if free is needed else _under_all_rules(needed, plan)
    spare = len(needed.crews) < len(problem.crews)
    return with_spare_crews(plan, needed, problem.crews) if spare else plan


class _Solve:
    """One call of `solve`."""

    def __init__(
        self,
        problem: Problem,
        budget: Budget,
        seed: int,
        processes: int,
        on_progress: OnProgress | None,
        stop: Callable[[], bool] | None,
        without: frozenset[str],
    ) -> None:
        self.problem, self.budget, self.seed, self.processes = problem, budget, seed, processes
        self.on_progress, self.stop, self.without = on_progress, stop, without
        self.arrays: Arrays
        self.lookup: Lookup
        self.arrays, self.lookup = build(problem)
        self.engine = Engine(
            self.arrays, seed, exchanges="exchange" not in without, plain="latency" not in without
        )
        self.crowd: Crowd | None = None
        self.bound: float | None = None
        self.interrupted = False

    def run(self, start: Sequence[Sequence[str]] | None) -> Plan:
        """Search, prove, and make the plan."""
        self.engine.start(self._first_routes(start))
        self.budget.open()
        exact = self._wants_proof()
        try:
            with self._until_interrupted():
                self._search(self._search_share() if exact else 1.0)
        finally:
            self._gather()
        plan = self._plan()
        with self._until_interrupted():
            if exact and not self._stopped():
                plan = self._proven(plan)
            elif self._is_doubtful(plan):
                plan = self._settled(plan)
        return self._finished(plan)

    @contextlib.contextmanager
    def _until_interrupted(self) -> Iterator[None]:
        """Whatever ends this early leaves the best plan so far."""
        try:
            yield
        except (KeyboardInterrupt, MemoryError):
            self.interrupted = True

    def _stopped(self) -> bool:
        return self.interrupted or (self.stop is not None and self.stop())

    def _first_routes(self, start: Sequence[Sequence[str]] | None) -> list[list[int]]:
        if start is None:
            legs = self.arrays.legs[0] if all(c.speed_factor == 1 for c in self.problem.crews) else None
            return self._by_rule(legs)
        idx = {job.id: i for i, job in enumerate(self.problem.jobs)}
        return [[idx[job] for job in jobs if job in idx] for jobs in start]

    def _by_rule(self, legs: NDArray[Any] | None) -> list[list[int]]:
        """The dispatcher's rule, with no more crews than may be used."""
        problem, arrays, crews = self.problem, self.arrays, len(self.problem.crews)
        most = crews if problem.max_crews is None else min(crews, problem.max_crews)
        if most < crews:
            problem = replace(problem, crews=problem.crews[:most], previous=(), max_crews=None)
            arrays = arrays._replace(
                crew=arrays.crew[:most], capacity=arrays.capacity[:most], committed=arrays.committed[:most]
            )
        routes = rule_routes(problem, arrays, self.lookup.place, legs)
        return routes + [[] for _ in range(crews - most)]

    def _wants_proof(self) -> bool:
        if self.budget.seconds is None or "exact" in self.without:
            return False
        jobs = len(self.problem.jobs)
        return jobs <= SMALL or (jobs <= NOTEWORTHY and self.budget.seconds >= NOTEWORTHY_S)

    def _search_share(self) -> float:
        return SMALL_SHARE if self.processes > 1 else ALONE_SHARE

    def _is_doubtful(self, plan: Plan) -> bool:
        """Whether a few steps found no plan for a problem small enough to know for certain."""
        small = self.budget.seconds is None and len(self.problem.jobs) <= SMALL
        return plan.status == "infeasible" and small and "exact" not in self.without and not self._stopped()

    def _search(self, until: float) -> None:
        seconds = self.budget.seconds
        context = context_for(seconds) if self.processes > 1 and until == 1.0 else None
        if context is not None and (seconds is None or seconds >= SHORTEST_S):
            arguments = (
                self.problem,
                self.arrays,
                self.lookup,
                self.engine,
                self.seed,
                self.budget,
                self.processes,
                context,
            )
            self.crowd = Crowd(*arguments, proves="bound" not in self.without)
        elif until == 1.0 and seconds is not None and seconds >= SHORTEST_S and "bound" not in self.without:
            until = BOUND_ALONE
        board = self.crowd.board if self.crowd else None
        search(self.engine, self.budget, self._between, board, 0, until)

    def _between(self) -> bool:
        if self.on_progress is not None:
            missing, cost = self.engine.score
            steps = self.crowd.board.steps if self.crowd else self.budget.steps
            shown = math.inf if missing else cost + self.lookup.constant
            self.on_progress(
                Progress(seconds=self.budget.elapsed_s, cost=shown, bound=self.bound, work=steps)
            )
        return self._stopped()

    def _gather(self) -> None:
        """End the other processes and take over the best solution of all."""
        if self.crowd is None:
            return
        seconds = self.budget.seconds
        grace = 0.3 if seconds is None or self._stopped() else max(0.1, min(1.0, 0.03 * seconds))
        if seconds is None and not self._stopped():
            self.crowd.wait(math.inf if self.budget.share >= 1 else time.monotonic())
        self.crowd.end(grace)
        score, routes = self.crowd.board.best()
        if score < self.engine.score:
            self.engine.go_to(routes)
        self.bound = self.crowd.board.bound

    def _plan(self) -> Plan:
        routes = self.engine.timed(self.problem, self.lookup)
        broken = self.engine.score.missing or unkept(self.problem, routes)
        status: Status = "infeasible" if broken else "feasible"
        if broken:
            routes = without_vain_waits(self.problem, routes)
        return make_plan(self.problem, routes, status=status, seed=self.seed)

    def _left_s(self) -> float:
        return 0.0 if self.budget.seconds is None else self.budget.seconds - self.budget.elapsed_s

    def _proven(self, plan: Plan) -> Plan:
        """The plan or a better one, with a proof where one is found in time; the search goes on beside it."""
        upper = None if plan.status == "infeasible" else plan.cost
        left_s = PROOF_SHARE * self._left_s()
        with ProofBeside(self.problem, left_s, upper, self.seed) as proof, self._until_interrupted():
            if self.processes > 1:
                budget = Budget(began=time.monotonic(), seconds=left_s, work=None)
                budget.open()
                search(self.engine, budget, lambda: self._between() or proof.ended)
            while not proof.wait(LOOK_S) and not self._stopped():
                pass
        return self._better(proof.found, self._plan() if self.processes > 1 else plan)

    def _settled(self, plan: Plan) -> Plan:
        """A plan after all, where there is one: the same on any machine."""
        exact = solve_exact(self.problem, seed=self.seed, stop=self.stop, work=DOUBT_WORK)
        return self._better(exact, plan)

    def _better(self, exact: Plan | None, plan: Plan) -> Plan:
        if exact is None or exact.status == "infeasible":
            return plan
        self.bound = exact.bound
        if math.isinf(exact.cost):  # a bound alone
            return plan
        better = exact.cost < plan.cost - 1e-9 * abs(plan.cost) or plan.status == "infeasible"
        return exact if better else plan

    def _finished(self, plan: Plan) -> Plan:
        open_ = self.bound is None or not _meets(self.bound, plan.cost)
        if open_ and self.crowd is None and "bound" not in self.without and not self._stopped():
            left_s = min(0.8 * self._left_s(), MOST_BOUND_S)
            with self._until_interrupted():
                found = prove(self.problem, left_s, plan, self.engine.score.missing, self.stop)
                self.bound = max((each for each in (self.bound, found) if each is not None), default=None)
        status, bound = plan.status, self.bound
        if status == "infeasible":
            bound = None
            room_s = HURRIED_S if self._stopped() else max(CONFLICTS_S, self._left_s())
            ends = time.monotonic() + room_s
            with self._until_interrupted():
                plan = replace(plan, conflicts=find_conflicts(self.problem, plan, ends, self.stop))
        elif bound is not None:
            bound = min(bound, plan.cost)
            status = "optimal" if _meets(bound, plan.cost) else "feasible"
        return replace(plan, status=status, bound=bound, seed=self.seed, seconds=self.budget.elapsed_s)


def _under_all_rules(problem: Problem, plan: Plan) -> Plan:
    """A plan made without the rules that bind none, priced with them."""
    whole = make_plan(
        problem, plan.routes, status=plan.status, bound=plan.bound, seconds=plan.seconds, seed=plan.seed
    )
    if plan.status == "optimal" and not _meets(whole.bound or 0.0, whole.cost):
        whole = replace(whole, status="feasible")
    return replace(whole, conflicts=plan.conflicts)


def _meets(bound: float, cost: float) -> bool:
    """Whether a bound meets a cost within what floating point can tell apart."""
    return cost - bound <= 1e-9 * max(1.0, abs(cost))

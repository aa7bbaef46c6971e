"""One search: arrays, state and the kernels that fit the problem, behind a few plain methods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...ground.plan import Route, Visit
from ...ground.problem import Problem
from ..kernels import latency
from ..kernels.arrays import Lookup
from ..kernels.flat import EPS, Arrays
from ..kernels.state import State, best_routes, new_state, put_routes, scatter
from ..plans import rests_of, start_of
from . import coupled_search, timetable
from . import plain as search
from .latency_search import anneal_latency

PENALTY = 25.0  # of a missing job, in costs of a mean job

# Where routes are long, one slow cooling ends in whichever shape the first moments chose: measured at
# 200 jobs, the best of several quick ones is better, and the rest of the time improves that one.
ROUND_S = 2.0  # of one cooling of 200 jobs; grows with their square
ROUND_STEPS = 130  # the same in steps for each job
MOST_ROUNDS = 4
ROUNDS_SHARE = 0.8  # of the budget, for the rounds
WARM_AGAIN = 0.5  # share of the cooling that is skipped when the best of the rounds is improved

EARLY = 0.03  # share of the budget in which the start is improved cold, so that a good plan is there early

LIFTED = 1000.0  # times the median cost, from which on a job counts as lifted by a tier
LONG_ROUTE = 25  # visits of a mean route from which on routes count as long

Routes = Sequence[Sequence[int]]


class Style(NamedTuple):
    """How a search goes about: temperatures as shares of a mean job's cost, and sizes of moves."""

    hot: float
    cold: float
    string: float  # mean number of jobs removed in a step
    longest: float  # most jobs of one string
    exchanges: int  # small moves for each ruin and recreate
    moves: int  # the same where a move is priced in constant time


# Measured: long routes (few crews, many short visits) want longer strings, more
# reversals and more heat; on short routes heat only costs time.
SHORT_ROUTES = Style(0.5, 0.0005, 10.0, 10.0, 4, 100)
LONG_ROUTES = Style(2.0, 0.02, 15.0, 60.0, 8, 300)


class Score(NamedTuple):
    """How good a solution is: fewer missing jobs first, then the cost."""

    missing: int
    cost: float


def _knots(routes: Routes) -> list[set[int]]:
    """Crews with a visit, in groups that no job ties together."""
    knots: list[tuple[set[int], set[int]]] = []
    for c, jobs in enumerate(routes):
        if not jobs:
            continue
        crews, held = {c}, set(jobs)
        tied = [knot for knot in knots if knot[1] & held]
        knots = [knot for knot in knots if knot not in tied]
        knots.append((crews.union(*(knot[0] for knot in tied)), held.union(*(knot[1] for knot in tied))))
    return [crews for crews, _ in knots]


class Engine:
    """A search over one problem's arrays.

    Parameters
    ----------
    seed : of the random numbers; with the same calls it gives the same solution.
    exchanges : whether small moves are made between two of ruin and recreate.
    plain : whether problems without anything but weighted latency get the faster search made for them.
    """

    def __init__(self, arrays: Arrays, seed: int, *, exchanges: bool = True, plain: bool = True) -> None:
        self.arrays = arrays
        self.latency = latency.new_latency(arrays, seed) if plain and latency.is_plain(arrays) else None
        self._swift = False  # whether the search for plain latency has taken over
        self.state: State = new_state(arrays, seed)
        self.coupled = bool(arrays.rules[0]["coupled"])
        self.scale = 1.0
        self.cooled = 1.0
        self.style = SHORT_ROUTES
        self._exchanges = exchanges
        self._shown = Score(-1, 0.0)
        self.feasible = True
        self._set_style()

    def start(self, routes: Routes) -> None:
        """Begin from routes: committed jobs first, then whatever of `routes` fits, then what else fits."""
        if self.coupled:
            self._start_coupled(routes)
        else:
            self._start_plain(routes)
        if self.present < self.score:
            self._keep()
        self._scale()
        self._take_over()

    def reseed(self, seed: int) -> None:
        """Go on with other random numbers."""
        self.state.random[0] = scatter(seed)
        if self.latency is not None:
            self.latency.random[0] = scatter(seed)

    def _take_over(self) -> None:
        """Let the search for plain latency go on from the present solution, where it can."""
        if self.latency is None or self.present.missing or not self._heads_kept():
            self._swift = False
            return
        latency.take_over(self.arrays, self.state, self.latency)
        self._swift = True

    def _heads_kept(self) -> bool:
        """Whether every route begins with the crew's committed jobs."""
        a, s = self.arrays, self.state
        for c in np.flatnonzero(a.crew["committed"]):
            head = a.committed[c][: a.crew[c]["committed"]]
            row = c + s.side[c] * len(a.crew)
            if s.row[row]["count"] < len(head) or (s.visit[row, : len(head)]["job"] != head).any():
                return False
        return True

    def _start_plain(self, routes: Routes) -> None:
        a, s = self.arrays, self.state
        put_routes(s, [[] for _ in range(len(a.crew))])
        search.settle(a, s)
        taken = self._commit()
        for c, jobs in enumerate(routes):
            for j in jobs:
                if not a.job[j]["fixed"] and taken[c]:
                    search.append(a, s, c, j)
        search.settle(a, s)
        self._keep()
        search.fill(a, s, np.argsort(-a.job["share"], kind="stable"))
        search.settle(a, s)

    def _commit(self) -> list[bool]:
        """Load the committed prefixes; False for a crew whose prefix cannot be done."""
        a, s = self.arrays, self.state
        taken = []
        for c in range(len(a.crew)):
            jobs = [int(j) for j in a.committed[c] if j >= 0]
            taken.append(all(search.append(a, s, c, j) for j in jobs))
            if not taken[-1]:
                s.row[c + s.side[c] * len(a.crew)]["count"] = 0
                search.settle(a, s)
        return taken

    def _start_coupled(self, routes: Routes) -> None:
        a, s = self.arrays, self.state
        fixed = [[int(j) for j in a.committed[c] if j >= 0] for c in range(len(a.crew))]
        fixed = self._with_helpers(fixed, routes)
        if not self._can_do(fixed):
            fixed = self._feasible_prefixes(fixed)
        done = {j for jobs in fixed for j in jobs}
        full = [
            self._carried(c, head, [j for j in jobs if j not in done])
            for c, (head, jobs) in enumerate(zip(fixed, routes, strict=True))
        ]
        full = self._few_enough(full, fixed)
        self._settle_coupled(self._what_fits(full, fixed))
        self._keep()
        coupled_search.fill_coupled(a, s)
        timetable.settle_coupled(a, s)

    def _carried(self, c: int, head: list[int], jobs: Sequence[int]) -> list[int]:
        """The head of a route and those of further jobs that crew c has skill and stock for."""
        if self._takes(c, [*head, *jobs]):
            return [*head, *jobs]
        kept = head
        for j in jobs:
            kept = [*kept, j] if self._takes(c, [*kept, j]) else kept
        return kept

    def _takes(self, c: int, jobs: Sequence[int]) -> bool:
        """Whether crew c has skill and stock for all of these jobs."""
        a = self.arrays
        enough = (a.load[jobs].sum(axis=0) <= a.capacity[c] + EPS).all()
        return bool(enough and a.able[a.crew[c]["skill"], jobs].all())

    def _few_enough(self, routes: list[list[int]], fixed: list[list[int]]) -> list[list[int]]:
        """Empty the shortest routes beyond `max_crews`, those with committed jobs last."""
        most = int(self.arrays.rules[0]["max_crews"])
        kept = sorted(range(len(routes)), key=lambda c: (-len(fixed[c]), -len(routes[c]), c))[:most]
        return [route if c in kept else fixed[c] for c, route in enumerate(routes)]

    def _what_fits(self, routes: Routes, fixed: Routes) -> Routes:
        """As much of the routes as can be done: late jobs of the route that is at fault are given up.

        A plan in force seldom fits any more as a whole (a repair takes longer than thought), and
        nearly all of it is still the best place to go on from.
        """
        kept = self._whole(routes)
        while not self._settle_coupled(kept):
            for c, head in enumerate(fixed):
                trial = self._whole([head if k == c else jobs for k, jobs in enumerate(kept)])
                if len(kept[c]) > len(head) and self._settle_coupled(trial):
                    return self._regrown(trial, c, kept[c])
            shorter = self._whole(
                [jobs[: max(len(head), len(jobs) - 1)] for jobs, head in zip(kept, fixed, strict=True)]
            )
            if shorter == kept:
                return fixed
            kept = shorter
        return kept

    def _regrown(self, routes: list[list[int]], c: int, jobs: Sequence[int]) -> list[list[int]]:
        """Routes with as many of the first `jobs` of crew c as can be done."""
        for count in range(len(routes[c]) + 1, len(jobs) + 1):
            longer = self._whole([jobs[:count] if k == c else other for k, other in enumerate(routes)])
            if not self._settle_coupled(longer):
                break
            routes = longer
        return routes

    def _whole(self, routes: Routes) -> list[list[int]]:
        """Routes without jobs that lack a crew or one of the jobs they wait for."""
        a = self.arrays
        left = [list(jobs) for jobs in routes]
        while True:
            count = np.bincount(np.array([j for jobs in left for j in jobs], np.int64), minlength=len(a.job))
            lame = {
                j
                for j in np.flatnonzero(count).tolist()
                if not a.job[j]["fixed"]
                and (
                    count[j] != a.job[j]["need"]
                    or not count[a.pred_job[a.pred_ptr[j] : a.pred_ptr[j + 1]]].all()
                )
            }
            if not lame:
                return left
            left = [[j for j in jobs if j not in lame] for jobs in left]

    def _settle_coupled(self, routes: Routes) -> bool:
        put_routes(self.state, routes)
        timetable.find_helpers(self.arrays, self.state)
        return bool(timetable.settle_coupled(self.arrays, self.state))

    def _with_helpers(self, fixed: list[list[int]], routes: Routes) -> list[list[int]]:
        """Prefixes with the further crews that committed jobs of several crews need behind their own.

        A crew may be on its way to a job while the second one still finishes what it is at. First
        those are asked whose route in force holds the job, then whoever can be there first.
        """
        a = self.arrays
        heads = [list(jobs) for jobs in fixed]
        for j in dict.fromkeys(j for jobs in fixed for j in jobs):
            while sum(j in jobs for jobs in heads) < a.job[j]["need"]:
                full = sum(map(bool, heads)) >= a.rules[0]["max_crews"]
                able = [
                    c
                    for c, jobs in enumerate(heads)
                    if j not in jobs and (jobs or not full) and self._takes(c, [*jobs, j])
                ]
                able.sort(key=lambda c: (j not in routes[c], self._there_s(c, [*heads[c], j])))
                if not able:
                    break
                trials = [[[*jobs, j] if k == c else jobs for k, jobs in enumerate(heads)] for c in able]
                heads = next((trial for trial in trials if self._keeps_knot(trial, j)), trials[0])
        return heads

    def _there_s(self, c: int, jobs: Sequence[int]) -> int:
        """When crew c could be at the last of these jobs, windows and breaks apart."""
        a, crew = self.arrays, self.arrays.crew[c]
        first = int(crew["shift_from"]) + int(a.first_leg[crew["starts"], jobs[0]])
        places = a.job["place"][list(jobs)]
        legs = a.legs[crew["speed"], places[:-1], places[1:]]
        return first + int(legs.sum()) + int(a.job["service"][list(jobs[:-1])].sum())

    def _keeps_knot(self, heads: Sequence[list[int]], j: int) -> bool:
        """Whether the crews that job j ties together can do their prefixes."""
        knot = next(crews for crews in _knots(heads) if any(j in heads[c] for c in crews))
        return self._settle_coupled([jobs if c in knot else [] for c, jobs in enumerate(heads)])

    def _feasible_prefixes(self, fixed: list[list[int]]) -> list[list[int]]:
        """Give up the prefixes of as few crews as it takes, those that share a job together."""
        kept: list[list[int]] = [[] for _ in fixed]
        for knot in _knots(fixed):
            trial = [jobs if c in knot else kept[c] for c, jobs in enumerate(fixed)]
            if self._can_do(trial):
                kept = trial
        return kept

    def _can_do(self, heads: Sequence[list[int]]) -> bool:
        """Whether so many crews may be used, and have skills, stock and time for their prefixes."""
        few = sum(map(bool, heads)) <= self.arrays.rules[0]["max_crews"]
        able = few and all(self._takes(c, jobs) for c, jobs in enumerate(heads) if jobs)
        return able and self._settle_coupled(heads)

    def _keep(self) -> None:
        search.keep_best(self.arrays, self.state)

    def _scale(self) -> None:
        """Set temperatures by the mean cost of a job."""
        a, total = self.arrays, self.state.total[0]
        served = max(1, len(a.job) - int(total["absent"]))
        cost = abs(float(total["cost"])) - float(a.job["absent"][self.state.own < 0].sum())
        self.scale = max(abs(cost) / served, 1e-9)
        total["penalty"] = PENALTY * self.scale
        self.cooled = min(self.scale, self._common_scale())
        self.style = LONG_ROUTES if served > LONG_ROUTE * max(1, int(total["used"])) else SHORT_ROUTES
        self._set_style()

    def _common_scale(self) -> float:
        """The mean cost of a job, without the few that a tier has lifted far above the others.

        The search has to get cold enough for the jobs of the lowest tier: on the scale of a
        lifted mean everything below would be left to chance.
        """
        a, s = self.arrays, self.state
        costs = a.job["weight"] * s.done[: len(a.job)] * (s.own[: len(a.job)] >= 0)
        items = np.concatenate([np.abs(costs), a.block_rate * s.block_now[: len(a.block_rate)]])
        items = items[items > 0]
        if not len(items):
            return self.scale
        common = items[items <= LIFTED * np.median(items)]
        return self.scale if len(common) == len(items) else max(float(common.mean()), 1e-9)

    def _set_style(self) -> None:
        total = self.state.total[0]
        total["string"], total["longest"] = self.style.string, self.style.longest
        total["exchanges"] = self.style.exchanges if self._exchanges else 0
        if self.latency is not None:
            tally = self.latency.tally[0]
            tally["string"], tally["longest"] = self.style.string, self.style.longest
            tally["moves"] = self.style.moves if self._exchanges else 0

    def rounds(self, seconds: float | None, work: int | None) -> int:
        """How often to cool down from the start within a budget before the best is improved."""
        if not self._swift or self.style is not LONG_ROUTES:
            return 1
        jobs = len(self.arrays.job)
        lasting = [math.inf if seconds is None else seconds / (ROUND_S * (jobs / 200) ** 2)]
        lasting.append(math.inf if work is None else work / (ROUND_STEPS * jobs))
        return max(1, int(min(MOST_ROUNDS, ROUNDS_SHARE * min(lasting))))

    def heat(self, share: float, rounds: int = 1) -> float:
        """Temperature, in costs of a mean job, when a share of the budget is used."""
        cold = self.style.cold * self.cooled / self.scale
        if share < EARLY:
            return float(cold)
        share = (share - EARLY) / (1 - EARLY)
        if rounds > 1 and share < ROUNDS_SHARE:
            share = share / ROUNDS_SHARE * rounds % 1.0
        elif rounds > 1:
            share = WARM_AGAIN + (1 - WARM_AGAIN) * (share - ROUNDS_SHARE) / (1 - ROUNDS_SHARE)
        return float(self.style.hot * (cold / self.style.hot) ** min(1.0, share))

    def run(self, steps: int, hot: float, cold: float) -> None:
        """Run so many steps while the temperature falls from `hot` to `cold` (shares of a job's cost)."""
        if self.coupled:
            coupled_search.anneal_coupled(self.arrays, self.state, steps, hot * self.scale, cold * self.scale)
        elif self._swift:
            self._run_swift(steps, hot * self.scale, cold * self.scale)
        else:
            search.anneal(self.arrays, self.state, steps, hot * self.scale, cold * self.scale)

    def _run_swift(self, steps: int, hot: float, cold: float) -> None:
        """Search by the sums of plain latency; what it finds is timed and priced as ever."""
        assert self.latency is not None
        tally = self.latency.tally[0]
        before = float(tally["best_cost"])
        anneal_latency(self.latency, steps, hot, cold)
        if tally["best_cost"] < before:
            latency.give_back(self.arrays, self.state, self.latency)
            search.settle(self.arrays, self.state)
            if self.present < self.score:
                self._keep()

    @property
    def score(self) -> Score:
        """Of the best solution so far."""
        total = self.state.total[0]
        return Score(int(total["best_missing"]), float(total["best_cost"]))

    @property
    def present(self) -> Score:
        """Of the solution the search stands at."""
        total = self.state.total[0]
        return Score(int(total["missing"]), float(total["cost"]))

    def improved(self) -> bool:
        """Whether the best solution has changed since this was last asked."""
        changed = self.score != self._shown
        self._shown = self.score
        return changed

    def best(self) -> list[list[int]]:
        """Routes of the best solution so far."""
        return best_routes(self.state)

    def go_to(self, routes: Routes) -> None:
        """Continue from these routes as they are; `feasible` says whether their times can be kept."""
        if self.coupled:
            self.feasible = self._settle_coupled(routes)
        else:
            put_routes(self.state, routes)
            self.feasible = bool(search.settle(self.arrays, self.state))
        self._arrive()

    def reroute(self, c: int, jobs: Sequence[int]) -> None:
        """Give crew c another route; the others stay as `go_to` or `reroute` has left them."""
        state = self.state
        state.row[c]["count"] = len(jobs)
        state.visit[c, : len(jobs)]["job"] = jobs
        if self.coupled:
            timetable.find_helpers(self.arrays, state)
            self.feasible = bool(timetable.settle_coupled(self.arrays, state))
        else:
            self.feasible = bool(search.settle(self.arrays, state))
        self._arrive()

    def _arrive(self) -> None:
        if self.feasible and self.present < self.score:
            self._keep()
        if self._swift:
            self._take_over()

    def timed(self, problem: Problem, lookup: Lookup) -> list[Route]:
        """The best solution as routes with times; the search stands there afterwards."""
        self.go_to(self.best())
        return [self._route(problem, c) for c in range(len(problem.crews))]

    def _route(self, problem: Problem, c: int) -> Route:
        a, s, crew = self.arrays, self.state, problem.crews[c]
        row = s.visit[c, : int(s.row[c]["count"])]
        visits = tuple(
            Visit(
                job=problem.jobs[int(v["job"])].id,
                arrival_s=int(v["arrive"]),
                start_s=int(v["start"]),
                finish_s=int(v["finish"]),
            )
            for v in row
        )
        first = problem.jobs[int(row[0]["job"])].location if len(row) else None
        begin = int(a.crew[c]["brk_from"])
        taken = int(row[-1]["brk"]) - begin if len(row) else 0
        rests = rests_of(s.rests[begin : begin + taken], crew, taken)
        return Route(crew=crew.id, start=start_of(problem, crew, first), visits=visits, breaks=rests)

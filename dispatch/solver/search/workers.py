"""Search in one or several processes."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

from ...ground.plan import Plan
from ...ground.problem import Problem
from ..bound.limit import lower_bound
from ..budget import Budget
from ..kernels.arrays import Lookup
from ..kernels.flat import Arrays
from ..plans import make_plan
from .board import Board
from .engine import ROUNDS_SHARE, Engine

MEETINGS = (0.5, 0.7, 0.85, 0.95)  # shares of the budget at which a worker may adopt a better solution
BOUND_FROM = 0.75  # share of the time after which a second process proves a bound
BOUND_ALONE = 0.9
SPAWN_PAYS_S = 10.0
SHORTEST_S = 0.5
MOST_BOUND_S = 20.0

Hook = Callable[[], bool]  # called between chunks; True to stop


def context_for(seconds: float | None) -> BaseContext | None:
    """Fork where no other thread could be caught holding a lock; else spawn when there is time for it.

    Parameters
    ----------
    seconds : for the whole solve; None without a clock.

    Returns
    -------
    BaseContext or None
        None where a second process would not pay.
    """
    if threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("fork")
    if seconds is None or seconds >= SPAWN_PAYS_S:
        return multiprocessing.get_context("spawn")
    return None


def search(
    engine: Engine, budget: Budget, hook: Hook, board: Board | None = None, slot: int = 0, until: float = 1.0
) -> None:
    """Anneal until the budget is used or `hook` says stop; meet the others at the board.

    Parameters
    ----------
    engine : where the search stands.
    budget : time or work; how much of it is used.
    hook : called between chunks; True ends the search.
    board, slot : where processes meet, and this one's place there.
    until : share of the budget after which it ends.
    """
    rounds = engine.rounds(None if budget.seconds is None else until * budget.seconds, budget.work)
    meetings = [m for m in MEETINGS if m < until] if rounds == 1 else [ROUNDS_SHARE * until]
    while True:
        share = budget.share
        steps = budget.next_steps()
        if share >= until or steps == 0:
            return
        began = time.monotonic()
        heat = engine.heat(share / until, rounds)
        engine.run(steps, heat, heat)
        budget.did(steps, time.monotonic() - began)
        if board is not None:
            board.count(slot, budget.steps)
            board.publish(slot, engine.score, engine.best()) if engine.improved() else None
        if meetings and share >= meetings[0]:
            meetings.pop(0)
            _meet(engine, board, back=rounds > 1)
        if hook():
            return


def _meet(engine: Engine, board: Board | None, *, back: bool) -> None:
    """Go on from a better solution of another process, else, with `back`, from the best of this one."""
    if board is not None:
        score, routes = board.best()
        if score < engine.score:
            engine.go_to(routes)
            return
    if back:
        engine.go_to(engine.best())


def work_beside(
    problem: Problem,
    arrays: Arrays,
    lookup: Lookup,
    engine: Engine | None,
    seed: int,
    budget: Budget,
    board: Board,
    slot: int,
    proves: bool,
) -> None:
    """Life of a further process: search, then prove a bound."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()

    def over() -> bool:
        # Whoever is left behind by a killed parent must not search on for nobody.
        return board.stopped or os.getppid() != parent

    if engine is None:
        engine = Engine(arrays, seed)
        engine.start(board.best()[1])
    engine.reseed(seed)
    until = BOUND_FROM if proves and budget.seconds is not None else 1.0
    search(engine, budget, over, board, slot, until)
    board.publish(slot, engine.score, engine.best())
    if until < 1.0 and not over() and budget.seconds is not None:
        engine.go_to(board.best()[1])
        plan = make_plan(problem, engine.timed(problem, lookup), status="feasible")
        left = budget.began + budget.seconds - time.monotonic()
        board.prove(prove(problem, min(0.9 * left, MOST_BOUND_S), plan, engine.score.missing))


def prove(
    problem: Problem, seconds: float, plan: Plan, missing: int, stop: Hook | None = None
) -> float | None:
    """A lower bound within `seconds`, or None where there is no time for one.

    Parameters
    ----------
    problem : the problem.
    seconds : for the proof.
    plan : the best plan known.
    missing : jobs that must be served and are not in it.
    stop : asked now and then; True ends the proof.

    Returns
    -------
    float or None
        A cost that no plan is below.
    """
    if seconds < 0.05:
        return None
    return lower_bound(problem, seconds, plan=plan if not missing else None, stop=stop)


class Crowd:
    """Processes that search beside this one; the last of them `proves` a bound towards the end."""

    def __init__(
        self,
        problem: Problem,
        arrays: Arrays,
        lookup: Lookup,
        engine: Engine,
        seed: int,
        budget: Budget,
        processes: int,
        context: BaseContext,
        proves: bool = True,
    ) -> None:
        visits = int(arrays.job["need"].sum())
        self.board = Board(context, processes, len(arrays.crew), visits)
        self.board.publish(0, engine.score, engine.best())
        forks = context.get_start_method() == "fork"
        self._others: list[BaseProcess] = []
        for slot in range(1, processes):
            arguments = (
                problem,
                arrays,
                lookup,
                engine if forks else None,
                seed * 1000 + slot,
                budget,
                self.board,
                slot,
                proves and slot == processes - 1,
            )
            process = context.Process(target=work_beside, args=arguments, daemon=True)  # type: ignore[attr-defined]
            process.start()
            self._others.append(process)

    def end(self, grace_s: float) -> None:
        """Stop the others; what does not end within `grace_s` seconds is killed."""
        self.board.stop()
        ends = time.monotonic() + grace_s
        for process in self._others:
            process.join(max(0.0, ends - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()

    def wait(self, until: float) -> None:
        """Give the others until a clock time (infinite: as long as it takes) to finish by themselves."""
        for process in self._others:
            process.join(None if math.isinf(until) else max(0.0, until - time.monotonic()))

"""A proof that goes on beside a search: in a thread that mostly waits for the process that proves."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from ...ground.plan import Plan
from ...ground.problem import Problem
from .proof import solve_exact


class ProofBeside:
    """`solve_exact` from the beginning of a block to its end at the latest; `found` is its answer.

    Parameters
    ----------
    problem, time_limit_s, upper, seed : as in `solve_exact`.
    """

    def __init__(self, problem: Problem, time_limit_s: float, upper: float | None, seed: int) -> None:
        self._asked = (problem, time_limit_s, upper)
        self._seed, self._stop = seed, threading.Event()
        self._thread = threading.Thread(target=self._prove, name="proof", daemon=True)
        self.found: Plan | None = None

    def _prove(self) -> None:
        self.found = solve_exact(*self._asked, seed=self._seed, stop=self._stop.is_set)

    @property
    def ended(self) -> bool:
        """Whether the answer is there."""
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether the answer is there."""
        self._thread.join(seconds)
        return self.ended

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

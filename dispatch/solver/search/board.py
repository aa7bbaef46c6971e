"""Memory that the search processes share: each one's best routes, and the word to stop."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing.context import BaseContext
from multiprocessing.sharedctypes import RawArray

import numpy as np
from numpy.typing import NDArray

from .engine import Score


class Board:
    """One slot per process.

    Parameters
    ----------
    visits : most visits that all routes can have together.
    """

    def __init__(self, context: BaseContext, slots: int, crews: int, visits: int) -> None:
        self._lock = context.Lock()
        self._cost = RawArray("d", slots)
        self._missing = RawArray("q", slots)
        self._steps = RawArray("q", slots)
        self._flags = RawArray("q", 1)
        self._bound = RawArray("d", 1)
        self._counts = RawArray("q", slots * max(1, crews))
        self._jobs = RawArray("q", slots * max(1, visits))
        self._shape = (slots, crews, visits)
        self._cost[:] = [float("inf")] * slots
        self._missing[:] = [1 << 40] * slots
        self._bound[0] = float("-inf")

    def _views(self, slot: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        slots, crews, visits = self._shape
        counts = np.frombuffer(self._counts, np.int64).reshape(slots, -1)[slot, :crews]
        jobs = np.frombuffer(self._jobs, np.int64).reshape(slots, -1)[slot, :visits]
        return counts, jobs

    def publish(self, slot: int, score: Score, routes: Sequence[Sequence[int]]) -> None:
        """Show a solution to the others if it is better than the one shown before."""
        with self._lock:
            if score >= Score(self._missing[slot], self._cost[slot]):
                return
            counts, jobs = self._views(slot)
            counts[:] = [len(route) for route in routes]
            flat = [j for route in routes for j in route]
            jobs[: len(flat)] = flat
            self._missing[slot], self._cost[slot] = score.missing, score.cost

    def best(self) -> tuple[Score, list[list[int]]]:
        """The best solution of all processes."""
        with self._lock:
            slots = range(self._shape[0])
            slot = min(slots, key=lambda k: Score(self._missing[k], self._cost[k]))
            counts, jobs = self._views(slot)
            ends = np.cumsum(counts)
            routes = [jobs[end - count : end].tolist() for end, count in zip(ends, counts, strict=True)]
            return Score(self._missing[slot], self._cost[slot]), routes

    def count(self, slot: int, steps: int) -> None:
        """Note how many steps a process has done."""
        self._steps[slot] = steps

    @property
    def steps(self) -> int:
        """Steps of all processes."""
        return sum(self._steps)

    def stop(self) -> None:
        """Tell every process to end soon."""
        self._flags[0] = 1

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return bool(self._flags[0])

    @property
    def bound(self) -> float | None:
        """Lower bound that some process has proven."""
        value = float(self._bound[0])
        return value if np.isfinite(value) else None

    def prove(self, bound: float | None) -> None:
        """Note a proven lower bound."""
        if bound is not None:
            self._bound[0] = max(self._bound[0], bound)

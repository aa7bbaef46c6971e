"""How long a search may take: seconds, or a count of steps that is the same on every machine."""

from __future__ import annotations

import time
from dataclasses import dataclass

CHUNK_S = 0.04
FIRST_STEPS = 8
WORK_CHUNK = 400


@dataclass(slots=True, kw_only=True)
class Budget:
    """Time or work for one search.

    Parameters
    ----------
    began : clock (time.monotonic) that `seconds` count from.
    seconds : to stop after, or None.
    work : search steps to stop after, or None.
    opened : clock when the search itself begins; until then `share` is 0.
    """

    began: float
    seconds: float | None
    work: int | None
    opened: float = 0.0
    steps: int = 0
    chunk: int = FIRST_STEPS

    def open(self) -> None:
        """The search begins now."""
        self.opened = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the solver was called."""
        return time.monotonic() - self.began

    @property
    def share(self) -> float:
        """How much of the budget is used, 0 to 1: the larger of time and work."""
        shares = [0.0]
        if self.work is not None:
            shares.append(self.steps / max(1, self.work))
        if self.seconds is not None:
            room = self.began + self.seconds - self.opened
            shares.append((time.monotonic() - self.opened) / room if room > 0 else 1.0)
        return min(1.0, max(shares))

    def next_steps(self) -> int:
        """Steps until the clock is looked at again."""
        if self.work is None:
            return self.chunk
        left = max(0, self.work - self.steps)
        return min(left, WORK_CHUNK if self.seconds is None else self.chunk)

    def did(self, steps: int, took_s: float) -> None:
        """Note steps done; with a time limit, the next chunk aims at `CHUNK_S`."""
        self.steps += steps
        if self.seconds is None:
            return
        aim = min(CHUNK_S, max(0.002, 0.02 * self.seconds))
        self.chunk = max(1, int(steps * min(3.0, aim / max(took_s, 1e-6))))

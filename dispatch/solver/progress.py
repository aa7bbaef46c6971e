"""What a running search tells about itself."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """State of a search at one moment.

    Parameters
    ----------
    seconds : since the search began.
    cost : of the best plan so far; infinite while jobs that must be served are not.
    bound : proven lower bound, or None.
    work : search steps so far, over all processes.
    """

    seconds: float
    cost: float
    bound: float | None
    work: int


class ProgressLine:
    """Progress of a search on one line that is written over: for a terminal or a Jupyter cell.

    Give it to `solve` as `on_progress`.

    Parameters
    ----------
    out : where to write; standard output by default.
    every_s : seconds of the search between two writings.
    """

    def __init__(self, out: TextIO | None = None, every_s: float = 0.5) -> None:
        self._out, self._every_s, self._next_s = out, every_s, 0.0

    def __call__(self, progress: Progress) -> None:
        """Write over the line.

        Parameters
        ----------
        progress : as the search tells it.
        """
        if progress.seconds < self._next_s or math.isinf(progress.cost):
            return
        self._next_s = progress.seconds + self._every_s
        bound = "" if progress.bound is None else f", no plan below {progress.bound:,.0f}"
        out = self._out or sys.stdout
        print(
            f"\r{progress.seconds:.1f} s: cost {progress.cost:,.0f}{bound}   ", end="", file=out, flush=True
        )

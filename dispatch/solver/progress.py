"""What a running search tells about itself."""

from __future__ import annotations

from dataclasses import dataclass


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

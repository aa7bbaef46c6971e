"""What the lower bound of a lived day is made of: pieces of work, pools of crews, blocks that wait."""

from __future__ import annotations

from dataclasses import dataclass

from ..ground.problem import Crew, Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A job of a fault as the pool sees it.

    Parameters
    ----------
    fault : its position.
    chain : positions of the pieces that cannot overlap with it and lie before it, itself last.
    work_s : what it takes of a crew; release_s : not begun before.
    late_s : how long after the end of its turn a crew that has set out may still be at it.
    """

    job: Job
    fault: int
    chain: tuple[int, ...]
    work_s: float
    release_s: float
    late_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Crews that are alike: so many of them from one moment to another."""

    like: Crew
    count: int
    from_s: int
    to_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A block that waits: customers, since when at least, how long at least, and for which pieces."""

    customers: int
    least_s: float
    pieces: tuple[tuple[int, int], ...]
    """Piece, and since when the block is out for it."""

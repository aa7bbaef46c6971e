"""The solver: a compiled search on the true objective."""

from __future__ import annotations

from .progress import Progress
from .ready import is_compiled, ready
from .solve import METHODS, solve, solve_sound

__all__ = ["METHODS", "Progress", "is_compiled", "ready", "solve", "solve_sound"]

"""The solver: a compiled search on the true objective."""

from __future__ import annotations

from .progress import Progress
from .solve import PARTS, solve

__all__ = ["PARTS", "Progress", "solve"]

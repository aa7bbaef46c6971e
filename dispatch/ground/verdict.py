"""What a plan costs and which rules it breaks, as the judge finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .plan import BlockTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule that the plan breaks.

    Parameters
    ----------
    code : which rule, one of `CODES`.
    job, crew : whom it concerns, or None.
    amount : by how much: seconds, a quantity of stock, or a count.
    text : the same as a sentence.
    """

    code: str
    job: str | None
    crew: str | None
    amount: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a plan costs, part by part, and what is wrong with it.

    All of it is recomputed from the visits alone, whatever the plan itself claims.

    Attributes
    ----------
    cost : sum of `parts`.
    parts : price by the names of `plan.PARTS`.
    violations : rules that are broken, each with job, crew, amount and a sentence.
    blocks : when each block is back.
    """

    cost: float
    parts: Mapping[str, float]
    violations: tuple[Violation, ...]
    blocks: tuple[BlockTime, ...]

    @property
    def feasible(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations

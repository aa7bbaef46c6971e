"""Who has supply at a moment, in truth: which ways are complete, counted as faults come and jobs are done."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from .stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """A block without supply from `from_s` to `to_s`."""

    block: int
    from_s: int
    to_s: int


@dataclass(kw_only=True)
class Supply:
    """Blocks in and out of supply.

    A block has supply while one of its ways asks for nothing that is missing: a
    repair is missing while its fault is open, a switching until it is done.
    Switches stay as they were put.
    """

    stage: Stage
    missing: set[str] = field(default_factory=set)
    out_since: dict[int, int] = field(default_factory=dict)
    interruptions: list[Interruption] = field(default_factory=list)
    _repairs: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._repairs = repairs = frozenset(fault.jobs[-1] for fault in self.stage.faults)
        self.blocks_of: dict[str, list[int]] = defaultdict(list)
        for number, block in enumerate(self.stage.blocks):
            for job in sorted({job for way in block.restored_by for job in way}):
                self.blocks_of[job].append(number)
        self.missing = set(self.blocks_of) - repairs

    def lose(self, repair: str, now_s: int) -> None:
        """A fault happens, and its repair is due."""
        self.missing.add(repair)
        for block in self.blocks_of.get(repair, ()):
            if block not in self.out_since and not self._fed(block):
                self.out_since[block] = now_s

    def gain(self, job: str, now_s: int) -> None:
        """A job is done."""
        self.missing.discard(job)
        for block in self.blocks_of.get(job, ()):
            if block in self.out_since and self._fed(block):
                since = self.out_since.pop(block)
                self.interruptions.append(Interruption(block=block, from_s=since, to_s=now_s))

    def switched_in(self, job: str) -> list[set[str]]:
        """What is still missing of each way by switches that a job belongs to, of blocks that are out."""
        blocks = [block for block in self.blocks_of.get(job, ()) if block in self.out_since]
        ways = [way for block in blocks for way in self.stage.blocks[block].restored_by if job in way]
        return [self.missing.intersection(way) for way in ways if not self._repairs.issuperset(way)]

    def close(self, now_s: int) -> int:
        """At the end whoever is still out counts as back; how many customers that are."""
        left = sum(self.stage.block_customers[block] for block in self.out_since)
        for block, since in sorted(self.out_since.items()):
            self.interruptions.append(Interruption(block=block, from_s=since, to_s=now_s))
        self.out_since.clear()
        return left

    def _fed(self, block: int) -> bool:
        ways = self.stage.blocks[block].restored_by
        return any(self.missing.isdisjoint(way) for way in ways)

"""What brings back supply: blocks of transformers, and for each the sets of steps (WAYS) that restore it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .elements import Fault, SwitchAction
from .grid import Grid
from .topology import NONE
from .tracing import locate, merged_runs, protecting_device

Way = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stay of one crew, or one operation from the control room.

    Parameters
    ----------
    kind : ``repair`` of a fault, ``switching``, or ``generator`` (bring a mobile generator).
    fault : id of the fault that a repair mends.
    actions : operations in order; those of a repair are what puts its section back.
    remote : done by the control room, nobody drives.
    after : ids of steps that must be finished before this one may start.
    """

    id: str
    kind: Literal["repair", "switching", "generator"]
    fault: str | None = None
    actions: tuple[SwitchAction, ...] = ()
    remote: bool = False
    lon: float
    lat: float
    after: tuple[str, ...] = ()
    transformer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorationBlock:
    """Transformers that come back together, by the earliest finished way.

    `lv_mains` are low-voltage mains out by a fault of their own: the customers on them come
    back by this block and not by that of their transformer.
    """

    id: str
    transformers: tuple[str, ...]
    faults: tuple[str, ...]
    ways: tuple[Way, ...]
    lv_mains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """Blocks, and the steps that their ways are made of."""

    blocks: tuple[RestorationBlock, ...]
    steps: Mapping[str, Step]


def restore(
    grid: Grid,
    faults: Sequence[Fault],
    *,
    load_kw: Mapping[str, float] | None = None,
    generators_at: Iterable[str] = (),
) -> Restoration:
    """Find the blocks that faults put out and the ways to bring each back."""
    tree, located = grid.tree, locate(grid, faults)
    tripped = [protecting_device(grid, tree, place) for place in located]
    by_device: dict[int, set[str]] = defaultdict(set)
    steps = {}
    for fault, place, device in zip(faults, located, tripped, strict=True):
        by_device[device].add(fault.id)
        actions = (grid.action(device, close=True),) if device != NONE else ()
        steps[f"repair:{fault.id}"] = Step(
            id=f"repair:{fault.id}",
            kind="repair",
            fault=fault.id,
            actions=actions,
            lon=place.lon,
            lat=place.lat,
        )
    tops = [int(tree.child[device]) for device in by_device if device != NONE]
    needs: dict[frozenset[str], list[str]] = defaultdict(list)
    for start, stop in merged_runs(tree, tops):
        for section in tree.order[start:stop].tolist():
            upstream: set[str] = set()
            here = section
            while (device := int(tree.device[here])) != NONE:
                upstream |= by_device.get(device, set())
                here = int(tree.parent[here])
            for at in (grid.transformer_sections == section).nonzero()[0]:
                needs[frozenset(upstream)].append(str(grid.transformers.ids[at]))
    for fault, place in zip(faults, located, strict=True):
        if place.transformer != NONE:
            name = str(grid.transformers.ids[place.transformer])
            outer: frozenset[str] = frozenset()
            for upstream_faults, names in list(needs.items()):
                if name in names:
                    names.remove(name)
                    outer = upstream_faults
            needs[outer | {fault.id}].append(name)
    blocks = tuple(
        RestorationBlock(
            id=f"block-{at + 1}",
            transformers=tuple(names),
            faults=tuple(sorted(upstream)),
            ways=(frozenset(f"repair:{name}" for name in upstream),),
        )
        for at, (upstream, names) in enumerate(needs.items())
        if names
    )
    return Restoration(blocks=blocks, steps=steps)

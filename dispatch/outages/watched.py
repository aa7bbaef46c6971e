"""The part of the supply tree that evidence touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .settings import InferenceSettings
from .tree import Floats, Ints, NodeKind, SupplyTree

MINUTES_PER_YEAR = 525_600.0


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The part of the tree that any evidence touches, with a leaf per customer who spoke.

    Parameters
    ----------
    base_idx : (m,) position in the supply tree, -1 for a single service.
    row : (m,) position of a service's customer, -1 elsewhere and where the customer is not known.
    parent : (m,) position above, -1 at the top; parents stand before their children.
    levels : positions by depth, deepest first.
    start_min : (k,) moments at which supply may have been lost, minutes before `now` as negative numbers.
    off : (shares, m, k) what all evidence directly at a node says for "off since then", for each share of
        customers who call.
    opening : (m, k) what speaks for the node's own opening then, without how rare faults are.
    calls : per node, the ids of the calls directly at it.
    forced : nodes that somebody has found open.
    waiting : services whose caller nobody and no meter of the own has answered since.
    """

    base_idx: Ints
    row: Ints
    places: tuple[str, ...]
    kinds: tuple[NodeKind, ...]
    parent: Ints
    levels: tuple[Ints, ...]
    size: Ints
    faults_per_min: Floats
    start_min: Floats
    off: Floats
    opening: Floats
    calls: tuple[tuple[str, ...], ...]
    calls_beneath: Ints
    forced: Ints
    waiting: Ints


class Frame:
    """The nodes that evidence touches, as they are found."""

    def __init__(self, tree: SupplyTree, settings: InferenceSettings) -> None:
        self.tree = tree
        self.settings = settings
        self.base: list[int] = []
        self.parent: list[int] = []
        self.row: list[int] = []
        self.place: list[str] = []
        self._at_base: dict[int, int] = {}
        self._at_leaf: dict[str, int] = {}

    def node(self, base: int) -> int:
        """Position of a node of the tree, with all above it."""
        if base < 0:
            return -1
        for each in reversed(self.tree.above(base)):
            if each not in self._at_base:
                up = int(self.tree.parent_idx[each])
                self._at_base[each] = self._add(each, self._at_base.get(up, -1), -1, self.tree.ids[each])
        return self._at_base[base]

    def leaf(self, key: str, place: str, is_customer: bool) -> int:
        """Position of a single service, made when first asked for."""
        if key not in self._at_leaf:
            row = self.tree.row_of_customer(place) if is_customer else None
            if row is not None:
                above = int(self.tree.customer_node_idx[row])
            else:
                above = -1 if is_customer else self.tree.node_by_id.get(place, -1)
            self._at_leaf[key] = self._add(-1, self.node(above), -1 if row is None else row, place)
        return self._at_leaf[key]

    def of_place(self, place: str) -> int | None:
        """Position of a customer, transformer, main, device or line; None when unknown."""
        base = self.tree.node_of_place(place)
        if base is not None:
            return self.node(base)
        if place in self._at_leaf or self.tree.row_of_customer(place) is not None:
            return self.leaf(place, place, True)
        return None

    def _add(self, base: int, parent: int, row: int, place: str) -> int:
        self.base.append(base)
        self.parent.append(parent)
        self.row.append(row)
        self.place.append(place)
        return len(self.base) - 1

    def sizes(self) -> Ints:
        """(m,) customers beneath each node."""
        base = np.array(self.base, dtype=np.int64)
        return np.where(base >= 0, self.tree.customers[base], 1) if len(base) else base

    def finish(
        self,
        starts: Floats,
        off: Floats,
        opening: Floats,
        calls: Sequence[Sequence[str]],
        forced: Sequence[int],
        waiting: Sequence[int],
    ) -> Watched:
        """Put the parts together."""
        base, parent = np.array(self.base, dtype=np.int64), np.array(self.parent, dtype=np.int64)
        rates = np.full(len(base), self.settings.service_faults_per_year)
        rates[base >= 0] = self.tree.faults_per_year[base[base >= 0]]
        depth = np.zeros(len(base), dtype=np.int64)
        for node, up in enumerate(self.parent):
            depth[node] = depth[up] + 1 if up >= 0 else 0
        beneath = np.array([len(each) for each in calls], dtype=np.int64)
        levels = [np.flatnonzero(depth == at) for at in range(int(depth.max(initial=-1)), -1, -1)]
        for level in levels:
            inner = level[parent[level] >= 0]
            np.add.at(beneath, parent[inner], beneath[inner])
        return Watched(
            base_idx=base,
            row=np.array(self.row, dtype=np.int64),
            places=tuple(self.place),
            kinds=tuple(self.tree.kinds[each] if each >= 0 else "service" for each in self.base),
            parent=parent,
            levels=tuple(levels),
            size=self.sizes(),
            faults_per_min=rates / MINUTES_PER_YEAR,
            start_min=starts,
            off=off,
            opening=opening,
            calls=tuple(tuple(each) for each in calls),
            calls_beneath=beneath,
            forced=np.array(sorted(forced), dtype=np.int64),
            waiting=np.array(sorted(waiting), dtype=np.int64),
        )

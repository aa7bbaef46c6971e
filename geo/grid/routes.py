"""The buses as a tree from the sources: which rated branches lie between a bus and its source."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from .elements import Flags, Floats, Indices, Lines, Switches
from .topology import NONE


class Routes:
    """A tree of buses; a branch is named by the position of the bus at its lower end.

    Parameters
    ----------
    count : number of buses.
    closed : devices that supply flows through.
    sources : positions of the source buses.
    """

    def __init__(self, count: int, lines: Lines, switches: Switches, closed: Flags, sources: Indices) -> None:
        plain = np.flatnonzero(~lines.low_voltage)
        shut = np.flatnonzero(closed)
        here = np.concatenate([lines.from_idx[plain], switches.from_idx[shut]])
        there = np.concatenate([lines.to_idx[plain], switches.to_idx[shut]])
        rating = np.concatenate([lines.rating_kw[plain], switches.rating_kw[shut]])
        self.parent, self.order = _walked(count, here, there, sources)
        self.rating = _ratings(self.parent, here, there, rating)
        self._lay_out(count)

    def _lay_out(self, count: int) -> None:
        """Number the buses in preorder and point each to the nearest rated branch above it."""
        parent, size = self.parent, [1] * count
        for bus in reversed(self.order):
            if parent[bus] != NONE:
                size[parent[bus]] += size[bus]
        start, after, rated = [0] * count, [0] * count, [NONE] * count
        place = 0
        limited = np.isfinite(self.rating).tolist()
        for bus in self.order:
            up = parent[bus]
            if up == NONE:
                start[bus] = place
                place += size[bus]
            else:
                start[bus] = after[up]
                after[up] += size[bus]
                rated[bus] = bus if limited[bus] else rated[up]
            after[bus] = start[bus] + 1
        self.size, self.start, self.rated = size, start, rated
        self._runs = np.array(start, dtype=np.int64), np.array(size, dtype=np.int64)
        self._reached = np.zeros(count, dtype=bool)
        self._reached[self.order] = True

    def flows(self, buses: Indices, loads: Floats) -> list[float]:
        """Load of every branch, kW, as the sum of the loads behind it."""
        start, size = self._runs
        fed = self._reached[buses]
        own = np.bincount(start[buses[fed]], weights=loads[fed], minlength=len(start))
        sums = np.concatenate([[0.0], np.cumsum(own)])
        return np.where(self._reached, sums[start + size] - sums[start], 0.0).tolist()  # type: ignore[no-any-return]

    def above(self, bus: int) -> list[tuple[int, float]]:
        """Rated branches from a bus up to its source, with their ratings in kW."""
        found = []
        at = self.rated[bus]
        while at != NONE:
            found.append((at, self.rating[at]))
            up = self.parent[at]
            at = self.rated[up] if up != NONE else NONE
        return found

    def below(self, branch: int, bus: int) -> bool:
        """Whether a bus is supplied over a branch."""
        return branch >= 0 and self.start[branch] <= self.start[bus] < self.start[branch] + self.size[branch]


def _walked(count: int, here: Indices, there: Indices, sources: Indices) -> tuple[list[int], list[int]]:
    """Breadth-first walk from all sources at once: parent of every bus (-1: none), and the order."""
    root = count
    here = np.concatenate([here, np.full(len(sources), root)])
    there = np.concatenate([there, sources])
    links = coo_array(
        (np.ones(len(here), dtype=np.int8), (here, there)), shape=(count + 1, count + 1)
    ).tocsr()
    order, before = breadth_first_order(links, root, directed=False)
    parent = np.where((before == root) | (before < 0), NONE, before)[:count]
    return parent.astype(np.int64).tolist(), order[1:].astype(np.int64).tolist()


def _ratings(parent: list[int], here: Indices, there: Indices, rating: Floats) -> list[float]:
    """Rating of the branch from every bus up to its parent; NaN where it has none."""
    found = [float("nan")] * len(parent)
    for k in np.flatnonzero(np.isfinite(rating)).tolist():
        a, b, limit = int(here[k]), int(there[k]), float(rating[k])
        for below, above in ((a, b), (b, a)):
            if parent[below] == above:
                found[below] = limit if np.isnan(found[below]) else min(found[below], limit)
    return found

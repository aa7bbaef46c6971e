"""The dynamic programme against trying every set of open nodes and every moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.outages import Call, Device, InferenceSettings, SupplyTree, build_tree
from dispatch.outages.explanation import explain_evidence
from dispatch.outages.hearing import watch
from dispatch.outages.watched import Watched

START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
SMALL = """
CB breaker
  F1 fuse
    T1 transformer 5
    T2 transformer 5
  T3 transformer 6
"""
DEFAULTS = InferenceSettings()


def worth(watched: Watched, moments: tuple[int, ...]) -> float:
    """Log-likelihood of a set: a moment for every open node, -1 for a closed one."""
    width = DEFAULTS.mean_delay_min / np.maximum(watched.calls_beneath, 1)
    rare = np.log(np.minimum(watched.faults_per_min * width, 0.5))
    total = 0.0
    off: list[int] = []
    for node, moment in enumerate(moments):
        up = int(watched.parent[node])
        above = off[up] if up >= 0 else -1
        if moment >= 0:
            # What opens beneath something that is already off cannot be seen.
            if 0 <= above <= moment:
                return -np.inf
            total += rare[node] + watched.opening[node, moment]
        off.append(moment if moment >= 0 else above)
        if off[node] >= 0:
            total += watched.off[node, off[node]]
    return total


def all_sets(watched: Watched) -> Iterator[tuple[int, ...]]:
    """Every way of giving every node a moment or none."""
    return product(range(-1, len(watched.start_min)), repeat=len(watched.base_idx))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["T1-1", "T1-2", "T2-1", "T3-1"]), st.sampled_from([0, 7, 90])),
        min_size=1,
        max_size=3,
    )
)
def test_no_other_set_of_open_nodes_is_likelier(said: list[tuple[str, int]]) -> None:
    tree = small_tree()
    calls = [
        Call(id=f"R{n}", at=START + timedelta(minutes=minute), place=place)
        for n, (place, minute) in enumerate(said)
    ]
    watched = watch(tree, calls, [], [], START + timedelta(minutes=100), DEFAULTS)
    opened = explain_evidence(watched, DEFAULTS).opened
    moments = [-1] * len(watched.base_idx)
    for each in opened:
        moments[each.node] = int(np.searchsorted(watched.start_min, each.start_min))
    best = max(worth(watched, candidate) for candidate in all_sets(watched))
    assert np.isclose(worth(watched, tuple(moments)), best)


def test_shares_of_belief_are_probabilities(tree_of: Callable[[str], SupplyTree]) -> None:
    calls = [Call(id=f"R{n}", at=START + timedelta(minutes=3 * n), place=f"T1-{n + 1}") for n in range(3)]
    watched = watch(tree_of(SMALL), calls, [], [], START + timedelta(minutes=20), DEFAULTS)
    topmost = explain_evidence(watched, DEFAULTS).topmost
    assert np.all((topmost >= 0) & (topmost <= 1))
    path = [watched.places.index(name) for name in ("CB", "F1", "T1", "T1-1")]
    assert 0.99 < topmost[path].sum() <= 1 + 1e-9


def small_tree() -> SupplyTree:
    """The small tree, for a property that takes no fixtures."""
    customers = [(f"T{t}-{n}", f"T{t}") for t, count in ((1, 5), (2, 5), (3, 6)) for n in range(1, count + 1)]
    return build_tree(
        [Device(id="CB", kind="breaker"), Device(id="F1", kind="fuse", parent="CB")],
        {"T1": "F1", "T2": "F1", "T3": "CB"},
        pd.DataFrame(customers, columns=["id", "transformer"]).set_index("id"),
    )

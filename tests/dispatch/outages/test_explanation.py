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
ONE_SHARE = InferenceSettings(call_shares=((1.0, 0.33),))
TWO_SHARES = InferenceSettings(call_shares=((0.6, 0.33), (0.4, 0.05)))
DEFAULTS = InferenceSettings()


def due(model: InferenceSettings, share: int, minutes: float) -> float:
    """Calls a minute that one silent customer is due to make, so many minutes after the fault."""
    density = sum(weight / mean * np.exp(-minutes / mean) for weight, mean in model.delays)
    called = 1 - sum(weight * np.exp(-minutes / mean) for weight, mean in model.delays)
    part = model.call_shares[share][1]
    return float(part * density / (1 - part * called))


def worth(watched: Watched, model: InferenceSettings, states: tuple[int, ...]) -> float:
    """Log-likelihood of a set: for every open node its moment and share who call, as one number; else -1."""
    known = np.maximum(watched.calls_beneath, 1) / model.mean_delay_min
    silent = np.maximum(watched.size - watched.calls_beneath, 0)
    shares = len(model.call_shares)
    total = 0.0
    off: list[int] = []
    for node, state in enumerate(states):
        up = int(watched.parent[node])
        above = off[up] if up >= 0 else -1
        if state >= 0:
            moment, share = divmod(state, shares)
            # What opens beneath something that is already off cannot be seen.
            if 0 <= above // shares <= moment:
                return -np.inf
            falls = known[node] + silent[node] * due(model, share, -float(watched.start_min[moment]))
            rare = np.log(min(watched.faults_per_min[node] / falls, 0.5))
            total += rare + watched.opening[node, moment] + model.log_share_weights[share]
        off.append(state if state >= 0 else above)
        if off[node] >= 0:
            moment, share = divmod(off[node], shares)
            total += watched.off[share, node, moment]
    return total


def all_sets(watched: Watched, model: InferenceSettings) -> Iterator[tuple[int, ...]]:
    """Every way of giving every node a moment and a share, or none."""
    states = len(watched.start_min) * len(model.call_shares)
    return product(range(-1, states), repeat=len(watched.base_idx))


PLACES = st.sampled_from(["T1-1", "T1-2", "T2-1", "T3-1"])


@settings(max_examples=30, deadline=None)
@given(
    st.one_of(
        st.tuples(
            st.just(ONE_SHARE),
            st.lists(st.tuples(PLACES, st.sampled_from([0, 7, 90])), min_size=1, max_size=3),
        ),
        st.tuples(
            st.just(TWO_SHARES), st.lists(st.tuples(PLACES, st.sampled_from([0, 60])), min_size=1, max_size=2)
        ),
    )
)
def test_no_other_set_of_open_nodes_is_likelier(
    case: tuple[InferenceSettings, list[tuple[str, int]]],
) -> None:
    model, said = case
    calls = [
        Call(id=f"R{n}", at=START + timedelta(minutes=minute), place=place)
        for n, (place, minute) in enumerate(said)
    ]
    watched = watch(small_tree(), calls, [], [], START + timedelta(minutes=100), model)
    opened = {each.node: each for each in explain_evidence(watched, model).opened}
    shares = len(model.call_shares)
    moments = {node: int(np.searchsorted(watched.start_min, each.start_min)) for node, each in opened.items()}
    found = product(
        *(
            [moments[node] * shares + share for share in range(shares)] if node in opened else [-1]
            for node in range(len(watched.base_idx))
        )
    )
    best = max(worth(watched, model, candidate) for candidate in all_sets(watched, model))
    assert np.isclose(max(worth(watched, model, states) for states in found), best)


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

"""The most likely set of open devices, exactly, by dynamic programming up the tree.

A node either has supply or is off since some moment. Off since t, everything
beneath it is off since t, but for what had opened before by itself: nested
faults keep their own, earlier moments. Bottom up that is a maximum over sets
of open nodes and their moments, and, with sums in place of maxima, each
node's share of belief.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .settings import InferenceSettings
from .tree import Floats, Ints
from .watched import Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A node taken to be open: position in `Watched`, since when, and the share of belief."""

    node: int
    start_min: float
    score: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The likeliest set of open nodes, and each node's own share of belief.

    Parameters
    ----------
    opened : every open node that calls or findings can tell apart, upper before lower.
    topmost : (m,) probability that a node is open and nothing above it is.
    """

    opened: tuple[Opened, ...]
    topmost: Floats


def explain_evidence(watched: Watched, settings: InferenceSettings) -> Explanation:
    """Find the likeliest open nodes; see the module's text."""
    if not len(watched.base_idx):
        return Explanation(opened=(), topmost=np.zeros(0))
    prior = _log_opening(watched, settings)
    weights = settings.log_share_weights
    likeliest = _climb(watched, prior, weights, np.maximum)
    belief = _climb(watched, prior, weights, np.logaddexp)
    topmost = _topmost(watched, belief)
    return Explanation(
        opened=_descend(watched, likeliest, belief, topmost, prior + weights[:, None, None]), topmost=topmost
    )


def _log_opening(watched: Watched, settings: InferenceSettings) -> Floats:
    """(shares, m, k) log of how likely a node opens by itself at a moment, for each share who call.

    The moment is known the better, the faster its likelihood falls when it is moved back: by every call
    heard, and by every customer who would have called meanwhile and has not (Laplace's approximation of
    the integral over the moment). So one call, however early, is no sign of a feeder: of its thousands
    somebody would have called within seconds of the fault, and nobody knows that it happened just then.
    """
    falls = watched.calls_beneath / settings.mean_delay_min
    due = settings.calls_due(-watched.start_min)
    silent = np.maximum(watched.size - watched.calls_beneath, 0)
    falls = (
        np.maximum(falls, 1 / settings.mean_delay_min)[None, :, None] + silent[None, :, None] * due[:, None]
    )
    chance = np.minimum(watched.faults_per_min[None, :, None] / falls, 0.5)
    return np.asarray(np.log(chance) + watched.opening, dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class _Climb:
    """What is known of each node's whole subtree, as log-likelihoods.

    Parameters
    ----------
    off : (shares, m, k) everything off since moment k, but for what opened before.
    opened, earlier : (m, k) the node opened by itself at moment k; at the best moment before k.
    alive : (m,) supply above the node. beneath : (m,) supply at the node itself.
    """

    off: Floats
    opened: Floats
    earlier: Floats
    alive: Floats
    beneath: Floats


def _climb(watched: Watched, prior: Floats, weights: Floats, join: np.ufunc) -> _Climb:
    off = watched.off.copy()
    opened = np.empty_like(watched.opening)
    earlier = np.full_like(opened, -np.inf)
    alive = np.zeros(len(opened))
    beneath = np.zeros(len(opened))
    for level in watched.levels:
        told = prior[:, level] + off[:, level] + weights[:, None, None]
        opened[level] = join.reduce(told, axis=0)
        best = np.maximum.accumulate(opened[level], axis=1)
        earlier[level, 1:] = best[:, :-1]
        alive[level] = join(best[:, -1], beneath[level])
        inner = watched.parent[level] >= 0
        up, low = watched.parent[level][inner], level[inner]
        for of_share in off:
            np.add.at(of_share, up, join(of_share[low], earlier[low]))
        np.add.at(beneath, up, alive[low])
    return _Climb(off=off, opened=opened, earlier=earlier, alive=alive, beneath=beneath)


def _topmost(watched: Watched, belief: _Climb) -> Floats:
    own = np.exp(np.minimum(belief.opened.max(axis=1) - belief.alive, 0.0))
    reached = np.ones(len(own))
    for level in reversed(watched.levels):
        inner = level[watched.parent[level] >= 0]
        up = watched.parent[inner]
        reached[inner] = reached[up] * (1 - own[up])
    return np.asarray(reached * own, dtype=np.float64)


def _descend(
    watched: Watched, likeliest: _Climb, belief: _Climb, topmost: Floats, before: Floats
) -> tuple[Opened, ...]:
    """Read the likeliest set off the maxima, from the top down; `before` is (shares, m, k)."""
    children = _children(watched)
    found: list[Opened] = []
    # A node under one that is off since moment k carries k and the share who call; with supply above it, -1.
    stack = [(int(node), -1, 0, 1.0) for node in np.flatnonzero(watched.parent < 0)]
    while stack:
        node, since, share, sure = stack.pop()
        if since < 0:
            opens = likeliest.opened[node].max() >= likeliest.beneath[node]
            moment = int(likeliest.opened[node].argmax())
            score = float(topmost[node])
        else:
            opens = likeliest.earlier[node, since] > likeliest.off[share, node, since]
            moment = int(likeliest.opened[node, :since].argmax()) if since else 0
            score = sure * _odds(belief.earlier[node, since], belief.off[share, node, since])
        if opens:
            found.append(Opened(node=node, start_min=float(watched.start_min[moment]), score=score))
            since, sure = moment, score
            share = int((before[:, node, moment] + likeliest.off[:, node, moment]).argmax())
        stack.extend((child, since, share, sure) for child in children[node])
    found += _still_held(watched, found)
    found += _still_waiting(watched, found, likeliest, topmost)
    return tuple(sorted(found, key=lambda each: each.node))


def _odds(first: float, second: float) -> float:
    return float(np.exp(first - np.logaddexp(first, second)))


def _children(watched: Watched) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in range(len(watched.parent))]
    for node, up in enumerate(watched.parent.tolist()):
        if up >= 0:
            children[up].append(node)
    return children


def _still_held(watched: Watched, found: list[Opened]) -> list[Opened]:
    """Findings of crews that no call could have told of: nested beneath an earlier opening."""
    named = {each.node for each in found}
    missing: Ints = np.array([each for each in watched.forced.tolist() if each not in named], dtype=np.int64)
    last = float(watched.start_min[-1])
    return [Opened(node=int(node), start_min=last, score=1.0) for node in missing]


def _still_waiting(watched: Watched, found: list[Opened], likeliest: _Climb, topmost: Floats) -> list[Opened]:
    """Callers whom nothing else explains: likelier mistaken than not, and still somebody has to see to them.

    A call alone against much evidence of supply (neighbours who stay silent, "the whole street" of one) may
    be false. Left in no outage, it would be in no plan, and nobody would ever answer it.
    """
    under = np.zeros(len(watched.parent), dtype=bool)
    under[[each.node for each in found]] = True
    for node, up in enumerate(watched.parent.tolist()):
        under[node] |= up >= 0 and under[up]
    return [
        Opened(
            node=node,
            start_min=float(watched.start_min[likeliest.opened[node].argmax()]),
            score=float(topmost[node]),
        )
        for node in watched.waiting.tolist()
        if not under[node]
    ]

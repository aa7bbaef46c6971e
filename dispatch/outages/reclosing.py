"""A device that opened and closed again by itself: the last gasps beneath it are over, said or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from .evidence import Sign
from .tree import SupplyTree

# A device that closes so soon after meters of several of its branches gasped had opened itself.
SOON = timedelta(minutes=5)
CLOCKS = timedelta(minutes=2)


def still_telling(tree: SupplyTree, standing: Sequence[Sign], said: Iterable[Sign]) -> tuple[Sign, ...]:
    """The standing signs without the last gasps that a device's closing has answered.

    A gasp stays heard where another device beneath stands open, and where meters of other transformers
    have told of their return and none of its own transformer has: there meters do tell, and these have not.

    Parameters
    ----------
    standing : what counts at present. said : everything said until now, taken back or not.
    """
    closed = {each.place: each for each in standing if each.kind == "closed"}
    gasps = [each for each in standing if each.kind == "last_gasp"]
    if not closed or not gasps:
        return tuple(standing)
    opened = _last_trips(said)
    standing_open = frozenset(each.place for each in standing if each.kind == "tripped")
    back = [_path(tree, each.place) for each in standing if each.kind == "supply_on"]
    answered: set[Sign] = set()
    for device, sign in closed.items():
        answered |= _answered(tree, sign, gasps, opened.get(device), standing_open, back)
    return tuple(each for each in standing if each not in answered)


def _answered(
    tree: SupplyTree,
    closed: Sign,
    gasps: Sequence[Sign],
    tripped: Sign | None,
    standing_open: frozenset[str],
    back: Sequence[tuple[str, ...]],
) -> set[Sign]:
    """The gasps that one device's closing answers."""
    beneath = {
        gasp: below
        for gasp in gasps
        if gasp.at <= closed.at + CLOCKS and (below := _below(tree, gasp.place, closed.place)) is not None
    }
    since = tripped.at - CLOCKS if tripped is not None else closed.at - SOON
    recent = {gasp: below for gasp, below in beneath.items() if gasp.at >= since}
    branches = {below[-1] for below in recent.values() if below}
    if tripped is None and len(branches) < 2:
        return set()
    returned = [path for path in back if closed.place in path]
    return {
        gasp
        for gasp, below in recent.items()
        if standing_open.isdisjoint(below) and not _left_out(tree, gasp.place, returned)
    }


def _left_out(tree: SupplyTree, place: str, returned: Sequence[tuple[str, ...]]) -> bool:
    """Whether meters of other transformers have told of their return and none of this one's."""
    own = _transformer(tree, _path(tree, place))
    return bool(returned) and all(_transformer(tree, path) != own for path in returned)


def _last_trips(said: Iterable[Sign]) -> Mapping[str, Sign]:
    found: dict[str, Sign] = {}
    for each in sorted(said, key=lambda sign: sign.at):
        if each.kind == "tripped":
            found[each.place] = each
    return found


def _path(tree: SupplyTree, place: str) -> tuple[str, ...]:
    """A customer or place and the ids of what stands above it."""
    row = tree.row_of_customer(place)
    node = tree.node_of_place(place) if row is None else int(tree.customer_node_idx[row])
    above = () if node is None or node < 0 else tree.above(node)
    return (place, *(tree.ids[each] for each in above))


def _below(tree: SupplyTree, place: str, device: str) -> tuple[str, ...] | None:
    """The path from a place up to below a device; None where the device is not above it."""
    path = _path(tree, place)
    return path[: path.index(device)] if device in path[1:] else None


def _transformer(tree: SupplyTree, path: Sequence[str]) -> str | None:
    return next((each for each in path[1:] if _kind(tree, each) == "transformer"), None)


def _kind(tree: SupplyTree, id_: str) -> str | None:
    node = tree.node_by_id.get(id_)
    return None if node is None else tree.kinds[node]

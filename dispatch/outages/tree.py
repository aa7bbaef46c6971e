"""The supply as a tree: protective devices, transformers, low-voltage mains, customers.

Only what can open or break by itself is a node. Switches that a person
operates do not trip, so that they never stand between a fault and the device
that cleared it.

    CB-1 breaker
      R-17 recloser
        F-3 fuse
          T-88 transformer
            M-88a low-voltage main    customers hang here, or at the transformer
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..ground.beliefs import Beliefs

NodeKind = Literal["breaker", "recloser", "fuse", "transformer", "lv_main", "service"]
PROTECTIVE: tuple[NodeKind, ...] = ("breaker", "recloser", "fuse")

# A zone of no recorded length still has a device and joints that can fail.
LEAST_ZONE_FAULTS_PER_YEAR = 0.005

USUAL = Beliefs()

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A protective device, the one above it, and how often its own zone faults.

    Parameters
    ----------
    faults_per_year : rate of faults in the zone that ends at the next devices below, >= 0.
    """

    id: str
    kind: NodeKind
    parent: str | None = None
    faults_per_year: float = 0.1


@dataclass(frozen=True, kw_only=True)
class SupplyTree:
    """Nodes in an order in which every parent stands before its children.

    Parameters
    ----------
    ids, kinds : (n,) the grid's own ids; kinds as in `NodeKind`.
    parent_idx : (n,) position of the node above, -1 at a source.
    customers : (n,) customers beneath a node, all levels.
    faults_per_year : (n,) rate of faults that open the node itself.
    customer_node_idx : (customers,) node that a customer hangs on, -1 for none.
    customer_ids : (customers,) ids in the same order.
    lines : line or switch id -> node whose zone it lies in.
    first_line : device -> a line of its zone next to it.
    components : device -> what its zone is made of: line, cable or switch.
    """

    ids: tuple[str, ...]
    kinds: tuple[NodeKind, ...]
    parent_idx: Ints
    customers: Ints
    faults_per_year: Floats
    customer_node_idx: Ints
    customer_ids: pd.Index
    lines: Mapping[str, int]
    first_line: Mapping[str, str]
    components: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def node_by_id(self) -> Mapping[str, int]:
        """Positions by id; a device wins over a transformer, a transformer over a main."""
        found: dict[str, int] = {}
        for position, name in enumerate(self.ids):
            found.setdefault(name, position)
        return found

    @cached_property
    def depth(self) -> Ints:
        """(n,) steps down from the source, 0 at the top."""
        depth = np.zeros(len(self), dtype=np.int64)
        for node, parent in enumerate(self.parent_idx):
            if parent >= 0:
                depth[node] = depth[parent] + 1
        return depth

    @cached_property
    def children(self) -> Mapping[int, tuple[int, ...]]:
        """Nodes directly beneath a node; -1 holds the nodes at the sources."""
        found: dict[int, list[int]] = {}
        for node, parent in enumerate(self.parent_idx.tolist()):
            found.setdefault(parent, []).append(node)
        return {parent: tuple(nodes) for parent, nodes in found.items()}

    def above(self, node: int) -> tuple[int, ...]:
        """The node itself and all above it, upwards."""
        path = []
        while node >= 0:
            path.append(node)
            node = int(self.parent_idx[node])
        return tuple(path)

    def beneath(self, node: int) -> tuple[int, ...]:
        """The node itself and all beneath it."""
        found, stack = [], [node]
        while stack:
            top = stack.pop()
            found.append(top)
            stack.extend(self.children.get(top, ()))
        return tuple(sorted(found))

    def transformers_beneath(self, node: int) -> tuple[str, ...]:
        """Ids of the transformers that lose supply when the node opens."""
        return tuple(self.ids[found] for found in self.beneath(node) if self.kinds[found] == "transformer")

    @cached_property
    def _rows_by_node(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.customer_node_idx, kind="stable")
        return order, self.customer_node_idx[order]

    def customer_rows_beneath(self, node: int) -> Ints:
        """Positions of the customers that lose supply when the node opens."""
        order, nodes = self._rows_by_node
        parts = [
            order[np.searchsorted(nodes, found, "left") : np.searchsorted(nodes, found, "right")]
            for found in self.beneath(node)
        ]
        return np.sort(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)

    def node_of_place(self, place: str) -> int | None:
        """The node that a device, transformer, main, line or switch id stands for."""
        if place in self.node_by_id:
            return self.node_by_id[place]
        return self.lines.get(place)

    def row_of_customer(self, customer: str) -> int | None:
        """Position of a customer; None when unknown."""
        return self._row_by_customer.get(customer)

    @cached_property
    def _row_by_customer(self) -> Mapping[str, int]:
        return {name: row for row, name in enumerate(self.customer_ids.tolist())}


def build_tree(
    devices: Sequence[Device],
    transformer_device: Mapping[str, str | None],
    customers: pd.DataFrame,
    *,
    lines: Mapping[str, str] | None = None,
    first_line: Mapping[str, str] | None = None,
    components: Mapping[str, str] | None = None,
    beliefs: Beliefs = USUAL,
) -> SupplyTree:
    """Put devices, transformers, mains and customers together.

    Parameters
    ----------
    devices : in any order.
    transformer_device : transformer -> nearest protective device above it, None at a bare source.
    customers : indexed by customer id; columns `transformer` and, if there is one, `lv_main`.
    lines : line id -> protective device whose zone it lies in.
    first_line, components : by device, see `SupplyTree`.
    beliefs : how often transformers and mains fail.

    Raises
    ------
    ValueError
        A device's parent is unknown, or devices stand above one another in a circle.
    """
    nodes = _Nodes()
    position: dict[str, int] = {}
    for device in _top_down(devices):
        parent = position[device.parent] if device.parent is not None else -1
        rate = max(device.faults_per_year, LEAST_ZONE_FAULTS_PER_YEAR)
        position[device.id] = nodes.add(device.id, device.kind, parent, rate)
    rate = beliefs.transformer_faults_per_year
    transformer_at = {
        name: nodes.add(name, "transformer", position[device] if device else -1, rate)
        for name, device in transformer_device.items()
    }
    main_at = {
        key: nodes.add(key[1], "lv_main", transformer_at[key[0]], beliefs.lv_main_faults_per_year)
        for key in _mains(customers, transformer_at)
    }
    customer_node = _customer_nodes(customers, transformer_at, main_at)
    parent_idx = np.array(nodes.parents, dtype=np.int64)
    return SupplyTree(
        ids=tuple(nodes.ids),
        kinds=tuple(nodes.kinds),
        parent_idx=parent_idx,
        customers=_counts(customer_node, parent_idx),
        faults_per_year=np.array(nodes.rates, dtype=np.float64),
        customer_node_idx=customer_node,
        customer_ids=pd.Index(customers.index.astype(str)),
        lines={line: position[device] for line, device in (lines or {}).items()},
        first_line=dict(first_line or {}),
        components=dict(components or {}),
    )


@dataclass(slots=True)
class _Nodes:
    """Nodes of a tree as they are added, parents first."""

    ids: list[str] = field(default_factory=list)
    kinds: list[NodeKind] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def add(self, name: str, kind: NodeKind, parent: int, faults_per_year: float) -> int:
        """Add a node; its position."""
        self.ids.append(name)
        self.kinds.append(kind)
        self.parents.append(parent)
        self.rates.append(faults_per_year)
        return len(self.ids) - 1


def _top_down(devices: Iterable[Device]) -> list[Device]:
    by_id = {device.id: device for device in devices}
    done: dict[str, Device] = {}
    for start in by_id.values():
        path: dict[str, Device] = {}
        at: Device | None = start
        while at is not None and at.id not in done:
            if at.id in path:
                raise ValueError(f"device '{at.id}' stands above itself")
            path[at.id] = at
            if at.parent is not None and at.parent not in by_id:
                raise ValueError(f"device '{at.id}': no device '{at.parent}' above it")
            at = by_id[at.parent] if at.parent is not None else None
        done.update(reversed(path.items()))
    return list(done.values())


def _mains(customers: pd.DataFrame, transformer_at: Mapping[str, int]) -> list[tuple[str, str]]:
    if "lv_main" not in customers:
        return []
    """Mains by transformer, without a main that alone feeds all of a transformer's customers.

    Such a main and its transformer put out the very same customers: no call
    can tell them apart, and a crew finds both at one place.
    """
    pairs = customers[["transformer", "lv_main"]].drop_duplicates()
    # A customer straight at the transformer counts as a part of its own.
    parts = pairs["transformer"].map(pairs["transformer"].value_counts())
    known = pairs[pairs["lv_main"].notna() & (parts > 1) & pairs["transformer"].isin(list(transformer_at))]
    return [(str(a), str(b)) for a, b in known.itertuples(index=False)]


def _customer_nodes(
    customers: pd.DataFrame,
    transformer_at: Mapping[str, int],
    main_at: Mapping[tuple[str, str], int],
) -> Ints:
    codes, names = pd.factorize(customers["transformer"], use_na_sentinel=True)
    at = np.array([transformer_at.get(str(name), -1) for name in names] + [-1], dtype=np.int64)
    nodes = at[codes]
    if not main_at:
        return np.asarray(nodes, dtype=np.int64)
    main_codes, main_names = pd.factorize(customers["lv_main"], use_na_sentinel=True)
    pairs = np.stack([codes, main_codes], axis=1)
    unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
    at_pair = np.array(
        [
            main_at.get((str(names[t]), str(main_names[m])), -1) if t >= 0 and m >= 0 else -1
            for t, m in unique
        ],
        dtype=np.int64,
    )
    on_main = at_pair[inverse.ravel()]
    return np.asarray(np.where(on_main >= 0, on_main, nodes), dtype=np.int64)


def _counts(customer_node: Ints, parent_idx: Ints) -> Ints:
    counts = np.bincount(customer_node[customer_node >= 0], minlength=len(parent_idx)).astype(np.int64)
    for node in range(len(parent_idx) - 1, -1, -1):
        if parent_idx[node] >= 0:
            counts[parent_idx[node]] += counts[node]
    return counts

"""Which buses form a section, and which low-voltage mains hang behind which bus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .elements import Buses, Indices, Lines, Switches, Transformers

NONE = -1


@dataclass(frozen=True, kw_only=True)
class Sections:
    """Sections of a grid by position.

    Attributes
    ----------
    of_bus : (b,) section of each bus; a low-voltage bus has that of its transformer's bus, -1 if none.
    count : number of sections, numbered by their first bus.
    first_bus : (s,) the first bus of each section in table order; the section is named after it.
    circuit_of_line : (l,) low-voltage circuit of each low-voltage main, -1 for other lines.
    circuit_bus : (c,) medium-voltage bus behind which each circuit hangs, -1 where none.
    split_circuits : circuits that hang behind more than one bus.
    """

    of_bus: Indices
    count: int
    first_bus: Indices
    circuit_of_line: Indices
    circuit_bus: Indices
    split_circuits: tuple[int, ...]


def find_sections(buses: Buses, lines: Lines, switches: Switches, transformers: Transformers) -> Sections:
    """Find the parts that switching devices separate; low-voltage mains join nothing."""
    low = lines.low_voltage
    plain = np.flatnonzero(~low)
    count = len(buses)
    labels = components(count, lines.from_idx[plain], lines.to_idx[plain])
    medium = _medium_voltage(buses, lines, switches, transformers)
    circuit_of_line, circuit_bus, split = _circuits(lines, medium)
    of_bus = np.where(medium, labels, NONE)
    of_bus, first_bus = _renumbered(of_bus)
    low_lines = np.flatnonzero(low)
    for end in (lines.from_idx, lines.to_idx):
        hang = low_lines[(of_bus[end[low_lines]] == NONE) & (circuit_bus[circuit_of_line[low_lines]] != NONE)]
        of_bus[end[hang]] = of_bus[circuit_bus[circuit_of_line[hang]]]
    return Sections(
        of_bus=of_bus,
        count=len(first_bus),
        first_bus=first_bus,
        circuit_of_line=circuit_of_line,
        circuit_bus=circuit_bus,
        split_circuits=split,
    )


def components(count: int, here: Indices, there: Indices) -> Indices:
    """Label the parts that links between positions here and there hold together: (count,) int64."""
    links = coo_array((np.ones(len(here), dtype=np.int8), (here, there)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _medium_voltage(
    buses: Buses, lines: Lines, switches: Switches, transformers: Transformers
) -> NDArray[np.bool_]:
    """Every bus but those that low-voltage mains alone touch."""
    low = np.zeros(len(buses), dtype=bool)
    mains = lines.low_voltage
    low[lines.from_idx[mains]] = low[lines.to_idx[mains]] = True
    other = buses.source.copy()
    for ends in (lines.from_idx[~mains], lines.to_idx[~mains], switches.from_idx, switches.to_idx):
        other[ends] = True
    other[transformers.bus_idx] = True
    return ~low | other


def _circuits(lines: Lines, medium: NDArray[np.bool_]) -> tuple[Indices, Indices, tuple[int, ...]]:
    """Join low-voltage mains that share a low-voltage bus; each part is a circuit with its own fuse."""
    of_line = np.full(len(lines), NONE, dtype=np.int64)
    mains = np.flatnonzero(lines.low_voltage)
    count = len(mains)
    ends = np.concatenate([lines.from_idx[mains], lines.to_idx[mains]])
    main = np.concatenate([np.arange(count), np.arange(count)])
    inner = ~medium[ends]
    joint = len(medium)
    # a bipartite graph of mains and low-voltage buses
    labels = components(joint + count, ends[inner], main[inner] + joint)[joint:]
    _, of_main = np.unique(labels, return_inverse=True)
    of_line[mains] = of_main
    circuits = int(of_main.max()) + 1 if count else 0
    hung = np.full(circuits, NONE, dtype=np.int64)
    split = set()
    for circuit, bus in zip(of_main[main[~inner]].tolist(), ends[~inner].tolist(), strict=True):
        if hung[circuit] not in (NONE, bus):
            split.add(circuit)
        hung[circuit] = bus
    return of_line, hung, tuple(sorted(split))


def _renumbered(labels: Indices) -> tuple[Indices, Indices]:
    """Number the parts 0, 1, ... by their first bus; leave -1 alone."""
    known = np.flatnonzero(labels != NONE)
    _, first, inverse = np.unique(labels[known], return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    of_bus = np.full(len(labels), NONE, dtype=np.int64)
    of_bus[known] = rank[inverse]
    return of_bus, known[np.sort(first)]

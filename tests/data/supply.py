"""What a cut puts out and what ties can bring back, worked out from the tables alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import networkx as nx
import pandas as pd


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


class Supply:
    """Sections (parts joined by lines) as nodes, devices as edges; customers by section."""

    def __init__(self, case: Path) -> None:
        buses, lines = read(case / "grid/buses.csv"), read(case / "grid/lines.csv")
        switches, stations = read(case / "grid/switches.csv"), read(case / "grid/transformers.csv")
        wires = nx.Graph()
        wires.add_nodes_from(buses["id"])
        wires.add_edges_from(zip(lines["from_bus"], lines["to_bus"], strict=True))
        parts = list(nx.connected_components(wires))
        section = {bus: i for i, part in enumerate(parts) for bus in part}
        self.loops = sum(wires.subgraph(part).number_of_edges() - len(part) + 1 for part in parts)
        self.section = section
        fed = read(case / "customers.csv.gz").groupby("transformer").size()
        self.customers: Counter[int] = Counter()
        for station, bus in zip(stations["id"], stations["bus"], strict=True):
            self.customers[section[bus]] += int(fed.get(station, 0))
        self.sources = {section[bus] for bus in buses.loc[buses["kind"] == "source", "id"]}
        self.any_state, self.run = nx.MultiGraph(), nx.MultiGraph()
        self.kind = dict(zip(switches["id"], switches["kind"], strict=True))
        for graph in (self.any_state, self.run):
            graph.add_nodes_from(range(len(parts)))
        for device in switches.itertuples():
            ends = section[device.from_bus], section[device.to_bus]
            self.any_state.add_edge(*ends, key=device.id)
            if device.normal == "closed":
                self.run.add_edge(*ends, key=device.id)
        self.above: dict[int, tuple[int, str]] = {}
        for source in self.sources:
            for a, b in nx.bfs_edges(self.run, source):
                (device,) = self.run[a][b]
                self.above[b] = (a, device)

    def is_radial(self) -> bool:
        """Whether every section is fed, and over one way only."""
        fed_once = self.run.number_of_edges() == self.run.number_of_nodes() - len(self.sources)
        return self.loops == 0 and fed_once and len(self.above) + len(self.sources) == len(self.run)

    def cut(self, section: int) -> tuple[int, int]:
        """Return the customers that a fault in a section puts out, and those that ties could feed.

        The nearest breaker, recloser or fuse towards the source opens and stays open. The faulted
        section is cut out at its devices; what is left may be fed over any other device.
        """
        below, device = section, ""
        while True:
            above, device = self.above[below]
            if self.kind[device] != "switch":
                break
            below = above
        run = nx.restricted_view(self.run, [], [(above, below, device)])
        dark = nx.node_connected_component(run, below)
        left = nx.restricted_view(self.any_state, [section], [(above, below, device)])
        back = {
            s
            for part in nx.connected_components(left.subgraph(self._around(dark)))
            if part - dark
            for s in part
        }
        return sum(self.customers[s] for s in dark), sum(self.customers[s] for s in dark & back)

    def _around(self, dark: set[int]) -> set[int]:
        """The dark sections and those next to them: all that decides whether a dark one can be fed."""
        return dark | {other for section in dark for other in self.any_state[section]}

"""Turn feeder areas into buses, lines and switching devices, and join them with ties."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial import KDTree

from .grow import FeederArea, Forest, Transformer
from .rows import Built, Device, Line
from .streets import Streets
from .ties import TieWay, TrunkEnd, choose_ties, tie_ways

VOLTAGE_KV = 13.2
# What conductors of the usual sizes carry at 13.2 kV (about 400 A, 300 A and 100 A; general knowledge).
RATING_KW = {"cable": 8000, "trunk": 6500, "lateral": 2000}
TRUNK_CUSTOMERS = 420
"""A branch that feeds at least so many customers is trunk; what leaves it is a lateral behind a fuse."""
SECTION_CUSTOMERS = 300
"""Trunk is divided by a switch once so many customers hang on a section."""
SUB_FUSE_CUSTOMERS = 90
CABLE_DENSITY = 1900
"""Customers per square kilometre from which lines lie underground."""
REMOTE_SHARE = 0.45
DEVICE_STEP_M = 8.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What one feeder is built from."""

    code: str
    name: str
    substation: str
    area: FeederArea
    children: dict[int, list[int]]
    load: dict[int, int]
    transformers: dict[int, list[int]]


class Wirer:
    """Builds all feeders, one after the other; the same input gives the same ids."""

    def __init__(
        self, streets: Streets, forest: Forest, transformers: Sequence[Transformer], seed: int
    ) -> None:
        self.streets = streets
        self.forest = forest
        self.customers = [transformer.customers for transformer in transformers]
        self.random = np.random.default_rng(seed)
        self.built = Built(VOLTAGE_KV)
        self.coordinates = self.built.coordinates
        self.bus_of_transformer: dict[int, str] = {}
        self.trunk: dict[int, list[TrunkEnd]] = {}
        self.sections = 0
        self.rank = {node: i for i, node in enumerate(forest.inwards)}
        self.node_of_bus: dict[str, int] = {}
        self._named: tuple[KDTree, list[int]] | None = None
        self.links_at: dict[int, list[int]] = {}
        for link, (a, b) in enumerate(zip(streets.a.tolist(), streets.b.tolist(), strict=True)):
            self.links_at.setdefault(a, []).append(link)
            self.links_at.setdefault(b, []).append(link)

    def source(self, node: int, substation: str) -> str:
        """Add a substation's busbar."""
        return self._bus(self._place(node), kind="source", substation=substation, feeder="")

    def feeder(self, plan: Plan, source: str) -> None:
        """Add the breaker at a busbar, the cable to the area, and the area's lines and devices."""
        start = self._way_to(plan.area.root)
        head = self._bus(self._beside(start[0], start[1] if len(start) > 1 else None), feeder=plan.code)
        self._device(f"BR-{plan.code}", source, head, "breaker", "remote", f"{plan.name} breaker")
        bus = head
        for before, node in pairwise(start):
            bus = self._street_line(bus, before, node, plan.code, "cable", "cable", True)
        self.sections += 1
        self._grow_out(plan, bus)

    def _grow_out(self, plan: Plan, root_bus: str) -> None:
        """Walk a feeder area from its root outwards, adding lines, switches and fuses."""
        root = plan.area.root
        state = _Walk(self.sections, 0, trunk=True, recloser=False, behind_fuse=0)
        stack = [(root, root_bus, state)]
        self._hang_transformers(plan, root, root_bus)
        numbers = {"RC": 0, "SW": 0, "FU": 0}
        sections_load = {state.section: plan.load.get(root, 0)}
        while stack:
            node, bus, walk = stack.pop()
            if walk.trunk:
                self.trunk.setdefault(node, []).append(TrunkEnd(bus, plan.code, walk.section, walk.depth))
            for child in plan.children.get(node, []):
                onward, device = self._choose_device(plan, walk, child, sections_load)
                from_bus = bus
                if device:
                    numbers[device] += 1
                    from_bus = self._add_device(plan, device, numbers[device], bus, node, child)
                kind = self._kind(node, child)
                rating = "lateral" if not onward.trunk else ("cable" if kind == "cable" else "trunk")
                to_bus = self._street_line(from_bus, node, child, plan.code, kind, rating, onward.trunk)
                self._hang_transformers(plan, child, to_bus)
                stack.append((child, to_bus, onward))

    def _choose_device(
        self, plan: Plan, walk: _Walk, child: int, sections_load: dict[int, int]
    ) -> tuple[_Walk, str]:
        """Say what stands at the start of a branch and how the walk goes on behind it."""
        behind = plan.load[child]
        own = sum(self.customers[t] for t in plan.transformers.get(child, []))
        if walk.trunk and behind < TRUNK_CUSTOMERS:
            sections_load[walk.section] += behind
            return _Walk(
                walk.section, walk.depth, trunk=False, recloser=walk.recloser, behind_fuse=behind
            ), "FU"
        if not walk.trunk:
            if behind <= SUB_FUSE_CUSTOMERS < walk.behind_fuse / 2 and len(plan.children.get(child, [])) > 0:
                return _Walk(
                    walk.section, walk.depth, trunk=False, recloser=walk.recloser, behind_fuse=behind
                ), "FU"
            return walk, ""
        recloser = not walk.recloser and behind <= 0.6 * plan.area.customers
        if (sections_load[walk.section] >= SECTION_CUSTOMERS and behind > 250) or recloser:
            self.sections += 1
            sections_load[self.sections] = own
            return _Walk(
                self.sections, walk.depth + 1, trunk=True, recloser=walk.recloser or recloser, behind_fuse=0
            ), "RC" if recloser else "SW"
        sections_load[walk.section] += own
        return walk, ""

    def _add_device(self, plan: Plan, device: str, number: int, bus: str, node: int, child: int) -> str:
        to_bus = self._bus(self._beside(node, child), feeder=plan.code)
        kind = {"RC": "recloser", "SW": "switch", "FU": "fuse"}[device]
        remote = device == "RC" or (device == "SW" and self.random.random() < REMOTE_SHARE)
        name = f"{self.corner(node, child)} {kind}"
        self._device(
            f"{device}-{plan.code}-{number}", bus, to_bus, kind, "remote" if remote else "manual", name
        )
        return to_bus

    def ties(self) -> None:
        """Join feeders by normally open ties."""
        for number, way in enumerate(choose_ties(tie_ways(self.streets, self.trunk)), start=1):
            self._add_tie(number, way)

    def _add_tie(self, number: int, way: TieWay) -> None:
        """Add a tie switch at one trunk, and the line from it to the other."""
        nodes, code = way.nodes, way.b.feeder
        toward = nodes[1] if len(nodes) > 1 else nodes[0]
        end = self._bus(self._beside(nodes[0], toward), feeder=code)
        remote = "remote" if self.random.random() < REMOTE_SHARE else "manual"
        name = f"{self.corner(nodes[0], toward)} tie {way.a.feeder} / {code}"
        self._device(f"TIE-{number:03d}", way.a.bus, end, "switch", remote, name, normal="open")
        bus = end
        for node, after in pairwise(nodes):
            kind = self._kind(node, after)
            rating = "cable" if kind == "cable" else "trunk"
            last = way.b.bus if after == nodes[-1] else None
            bus = self._street_line(bus, node, after, code, kind, rating, True, last)
        if len(nodes) == 1:
            self._line(end, way.b.bus, DEVICE_STEP_M, "cable", "cable", code, True)

    def corner(self, node: int, toward: int) -> str:
        """Name a place by the street it is on and one that crosses it."""
        here = self._names_at(node)
        along = self._link_name(node, toward) or (here[0] if here else f"near {self._nearest_name(node)}")
        across = next((name for name in here if name != along), "")
        return f"{along} / {across}" if across else along

    def _nearest_name(self, node: int) -> str:
        """Return the name of the street with the nearest corner that has one."""
        if self._named is None:
            named = [link for link, name in enumerate(self.streets.name) if name]
            corners = sorted(
                {int(node) for link in named for node in (self.streets.a[link], self.streets.b[link])}
            )
            tree = KDTree(np.column_stack([self.streets.x[corners], self.streets.y[corners]]))
            self._named = (tree, corners)
        tree, corners = self._named
        _, row = tree.query([self.streets.x[node], self.streets.y[node]])
        return self._names_at(corners[int(row)])[0]

    def _names_at(self, node: int) -> list[str]:
        return sorted({self.streets.name[link] for link in self.links_at[node] if self.streets.name[link]})

    def _link_name(self, node: int, toward: int) -> str:
        for link in self.links_at[node]:
            if toward in (self.streets.a[link], self.streets.b[link]) and toward != node:
                return self.streets.name[link]
        return ""

    def _way_to(self, root: int) -> list[int]:
        way = [root]
        while self.forest.parent[way[-1]] >= 0:
            way.append(int(self.forest.parent[way[-1]]))
        return way[::-1]

    def _street_line(
        self,
        bus: str,
        node: int,
        toward: int,
        code: str,
        kind: str,
        rating: str,
        trunk: bool,
        end: str | None = None,
    ) -> str:
        """Add lines along a street from a bus at one corner to the next, a bus at every bend."""
        places = [*self._bends(node, toward), self._place(toward)]
        for i, place in enumerate(places):
            last = i == len(places) - 1
            to_bus = end if last and end else self._bus(place, feeder=code)
            before = self.coordinates[bus]
            self._line(bus, to_bus, _apart_m(before, place), kind, rating, code, trunk)
            bus = to_bus
        self.node_of_bus[bus] = toward
        return bus

    def _bends(self, node: int, toward: int) -> list[tuple[float, float]]:
        ends = {node, toward}
        links = [x for x in self.links_at[node] if {int(self.streets.a[x]), int(self.streets.b[x])} == ends]
        link = min(links, key=lambda x: (self.streets.length_m[x], x))
        points = self.streets.points[link]
        points = points if int(self.streets.a[link]) == node else points[::-1]
        return _simplified(points, tolerance_m=6.0)[1:-1]

    def _place(self, node: int) -> tuple[float, float]:
        return float(self.streets.lon[node]), float(self.streets.lat[node])

    def _beside(self, node: int, toward: int | None) -> tuple[float, float]:
        """Return a place a few metres from a corner, on the way to the next."""
        lon, lat = self._place(node)
        if toward is None or toward == node:
            return round(lon + 0.00005, 6), round(lat + 0.00005, 6)
        lon_b, lat_b = (self._bends(node, toward) or [self._place(toward)])[0]
        share = min(0.4, DEVICE_STEP_M / max(_apart_m((lon, lat), (lon_b, lat_b)), 1.0))
        return round(lon + share * (lon_b - lon), 6), round(lat + share * (lat_b - lat), 6)

    def _kind(self, node: int, child: int) -> str:
        dense = (self.streets.density[node] + self.streets.density[child]) / 2 >= CABLE_DENSITY
        return "cable" if dense else "overhead"

    def _bus(
        self, place: tuple[float, float], *, kind: str = "bus", substation: str = "", feeder: str
    ) -> str:
        name = f"B{len(self.built.buses) + 1:05d}"
        return self.built.add_bus(name, place, kind=kind, substation=substation, feeder=feeder)

    def _line(self, a: str, b: str, length_m: float, kind: str, rating: str, code: str, trunk: bool) -> None:
        name = f"L{len(self.built.lines) + 1:05d}"
        self.built.lines.append(
            Line(name, a, b, round(max(length_m, 1.0), 1), kind, RATING_KW[rating], code, trunk)
        )

    def _device(
        self, name: str, a: str, b: str, kind: str, control: str, label: str, normal: str = "closed"
    ) -> None:
        self.built.devices.append(Device(name, a, b, kind, control, normal, label))

    def _hang_transformers(self, plan: Plan, node: int, bus: str) -> None:
        for transformer in plan.transformers.get(node, []):
            self.bus_of_transformer[transformer] = bus


@dataclass(frozen=True, slots=True)
class _Walk:
    section: int
    depth: int
    trunk: bool
    recloser: bool
    behind_fuse: int


def _apart_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    scale = math.radians(1) * 6_371_008.8
    return math.hypot(
        (a[0] - b[0]) * scale * math.cos(math.radians((a[1] + b[1]) / 2)), (a[1] - b[1]) * scale
    )


def _simplified(points: Sequence[tuple[float, float]], tolerance_m: float) -> list[tuple[float, float]]:
    """Drop bends that lie within a few metres of the straight line (Douglas and Peucker 1973)."""
    if len(points) < 3:
        return list(points)
    import shapely  # noqa: PLC0415

    line = shapely.LineString(points).simplify(tolerance_m / 111_195)
    return [(round(x, 6), round(y, 6)) for x, y in line.coords]


def plans(
    forest: Forest,
    areas: Sequence[FeederArea],
    transformers: Sequence[Transformer],
    codes: Sequence[str],
    names: Sequence[str],
    substations: Sequence[str],
) -> Iterator[Plan]:
    """Yield what each feeder is built from: only the streets that lead to a transformer."""
    by_area: list[dict[int, list[int]]] = [{} for _ in areas]
    for i, transformer in enumerate(transformers):
        by_area[transformer.feeder].setdefault(transformer.node, []).append(i)
    for i, area in enumerate(areas):
        load: dict[int, int] = {}
        children: dict[int, list[int]] = {}
        for node, hung in sorted(by_area[i].items()):
            count = sum(transformers[t].customers for t in hung)
            here = node
            load[here] = load.get(here, 0) + count
            while here != area.root:
                parent = int(forest.parent[here])
                if here not in children.setdefault(parent, []):
                    children[parent].append(here)
                here = parent
                load[here] = load.get(here, 0) + count
        for onward in children.values():
            onward.sort(key=lambda child: (-load[child], child))
        yield Plan(codes[i], names[i], substations[area.substation], area, children, load, by_area[i])

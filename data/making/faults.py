"""Break the grid in places and say which customers are then without supply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from .rows import Built, Customer

PROTECTIVE = ("breaker", "recloser", "fuse")
LATEST_MIN = 14
"""The latest fault is so long ago that some have noticed and called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row of the truth: what is broken, and who is out because of it (positions of customers)."""

    id: str
    kind: str
    place: str
    cause: str
    since: datetime
    protecting_device: str
    lon: float
    lat: float
    out: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SupplyTree:
    """The grid as it is run: what each bus is fed through.

    `order` lists buses from the sources outwards; behind a bus lie those up to `stop`.
    """

    order: list[str]
    place: dict[str, int]
    stop: list[int]
    protected_by: dict[str, str]
    device_bus: dict[str, str]


def supply_tree(built: Built) -> SupplyTree:
    """Walk from the sources along closed devices and lines."""
    near: dict[str, list[tuple[str, str, str]]] = {}
    for line in built.lines:
        near.setdefault(line.from_bus, []).append((line.to_bus, "", ""))
        near.setdefault(line.to_bus, []).append((line.from_bus, "", ""))
    for device in built.devices:
        if device.normal == "closed":
            near.setdefault(device.from_bus, []).append((device.to_bus, device.id, device.kind))
            near.setdefault(device.to_bus, []).append((device.from_bus, device.id, device.kind))
    protected_by: dict[str, str] = {}
    device_bus: dict[str, str] = {}
    order: list[str] = []
    parents: list[int] = []
    seen = {bus.id for bus in built.buses if bus.kind == "source"}
    stack = [(bus, -1, "") for bus in sorted(seen)]
    while stack:
        bus, parent, device = stack.pop()
        here = len(order)
        order.append(bus)
        parents.append(parent)
        protected_by[bus] = device
        for other, name, kind in near.get(bus, []):
            if other not in seen:
                seen.add(other)
                if name:
                    device_bus[name] = other
                stack.append((other, here, name if kind in PROTECTIVE else device))
    stop = list(range(1, len(order) + 1))
    for here in range(len(order) - 1, -1, -1):
        if parents[here] >= 0:
            stop[parents[here]] = max(stop[parents[here]], stop[here])
    return SupplyTree(
        order=order,
        place={b: i for i, b in enumerate(order)},
        stop=stop,
        protected_by=protected_by,
        device_bus=device_bus,
    )


@dataclass(frozen=True, slots=True)
class Damage:
    """Faults of one kind to make.

    Parameters
    ----------
    kind : trunk or lateral (lines), transformer, lv_main, service.
    causes : one for each fault, as utilities' records name them.
    least, most : customers that a line's fault may put out.
    by_tie : so many of them, at least, live in one section that a tie could feed instead.
    """

    kind: str
    causes: tuple[str, ...]
    least: int = 1
    most: int = 10**9
    by_tie: int = 0


def _sections(built: Built) -> dict[str, int]:
    """Number the parts that lie between switching devices, by bus."""
    number = {bus.id: i for i, bus in enumerate(built.buses)}
    ends = [(number[line.from_bus], number[line.to_bus]) for line in built.lines]
    graph = coo_matrix((np.ones(len(ends)), tuple(zip(*ends, strict=True))), shape=(len(number), len(number)))
    _, label = connected_components(graph, directed=False)
    return {bus: int(label[i]) for bus, i in number.items()}


class Breaker:
    """Chooses faults that do not hide one another: no two behind the same device."""

    def __init__(
        self, built: Built, damages: Sequence[Damage], seed: int, now: datetime, span_min: float = 330
    ) -> None:
        self.built = built
        self.damages = damages
        self.tree = supply_tree(built)
        self.random = np.random.default_rng(seed)
        self.now = now
        self.span_min = span_min
        self.station = {station.id: station for station in built.stations}
        self.by_bus: dict[str, list[str]] = {}
        for station in built.stations:
            self.by_bus.setdefault(station.bus, []).append(station.id)
        self.by_transformer: dict[str, list[int]] = {}
        for row, customer in enumerate(built.customers):
            self.by_transformer.setdefault(customer.transformer, []).append(row)
        self.section = _sections(built)
        self.customers_in: Counter[int] = Counter()
        for name, rows in self.by_transformer.items():
            self.customers_in[self.section[self.station[name].bus]] += len(rows)
        self.dark: set[int] = set()
        self.faults: list[Fault] = []

    def all_faults(self) -> list[Fault]:
        """Return the day's faults, ordered by when they happened."""
        choose = {
            "trunk": self._line,
            "lateral": self._line,
            "transformer": self._transformer,
            "lv_main": self._main,
            "service": self._service,
        }
        for damage in self.damages:
            for cause in damage.causes:
                while not choose[damage.kind](damage, cause):
                    pass
        self.faults.sort(key=lambda fault: fault.since)
        return [
            Fault(**{**{name: getattr(fault, name) for name in Fault.__slots__}, "id": f"F{i:02d}"})
            for i, fault in enumerate(self.faults, start=1)
        ]

    def _line(self, damage: Damage, cause: str) -> bool:
        lines = self.built.lines
        line = lines[int(self.random.integers(len(lines)))]
        if line.trunk != (damage.kind == "trunk") or (cause == "cable") != (line.kind == "cable"):
            return False
        ends = sorted((line.from_bus, line.to_bus), key=self.tree.place.__getitem__)
        device = self.tree.protected_by[ends[1]]
        rows = self._behind(self.tree.device_bus[device])
        if (
            not damage.least <= len(rows) <= damage.most
            or self._by_tie(device, line.from_bus) < damage.by_tie
        ):
            return False
        (lon_a, lat_a), (lon_b, lat_b) = (self.built.coordinates[bus] for bus in ends)
        return self._add("line", line.id, cause, device, ((lon_a + lon_b) / 2, (lat_a + lat_b) / 2), rows)

    def _by_tie(self, device: str, fault_bus: str) -> int:
        """Return the customers of the largest sound dark section with a tie to where there is light."""
        start = self.tree.place[self.tree.device_bus[device]]
        stop = self.tree.stop[start]
        best = 0
        for tie in self.built.devices:
            if tie.normal == "open":
                dark = [bus for bus in (tie.from_bus, tie.to_bus) if start <= self.tree.place[bus] < stop]
                if len(dark) == 1 and self.section[dark[0]] != self.section[fault_bus]:
                    best = max(best, self.customers_in[self.section[dark[0]]])
        return best

    def _behind(self, bus: str) -> list[int]:
        start = self.tree.place[bus]
        buses = self.tree.order[start : self.tree.stop[start]]
        stations = [name for bus in buses for name in self.by_bus.get(bus, [])]
        return sorted(row for name in stations for row in self.by_transformer.get(name, []))

    def _homes(self) -> tuple[str, list[int]]:
        station = self.built.stations[int(self.random.integers(len(self.built.stations)))]
        return station.id, self.by_transformer.get(station.id, [])

    def _transformer(self, damage: Damage, cause: str) -> bool:
        name, rows = self._homes()
        place = (self.station[name].lon, self.station[name].lat)
        return len(rows) >= 20 and self._add(damage.kind, name, cause, "", place, rows)

    def _main(self, damage: Damage, cause: str) -> bool:
        _, rows = self._homes()
        mains = sorted({self.built.customers[row].lv_main for row in rows})
        if len(rows) < 20 or len(mains) < 2:
            return False
        main = mains[int(self.random.integers(len(mains)))]
        behind = [row for row in rows if self.built.customers[row].lv_main == main]
        return len(behind) >= 6 and self._add(damage.kind, main, cause, "", self._middle(behind), behind)

    def _service(self, damage: Damage, cause: str) -> bool:
        _, rows = self._homes()
        if len(rows) < 5:
            return False
        row = rows[int(self.random.integers(len(rows)))]
        return self._add(damage.kind, self.built.customers[row].id, cause, "", self._middle([row]), [row])

    def _middle(self, rows: Sequence[int]) -> tuple[float, float]:
        customers: list[Customer] = [self.built.customers[row] for row in rows]
        return sum(c.lon for c in customers) / len(rows), sum(c.lat for c in customers) / len(rows)

    def _add(
        self, kind: str, place: str, cause: str, device: str, where: tuple[float, float], rows: Sequence[int]
    ) -> bool:
        if self.dark & set(rows):
            return False
        self.dark |= set(rows)
        # A storm grows: more faults as the hour of the plan comes near.
        minutes = self.span_min * (1 - float(np.sqrt(self.random.random()))) + LATEST_MIN
        since = self.now - timedelta(minutes=round(minutes))
        self.faults.append(
            Fault(
                id="",
                kind=kind,
                place=place,
                cause=cause,
                since=since,
                protecting_device=device,
                lon=round(where[0], 6),
                lat=round(where[1], 6),
                out=tuple(rows),
            )
        )
        return True

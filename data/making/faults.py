"""Break the grid in places and say which customers are then without supply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from .town import Customer, Town

PROTECTIVE = ("breaker", "recloser", "fuse")


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


def supply_tree(town: Town) -> SupplyTree:
    """Walk from the sources along closed devices and lines."""
    out = town.wirer.out
    near: dict[str, list[tuple[str, str, str]]] = {}
    for line in out.lines:
        near.setdefault(line.from_bus, []).append((line.to_bus, "", ""))
        near.setdefault(line.to_bus, []).append((line.from_bus, "", ""))
    for device in out.devices:
        if device.normal == "closed":
            near.setdefault(device.from_bus, []).append((device.to_bus, device.id, device.kind))
            near.setdefault(device.to_bus, []).append((device.from_bus, device.id, device.kind))
    protected_by: dict[str, str] = {}
    device_bus: dict[str, str] = {}
    order: list[str] = []
    parents: list[int] = []
    seen = {bus.id for bus in out.buses if bus.kind == "source"}
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


# How many faults of each kind, and by what they come (causes as in records of utilities).
PLAN: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("trunk", 4, ("tree", "vehicle", "cable", "pole_down")),
    ("lateral", 7, ("tree", "wire_down", "equipment", "tree", "wind", "bird", "wire_down")),
    (
        "transformer",
        8,
        ("equipment", "overload", "lightning", "equipment", "burnt", "bird", "equipment", "overload"),
    ),
    (
        "lv_main",
        9,
        ("tree", "wire_down", "equipment", "tree", "cable", "vehicle", "wind", "equipment", "tree"),
    ),
    ("service", 7, ("equipment", "tree", "wire_down", "equipment", "animal", "equipment", "wind")),
)


class Breaker:
    """Chooses faults that do not hide one another: no two behind the same device."""

    def __init__(self, town: Town, seed: int, now: datetime) -> None:
        self.town = town
        self.tree = supply_tree(town)
        self.random = np.random.default_rng(seed)
        self.now = now
        self.station = {station.id: station for station in town.stations}
        self.by_bus: dict[str, list[str]] = {}
        for station in town.stations:
            self.by_bus.setdefault(station.bus, []).append(station.id)
        self.by_transformer: dict[str, list[int]] = {}
        for row, customer in enumerate(town.customers):
            self.by_transformer.setdefault(customer.transformer, []).append(row)
        self.dark: set[int] = set()
        self.faults: list[Fault] = []

    def all_faults(self) -> list[Fault]:
        """Return the day's faults, ordered by when they happened."""
        choose = {
            "trunk": self._line, "lateral": self._line, "transformer": self._transformer, "lv_main": self._main,
            "service": self._service,
        }  # fmt: skip
        for kind, count, causes in PLAN:
            for i in range(count):
                while not choose[kind](kind, causes[i]):
                    pass
        self.faults.sort(key=lambda fault: fault.since)
        return [
            Fault(**{**{name: getattr(fault, name) for name in Fault.__slots__}, "id": f"F{i:02d}"})
            for i, fault in enumerate(self.faults, start=1)
        ]

    def _line(self, kind: str, cause: str) -> bool:
        lines = self.town.wirer.out.lines
        line = lines[int(self.random.integers(len(lines)))]
        if line.trunk != (kind == "trunk") or (cause == "cable") != (line.kind == "cable"):
            return False
        ends = sorted((line.from_bus, line.to_bus), key=self.tree.place.__getitem__)
        device = self.tree.protected_by[ends[1]]
        rows = self._behind(self.tree.device_bus[device])
        least, most = (600, 3200) if kind == "trunk" else (40, 420)
        if not least <= len(rows) <= most:
            return False
        (lon_a, lat_a), (lon_b, lat_b) = (self.town.wirer.coordinates[bus] for bus in ends)
        return self._add("line", line.id, cause, device, ((lon_a + lon_b) / 2, (lat_a + lat_b) / 2), rows)

    def _behind(self, bus: str) -> list[int]:
        start = self.tree.place[bus]
        buses = self.tree.order[start : self.tree.stop[start]]
        stations = [name for bus in buses for name in self.by_bus.get(bus, [])]
        return sorted(row for name in stations for row in self.by_transformer.get(name, []))

    def _homes(self) -> tuple[str, list[int]]:
        station = self.town.stations[int(self.random.integers(len(self.town.stations)))]
        return station.id, self.by_transformer.get(station.id, [])

    def _transformer(self, kind: str, cause: str) -> bool:
        name, rows = self._homes()
        place = (self.station[name].lon, self.station[name].lat)
        return len(rows) >= 20 and self._add(kind, name, cause, "", place, rows)

    def _main(self, kind: str, cause: str) -> bool:
        name, rows = self._homes()
        mains = sorted({self.town.customers[row].lv_main for row in rows})
        if len(rows) < 20 or len(mains) < 2:
            return False
        main = mains[int(self.random.integers(len(mains)))]
        behind = [row for row in rows if self.town.customers[row].lv_main == main]
        return len(behind) >= 6 and self._add(kind, main, cause, "", self._middle(behind), behind)

    def _service(self, kind: str, cause: str) -> bool:
        _, rows = self._homes()
        if len(rows) < 5:
            return False
        row = rows[int(self.random.integers(len(rows)))]
        return self._add(kind, self.town.customers[row].id, cause, "", self._middle([row]), [row])

    def _middle(self, rows: Sequence[int]) -> tuple[float, float]:
        customers: list[Customer] = [self.town.customers[row] for row in rows]
        return sum(c.lon for c in customers) / len(rows), sum(c.lat for c in customers) / len(rows)

    def _add(
        self, kind: str, place: str, cause: str, device: str, where: tuple[float, float], rows: Sequence[int]
    ) -> bool:
        if self.dark & set(rows):
            return False
        self.dark |= set(rows)
        # The storm grew through the night: more faults as the morning comes.
        minutes = 330 * (1 - float(np.sqrt(self.random.random()))) + 12
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

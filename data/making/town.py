"""The grid's tables and the customers behind its transformers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .addresses import Addresses
from .grow import FeederArea, Forest, Served, Transformer
from .important import KINDS, Important
from .rows import Built, Customer, Station
from .streets import LIVED_ON_M, Streets
from .wiring import Wirer, plans

LV_KV = 0.22
MOST_MAINS = 4
SIZES_KVA = (15, 30, 45, 75, 100, 150, 200, 250, 300, 400, 500)
KVA_PER_CUSTOMER = 2.2
"""Rated power a transformer is chosen for, per household behind it (general knowledge)."""
URBAN_DENSITY, RURAL_DENSITY = 500, 90
"""Customers per square kilometre from which a place counts as urban, and as rural rather than remote."""
PLACE_SETBACK_M = 9.0
METRES_PER_DEGREE = 111_195.0


@dataclass(kw_only=True)
class Town:
    """A grid with its customers, as it is being built."""

    streets: Streets
    forest: Forest
    transformers: Sequence[Transformer]
    areas: Sequence[FeederArea]
    wirer: Wirer
    seed: int
    codes: list[str] = field(default_factory=list)

    @property
    def built(self) -> Built:
        """The tables so far."""
        return self.wirer.built

    def build(self, substations: Sequence[int]) -> None:
        """Wire all feeders, then hang transformers and customers on them."""
        self.addresses = Addresses(self.streets)
        self.random = np.random.default_rng(self.seed)
        self._wire(substations)
        for number, transformer in enumerate(self.transformers):
            self._serve(number, transformer)
        self._add_important()

    def _wire(self, substations: Sequence[int]) -> None:
        names = _substation_names(self.wirer, self.forest, substations)
        codes = _codes(names)
        seen: Counter[int] = Counter()
        labels = []
        for area in self.areas:
            seen[area.substation] += 1
            self.codes.append(f"{codes[area.substation]}{seen[area.substation]:02d}")
            labels.append(f"{names[area.substation]} {seen[area.substation]:02d}")
        sources = [self.wirer.source(node, name) for node, name in zip(substations, names, strict=True)]
        for plan in plans(self.forest, self.areas, self.transformers, self.codes, labels, names):
            self.wirer.feeder(plan, sources[plan.area.substation])
        self.wirer.ties()

    def _serve(self, number: int, transformer: Transformer) -> None:
        bus = self.wirer.bus_of_transformer[number]
        lon, lat = self.wirer.coordinates[bus]
        label = self.wirer.corner(transformer.node, transformer.node)
        station = Station(
            f"T{number + 1:04d}",
            bus,
            _size_kva(transformer.customers),
            label,
            lon,
            lat,
            self.codes[transformer.feeder],
        )
        self.built.stations.append(station)
        for main, parts in enumerate(_mains(transformer), start=1):
            for part in parts:
                self._add_homes(station, f"{station.id}-M{main}", part)

    def _add_homes(self, station: Station, main: str, part: Served) -> None:
        for i in range(part.first, part.first + part.count):
            lon, lat, density = self._home_place(part.link, i)
            address = self.addresses.next(part.link)
            industry = self._industry(part.link, density)
            home = industry == "residential"
            life_support = home and self.random.random() < 0.0015
            self.built.customers.append(
                Customer(
                    id=f"C{len(self.built.customers) + 1:06d}",
                    name=f"{'Household' if home else BUSINESS[industry]} {address}",
                    address=address,
                    lon=lon,
                    lat=lat,
                    transformer=station.id,
                    lv_main=main,
                    phase="ABC"[int(self.random.integers(3))] if home else "ABC",
                    industry=industry,
                    voltage_kv=LV_KV,
                    energy_kwh_year=self._energy(home),
                    load_type="life_support" if life_support else "",
                    own_generator_h=2.0 if life_support else None,
                    welfare=life_support or (home and self.random.random() < 0.012),
                    arrears=bool(self.random.random() < 0.04),
                    area=area_of(density),
                )
            )

    def _home_place(self, link: int, i: int) -> tuple[float, float, float]:
        """Return where the i-th customer of a link lives: along it, a few metres to one side."""
        streets = self.streets
        share = (i + 0.5) / int(streets.customers[link])
        share *= min(1.0, LIVED_ON_M / float(streets.length_m[link]))
        outer_is_a = self.wirer.rank[int(streets.a[link])] < self.wirer.rank[int(streets.b[link])]
        points = streets.points[link] if outer_is_a else streets.points[link][::-1]
        lon, lat = _beside(points, share, PLACE_SETBACK_M * (1 if i % 2 else -1))
        density = float(streets.density[streets.a[link]] + streets.density[streets.b[link]]) / 2
        return lon, lat, density

    def _industry(self, link: int, density: float) -> str:
        draw = self.random.random()
        busy = self.streets.highway[link] in ("primary", "secondary", "tertiary")
        if area_of(density) != "urban":
            return "agriculture" if draw < 0.05 else "residential"
        for share, industry in (
            (0.07, "shop"),
            (0.1, "office"),
            (0.12, "food"),
            (0.125, "hotel"),
            (0.14, "manufacturing"),
        ):
            if draw < share * (1.0 if busy else 0.2):
                return industry
        return "residential"

    def _energy(self, home: bool) -> int:
        median, spread = (2000, 0.45) if home else (9000, 0.9)
        return int(round(median * float(np.exp(spread * self.random.standard_normal())), -1))

    def _add_important(self) -> None:
        sites = _Sites(self)
        for kind in KINDS:
            for number in range(1, kind.count + 1):
                self._add_site(kind, number, *sites.next(kind))

    def _add_site(self, kind: Important, number: int, node: int, bus: str, feeder: str) -> None:
        lon, lat = self.wirer.coordinates[bus]
        address = self.addresses.near(node)
        name = kind.name(number)
        lv = kind.voltage_kv < 1
        station = Station(
            f"T{len(self.built.stations) + 1:04d}", bus, kind.rating_kva, name, lon, lat, feeder
        )
        self.built.stations.append(station)
        self.built.customers.append(
            Customer(
                id=f"C{len(self.built.customers) + 1:06d}",
                name=name,
                address=address,
                lon=round(lon + 0.00008, 5),
                lat=round(lat + 0.00008, 5),
                transformer=station.id,
                lv_main=f"{station.id}-M1" if lv else "",
                phase="ABC",
                industry=kind.industry,
                voltage_kv=kind.voltage_kv,
                energy_kwh_year=int(round(kind.energy_mwh * 1000 * (0.8 + 0.4 * self.random.random()), -3)),
                sources=kind.sources,
                own_generator_h=kind.own_generator_h,
                load_type=kind.load_type,
                supply_guarantee=kind.guaranteed >= number,
                area=area_of(float(self.streets.density[node])),
                phone=f"+56 00 {len(self.built.stations):07d}",
                access=kind.access,
            )
        )


BUSINESS = {
    "shop": "Shop",
    "office": "Office",
    "food": "Food business",
    "hotel": "Guest house",
    "manufacturing": "Workshop",
    "agriculture": "Farm",
}


class _Sites:
    """Hands out places for important customers, apart from one another."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.buses = [bus for bus in town.built.buses if bus.feeder and bus.id in town.wirer.node_of_bus]
        self.nodes = [town.wirer.node_of_bus[bus.id] for bus in self.buses]
        self.density = town.streets.density[self.nodes]
        self.random = np.random.default_rng(town.seed + 1)
        self.taken: set[int] = set()

    def next(self, kind: Important) -> tuple[int, str, str]:
        low, high = kind.where
        fits = np.flatnonzero(
            (self.density >= np.quantile(self.density, low))
            & (self.density <= np.quantile(self.density, high))
        )
        while True:
            at = int(fits[int(self.random.integers(len(fits)))])
            if self.nodes[at] not in self.taken:
                self.taken.add(self.nodes[at])
                return self.nodes[at], self.buses[at].id, self.buses[at].feeder


def area_of(density: float) -> str:
    """Return the kind of area by customers per square kilometre."""
    return "urban" if density >= URBAN_DENSITY else "rural" if density >= RURAL_DENSITY else "remote"


def _size_kva(customers: int) -> int:
    return next((size for size in SIZES_KVA if size >= customers * KVA_PER_CUSTOMER), SIZES_KVA[-1])


def _mains(transformer: Transformer) -> list[list[Served]]:
    """Share what a transformer serves among up to four low-voltage mains, street by street."""
    by_street: dict[tuple[int, int], list[Served]] = {}
    for part in transformer.served:
        own = part.branch == transformer.node
        by_street.setdefault((part.branch, part.link if own else -1), []).append(part)
    mains = sorted(by_street.values(), key=lambda parts: -sum(part.count for part in parts))
    if len(mains) == 1 and transformer.customers > 16:
        parts = mains[0]
        if len(parts) == 1:
            one = parts[0]
            half = one.count // 2
            rest = Served(one.link, one.count - half, one.first + half, one.reach_m, one.branch)
            return [[Served(one.link, half, one.first, one.reach_m, one.branch)], [rest]]
        return [parts[: len(parts) // 2], parts[len(parts) // 2 :]]
    while len(mains) > MOST_MAINS:
        last = mains.pop()
        mains[-1] = mains[-1] + last
        mains.sort(key=lambda parts: -sum(part.count for part in parts))
    return mains


def _beside(points: Sequence[tuple[float, float]], share: float, setback_m: float) -> tuple[float, float]:
    """Return the place at a share of a polyline's length, so many metres to its left."""
    flat = np.asarray(points)
    scale = np.array([METRES_PER_DEGREE * np.cos(np.radians(flat[0, 1])), METRES_PER_DEGREE])
    steps = np.diff(flat, axis=0) * scale
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    target = share * along[-1]
    i = min(int(np.searchsorted(along, target, side="right")) - 1, len(lengths) - 1)
    unit = steps[i] / max(lengths[i], 0.1)
    place = flat[i] * scale + unit * (target - along[i]) + np.array([-unit[1], unit[0]]) * setback_m
    lon, lat = place / scale
    return round(float(lon), 5), round(float(lat), 5)


def _substation_names(wirer: Wirer, forest: Forest, substations: Sequence[int]) -> list[str]:
    """Name substations after the street they stand on (its last word)."""
    names: list[str] = []
    for node in substations:
        street = next(
            (wirer.corner(node, child) for child in forest.children[node] if wirer.corner(node, child)), ""
        )
        words = [word for word in re.split(r"[\s/]+", street.split(" / ")[0]) if len(word) > 2]
        names.append(
            next((word for word in reversed(words) if word not in names), f"Substation {len(names) + 1}")
        )
    return names


def _codes(names: Sequence[str]) -> list[str]:
    codes: list[str] = []
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
        options = [plain[0] + letter for letter in plain[1:]] + [plain[0] + str(digit) for digit in range(10)]
        codes.append(next(code for code in options if code not in codes))
    return codes

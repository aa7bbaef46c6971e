"""A real medium- and low-voltage grid near the Upper Rhine as a case folder."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np

from .corridors import Corridors, apart_m, make_corridors
from .oberrhein_day import write_oberrhein_day
from .pandapower_json import Network, Point, points
from .rows import Built, Customer, Device, Line, Station
from .tables import write_sums, write_table

VOLTAGE_KV = 20.0
STREET_MAIN = "4x150"
HOUSEHOLD_KW = 2.1
"""Load of a household in lv_schutterwald (0.0021 MW); the load of other stations is divided by it."""
NEAR_M = 60.0
EXTRA_STATION = {"ZUSATZ": 71}
"""The added station has no bus of its own in the MV grid: 356 m from bus 71, the nearest."""
MV_SITES = (
    ("manufacturing", "Paper Mill", "process", 1, None),
    ("hospital", "District Hospital", "life_support", 2, 8.0),
    ("water", "Waterworks", "continuous", 1, 4.0),
    ("manufacturing", "Tool Factory", "process", 1, None),
    ("food", "Dairy", "process", 1, 1.0),
    ("wastewater", "Wastewater Plant", "continuous", 1, 2.0),
)


def build_case(mv: Network, lv: Network, folder: Path, seed: int) -> dict[str, int]:
    """Write every file of the case and return what it holds, by name."""
    corridors = make_corridors(_corridor_lines(mv, lv))
    counts = _write_corridors(corridors, folder)
    built = Built(VOLTAGE_KV)
    _add_grid(built, mv)
    _add_stations(built, mv, lv)
    random = np.random.default_rng(seed)
    _add_real_customers(built, lv, random)
    _add_made_up_customers(built, mv, random)
    counts |= built.write(folder)
    counts |= write_oberrhein_day(built, folder, seed + 10)
    write_sums(folder)
    return counts


def _corridor_lines(mv: Network, lv: Network) -> Iterator[tuple[str, list[Point]]]:
    for row in mv["line"].values():
        yield "mv_cable_route", points(row)
    for row in lv["line"].values():
        if STREET_MAIN in row["std_type"]:
            yield "lv_street_main", points(row)


def _write_corridors(corridors: Corridors, folder: Path) -> dict[str, int]:
    nodes = write_table(
        folder / "roads_nodes.csv.gz",
        ["id", "lon", "lat"],
        ((i, f"{lon:.7f}", f"{lat:.7f}") for i, (lon, lat) in enumerate(corridors.nodes)),
    )
    both_ways = ((a, b, length, kind) for u, v, length, kind in corridors.edges for a, b in ((u, v), (v, u)))
    edges = write_table(folder / "roads_edges.csv.gz", ["u", "v", "length_m", "highway"], both_ways)
    return {"corridor nodes": nodes, "corridor edges (directed)": edges} | {
        f"corridors: {kind}": count for kind, count in sorted(corridors.count().items())
    }


def _add_grid(built: Built, mv: Network) -> None:
    """Add buses, lines (a bus at every bend) and switches (between a bus and its line's end)."""
    sources = {row["lv_bus"] for row in mv["trafo"].values()}
    names = {bus: f"Substation {number}" for number, bus in enumerate(sorted(sources), start=1)}
    for bus, row in mv["bus"].items():
        if row["vn_kv"] == VOLTAGE_KV:
            kind = "source" if bus in sources else "bus"
            built.add_bus(f"B{bus:03d}", mv.place(bus), kind=kind, substation=names.get(bus, ""))
    switches = {(row["element"], row["bus"]): (number, row) for number, row in mv["switch"].items()}
    for number, row in mv["line"].items():
        ends = []
        way = points(row)
        for bus, toward in ((row["from_bus"], way[1]), (row["to_bus"], way[-2])):
            switch = switches.get((number, bus))
            ends.append(_add_switch(built, bus, toward, *switch) if switch else f"B{bus:03d}")
        _add_line(built, number, row, ends, way)


def _add_switch(built: Built, bus: int, toward: Point, number: int, row: dict) -> str:
    lon, lat = built.coordinates[f"B{bus:03d}"]
    share = min(0.4, 5.0 / max(apart_m((lon, lat), toward), 1.0))
    place = (round(lon + share * (toward[0] - lon), 7), round(lat + share * (toward[1] - lat), 7))
    end = built.add_bus(f"B{bus:03d}-{row['element']}", place)
    breaker = row["type"] == "CB"
    name = f"{'BR' if breaker else 'SW' if row['closed'] else 'TIE'}-{number:03d}"
    built.devices.append(
        Device(
            name,
            f"B{bus:03d}",
            end,
            "breaker" if breaker else "switch",
            "remote" if breaker else "manual",
            "closed" if row["closed"] else "open",
            f"{row['name']}, station {bus}",
        )
    )
    return end


def _add_line(built: Built, number: int, row: dict, ends: list[str], way: list[Point]) -> None:
    """Add a line as one piece per bend; its own length is shared out by the pieces' lengths."""
    names = [
        ends[0],
        *(built.add_bus(f"L{number:03d}b{i}", p) for i, p in enumerate(way[1:-1], start=1)),
        ends[1],
    ]
    drawn = [max(apart_m(built.coordinates[a], built.coordinates[b]), 0.1) for a, b in pairwise(names)]
    whole_m = row["length_km"] * 1000 * row["parallel"]
    rating_kw = round(math.sqrt(3) * VOLTAGE_KV * row["max_i_ka"] * 1000)
    kind = "overhead" if row["type"] == "ol" else "cable"
    for i, (a, b) in enumerate(pairwise(names)):
        name = f"L{number:03d}" if len(drawn) == 1 else f"L{number:03d}.{i + 1}"
        length_m = round(whole_m * drawn[i] / sum(drawn), 1)
        built.lines.append(Line(name, a, b, length_m, kind, rating_kw, "", trunk=True))


def _station_id(bus: int, extra: bool = False) -> str:
    return f"T{bus:03d}{'X' if extra else ''}"


def _add_stations(built: Built, mv: Network, lv: Network) -> None:
    """Add a transformer per load of the MV grid, and those of the LV grid that have none there."""
    rating = {row["bus"]: round(row["p_mw"] * 1000) for row in mv["load"].values()}
    for row in lv["trafo"].values():
        label = row["name"].split("_")[-1]
        if not label.isdigit():
            bus, place = EXTRA_STATION[label], lv.place(row["hv_bus"])
            kva = round(row["sn_mva"] * 1000)
            built.stations.append(
                Station(_station_id(bus, True), f"B{bus:03d}", kva, f"Station {bus} extra", *place, "")
            )
            continue
        if apart_m(mv.place(int(label)), lv.place(row["hv_bus"])) > NEAR_M:
            raise ValueError(f"station {label} is not where the MV grid has it")
        rating[int(label)] = round(row["sn_mva"] * 1000)
    for bus, kva in sorted(rating.items()):
        built.stations.append(
            Station(_station_id(bus), f"B{bus:03d}", kva, f"Station {bus}", *mv.place(bus), "")
        )


def _lv_graph(lv: Network) -> nx.Graph:
    cut = {(row["element"], row["bus"]) for row in lv["switch"].values() if not row["closed"]}
    graph = nx.Graph()
    graph.add_nodes_from(sorted(lv["bus"]))
    for number, row in lv["line"].items():
        if not {(number, row["from_bus"]), (number, row["to_bus"])} & cut:
            graph.add_edge(row["from_bus"], row["to_bus"])
    return graph


def _add_real_customers(built: Built, lv: Network, random: np.random.Generator) -> None:
    """Add the households of the LV grid, each on the main that leads to it."""
    graph = _lv_graph(lv)
    loads = {row["bus"]: row for row in lv["load"].values() if row["type"] == "HH"}
    for row in lv["trafo"].values():
        label = row["name"].split("_")[-1]
        station = _station_id(int(label)) if label.isdigit() else _station_id(EXTRA_STATION[label], True)
        mains = graph.subgraph(nx.node_connected_component(graph, row["lv_bus"])).copy()
        mains.remove_node(row["lv_bus"])
        fed = [sorted(set(part) & set(loads)) for part in nx.connected_components(mains)]
        for number, buses in enumerate(
            sorted((part for part in fed if part), key=lambda p: (-len(p), p[0])), start=1
        ):
            for bus in buses:
                _add_household(built, lv, loads[bus], f"{station}-M{number}", station, random)


def _add_household(
    built: Built, lv: Network, load: dict, main: str, station: str, random: np.random.Generator
) -> None:
    lon, lat = lv.place(load["bus"])
    way = load["name"].split("_")[-1]
    load_kw = load["p_mw"] * 1000
    industry = "residential" if load_kw < 10 else "shop"
    built.customers.append(
        Customer(
            id=f"C{len(built.customers) + 1:05d}",
            name=f"{'Household' if industry == 'residential' else 'Shop'} {way}",
            address=f"Schutterwald house {way}",
            lon=round(lon, 6),
            lat=round(lat, 6),
            transformer=station,
            lv_main=main,
            phase="ABC",
            industry=industry,
            voltage_kv=0.4,
            energy_kwh_year=_energy(load_kw, random),
            welfare=bool(random.random() < 0.01),
            area="urban",
        )
    )


def _energy(load_kw: float, random: np.random.Generator) -> int:
    """Return a year's energy for a load in kW: about 3,500 kWh for a household of 2.1 kW (made up)."""
    return int(round(load_kw / HOUSEHOLD_KW * 3500 * float(np.exp(0.35 * random.standard_normal())), -1))


def _add_made_up_customers(built: Built, mv: Network, random: np.random.Generator) -> None:
    """Give every other station customers by its load, around it; MV loads are one site each."""
    served = Counter(customer.transformer for customer in built.customers)
    sites = iter(MV_SITES)
    for row in mv["load"].values():
        station = _station_id(row["bus"])
        if row["type"] == "MV Load":
            _add_site(built, mv, row, station, next(sites))
        elif not served[station]:
            count = max(1, round(row["p_mw"] * row["scaling"] * 1000 / HOUSEHOLD_KW))
            for number in range(1, count + 1):
                _add_made_up(built, mv.place(row["bus"]), station, number, count, random)


def _add_made_up(
    built: Built, centre: Point, station: str, number: int, count: int, random: np.random.Generator
) -> None:
    """Add a customer on a spiral around its station: nothing is known of the houses there."""
    turn, reach_m = 2.399963 * number, 12.0 * math.sqrt(number)
    lat = centre[1] + reach_m * math.sin(turn) / 111_195
    lon = centre[0] + reach_m * math.cos(turn) / (111_195 * math.cos(math.radians(centre[1])))
    mains = max(2, min(4, count // 20))
    bus = int(station[1:4])
    built.customers.append(
        Customer(
            id=f"C{len(built.customers) + 1:05d}",
            name=f"Household {bus}-{number}",
            address=f"Station {bus} house {number}",
            lon=round(lon, 6),
            lat=round(lat, 6),
            transformer=station,
            lv_main=f"{station}-M{(number - 1) * mains // count + 1}",
            phase="ABC",
            industry="residential" if random.random() > 0.04 else "shop",
            voltage_kv=0.4,
            energy_kwh_year=_energy(HOUSEHOLD_KW, random),
            welfare=bool(random.random() < 0.01),
            area="rural",
        )
    )


def _add_site(
    built: Built, mv: Network, row: dict, station: str, site: tuple[str, str, str, int, float | None]
) -> None:
    industry, name, load_type, sources, generator_h = site
    lon, lat = mv.place(row["bus"])
    built.customers.append(
        Customer(
            id=f"C{len(built.customers) + 1:05d}",
            name=name,
            address=f"Station {row['bus']}",
            lon=round(lon, 6),
            lat=round(lat, 6),
            transformer=station,
            lv_main="",
            phase="ABC",
            industry=industry,
            voltage_kv=VOLTAGE_KV,
            energy_kwh_year=round(row["p_mw"] * row["scaling"] * 1000 * 5000),
            sources=sources,
            own_generator_h=generator_h,
            load_type=load_type,
            area="rural",
            phone=f"+00 00 {row['bus']:07d}",
        )
    )

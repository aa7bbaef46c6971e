"""Whom a grid leaves without supply, beside what other programs say of the same file.

    python benchmarks/grids_beside_others.py [--only NAME] [--dss FILE ...] [--pgm FILE ...] [--most 400]

Every switch of a net is opened alone, then every line and transformer is taken out alone; each time
the stations and loads without supply are compared with those of the others: `pandapower.topology`
and a graph of networkx for the nets that pandapower ships, the OpenDSS engine for `--dss`, and
power-grid-model for `--pgm`. Prints a Markdown table; exit status 1 where one answer differs.
"""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import networkx as nx

from geo import Grid, load_grid
from geo.errors import GeoError
from geo.grid.topology import NONE
from geo.readers.pandapower import grid_of_net

NETS = (
    *("mv_oberrhein", "create_cigre_network_mv", "create_cigre_network_lv", "example_multivoltage"),
    *("example_simple", "simple_four_bus_system", "simple_mv_open_ring_net", "case33bw", "case_ieee30"),
    *("create_kerber_landnetz_freileitung_1", "create_kerber_landnetz_kabel_1", "create_kerber_dorfnetz"),
    *("create_kerber_vorstadtnetz_kabel_1", "kb_extrem_landnetz_freileitung", "panda_four_load_branch"),
    *("four_loads_with_branches_out", "create_dickert_lv_network", "lv_schutterwald"),
    *("create_synthetic_voltage_control_lv_network", "ieee_european_lv_asymmetric"),
)
SWITCHED = (("switch", "closed"), ("line", "in_service"), ("trafo", "in_service"), ("trafo3w", "in_service"))


@dataclass(slots=True, kw_only=True)
class Row:
    """A net: how many states were compared, and where answers differ."""

    name: str
    who: str
    watched: int = 0
    states: int = 0
    differing: list[str] = field(default_factory=list)

    def compare(self, state: str, ours: set[str], *theirs: set[str]) -> None:
        """Count a state, and keep it where one answer differs."""
        self.states += 1
        for found in theirs:
            if ours != found:
                self.differing.append(f"{state}: {sorted(ours ^ found)[:3]}")

    def line(self) -> str:
        """The net as a row of the table."""
        said = "; ".join(self.differing[:2]) or "none"
        return (
            f"| {self.name} | {self.who} | {self.watched} | {self.states} | {len(self.differing)} | {said} |"
        )


def dead(grid: Grid) -> set[str]:
    """Stations and loads that no source reaches at present."""
    lost = grid.tree.position[grid.transformer_sections] == NONE
    return set(grid.transformers.ids[lost].tolist())


def ours_of(given: Any) -> set[str]:
    """Whom our grid leaves dead, of a net in memory."""
    try:
        return dead(grid_of_net(given, check=False))
    except GeoError as error:
        return {f"refused: {error}"}


def nets(only: str, most: int) -> Iterator[Row]:
    """Compare the nets that pandapower ships."""
    from pandapower import networks  # noqa: PLC0415

    for name in NETS:
        if only in name:
            given = getattr(networks, name)()
            for table in ("load", "trafo"):
                given[table]["name"] = [f"{table} {at}" for at in given[table].index]
            yield _net(name, given, most)


def _net(name: str, given: Any, most: int) -> Row:
    row = Row(name=name, who="pandapower, networkx")
    names = set(_watched(given))
    row.watched = len(names)
    for table, column in SWITCHED:
        before = given[table][column].copy()
        for at in [None, *given[table].index[:most]]:
            if at is not None:
                given[table].loc[at, column] = not before[at] if table != "switch" else False
            theirs = _lost(given, _unsupplied(given)), _lost(given, _without(given))
            row.compare(f"{table} {at}", ours_of(given) & names, *theirs)
            given[table][column] = before
    return row


def _watched(given: Any) -> dict[str, int]:
    """Loads of medium voltage and distribution transformers, by name: the bus that says whether they live."""
    kv = given.bus["vn_kv"]
    loads = given.load[given.load["in_service"].astype(bool) & given.load["bus"].map(kv).between(1, 59.9)]
    low, high = given.trafo["lv_bus"].map(kv) < 1, given.trafo["hv_bus"].map(kv).between(1, 59.9)
    trafos = given.trafo[low & high]
    return dict(zip([*loads["name"], *trafos["name"]], [*loads["bus"], *trafos["lv_bus"]], strict=True))


def _lost(given: Any, off: set[int]) -> set[str]:
    return {name for name, bus in _watched(given).items() if bus in off}


def _unsupplied(given: Any) -> set[int]:
    from pandapower import topology  # noqa: PLC0415

    return set(topology.unsupplied_buses(given))


def _without(given: Any) -> set[int]:
    """Buses that no infeed reaches in a plain graph of the tables."""
    graph = nx.Graph()
    on = set(given.bus.index[given.bus["in_service"]])
    graph.add_nodes_from(on)
    opened = {
        (row.et, row.element, row.bus)
        for row in given.switch.itertuples()
        if not row.closed and row.et != "b"
    }
    for row in given.switch.itertuples():
        if row.et == "b" and row.closed and {row.bus, row.element} <= on:
            graph.add_edge(row.bus, row.element)
    ends = {
        "line": ("l", ("from_bus", "to_bus")),
        "trafo": ("t", ("hv_bus", "lv_bus")),
        "trafo3w": ("t3", ("hv_bus", "mv_bus", "lv_bus")),
        "impedance": ("i", ("from_bus", "to_bus")),
    }
    for table, (kind, columns) in ends.items():
        for row in given[table].itertuples():
            buses = [getattr(row, column) for column in columns]
            live = [bus for bus in buses if (kind, row.Index, bus) not in opened and bus in on]
            if row.in_service:
                graph.add_edges_from((live[0], other) for other in live[1:])
    feeding = [row.bus for row in given.ext_grid.itertuples() if row.in_service]
    feeding += [row.bus for row in given.gen.itertuples() if row.in_service and row.slack]
    alive: set[int] = set()
    for bus in feeding:
        if bus in on:
            alive |= nx.node_connected_component(graph, bus)
    return set(given.bus.index) - alive


def models(files: list[Path], most: int) -> Iterator[Row]:
    """Compare OpenDSS models with the voltages of the engine."""
    for path in files:
        yield _model(path, most)


def _model(path: Path, most: int) -> Row:
    from dss import DSS  # noqa: PLC0415

    row = Row(name=path.name, who="OpenDSS")
    engine: Any = DSS.NewContext()
    engine.AllowForms = engine.AllowEditor = engine.AllowDOScmd = engine.AllowChangeDir = False
    engine.Text.Command = f'Compile "{path.resolve()}"'
    lines = [f"Line.{name}" for name in engine.ActiveCircuit.Lines.AllNames][:most]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        main = Path(folder) / "state.dss"
        for opened in ["", *lines]:
            command = f"Open {opened} 1" if opened else ""
            main.write_text(f'Redirect "{path.resolve()}"\nSet controlmode=off\n{command}\nSolve\n')
            watched, theirs = _engine(engine, main)
            row.watched = len(watched)
            try:
                ours = dead(load_grid(main, check=False)) & watched
            except GeoError as error:
                ours = {f"refused: {str(error)[:100]}"}
            row.compare(opened or "as it is", ours, theirs & watched)
    return row


def _engine(engine: Any, main: Path) -> tuple[set[str], set[str]]:
    """Loads of 1 kV and more: all, and those at whose bus the engine finds no voltage."""
    engine.Text.Command = f'Compile "{main}"'
    circuit = engine.ActiveCircuit
    watched, lost = set(), set()
    for name in circuit.Loads.AllNames:
        circuit.SetActiveElement(f"Load.{name}")
        if not circuit.ActiveCktElement.Enabled:
            continue
        bus = circuit.ActiveCktElement.BusNames[0].partition(".")[0]
        circuit.SetActiveBus(bus)
        if circuit.ActiveBus.kVBase * 3**0.5 < 1:
            continue
        watched.add(name)
        if max(circuit.ActiveBus.VMagAngle[::2]) < 1:
            lost.add(name)
    return watched, lost


def datasets(files: list[Path]) -> Iterator[Row]:
    """Compare datasets of power-grid-model with its own `energized`."""
    for path in files:
        yield _dataset(path)


def _dataset(path: Path) -> Row:
    row = Row(name=f"{path.parent.name}/{path.name}", who="power-grid-model")
    data = json.loads(path.read_text())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "state.json"
        for state, changed in _states(data):
            file.write_text(json.dumps(changed))
            try:
                theirs = _energized(file)
                grid = load_grid(file, check=False)
            except (GeoError, RuntimeError) as error:
                return Row(name=row.name, who=f"refused: {str(error).splitlines()[0][:80]}")
            if any(note.code == "low-voltage-mesh" for note in grid.notes):
                return Row(name=row.name, who="not supported, and named: meshed low voltage")
            row.watched = len(theirs)
            row.compare(
                state, dead(grid) & theirs.keys(), {name for name, lives in theirs.items() if not lives}
            )
    return row


def _states(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "as it is", data
    for table in ("line", "link", "transformer", "three_winding_transformer", "asym_line"):
        for at, row in enumerate(data["data"].get(table, ())):
            for status in [name for name in row if "status" in name] if isinstance(row, dict) else []:
                changed = copy.deepcopy(data)
                changed["data"][table][at][status] = 0
                yield f"{table} {row['id']} {status}", changed


def _energized(path: Path) -> dict[str, bool]:
    """Loads of 1 kV to 60 kV, and whether they are energized."""
    from power_grid_model import CalculationMethod, PowerGridModel  # noqa: PLC0415
    from power_grid_model.utils import json_deserialize  # noqa: PLC0415

    given = json_deserialize(path.read_text())
    found = PowerGridModel(given).calculate_power_flow(
        calculation_method=CalculationMethod.linear, symmetric=True, output_component_types=["node"]
    )
    lives = {int(each["id"]): bool(each["energized"]) for each in found["node"]}
    volts = {int(each["id"]): float(each["u_rated"]) for each in given["node"]}
    loads = [each for table in ("sym_load", "asym_load") for each in given.get(table, ())]
    return {
        str(int(each["id"])): lives[int(each["node"])]
        for each in loads
        if 1e3 <= volts[int(each["node"])] < 6e4 and each["status"]
    }


def main() -> int:
    """Print the table; 1 where an answer differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="nets whose name holds this")
    parser.add_argument("--dss", type=Path, nargs="*", default=[], help="main files of OpenDSS models")
    parser.add_argument("--pgm", type=Path, nargs="*", default=[], help="datasets of power-grid-model")
    parser.add_argument("--most", type=int, default=400, help="states of each kind")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| net | beside | stations and loads | states | answers that differ | where |")
    print("|---|---|---|---|---|---|")
    wrong = 0
    alone = find_spec("pandapower") and not (args.dss or args.pgm)
    given = nets(args.only, args.most) if alone else iter(())
    for rows in (given, models(args.dss, args.most), datasets(args.pgm)):
        for row in rows:
            print(row.line(), flush=True)
            wrong += len(row.differing)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())

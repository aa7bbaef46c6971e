"""Nets of pandapower: its JSON files read directly, its nets in memory, and what its converters give.

What `geo.readers.circuit.conversion` says of circuits holds; and of nets:

- A switch at a line or transformer gets a bus of its own between the two. Circuit breakers (CB) are
  remote breakers; the net does not say who operates the others, so they are manual switches.
- A line out of service with an open switch at one end is open there and nowhere else.
- A `max_i_ka` of 20 kA and more, such as 99,999, is how nets write "no limit".
- Loads, asymmetric loads and motors take power; static generators, storages and shunts are not read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import GeoError, GeoFault
from ..grid.network import Grid
from ..placing import Point
from .circuit.conversion import SOURCE_ABOVE_KV, Tables, to_tables
from .circuit.elements import Branch, Circuit, Device, Infeed, Load, Node, Transformer
from .circuit.figures import rating_kw
from .net_checks import net_faults
from .tables import decoded, read_bytes

NET_TABLES = (
    "bus",
    "line",
    "switch",
    "load",
    "asymmetric_load",
    "motor",
    "trafo",
    "trafo3w",
    "ext_grid",
    "gen",
    "impedance",
    "dcline",
    "bus_geodata",
)
# Ends of elements, by table: the columns that name buses.
ENDS: Mapping[str, tuple[str, ...]] = {
    "line": ("from_bus", "to_bus"),
    "impedance": ("from_bus", "to_bus"),
    "dcline": ("from_bus", "to_bus"),
    "trafo": ("hv_bus", "lv_bus"),
    "trafo3w": ("hv_bus", "mv_bus", "lv_bus"),
}
SWITCHED_AT: Mapping[str, str] = {"line": "l", "trafo": "t", "trafo3w": "t3"}
# From so many digits on a whole number is taken as a float; no count or voltage has them.
MOST_DIGITS = 300

Row = dict[str, Any]
Net = Mapping[str, pd.DataFrame]


def is_pandapower(data: Any) -> bool:
    """Whether JSON data looks like a pandapower net."""
    return isinstance(data, dict) and data.get("_class") == "pandapowerNet"


def read_pandapower(
    path: Path, *, source_above_kv: float = SOURCE_ABOVE_KV, origin: Point | None = None
) -> Tables:
    """Read a net that pandapower (2.x or 3.x) wrote as JSON; pandapower itself is not needed.

    Parameters
    ----------
    source_above_kv : voltage from which on buses count as the transmission grid.
    origin : lon, lat where a net without coordinates is laid out; without it, at 0, 0.

    Raises
    ------
    GeoError
        If the file cannot be read or is no net.
    """
    try:
        data = json.loads(decoded(read_bytes(path)), parse_int=_whole)
        if not is_pandapower(data):
            raise ValueError("not written by pandapower")
        net = {name: _table(data["_object"][name]) for name in NET_TABLES if name in data["_object"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        text = f"is not a pandapower net: {error}"
        raise GeoError(GeoFault(file=path.name, place="", text=text, code="file")) from error
    return tables_of_net(net, name=path.name, source_above_kv=source_above_kv, origin=origin)


def _whole(digits: str) -> int | float:
    """A whole number; an absurd one as a float, for pandas 2 cannot hold it."""
    return int(digits) if len(digits) < MOST_DIGITS else float(digits)


def _table(entry: Any) -> pd.DataFrame:
    """Read one table of the JSON file: a DataFrame in pandas' `split` form."""
    split = entry["_object"]
    parts = json.loads(split, parse_int=_whole) if isinstance(split, str) else split
    return pd.DataFrame(parts["data"], columns=parts["columns"], index=parts["index"])


def grid_of_net(net: Any, *, name: str = "net", check: bool = True, origin: Point | None = None) -> Grid:
    """Turn a pandapower net in memory into a grid.

    Raises
    ------
    GeoError
        If the net has no buses or, with `check`, cannot be run radially.
    """
    found = tables_of_net(net, name=name, origin=origin)
    return Grid.from_tables(**found.tables, notes=found.notes, name=name, check=check)


def tables_of_net(
    net: Net, *, name: str = "net", source_above_kv: float = SOURCE_ABOVE_KV, origin: Point | None = None
) -> Tables:
    """Turn a net (in memory, or its tables by name) into the grid's own tables."""
    circuit = _Net(net, name).circuit
    return to_tables(circuit, source_above_kv=source_above_kv, origin=origin)


class _Net:
    """A net on its way to a circuit; nodes are known by the index of their bus."""

    def __init__(self, net: Net, name: str) -> None:
        self.frames = {table: _frame(net, table) for table in NET_TABLES}
        bus = self.frames["bus"]
        if not {"vn_kv"} <= set(bus.columns):
            text = "the net has no buses with vn_kv"
            raise GeoError(GeoFault(file=name, place="bus", text=text, code="file"))
        if faults := net_faults(self.frames, name):
            raise GeoError(faults)
        self.circuit = Circuit(file=name)
        self.left_out: dict[str, int] = {}
        self._buses()
        self.switches = self._switches_at()
        self._lines()
        self._transformers()
        self._bus_switches()
        self._loads()
        self._infeeds()
        for table, count in self.left_out.items():
            text = f"{count} at buses that are out of service or not in the net; left out"
            self.circuit.note("out-of-service", table, text)

    def rows(self, table: str) -> Iterator[tuple[Any, Row]]:
        """Rows of a table with their indices."""
        frame = self.frames[table]
        yield from zip(frame.index, frame.to_dict("records"), strict=True)

    def _buses(self) -> None:
        places = _places(self.frames)
        away: list[str] = []
        for at, row in self.rows("bus"):
            if not _true(row.get("in_service")):
                away.append(_text(row.get("name")) or f"bus {at}")
                continue
            self.circuit.nodes[_key(at)] = Node(
                name=_text(row.get("name")),
                kv=_number(row["vn_kv"]),
                place=places.get(at),
                spare_name=f"bus {at}",
            )
        if away:
            text = f"{len(away)} out of service, with all that ends there; left out, the first is '{away[0]}'"
            self.circuit.note("out-of-service", "buses", text)

    def _known(self, table: str, row: Row, columns: tuple[str, ...] = ("bus",)) -> bool:
        """Whether all ends of an element are buses in service; counts those that are not."""
        known = all(_key(row[column]) in self.circuit.nodes for column in columns)
        if not known:
            self.left_out[table] = self.left_out.get(table, 0) + 1
        return known

    def _switches_at(self) -> dict[tuple[str, Any, Any], list[tuple[Any, Row]]]:
        """Switches by the element and bus they stand at."""
        found: dict[tuple[str, Any, Any], list[tuple[Any, Row]]] = {}
        for at, row in self.rows("switch"):
            if row["et"] != "b":
                found.setdefault((row["et"], row["element"], row["bus"]), []).append((at, row))
        return found

    def _end(self, table: str, element: Any, bus: Any) -> str:
        """Node at the end of an element: behind its switches, if it has any there."""
        here = _key(bus)
        for at, row in self.switches.get((SWITCHED_AT.get(table, ""), element, bus), []):
            node = self.circuit.nodes[here]
            behind = f"{here} / switch {at}"
            name = f"{node.name or node.spare_name} / {_text(row.get('name')) or f'switch {at}'}"
            self.circuit.nodes[behind] = Node(
                name=name, kv=node.kv, place=node.place, inner=True, spare_name=f"bus {behind}"
            )
            self._device(at, row, here, behind)
            here = behind
        return here

    def _device(self, at: Any, row: Row, here: str, there: str) -> None:
        breaker = row.get("type") == "CB"
        self.circuit.devices.append(
            Device(
                name=_text(row.get("name")),
                here=here,
                there=there,
                kind="breaker" if breaker else "switch",
                remote=breaker,
                normal_open=not _true(row["closed"]),
                spare_name=f"switch {at}",
            )
        )

    def _lines(self) -> None:
        for table in ("line", "impedance", "dcline"):
            for at, row in self.rows(table):
                if self._known(table, row, ENDS[table]):
                    self._line(table, at, row)

    def _line(self, table: str, at: Any, row: Row) -> None:
        first, last = (row[column] for column in ENDS[table])
        here, there = (self._end(table, at, bus) for bus in (first, last))
        at_ends = [
            each
            for bus in (first, last)
            for each in self.switches.get((SWITCHED_AT.get(table, ""), at, bus), [])
        ]
        kind = "link" if table != "line" else "cable" if row.get("type") == "cs" else "overhead"
        amps = _number(row.get("max_i_ka")) * 1000
        parallel = _number(row.get("parallel"), 1) * _number(row.get("df"), 1)
        self.circuit.branches.append(
            Branch(
                name=_text(row.get("name")),
                here=here,
                there=there,
                kind=kind,
                length_m=_number(row.get("length_km"), 0.0) * 1000,
                rating_kw=round(rating_kw(amps, self.circuit.nodes[here].kv, parallel), 1),
                in_service=_true(row.get("in_service"))
                or any(not _true(each["closed"]) for _, each in at_ends),
                spare_name=f"{table} {at}",
            )
        )

    def _transformers(self) -> None:
        for table in ("trafo", "trafo3w"):
            for at, row in self.rows(table):
                if not self._known(table, row, ENDS[table]):
                    continue
                mva = _number(row.get("sn_mva"), _number(row.get("sn_hv_mva"), 0.0))
                self.circuit.transformers.append(
                    Transformer(
                        name=_text(row.get("name")),
                        ends=tuple(self._end(table, at, row[column]) for column in ENDS[table]),
                        rating_kva=mva * 1000 * _number(row.get("parallel"), 1),
                        in_service=_true(row.get("in_service")),
                        spare_name=f"{table} {at}",
                    )
                )

    def _bus_switches(self) -> None:
        for at, row in self.rows("switch"):
            if row["et"] == "b" and self._known("switch", row, ("bus", "element")):
                self._device(at, row, _key(row["bus"]), _key(row["element"]))

    def _loads(self) -> None:
        away = 0
        for table in ("load", "asymmetric_load", "motor"):
            for at, row in self.rows(table):
                if not _true(row.get("in_service")):
                    away += 1
                elif self._known(table, row):
                    self.circuit.loads.append(
                        Load(
                            name=_text(row.get("name")),
                            node=_key(row["bus"]),
                            kva=_mva(row) * 1000,
                            spare_name=f"{table} {at}",
                        )
                    )
        if away:
            self.circuit.note("out-of-service", "loads", f"{away} out of service; left out")

    def _infeeds(self) -> None:
        for table in ("ext_grid", "gen"):
            for at, row in self.rows(table):
                if table == "gen" and not _true(row.get("slack"), default=False):
                    continue
                name = _text(row.get("name")) or f"{table} {at}"
                if not _true(row.get("in_service")):
                    self.circuit.note("out-of-service", f"infeed '{name}'", "is out of service; no source")
                elif self._known(table, row):
                    self.circuit.infeeds.append(Infeed(name=name, node=_key(row["bus"])))


def _key(bus: Any) -> str:
    return str(bus)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()  # noqa: PLR0124


def _true(value: Any, *, default: bool = True) -> bool:
    """Whether a cell says yes; the default where it says nothing."""
    if value is None or value != value:  # noqa: PLR0124
        return default
    return value.strip().lower() in ("true", "1", "yes") if isinstance(value, str) else bool(value)


def _mva(row: Row) -> float:
    """Apparent power of a load: rated, else drawn, of all phases."""
    rated = _number(row.get("sn_mva"), _number(row.get("pn_mech_mw")))
    phases = sum(_number(row.get(f"p_{phase}_mw"), 0.0) for phase in "abc")
    return rated if not math.isnan(rated) else _number(row.get("p_mw"), phases)


def _frame(net: Net, table: str) -> pd.DataFrame:
    try:
        found = net[table]
    except (KeyError, AttributeError):
        return pd.DataFrame()
    return found if isinstance(found, pd.DataFrame) else pd.DataFrame()


def _places(frames: Net) -> dict[Any, Point]:
    """Coordinates of buses: GeoJSON points in `bus.geo`, or the older `bus_geodata`."""
    found: dict[Any, Point] = {}
    bus, older = frames["bus"], frames["bus_geodata"]
    if "geo" in bus.columns:
        for at, text in bus["geo"].items():
            try:
                lon, lat = json.loads(text)["coordinates"][:2]
                found[at] = (float(lon), float(lat))
            except (TypeError, ValueError, KeyError, OverflowError):
                continue
    elif {"x", "y"} <= set(older.columns):
        found = {
            at: (_number(x), _number(y)) for at, x, y in zip(older.index, older["x"], older["y"], strict=True)
        }
    return {at: place for at, place in found.items() if math.isfinite(place[0]) and math.isfinite(place[1])}


def _number(value: Any, default: float = math.nan) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    except OverflowError:
        return math.inf
    return default if math.isnan(number) else number

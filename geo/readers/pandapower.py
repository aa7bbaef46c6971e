"""Nets of pandapower: its JSON files read directly, its nets in memory, and what its converters give.

How a net becomes a grid:

- Buses of `source_above_kv` (60 kV) and more are not read; where a transformer comes down from
  there its lower side is a source. Without such a transformer the external grids are the sources.
- A transformer with a side below 1 kV is a distribution transformer; the mains behind it become
  `lv` lines at its bus. Other transformers, and impedances, are `link`.
- A load of 1 kV and more becomes a transformer of its own, loads below are customers.
- A switch at a line or transformer gets a bus of its own between the two. Circuit breakers (CB) are
  remote breakers; the net does not say who operates the others, so they are manual switches.
  Low-voltage switches are not kept: where one is open, its main ends.
- Transformers that feed one busbar side by side are one source; the devices between are links.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

from ..errors import GeoError, GeoFault
from ..grid.network import Grid
from ..placing import NOWHERE, Point, spread
from ..schema import TABLES
from .net_checks import net_faults
from .tables import decoded, read_bytes

NET_TABLES = (
    "bus",
    "line",
    "switch",
    "load",
    "trafo",
    "trafo3w",
    "ext_grid",
    "gen",
    "impedance",
    "bus_geodata",
)
LOW_VOLTAGE_KV = 1.0
SOURCE_ABOVE_KV = 60.0
# From so many digits on a whole number is taken as a float; no count or voltage has them.
MOST_DIGITS = 300

Row = dict[str, Any]
Net = Mapping[str, pd.DataFrame]


def is_pandapower(data: Any) -> bool:
    """Whether JSON data looks like a pandapower net."""
    return isinstance(data, dict) and data.get("_class") == "pandapowerNet"


def read_pandapower(
    path: Path, *, source_above_kv: float = SOURCE_ABOVE_KV, origin: Point | None = None
) -> dict[str, pd.DataFrame]:
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
    return Grid.from_tables(**tables_of_net(net, name=name, origin=origin), name=name, check=check)


def tables_of_net(
    net: Net, *, name: str = "net", source_above_kv: float = SOURCE_ABOVE_KV, origin: Point | None = None
) -> dict[str, pd.DataFrame]:
    """Turn a net (in memory, or its tables by name) into the grid's own tables."""
    return _Conversion(net, name, source_above_kv).tables(origin or NOWHERE)


class _Conversion:
    """A net on its way to a grid; buses are known by their index in the net."""

    def __init__(self, net: Net, name: str, source_above_kv: float) -> None:
        self.name = name
        self.frames = {table: _in_service(_frame(net, table)) for table in NET_TABLES}
        bus = self.frames["bus"]
        if not {"vn_kv"} <= set(bus.columns):
            raise GeoError(
                GeoFault(file=name, place="bus", text="the net has no buses with vn_kv", code="file")
            )
        if faults := net_faults(self.frames, name):
            raise GeoError(faults)
        self.kv: dict[Any, float] = {at: _number(kv) for at, kv in bus["vn_kv"].items()}
        self.above = {at for at, kv in self.kv.items() if kv >= source_above_kv}
        self.bus_names = _named(bus, "bus")
        self.places = _places(self.frames)
        self.sources: dict[str, str] = {}
        self.folded: dict[Any, Any] = {}
        self.extra: dict[str, Any] = {}
        self.rows: dict[str, list[Row]] = {table: [] for table in TABLES}

    def bus(self, at: Any) -> str:
        """Name of a bus; that of the medium-voltage side for the low side of a transformer."""
        return self.bus_names[self.folded.get(at, at)]

    def kept(self, at: Any) -> bool:
        return at in self.kv and at not in self.above

    def tables(self, origin: Point) -> dict[str, pd.DataFrame]:
        """Work out the four tables."""
        switches = self._switches_at()
        self._transformers(switches)
        self._three_windings()
        self._lines(switches)
        self._bus_switches()
        self._loads()
        self._external_grids()
        self._join_parallel_sources()
        self._buses(origin)
        return {table: pd.DataFrame(rows, columns=_columns(table, rows)) for table, rows in self.rows.items()}

    def _switches_at(self) -> dict[tuple[str, Any, Any], list[tuple[str, Mapping[str, Any]]]]:
        """Switches by the element and bus they stand at."""
        frame = self.frames["switch"]
        names = _named(frame, "switch")
        found: dict[tuple[str, Any, Any], list[tuple[str, Mapping[str, Any]]]] = {}
        for at, row in zip(frame.index, frame.to_dict("records"), strict=True):
            if row["et"] != "b":
                found.setdefault((row["et"], row["element"], row["bus"]), []).append((names[at], row))
        return found

    def _end(self, switches: Mapping[Any, list[Any]], key: tuple[str, Any, Any]) -> str:
        """Bus at the end of an element: behind its switches, if it has any there."""
        here = self.bus(key[2])
        for name, row in switches.get(key, []):
            behind = f"{here} / {name}"
            self.extra[behind] = self.folded.get(key[2], key[2])
            self._switch(name, row, here, behind)
            here = behind
        return here

    def _switch(self, name: str, row: Mapping[str, Any], here: str, there: str) -> None:
        breaker = row.get("type") == "CB"
        self.rows["switches"].append(
            {
                "id": name,
                "from_bus": here,
                "to_bus": there,
                "kind": "breaker" if breaker else "switch",
                "control": "remote" if breaker else "manual",
                "normal": "closed" if row["closed"] else "open",
            }
        )

    def _link(self, name: str, here: str, there: str, rating_kw: float = math.nan) -> None:
        row = {"id": name, "from_bus": here, "to_bus": there, "length_m": 0.0, "kind": "link"}
        self.rows["lines"].append(row | {"rating_kw": rating_kw})

    def _transformers(self, switches: Mapping[Any, list[Any]]) -> None:
        frame = self.frames["trafo"]
        names = _named(frame, "trafo")
        for at, row in zip(frame.index, frame.to_dict("records"), strict=True):
            high, low, name = row["hv_bus"], row["lv_bus"], names[at]
            rating = _number(row.get("sn_mva")) * 1000
            if not self.kept(high):
                if self.kept(low):
                    self.sources[self._end(switches, ("t", at, low))] = name
            elif self.kv[low] < LOW_VOLTAGE_KV <= self.kv[high]:
                here = self._end(switches, ("t", at, high))
                self.rows["transformers"].append({"id": name, "bus": here, "rating_kva": rating})
                self.folded[low] = high
            else:
                here, there = (self._end(switches, ("t", at, bus)) for bus in (high, low))
                self._link(name, here, there, rating)

    def _three_windings(self) -> None:
        frame = self.frames["trafo3w"]
        names = _named(frame, "trafo3w")
        for at, row in zip(frame.index, frame.to_dict("records"), strict=True):
            for side in ("mv_bus", "lv_bus"):
                if not self.kept(row[side]):
                    continue
                if self.kept(row["hv_bus"]):
                    self._link(f"{names[at]} {side[:2]}", self.bus(row["hv_bus"]), self.bus(row[side]))
                else:
                    self.sources[self.bus(row[side])] = names[at]

    def _lines(self, switches: Mapping[Any, list[Any]]) -> None:
        for table in ("line", "impedance"):
            frame = self.frames[table]
            names = _named(frame, table)
            for at, row in zip(frame.index, frame.to_dict("records"), strict=True):
                if self.kept(row["from_bus"]) and self.kept(row["to_bus"]):
                    self._line(names[at], at, row, switches if table == "line" else {}, table)

    def _line(self, name: str, at: Any, row: Row, switches: Mapping[Any, list[Any]], table: str) -> None:
        kv = self.kv[row["from_bus"]]
        low = kv < LOW_VOLTAGE_KV
        keys = [("l", at, row[end]) for end in ("from_bus", "to_bus")]
        if low:
            here, there = (self._main_end(switches, key) for key in keys)
        else:
            here, there = (self._end(switches, key) for key in keys)
        kind = (
            "lv"
            if low
            else "link"
            if table == "impedance"
            else "cable"
            if row.get("type") == "cs"
            else "overhead"
        )
        amps = (
            _number(row.get("max_i_ka")) * 1000 * _number(row.get("parallel"), 1) * _number(row.get("df"), 1)
        )
        self.rows["lines"].append(
            {
                "id": name,
                "from_bus": here,
                "to_bus": there,
                "length_m": _number(row.get("length_km"), 0.0) * 1000,
                "kind": kind,
                "rating_kw": math.nan
                if low
                else round(math.sqrt(3) * amps * kv, 1)
                if amps > 0
                else math.nan,
            }
        )

    def _main_end(self, switches: Mapping[Any, list[Any]], key: tuple[str, Any, Any]) -> str:
        """End of a low-voltage main: where a switch there is open, a loose end."""
        for name, row in switches.get(key, []):
            if not row["closed"]:
                loose = f"{self.bus(key[2])} / open {name}"
                self.extra[loose] = self.folded.get(key[2], key[2])
                return loose
        return self.bus(key[2])

    def _bus_switches(self) -> None:
        frame = self.frames["switch"]
        names = _named(frame, "switch")
        for at, row in zip(frame.index, frame.to_dict("records"), strict=True):
            here, there = row["bus"], row["element"]
            if row["et"] != "b" or not (self.kept(here) and self.kept(there)):
                continue
            if self.kv[here] < LOW_VOLTAGE_KV:
                if row["closed"] and self.bus(here) != self.bus(there):
                    main = {"id": names[at], "from_bus": self.bus(here), "to_bus": self.bus(there)}
                    self.rows["lines"].append(main | {"length_m": 0.0, "kind": "lv"})
                continue
            self._switch(names[at], row, self.bus(here), self.bus(there))

    def _loads(self) -> None:
        frame = self.frames["load"]
        taken = {row["id"] for row in self.rows["transformers"]}
        names = _named(frame, "load", taken)
        for at, row in zip(frame.index, frame.to_dict("records"), strict=True):
            if not self.kept(row["bus"]) or self.kv[row["bus"]] < LOW_VOLTAGE_KV:
                continue
            rating = _number(row.get("sn_mva"), _number(row.get("p_mw"), 0.0)) * 1000
            self.rows["transformers"].append(
                {"id": names[at], "bus": self.bus(row["bus"]), "rating_kva": max(rating, 0.0)}
            )

    def _external_grids(self) -> None:
        if self.sources:
            return
        for table in ("ext_grid", "gen"):
            frame = self.frames[table]
            slack = (
                frame if table == "ext_grid" or "slack" not in frame else frame[frame["slack"].astype(bool)]
            )
            if table == "gen" and "slack" not in frame:
                continue
            names = _named(slack, table)
            for at, row in zip(slack.index, slack.to_dict("records"), strict=True):
                if self.kept(row["bus"]):
                    self.sources[self.bus(row["bus"])] = names[at]

    def _join_parallel_sources(self) -> None:
        """Make one source of transformers that feed a busbar side by side; devices between become links."""
        graph = nx.Graph()
        for row in self.rows["switches"]:
            if row["normal"] == "closed":
                graph.add_edge(row["from_bus"], row["to_bus"], device=row["id"])
        graph.add_edges_from((r["from_bus"], r["to_bus"]) for r in self.rows["lines"] if r["kind"] == "link")
        joined: set[str] = set()
        for part in nx.connected_components(graph):
            first, *others = sorted(part & self.sources.keys()) or [""]
            for other in others:
                path = nx.shortest_path(graph, first, other)
                joined |= {graph.edges[pair].get("device", "") for pair in pairwise(path)}
        for row in self.rows["switches"]:
            if row["id"] in joined:
                self._link(row["id"], row["from_bus"], row["to_bus"])
        self.rows["switches"] = [row for row in self.rows["switches"] if row["id"] not in joined]

    def _buses(self, origin: Point) -> None:
        at_of: dict[str, Any] = {self.bus(at): self.folded.get(at, at) for at in self.kv if self.kept(at)}
        at_of |= self.extra
        links = [(row["from_bus"], row["to_bus"]) for row in (*self.rows["lines"], *self.rows["switches"])]
        known = {name: self.places[at] for name, at in at_of.items() if at in self.places}
        places = spread(list(at_of), links, known, origin)
        self.rows["buses"] = [
            {
                "id": name,
                "lon": places[name][0],
                "lat": places[name][1],
                "kind": "source" if name in self.sources else "bus",
                "substation": self.sources.get(name, ""),
                "voltage_kv": self.kv[at],
            }
            for name, at in at_of.items()
        ]


def _frame(net: Net, table: str) -> pd.DataFrame:
    try:
        found = net[table]
    except (KeyError, AttributeError):
        return pd.DataFrame()
    return found if isinstance(found, pd.DataFrame) else pd.DataFrame()


def _in_service(frame: pd.DataFrame) -> pd.DataFrame:
    if "in_service" not in frame.columns:
        return frame
    return frame[frame["in_service"].fillna(True).astype(bool)]


def _named(frame: pd.DataFrame, kind: str, taken: set[str] | None = None) -> dict[Any, str]:
    """Give each row its name where that is unique, else the kind and its index in the net."""
    if "name" not in frame.columns:
        return {at: f"{kind} {at}" for at in frame.index}
    names = frame["name"].where(frame["name"].notna(), "").astype(str).str.strip()
    unique = ~names.duplicated(keep=False) & (names != "") & ~names.isin(list(taken or ()))
    return {
        at: name if good else f"{kind} {at}"
        for at, name, good in zip(frame.index, names.tolist(), unique.tolist(), strict=True)
    }


def _places(frames: Net) -> dict[Any, Point]:
    """Longitude and latitude of buses: GeoJSON points in `bus.geo`, or the older `bus_geodata`."""
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
    good = all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in found.values())
    return found if good else {}


def _number(value: Any, default: float = math.nan) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    except OverflowError:
        return math.inf
    return default if math.isnan(number) else number


def _columns(table: str, rows: list[Row]) -> list[str]:
    used = {key for row in rows for key in row}
    return [column.name for column in TABLES[table] if column.required or column.name in used]

"""PyPSA networks as the folder of CSV files that PyPSA writes; PyPSA itself is not needed.

What `geo.readers.circuit.conversion` says of circuits holds; and of networks:

- Direct current, and buses of another carrier than AC that no line or transformer joins (heat,
  hydrogen), are left out with what ends there.
- PyPSA knows no switches: a line or transformer that is not `active` stands behind an open device.
- A generator with `control` Slack is the infeed. Where a part has none, it is the part's first
  generator, which is the slack for PyPSA, too. Other generators, stores and links feed nothing here.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import numpy as np

from ..errors import GeoError, GeoFault, nearest
from ..frames import as_stated
from ..placing import Point
from .circuit.elements import Branch, Circuit, Infeed, Load, Node, Transformer
from .circuit.figures import counted
from .circuit.supply import closed_graph
from .tables import decoded, read_bytes

NEEDS = {
    "buses": ("name",),
    "lines": ("name", "bus0", "bus1"),
    "transformers": ("name", "bus0", "bus1"),
    "loads": ("name", "bus"),
    "generators": ("name", "bus"),
}
OPTIONAL = ("links", "storage_units", "stores")
WGS84 = ("4326", "0")
MARKS = ("network.csv", "snapshots.csv")
OWN = ("lon", "lat")
ENDS = ("bus0", "bus1")

Row = dict[str, str]


def is_pypsa(folder: Path) -> bool:
    """Whether a folder holds a network as PyPSA writes it, and not the grid's own tables."""
    buses = folder / "buses.csv"
    if not buses.is_file():
        return False
    with buses.open("rb") as file:
        header = file.readline(1 << 16).decode("utf-8", "replace").lower().strip("\ufeff\r\n ")
    names = [each.strip('" ') for each in header.split(",")]
    if any(name in names for name in OWN):
        return False
    return "v_nom" in names or any((folder / mark).is_file() for mark in MARKS)


def pypsa_circuit(folder: Path) -> Circuit:
    """The circuit of a network by the folder where `buses.csv` and the others are."""
    return _Network(folder).circuit


class _Network:
    """Tables of a network on their way to a circuit; nodes are known by the names of their buses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[GeoFault] = []
        self.circuit = Circuit(file=folder.name)
        self._buses()
        self._branches()
        self._loads()
        if self.faults:
            raise GeoError(tuple(dict.fromkeys(self.faults)))
        self._infeeds()
        self._not_read()

    def rows(self, table: str) -> Iterator[tuple[int, Row]]:
        """Rows of a table with their numbers as an editor shows them; none where there is no such file."""
        path = self.folder / f"{table}.csv"
        if not path.is_file():
            return
        try:
            lines = csv.reader(decoded(read_bytes(path)).splitlines())
            header = [each.strip() for each in next(lines, [])]
            rows = [row for row in lines if row]
        except (ValueError, csv.Error) as error:
            self._fault(table, "", f"is no table: {error}")
            return
        if header and header[0] == "":
            header[0] = "name"
        for name in NEEDS.get(table, ()):
            if name not in header:
                self._fault(table, "", f"has no column '{name}'{nearest(name, header)}")
                return
        for number, row in enumerate(rows, start=2):
            yield number, dict(zip(header, (cell.strip() for cell in row), strict=False))

    def _fault(self, table: str, place: str, text: str) -> None:
        self.faults.append(GeoFault(file=f"{table}.csv", place=place, text=text, code="file"))

    def _buses(self) -> None:
        places = self._places()
        carriers: dict[str, set[str]] = {}
        joined = {
            row.get(end, "")
            for table in ("lines", "transformers")
            for _, row in self.rows(table)
            for end in ENDS
        }
        for number, row in self.rows("buses"):
            name, carrier = row["name"], row.get("carrier", "") or "AC"
            if name in self.circuit.nodes:
                self._fault("buses", f"row {number}", f"'{name}' is there twice")
            if carrier.upper() == "DC" or (carrier.upper() != "AC" and name not in joined):
                carriers.setdefault(carrier, set()).add(name)
                continue
            kv = self._number("buses", number, row, "v_nom", 1.0)
            self.circuit.nodes[name] = Node(name=name, kv=kv, place=places.get(name))
        self.away = {name for names in carriers.values() for name in names}
        for carrier, names in carriers.items():
            what = f"{counted(len(names), 'bus', 'es')} of the carrier '{carrier}'"
            text = f"{what} left out, with all that ends there"
            self.circuit.note("carrier", "buses.csv", text)

    def _places(self) -> dict[str, Point]:
        """Places of buses in degrees, whatever system `srid` states."""
        found = [
            (
                row["name"],
                self._number("buses", number, row, "x", math.nan),
                self._number("buses", number, row, "y", math.nan),
            )
            for number, row in self.rows("buses")
        ]
        found = [each for each in found if math.isfinite(each[1]) and math.isfinite(each[2])]
        if not any(x or y for _, x, y in found):
            return {}
        srid = next((row.get("srid") or "4326" for _, row in self.rows("network")), "4326").removesuffix(".0")
        if srid in WGS84:
            return {name: (x, y) for name, x, y in found}
        try:
            read = as_stated(f"EPSG:{srid}")
        except ValueError as error:
            self._fault("network", "column 'srid'", str(error))
            return {}
        places = read(np.array([x for _, x, _ in found]), np.array([y for _, _, y in found]))
        spots = zip(places.lon.tolist(), places.lat.tolist(), strict=True)
        return {name: spot for (name, _, _), spot in zip(found, spots, strict=True)}

    def _number(self, table: str, number: int, row: Row, name: str, default: float) -> float:
        text = row.get(name, "")
        if text.lower() in ("", "nan"):
            return default
        try:
            return float(text)
        except ValueError:
            self._fault(table, f"row {number}, column '{name}'", f"'{text[:60]}' is no number")
            return default

    def _ends(self, table: str, number: int, row: Row, columns: tuple[str, ...]) -> tuple[str, ...] | None:
        """Buses that a row names; None where one is of another carrier, a fault where one is not there."""
        found = []
        for column in columns:
            name = row.get(column, "")
            if name not in self.circuit.nodes and name not in self.away:
                text = f"'{name}' is no bus{nearest(name, self.circuit.nodes)}"
                self._fault(table, f"row {number}, column '{column}'", text)
            found.append(name)
        return tuple(found) if all(name in self.circuit.nodes for name in found) else None

    def _branches(self) -> None:
        for number, row in self.rows("lines"):
            if (ends := self._ends("lines", number, row, ENDS)) is not None:
                self.circuit.branches.append(
                    Branch(
                        name=row["name"],
                        here=ends[0],
                        there=ends[1],
                        kind="overhead",
                        length_m=max(self._number("lines", number, row, "length", 0.0), 0.0) * 1000,
                        rating_kw=self._number("lines", number, row, "s_nom", 0.0) * 1000 or math.nan,
                        in_service=_active(row),
                        spare_name=f"line {row['name']}",
                    )
                )
        for number, row in self.rows("transformers"):
            if (ends := self._ends("transformers", number, row, ENDS)) is not None:
                self.circuit.transformers.append(
                    Transformer(
                        name=row["name"],
                        ends=ends,
                        rating_kva=self._number("transformers", number, row, "s_nom", 0.0) * 1000,
                        in_service=_active(row),
                        spare_name=f"transformer {row['name']}",
                    )
                )

    def _loads(self) -> None:
        for number, row in self.rows("loads"):
            if (ends := self._ends("loads", number, row, ("bus",))) is not None:
                kw = self._number("loads", number, row, "p_set", 0.0) * 1000
                self.circuit.loads.append(
                    Load(
                        name=row["name"],
                        node=ends[0],
                        kva=abs(kw),
                        in_service=_active(row),
                        spare_name=f"load {row['name']}",
                    )
                )

    def _infeeds(self) -> None:
        generators = [
            (row, ends[0])
            for number, row in self.rows("generators")
            if (ends := self._ends("generators", number, row, ("bus",))) is not None and _active(row)
        ]
        slack = [each for each in generators if each[0].get("control", "").lower() == "slack"]
        taken = []
        for part in nx.connected_components(closed_graph(self.circuit)):
            own = [each for each in slack if each[1] in part]
            first = [each for each in generators if each[1] in part][:1]
            taken += [] if own else first
            for row, bus in own or first:
                self.circuit.infeeds.append(Infeed(name=row["name"], node=bus))
        if taken:
            text = f"{counted(len(taken), 'part')} without a slack: its first generator is taken to feed it"
            self.circuit.note("no-slack", "generators.csv", f"{text}, '{taken[0][0]['name']}' first")

    def _not_read(self) -> None:
        for table in OPTIONAL:
            if count := sum(1 for _ in self.rows(table)):
                self.circuit.note(
                    "not-read", f"{table}.csv", f"{count:,} not read: they join and feed nothing here"
                )


def _active(row: Row) -> bool:
    return row.get("active", "").lower() not in ("false", "0", "0.0", "no")

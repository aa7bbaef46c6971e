"""A grid and its customers as CIM100, in the distribution profile of IEC 61968, as `gridcrew grid` reads it.

Every bus is a ConnectivityNode, every transformer has a low-voltage node of its own, at which its customers'
UsagePoints hang by one EnergyConsumer. What CIM has a word for elsewhere (conductor types, limits, names that
people use beside ids) is not written; `write_cim` says how much that is.
"""

from __future__ import annotations

import math
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from geo import Grid

from ...ground.case import Case

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cim="http://iec.ch/TC57/CIM100#">
"""
SPACE = uuid.UUID("6ba7b814-9dad-11d1-80b4-00c04fd430c8")
LOW_KV = 0.4
KINDS = {"breaker": "Breaker", "recloser": "Recloser", "fuse": "Fuse", "switch": "LoadBreakSwitch"}
BY_ITSELF = ("breaker", "recloser")
"""Kinds that a reader takes for remote without being told."""
NODE, EQUIPMENT = "Terminal.ConnectivityNode", "Terminal.ConductingEquipment"


def write_cim(case: Case, out: Path) -> tuple[str, ...]:
    """Write a case's grid and customers to one file, whole or not at all.

    Returns
    -------
    tuple of str
        What the file does not hold, a sentence each.

    Raises
    ------
    OSError
        The place cannot be written.
    """
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(HEAD)
            _Writer(case, file).write()
            file.write("</rdf:RDF>\n")
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)
    return tuple(_lost(case.grid))


@dataclass(slots=True)
class _Writer:
    case: Case
    file: TextIO
    voltages: dict[float, str] = field(default_factory=dict)

    def write(self) -> None:
        grid, buses = self.case.grid, self.case.grid.buses
        self.object("CoordinateSystem", "wgs84", "WGS 84", {"CoordinateSystem.crsUrn": "EPSG:4326"})
        kv = np.where(np.isfinite(buses.voltage_kv), buses.voltage_kv, 10.0)
        for each in sorted({*kv.tolist(), LOW_KV}):
            self.voltages[each] = self.object(
                "BaseVoltage",
                f"kv/{each:g}",
                f"{each:g} kV",
                {"BaseVoltage.nominalVoltage": f"{each * 1000:g}"},
            )
        for name in buses.ids.tolist():
            self.object("ConnectivityNode", f"bus/{name}", str(name))
        self.sources(grid, kv)
        self.lines(grid, kv)
        self.switches(grid, kv)
        self.transformers(grid, kv)

    def sources(self, grid: Grid, kv: np.ndarray) -> None:
        buses = grid.buses
        for at in np.flatnonzero(buses.source).tolist():
            name = str(buses.substation[at] or buses.ids[at])
            self.equipment("EnergySource", f"source/{buses.ids[at]}", name, kv[at], [at], grid)

    def lines(self, grid: Grid, kv: np.ndarray) -> None:
        lines = grid.lines
        for at, (id_, here, there) in enumerate(_ends(lines)):
            kind = "EquivalentBranch" if lines.kind[at] == "link" else "ACLineSegment"
            low = lines.kind[at] == "lv"
            length = {} if kind != "ACLineSegment" else {"Conductor.length": f"{float(lines.length_m[at])!r}"}
            key = self.equipment(
                kind, f"line/{id_}", id_, LOW_KV if low else kv[here], [here, there], grid, length
            )
            for phase in lines.phases[at] or "":
                self.object(
                    "ACLineSegmentPhase",
                    f"line/{id_}/{phase}",
                    f"{id_} {phase}",
                    {"ACLineSegmentPhase.phase": f"SinglePhaseKind.{phase}"},
                    {"ACLineSegmentPhase.ACLineSegment": key},
                )

    def switches(self, grid: Grid, kv: np.ndarray) -> None:
        switches = grid.switches
        for at, (id_, here, there) in enumerate(_ends(switches)):
            kind, rating = str(switches.kind[at]), float(switches.rating_kw[at])
            more = {
                "Switch.normalOpen": _yes(not switches.normal_closed[at]),
                "Switch.open": _yes(not switches.closed[at]),
            }
            if math.isfinite(rating) and rating > 0:
                more["Switch.ratedCurrent"] = f"{rating / (math.sqrt(3) * kv[here])!r}"
            cim = KINDS.get(kind, "LoadBreakSwitch")
            key = self.equipment(cim, f"switch/{id_}", id_, kv[here], [here, there], grid, more)
            if switches.remote[at] and kind not in BY_ITSELF:
                self.object("RemoteControl", f"remote/{id_}", id_, links={"RemoteUnit.Switch": key})

    def transformers(self, grid: Grid, kv: np.ndarray) -> None:
        table, rows = grid.transformers, self.case.customers.rows_by_transformer
        for at, (id_, bus) in enumerate(zip(table.ids.tolist(), table.bus_idx.tolist(), strict=True)):
            place = self.location(f"transformer/{id_}", [(float(table.lon[at]), float(table.lat[at]))])
            key = self.object(
                "PowerTransformer", f"transformer/{id_}", id_, links={"PowerSystemResource.Location": place}
            )
            low = self.object("ConnectivityNode", f"low/{id_}", f"{id_} low")
            high = self.key(f"bus/{grid.buses.ids[bus]}")
            for number, (node, volts) in enumerate(((high, kv[bus]), (low, LOW_KV)), start=1):
                terminal = self.terminal(f"transformer/{id_}/{number}", key, node, number)
                self.object(
                    "PowerTransformerEnd",
                    f"transformer/{id_}/end/{number}",
                    f"{id_} {number}",
                    {
                        "PowerTransformerEnd.ratedU": f"{volts * 1000:g}",
                        "PowerTransformerEnd.ratedS": f"{float(table.rating_kva[at]) * 1000!r}",
                    },
                    {
                        "PowerTransformerEnd.PowerTransformer": key,
                        "TransformerEnd.Terminal": terminal,
                        "TransformerEnd.BaseVoltage": self.voltages[volts],
                    },
                )
            if (served := rows.get(str(id_))) is not None:
                self.customers(str(id_), low, served)

    def customers(self, transformer: str, low: str, rows: np.ndarray) -> None:
        """One load of all customers of a transformer, and a metered point of each."""
        load = self.object(
            "EnergyConsumer",
            f"load/{transformer}",
            f"{transformer} load",
            {"EnergyConsumer.p": "0", "EnergyConsumer.q": "0"},
            {"ConductingEquipment.BaseVoltage": self.voltages[LOW_KV]},
        )
        self.terminal(f"load/{transformer}", load, low, 1)
        table = self.case.customers
        for at in rows.tolist():
            id_, name = str(table.table.index[at]), table.fact(str(table.table.index[at]), "name") or ""
            lon, lat = table.lonlat[at].tolist()
            place = self.location(f"customer/{id_}", [(lon, lat)], kind="ServiceLocation")
            links = {"UsagePoint.Equipments": load, "UsagePoint.ServiceLocation": place}
            self.file.write(_element("UsagePoint", id_, name, {}, links))

    # -- pieces ------------------------------------------------------------------------

    def equipment(
        self,
        kind: str,
        key: str,
        name: str,
        volts: float,
        ends: list[int],
        grid: Grid,
        more: dict[str, str] | None = None,
    ) -> str:
        """Equipment at one bus or between two, with its terminals and its place."""
        buses = grid.buses
        place = self.location(key, [(float(buses.lon[at]), float(buses.lat[at])) for at in ends])
        links = {
            "ConductingEquipment.BaseVoltage": self.voltages[volts],
            "PowerSystemResource.Location": place,
        }
        own = self.object(kind, key, name, more or {}, links)
        for number, at in enumerate(ends, start=1):
            self.terminal(f"{key}/{number}", own, self.key(f"bus/{buses.ids[at]}"), number)
        return own

    def terminal(self, key: str, equipment: str, node: str, number: int) -> str:
        numbers = {"ACDCTerminal.sequenceNumber": str(number), "ACDCTerminal.connected": "true"}
        return self.object("Terminal", f"terminal/{key}", "", numbers, {EQUIPMENT: equipment, NODE: node})

    def location(self, key: str, points: list[tuple[float, float]], kind: str = "Location") -> str:
        own = self.object(kind, f"place/{key}", "", links={"Location.CoordinateSystem": self.key("wgs84")})
        for number, (lon, lat) in enumerate(points, start=1):
            known = {
                "PositionPoint.sequenceNumber": str(number),
                "PositionPoint.xPosition": repr(lon),
                "PositionPoint.yPosition": repr(lat),
            }
            self.object("PositionPoint", f"place/{key}/{number}", "", known, {"PositionPoint.Location": own})
        return own

    def key(self, text: str) -> str:
        """An mRID: the same for the same thing, so that two exports can be compared."""
        return str(uuid.uuid5(SPACE, text))

    def object(
        self,
        kind: str,
        key: str,
        name: str,
        values: dict[str, str] | None = None,
        links: dict[str, str] | None = None,
    ) -> str:
        own = self.key(key)
        self.file.write(_element(kind, own, name, values or {}, links or {}))
        return own


def _element(kind: str, key: str, name: str, values: dict[str, str], links: dict[str, str]) -> str:
    named = {"IdentifiedObject.name": name, **values} if name else values
    inner = [f"<cim:{what}>{escape(text)}</cim:{what}>" for what, text in named.items()]
    inner += [f"<cim:{what} rdf:resource={quoteattr('#' + other)}/>" for what, other in links.items()]
    return f"<cim:{kind} rdf:ID={quoteattr(key)}>{''.join(inner)}</cim:{kind}>\n"


def _ends(table: object) -> Iterator[tuple[str, int, int]]:
    ids, here, there = (getattr(table, name).tolist() for name in ("ids", "from_idx", "to_idx"))
    return ((str(id_), one, other) for id_, one, other in zip(ids, here, there, strict=True))


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _lost(grid: Grid) -> Iterator[str]:
    lines, switches, transformers = grid.lines, grid.switches, grid.transformers
    cables = int((lines.kind == "cable").sum())
    rated = int(np.isfinite(lines.rating_kw).sum())
    manual = int((np.isin(switches.kind, BY_ITSELF) & ~switches.remote).sum())
    named = sum(
        bool(name) and name != id_
        for table in (switches, transformers)
        for id_, name in zip(table.ids, table.name, strict=True)
    )
    mains = int(lines.low_voltage.sum())
    for count, what in (
        (cables, "not in CIM100: {:,} cables are read back as overhead lines"),
        (rated, "not in CIM100: {:,} ratings of lines"),
        (
            manual,
            "not in CIM100: {:,} breakers and reclosers worked by hand are read back as remote",
        ),
        (named, "not in CIM100: {:,} names beside ids"),
        (mains, "not in CIM100: {:,} low-voltage mains are written at the bus of their transformer"),
    ):
        if count:
            yield what.format(count)

"""The rows of a case's grid and customers, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .tables import write_table

CUSTOMER_COLUMNS = (
    "id",
    "name",
    "address",
    "lon",
    "lat",
    "transformer",
    "lv_main",
    "phase",
    "industry",
    "voltage_kv",
    "sources",
    "own_generator_h",
    "energy_kwh_year",
    "load_type",
    "supply_guarantee",
    "welfare",
    "arrears",
    "area",
    "phone",
    "access",
)


@dataclass(slots=True)
class Bus:
    """A node of the grid."""

    id: str
    lon: float
    lat: float
    kind: str
    substation: str
    feeder: str


@dataclass(slots=True)
class Line:
    """A line between two buses; `trunk` is not written, it tells where large faults lie."""

    id: str
    from_bus: str
    to_bus: str
    length_m: float
    kind: str
    rating_kw: int
    feeder: str
    trunk: bool


@dataclass(slots=True)
class Device:
    """A switching device between two buses."""

    id: str
    from_bus: str
    to_bus: str
    kind: str
    control: str
    normal: str
    name: str


@dataclass(slots=True)
class Station:
    """A distribution transformer."""

    id: str
    bus: str
    rating_kva: int
    name: str
    lon: float
    lat: float
    feeder: str


@dataclass(slots=True)
class Customer:
    """A customer, and where it hangs."""

    id: str
    name: str
    address: str
    lon: float
    lat: float
    transformer: str
    lv_main: str
    phase: str
    industry: str
    voltage_kv: float
    energy_kwh_year: int
    sources: int = 1
    own_generator_h: float | None = None
    load_type: str = ""
    supply_guarantee: bool = False
    welfare: bool = False
    arrears: bool = False
    area: str = "urban"
    phone: str = ""
    access: str = ""

    def row(self) -> list[object]:
        """Return the cells; "no" is left empty, as it is the default."""
        return [_cell(getattr(self, name)) for name in CUSTOMER_COLUMNS]


@dataclass(slots=True)
class Built:
    """A grid and its customers."""

    voltage_kv: float
    buses: list[Bus] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    coordinates: dict[str, tuple[float, float]] = field(default_factory=dict)

    def add_bus(
        self,
        name: str,
        place: tuple[float, float],
        *,
        kind: str = "bus",
        substation: str = "",
        feeder: str = "",
    ) -> str:
        """Add a bus and return its id."""
        self.buses.append(Bus(name, place[0], place[1], kind, substation, feeder))
        self.coordinates[name] = place
        return name

    def write(self, folder: Path) -> dict[str, int]:
        """Write the grid's four tables and the customers; return the counts of rows."""
        grid = folder / "grid"
        return {
            "buses": write_table(
                grid / "buses.csv",
                ["id", "lon", "lat", "kind", "substation", "feeder", "voltage_kv"],
                (
                    (b.id, f"{b.lon:.6f}", f"{b.lat:.6f}", b.kind, b.substation, b.feeder, self.voltage_kv)
                    for b in self.buses
                ),
            ),
            "lines": write_table(
                grid / "lines.csv",
                ["id", "from_bus", "to_bus", "length_m", "kind", "rating_kw"],
                ((x.id, x.from_bus, x.to_bus, x.length_m, x.kind, x.rating_kw) for x in self.lines),
            ),
            "switching devices": write_table(
                grid / "switches.csv",
                ["id", "from_bus", "to_bus", "kind", "control", "normal", "name"],
                ((d.id, d.from_bus, d.to_bus, d.kind, d.control, d.normal, d.name) for d in self.devices),
            ),
            "transformers": write_table(
                grid / "transformers.csv",
                ["id", "bus", "rating_kva", "name", "lon", "lat"],
                ((s.id, s.bus, s.rating_kva, s.name, f"{s.lon:.6f}", f"{s.lat:.6f}") for s in self.stations),
            ),
            "customers": write_table(
                folder / "customers.csv.gz", CUSTOMER_COLUMNS, (customer.row() for customer in self.customers)
            ),
            "substations": sum(bus.kind == "source" for bus in self.buses),
            "breakers (feeders)": sum(device.kind == "breaker" for device in self.devices),
            "ties": sum(device.normal == "open" for device in self.devices),
        }


def _cell(value: object) -> object:
    if value is True:
        return "yes"
    if value is False:
        return ""
    return (
        f"{value:g}" if isinstance(value, float) and abs(value) < 60 and value == round(value, 2) else value
    )

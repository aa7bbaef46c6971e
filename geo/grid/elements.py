"""The elements of a grid as arrays, one record per table, and the small records made from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..schema import PROTECTIVE_KINDS

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

FaultKind = Literal["line", "switch", "transformer", "bus", "service"]


@dataclass(frozen=True, kw_only=True)
class Buses:
    """Nodes: (n,) arrays; `source` where supply enters, `dead` where none is known to come, kV or NaN."""

    ids: Texts
    lon: Floats
    lat: Floats
    source: Flags
    dead: Flags
    substation: Texts
    feeder: Texts
    voltage_kv: Floats

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Lines: (n,) arrays; ends are positions in the buses; `rating_kw` NaN means no limit."""

    ids: Texts
    from_idx: Indices
    to_idx: Indices
    length_m: Floats
    kind: Texts
    rating_kw: Floats
    phases: Texts

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def low_voltage(self) -> Flags:
        """Low-voltage mains, which hang behind transformers."""
        return np.asarray(self.kind == "lv", dtype=bool)


@dataclass(frozen=True, kw_only=True)
class Switches:
    """Switching devices: (n,) arrays; `closed` is the present state, `normal_closed` the normal one."""

    ids: Texts
    from_idx: Indices
    to_idx: Indices
    kind: Texts
    remote: Flags
    normal_closed: Flags
    closed: Flags
    name: Texts
    rating_kw: Floats

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def protective(self) -> Flags:
        """Devices that open by themselves on a fault behind them."""
        return np.isin(self.kind, PROTECTIVE_KINDS)


@dataclass(frozen=True, kw_only=True)
class Transformers:
    """Distribution transformers: (n,) arrays; `bus_idx` is the bus that feeds each."""

    ids: Texts
    bus_idx: Indices
    rating_kva: Floats
    name: Texts
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What lies between switching devices.

    Attributes
    ----------
    id : name of the section.
    buses, lines, transformers : ids of what lies in it.
    devices : ids of the switching devices at its border.
    feeder : the feeder that supplies it as the grid is run; None where it is dead.
    """

    id: str
    buses: tuple[str, ...]
    lines: tuple[str, ...]
    devices: tuple[str, ...]
    transformers: tuple[str, ...]
    feeder: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeder:
    """Everything supplied through one device at a source's section; named after that device.

    Attributes
    ----------
    id, device : the feeder's name and its device.
    substation : name of the source.
    sections, transformers : how many of each.
    """

    id: str
    device: str
    substation: str
    sections: int
    transformers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something broken in the grid.

    Parameters
    ----------
    place : id of the line, device, transformer or bus. A `service` fault (one customer's
        connection) may name any of these or something the grid does not know.
    lon, lat : where exactly the damage is; without them the middle of the element.
    phases : that it is on, of A, B and C; empty: those of a faulted line, else all.
    """

    id: str
    kind: FaultKind
    place: str
    lon: float | None = None
    lat: float | None = None
    phases: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchAction:
    """One operation of one device.

    Attributes
    ----------
    device, name : its id, and the name painted on it.
    action : "open" or "close".
    remote : done from the control room; otherwise a crew goes there.
    lon, lat : where it stands, degrees WGS 84.
    """

    device: str
    action: Literal["open", "close"]
    remote: bool
    lon: float
    lat: float
    name: str

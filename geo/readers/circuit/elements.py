"""What the formats of other programs have in common: nodes, and equipment between them.

A reader fills a `Circuit` and leaves it to `to_grid` what of it is transmission, what low voltage,
what a source, and what cannot be run as the grid of gridcrew is run. Nodes are known by keys that
the reader chooses; names are for people and need not be unique here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ...errors import GeoFault
from ...placing import Point
from .figures import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A place where equipment meets.

    Parameters
    ----------
    kv : nominal voltage; NaN where the file does not say it.
    place : lon, lat, or a place in a drawing; None where there is none.
    inner : made by the reader, between a device and the equipment that it stands at.
    """

    name: str
    kv: float = math.nan
    place: Point | None = None
    inner: bool = False
    spare_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A line, or something as good as one (`link`: busbar, reactor, regulator)."""

    name: str
    here: str
    there: str
    kind: str = "overhead"
    length_m: float = 0.0
    rating_kw: float = math.nan
    phases: str = ""
    in_service: bool = True
    spare_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A switching device; `present_open` None where it is as `normal_open` says."""

    name: str
    here: str
    there: str
    kind: str = "switch"
    remote: bool = False
    normal_open: bool = False
    present_open: bool | None = None
    rating_kw: float = math.nan
    spare_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer:
    """A transformer with two or more ends, each at a node."""

    name: str
    ends: tuple[str, ...]
    rating_kva: float = 0.0
    in_service: bool = True
    spare_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Somebody who takes power at a node."""

    name: str
    node: str
    kva: float = 0.0
    in_service: bool = True
    spare_name: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A metered customer: the load (by its key) that it is part of, and where it lives."""

    id: str
    load: str
    name: str = ""
    place: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Infeed:
    """Where power comes in: an external grid, an equivalent source."""

    name: str
    node: str


@dataclass(slots=True, kw_only=True)
class Circuit:
    """All of a file. `spare_name` of an element is what it is called where its name is taken.

    Parameters
    ----------
    drawn : the file itself says that its coordinates are a plan of its own.
    """

    file: str
    nodes: dict[str, Node] = field(default_factory=dict)
    branches: list[Branch] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    transformers: list[Transformer] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    infeeds: list[Infeed] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    drawn: bool = False
    notes: list[GeoFault] = field(default_factory=list)

    def note(self, code: str, place: str, text: str) -> None:
        """Note what is taken otherwise than the file has it, or not at all."""
        self.notes.append(GeoFault(file=self.file, place=place, text=text, code=code, severity="warning"))

    def note_partly_open(self, names: list[str]) -> None:
        """Note the devices that are open on some of their phases, and count as closed."""
        if names:
            text = f"{counted(len(names), 'device')} open on some phases; taken as closed, the first is"
            self.note("phase-open", "switches", f"{text} '{names[0]}'")

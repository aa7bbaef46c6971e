"""Networks: the grid (what is dead, what restores it) and the roads (how long every drive takes)."""

from __future__ import annotations

from .errors import GeoError, GeoFault, nearest
from .grid.elements import Fault, Feeder, Section, SwitchAction
from .grid.network import Grid, GridFault
from .grid.report import describe
from .grid.restoration import Restoration, RestorationBlock, restore
from .grid.steps import Step
from .grid.switching import Move, Violation, check_switching, switching_list
from .grid.tracing import Trace, downstream, trace, upstream_devices
from .readers.loading import load_grid, write_grid
from .roads.network import Roads, load_roads
from .roads.snapping import Snap
from .roads.travel import TravelTable

__all__ = [
    "Fault",
    "Feeder",
    "GeoError",
    "GeoFault",
    "Grid",
    "GridFault",
    "Move",
    "Restoration",
    "RestorationBlock",
    "Roads",
    "Section",
    "Snap",
    "Step",
    "SwitchAction",
    "Trace",
    "TravelTable",
    "Violation",
    "check_switching",
    "describe",
    "downstream",
    "load_grid",
    "load_roads",
    "nearest",
    "restore",
    "switching_list",
    "trace",
    "upstream_devices",
    "write_grid",
]

"""Networks: the grid (what is dead, what restores it) and the roads (how long every drive takes)."""

from __future__ import annotations

from .elements import Fault, Feeder, Section, SwitchAction
from .errors import GeoError, GeoFault, nearest
from .grid import Grid, GridFault
from .loading import load_grid, write_grid
from .report import describe
from .restoration import Restoration, RestorationBlock, restore
from .roads import Roads, load_roads
from .snapping import Snap
from .steps import Step
from .switching import Move, Violation, check_switching, switching_list
from .tracing import Trace, downstream, trace, upstream_devices
from .travel import TravelTable

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

"""Whether voltage and loading hold when supply is led another way: a power flow, with the extra pandapower.

    from geo.grid.powerflow import PowerFlow
    restore(grid, faults, load_kw=load_kw, carries=PowerFlow(grid, load_kw).carries)

Ratings alone are a sum of loads (`geo.grid.capacity`); this looks at the state of the whole grid that
a way leads to. Impedances are those of a usual cable and overhead line where the tables say
nothing else: `LineType`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import GeoError, GeoFault
from .capacity import transformer_loads
from .elements import Floats, Indices, Texts
from .network import Grid
from .restoration import Switched


@dataclass(frozen=True, slots=True, kw_only=True)
class LineType:
    """Impedance per kilometre of a kind of line; `c_nf` is its capacitance."""

    r_ohm: float
    x_ohm: float
    c_nf: float


# Standard types of pandapower 3.5: "NA2XS2Y 1x185 RM/25 12/20 kV" and "94-AL1/15-ST1A 20.0".
LINE_TYPES: Mapping[str, LineType] = {
    "cable": LineType(r_ohm=0.161, x_ohm=0.117, c_nf=273.0),
    "overhead": LineType(r_ohm=0.306, x_ohm=0.35, c_nf=10.0),
}
# A link (busbar, regulator) or a line without length still needs an impedance; metres of cable.
LEAST_LENGTH_M = 1.0
# Per unit; what differs by less is the same.
SAME = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a state must keep to.

    Parameters
    ----------
    voltage : least and greatest voltage per unit; EN 50160 allows 10 % either side.
    loading : of a line's or device's rating, 1 is all of it.
    source_voltage : per unit at the busbars of substations. power_factor : of every load.
        Neither of the two is taken from a source.
    """

    voltage: tuple[float, float] = (0.9, 1.1)
    loading: float = 1.0
    source_voltage: float = 1.02
    power_factor: float = 0.98


@dataclass(frozen=True, kw_only=True, eq=False)
class Flow:
    """What a power flow says of a state.

    Parameters
    ----------
    voltage : (buses,) per unit, NaN without supply.
    load : (lines and devices,) share of the rating, 0 where there is none; `names` in the same order.
    """

    converged: bool
    voltage: Floats
    load: Floats
    names: Texts

    @property
    def voltage_low(self) -> float:
        """Lowest voltage of all that has supply, per unit."""
        return float(np.nanmin(self.voltage))

    @property
    def loading(self) -> float:
        """Greatest share of a rating."""
        return float(self.load.max(initial=0.0))

    @property
    def tightest(self) -> str:
        """The line or device that is loaded most."""
        return str(self.names[int(self.load.argmax())]) if len(self.load) else ""


class PowerFlow:
    """A grid as a net of pandapower, for states of its switches.

    Parameters
    ----------
    load_kw : of transformers; one that is not named counts with its rated power.

    Raises
    ------
    GeoError
        If pandapower is not installed.
    """

    def __init__(
        self, grid: Grid, load_kw: Mapping[str, float] | None = None, limits: Limits | None = None
    ) -> None:
        try:
            # an extra: half a gigabyte that only this check and readers of CGMES need
            import pandapower  # noqa: PLC0415
        except ImportError as error:
            text = "a power flow needs pandapower: pip install 'gridcrew[pandapower]'"
            raise GeoError(GeoFault(file=grid.name, place="", text=text, code="extra")) from error
        self.grid = grid
        self.limits = limits or Limits()
        self._pp: Any = pandapower
        self._answers: dict[Switched, Flow] = {}
        self._net, self._line_rows, self._switch_rows = self._build(transformer_loads(grid, load_kw or {}))

    def carries(self, state: Switched) -> bool:
        """Whether a state keeps to the limits, but for what the grid as it was run kept to no better."""
        flow, before = self.flow(state), self.flow(Switched())
        if not flow.converged:
            return False
        low, high = self.limits.voltage
        over = (flow.load > self.limits.loading) & ~(flow.load <= before.load + SAME)
        sags = (flow.voltage < low) & ~(flow.voltage >= before.voltage - SAME)
        swells = (flow.voltage > high) & ~(flow.voltage <= before.voltage + SAME)
        return not (over.any() or sags.any() or swells.any())

    def flow(self, state: Switched) -> Flow:
        """Run the flow of a state; each state once."""
        if state not in self._answers:
            self._answers[state] = self._run(state)
        return self._answers[state]

    def _run(self, state: Switched) -> Flow:
        closed = self.grid.run_closed.copy()
        for devices, shut in ((state.opened, False), (state.closed, True)):
            for device in devices:
                closed[self.grid.switch_at[device]] = shut
        self._net.switch.loc[self._switch_rows, "closed"] = closed
        try:
            self._pp.runpp(self._net, numba=False)
        except self._pp.LoadflowNotConverged:
            nothing = np.zeros(0)
            return Flow(converged=False, voltage=nothing, load=nothing, names=self._names)
        net, lines, switches = self._net, self.grid.lines, self.grid.switches
        line_ka = net.res_line.i_ka.to_numpy()
        device_ka = np.where(closed, net.res_switch.i_ka.to_numpy(), 0.0) if len(switches) else np.zeros(0)
        line_share = _loading(line_ka, lines.rating_kw[self._line_rows], self._kv_of_line)
        device_share = _loading(device_ka, switches.rating_kw, self._kv[switches.from_idx])
        return Flow(
            converged=True,
            voltage=net.res_bus.vm_pu.to_numpy().copy(),
            load=np.concatenate([line_share, device_share]),
            names=self._names,
        )

    def _build(self, loads: Floats) -> tuple[Any, Indices, Any]:
        pp, grid = self._pp, self.grid
        net = pp.create_empty_network()
        known = grid.buses.voltage_kv
        # a bus without a voltage has that of the others
        self._kv = np.where(
            np.isfinite(known), known, np.nanmedian(known) if np.isfinite(known).any() else 10.0
        )
        pp.create_buses(net, len(grid.buses), vn_kv=self._kv)
        for source in np.flatnonzero(grid.buses.source).tolist():
            pp.create_ext_grid(net, source, vm_pu=self.limits.source_voltage)
        rows = np.flatnonzero(~grid.lines.low_voltage)
        self._names = np.concatenate([grid.lines.ids[rows], grid.switches.ids])
        self._kv_of_line = self._kv[grid.lines.from_idx[rows]]
        types = [LINE_TYPES.get(str(kind), LINE_TYPES["cable"]) for kind in grid.lines.kind[rows].tolist()]
        pp.create_lines_from_parameters(
            net,
            grid.lines.from_idx[rows],
            grid.lines.to_idx[rows],
            length_km=np.maximum(grid.lines.length_m[rows], LEAST_LENGTH_M) / 1000,
            r_ohm_per_km=[each.r_ohm for each in types],
            x_ohm_per_km=[each.x_ohm for each in types],
            c_nf_per_km=[each.c_nf for each in types],
            max_i_ka=1.0,
        )
        tangent = math.tan(math.acos(self.limits.power_factor))
        pp.create_loads(net, grid.transformers.bus_idx, p_mw=loads / 1000, q_mvar=loads / 1000 * tangent)
        switches = grid.switches
        found = pp.create_switches(
            net, switches.from_idx, switches.to_idx, et="b", closed=grid.run_closed, z_ohm=1e-4
        )
        return net, rows, found


def _loading(amps_ka: np.ndarray, rating_kw: Floats, kv: Floats) -> Floats:
    """Share of the rating that a current takes; 0 where there is no rating."""
    limit_ka = rating_kw / (math.sqrt(3) * kv * 1000)
    share = np.where(np.isfinite(limit_ka) & (limit_ka > 0), np.nan_to_num(amps_ka) / limit_ka, 0.0)
    return np.asarray(share, dtype=np.float64)

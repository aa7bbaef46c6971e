"""What a grid holds, in figures and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import MOST_SHOWN, GeoFault
from .network import Grid
from .topology import NONE


def describe(grid: Grid) -> dict[str, int | float]:
    """Count what a grid holds.

    Parameters
    ----------
    grid : the grid.

    Returns
    -------
    dict
        substations, sources, feeders, sections, buses, lines, line_km, lv_mains, switches (switching
        devices of every kind, ties included), breakers, reclosers, fuses, remote, ties, transformers,
        rated_kva, without_supply (transformers that no source reaches at present).
    """
    lines, switches = grid.lines, grid.switches
    low = lines.low_voltage
    sources = np.flatnonzero(grid.buses.source)
    names = {
        str(substation or bus)
        for substation, bus in zip(grid.buses.substation[sources], grid.buses.ids[sources], strict=True)
    }
    reached = grid.tree.position[grid.transformer_sections] != NONE
    return {
        "substations": len(names),
        "sources": len(sources),
        "feeders": len(grid.feeders),
        "sections": grid.sectioning.count,
        "buses": len(grid.buses),
        "lines": int((~low).sum()),
        "line_km": round(float(lines.length_m[~low].sum()) / 1000, 1),
        "lv_mains": int(low.sum()),
        "switches": len(switches),
        "breakers": int((switches.kind == "breaker").sum()),
        "reclosers": int((switches.kind == "recloser").sum()),
        "fuses": int((switches.kind == "fuse").sum()),
        "remote": int(switches.remote.sum()),
        "ties": len(grid.ties),
        "transformers": len(grid.transformers),
        "rated_kva": round(float(grid.transformers.rating_kva.sum()), 1),
        "without_supply": int((~reached).sum()),
    }


def in_words(counts: Mapping[str, int | float], faults: Sequence[GeoFault]) -> str:
    """Set figures and faults as text, a line each; of the faults the first fifty and the count."""
    width = max(map(len, counts))
    lines = [f"{name.replace('_', ' '):<{width}}  {figure:>12,}" for name, figure in counts.items()]
    errors = sum(fault.severity == "error" for fault in faults)
    lines.append("")
    lines += [f"{fault.severity}: {fault}{_at(fault)}" for fault in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        lines.append(f"... and {len(faults) - MOST_SHOWN} more")
    lines.append(f"{errors} error{'' if errors == 1 else 's'}, {len(faults) - errors} warnings")
    return "\n".join(lines)


def _at(fault: GeoFault) -> str:
    return "" if fault.lon is None or fault.lat is None else f" (at {fault.lon:.5f}, {fault.lat:.5f})"

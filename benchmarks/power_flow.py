"""Ties by the sum of loads against ratings, and by a power flow: how often they agree, and where not.

    python benchmarks/power_flow.py [--case data/oberrhein] [--factors 1 2 4] [--most 60]

Needs the extra pandapower. Every line of the grid fails once, alone; every way over a tie that
leads back, ratings aside, is judged by both checks, with all loads times each factor.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from dispatch.intake import load_case
from geo import Fault, Grid, restore
from geo.grid.capacity import transformer_loads, within_ratings
from geo.grid.powerflow import Flow, Limits, PowerFlow
from geo.grid.restoration import Switched


def without_ratings(grid: Grid) -> Grid:
    """The grid with nothing rated, so that every way is offered."""
    return replace(
        grid,
        lines=replace(grid.lines, rating_kw=np.full(len(grid.lines), np.nan)),
        switches=replace(grid.switches, rating_kw=np.full(len(grid.switches), np.nan)),
    )


def states(grid: Grid) -> dict[Switched, set[str]]:
    """States that ways over ties lead to, one line faulty at a time; by the lines they help."""
    bare, found = without_ratings(grid), dict[Switched, set[str]]()
    for line in grid.lines.ids[~grid.lines.low_voltage].tolist():

        def note(state: Switched, line: str = line) -> bool:
            found.setdefault(state, set()).add(line)
            return True

        restore(bare, [Fault(id="F", kind="line", place=line)], carries=note)
    return found


def sums_hold(grid: Grid, load_kw: dict[str, float], state: Switched) -> bool:
    """Whether the loads behind every branch stay within its rating in this state."""
    closed = grid.run_closed.copy()
    for devices, shut in ((state.opened, False), (state.closed, True)):
        for device in devices:
            closed[grid.switch_at[device]] = shut
    return within_ratings(grid, closed, transformer_loads(grid, load_kw))


def why(flow: Flow, limits: Limits) -> str:
    """What a power flow finds wrong."""
    if not flow.converged:
        return "does not converge"
    if flow.loading > limits.loading:
        return "loading"
    return "voltage" if not limits.voltage[0] <= flow.voltage_low <= limits.voltage[1] else "none"


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    data = Path(__file__).parents[1] / "data"
    parser.add_argument("--case", type=Path, default=data / "oberrhein")
    parser.add_argument("--factors", type=float, nargs="+", default=[1.0, 2.0, 4.0])
    parser.add_argument("--most", type=int, default=60, help="states looked at, evenly among all")
    asked = parser.parse_args()
    case = load_case(asked.case)
    grid, load_kw = case.grid, dict(case.load_kw)
    every = states(grid)
    found = sorted(every, key=lambda state: (sorted(state.closed), sorted(state.opened)))
    found = found[:: max(1, len(found) // asked.most)]
    print(
        f"{case.settings.name}: ways over {len(grid.ties)} ties lead to {len(every)} states; "
        f"{len(found)} of them looked at",
        flush=True,
    )
    print(
        "\n| loads times | load, MW | both hold | neither | only the sum holds | only the flow holds | "
        "why the flow does not | lowest voltage | greatest loading | a flow, ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for factor in asked.factors:
        loads = {name: factor * load for name, load in load_kw.items()}
        check = PowerFlow(grid, loads)
        began = time.process_time()
        flows = {state: check.flow(state) for state in found}
        each_ms = 1000 * (time.process_time() - began) / max(1, len(found))
        pairs = Counter((sums_hold(grid, loads, state), check.carries(state)) for state in found)
        wrong = Counter(why(flow, check.limits) for state, flow in flows.items() if not check.carries(state))
        reasons = ", ".join(f"{name} {count}" for name, count in wrong.most_common()) or "-"
        sound = [flow for flow in flows.values() if flow.converged]
        print(
            f"| {factor:g} | {sum(transformer_loads(grid, loads)) / 1000:.1f} | {pairs[True, True]} "
            f"| {pairs[False, False]} | {pairs[True, False]} | {pairs[False, True]} | {reasons} "
            f"| {min(flow.voltage_low for flow in sound):.3f} | {max(flow.loading for flow in sound):.0%} "
            f"| {each_ms:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""A further check of what ties may carry: any question of the state, and a power flow of pandapower."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from geo import Fault, GeoError, restore
from geo.grid.powerflow import Limits, PowerFlow
from geo.grid.restoration import Switched

HELP = """
S1 [B1] a
a -- a1 @2000
a1 100
a1 |M1| b
b -- b1 @2000
b1 100
b1 |M2| c
c -- c1 @1000
c1 100
c1 /T1/ z
S2 [B2] z
z 200
"""
FAULT = Fault(id="f", kind="line", place="b-b1")


def ways(found, transformer):
    """Ways of the block that holds a transformer."""
    return set(next(block.ways for block in found.blocks if transformer in block.transformers))


def test_the_check_is_asked_of_the_state_that_a_way_leads_to(grid_of):
    asked = []
    restore(grid_of(HELP), [FAULT], carries=lambda state: not asked.append(state))
    assert Switched(opened=frozenset({"B1", "M2"}), closed=frozenset({"T1"})) in asked
    assert all(state.closed == {"T1"} for state in asked)


def test_a_way_whose_state_does_not_hold_is_not_offered(grid_of):
    found = restore(grid_of(HELP), [FAULT], carries=lambda state: False)
    assert ways(found, "Tc1") == {frozenset({"repair:f"})}
    # leading back from its own side closes no tie and is not asked
    assert ways(found, "Ta1") == {frozenset({"repair:f"}), frozenset({"open:M1", "close:B1"})}


def test_without_pandapower_it_says_what_to_install(grid_of):
    if importlib.util.find_spec("pandapower"):
        pytest.skip("pandapower is installed")
    with pytest.raises(GeoError, match=r"gridcrew\[pandapower\]"):
        PowerFlow(grid_of(HELP))


@pytest.fixture
def pandapower():
    """The extra, or the reason why the test is skipped."""
    return pytest.importorskip("pandapower", reason="the extra pandapower is not installed")


def test_a_power_flow_lets_the_tie_help_while_loads_are_small(grid_of, pandapower):
    grid = grid_of(HELP)
    found = restore(grid, [FAULT], carries=PowerFlow(grid).carries)
    assert frozenset({"open:M2", "close:T1"}) in ways(found, "Tc1")


def test_a_power_flow_refuses_what_overloads(grid_of, pandapower):
    helped = Switched(opened=frozenset({"B1", "M1"}), closed=frozenset({"T1"}))
    heavy = PowerFlow(grid_of(HELP), {"Tb1": 1100.0})
    assert not heavy.carries(helped)
    assert heavy.flow(helped).tightest == "c-c1"
    assert heavy.flow(helped).loading == pytest.approx(1.1, abs=0.01)


def test_a_power_flow_refuses_what_lets_the_voltage_sag(grid_of, pandapower):
    # ten kilometres of overhead line and 2 MW at its end: r P / U^2 alone is 6 %
    grid = grid_of(HELP.replace("c1 /T1/ z", "c1 /T1/ y\ny -- z"))
    far = replace(grid, lines=replace(grid.lines, length_m=np.where(grid.lines.ids == "y-z", 1e4, 100.0)))
    helped = Switched(opened=frozenset({"B1", "M1"}), closed=frozenset({"T1"}))
    loads = {"Tb1": 900.0, "Tc1": 1100.0}
    assert PowerFlow(far, loads).carries(helped)
    assert not PowerFlow(far, loads, Limits(voltage=(0.97, 1.1))).carries(helped)


def test_parts_without_supply_do_not_count(grid_of, pandapower):
    grid = grid_of(HELP)
    flow = PowerFlow(grid).flow(Switched(opened=frozenset({"B1"})))
    assert flow.converged
    assert flow.voltage_low > 1.0

"""Faults on one phase: a fuse blows alone, a breaker takes all three with it."""

from __future__ import annotations

import pandas as pd
import pytest

from geo import Fault, Grid, restore, trace
from tests.geo.conftest import tables_of

LATERAL = """
S1 [B1] a
a -- a1
a1 100
a1 <F1> b
b -- b1
b1 100
b1 -- c
c 100
"""


@pytest.fixture
def grid() -> Grid:
    """A lateral behind a fuse whose last line has phase A alone."""
    tables = tables_of(LATERAL)
    tables["lines"]["phases"] = tables["lines"]["id"].map({"b1-c": "A"}).fillna("ABC")
    return Grid.from_tables(**tables)


def fault(place: str, phases: str = "") -> Fault:
    return Fault(id="f", kind="line", place=place, phases=phases)


def test_a_fault_on_a_single_phase_line_blows_the_fuse_of_that_phase(grid):
    found = trace(grid, faults=[fault("b1-c")])
    assert found.phases == {"f": "A"}
    (block,) = restore(grid, [fault("b1-c")]).blocks
    assert (block.phases, set(block.transformers)) == ("A", {"Tb1", "Tc"})


def test_a_fault_on_all_phases_puts_out_all(grid):
    assert trace(grid, faults=[fault("b-b1")]).phases == {"f": ""}
    assert trace(grid, faults=[fault("b-b1", "AB")]).phases == {"f": "AB"}


def test_a_breaker_opens_all_phases_whatever_the_fault_is_on(grid):
    assert trace(grid, faults=[fault("a-a1", "B")]).phases == {"f": ""}
    assert {block.phases for block in restore(grid, [fault("a-a1", "B")]).blocks} == {""}


def test_two_faults_behind_one_fuse_put_out_the_phases_of_both(grid):
    faults = [fault("b1-c"), Fault(id="g", kind="line", place="b-b1", phases="C")]
    (block,) = restore(grid, faults).blocks
    assert block.phases == "AC"


def test_lines_without_phases_count_with_all(grid_of):
    grid = grid_of(LATERAL)
    assert isinstance(grid.lines.phases, type(pd.Series(dtype=object).to_numpy()))
    assert trace(grid, faults=[fault("b1-c")]).phases == {"f": ""}

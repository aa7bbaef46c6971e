"""Nets of pandapower: what is open, out of service or fed twice; its own topology is the judge."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from geo import Grid
from geo.grid.topology import NONE
from geo.readers.circuit.conversion import Tables
from geo.readers.pandapower import grid_of_net, tables_of_net

Rows = list[dict[str, Any]]


def net(**tables: Rows) -> dict[str, pd.DataFrame]:
    """Make the tables of a net: a row per element; buses are named by `name` and known by place."""
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}


def buses(*given: tuple[str, float], **more: Any) -> Rows:
    return [{"name": name, "vn_kv": kv, "in_service": True, **more} for name, kv in given]


def line(name: str, here: int, there: int, **more: Any) -> dict[str, Any]:
    plain = {"length_km": 0.5, "max_i_ka": 0.3, "type": "cs", "in_service": True}
    return {"name": name, "from_bus": here, "to_bus": there, **plain, **more}


def switch(name: str, bus: int, element: int, kind: str, *, closed: bool) -> dict[str, Any]:
    return {"name": name, "bus": bus, "element": element, "et": kind, "closed": closed, "type": "LBS"}


def trafo(name: str, high: int, low: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "hv_bus": high, "lv_bus": low, "sn_mva": 0.4, "in_service": True, **more}


def load(name: str, bus: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "bus": bus, "p_mw": 0.1, "in_service": True, **more}


def infeed(bus: int, name: str = "supply", **more: Any) -> dict[str, Any]:
    return {"name": name, "bus": bus, "in_service": True, **more}


# A substation with two busbars (1, 2) under one transmission bus (0), a village at each (3, 4).
SUBSTATION: Mapping[str, Rows] = {
    "bus": buses(("up", 110), ("west", 20), ("east", 20), ("a", 20), ("b", 20)),
    "line": [line("to a", 1, 3), line("to b", 2, 4)],
    "trafo": [trafo("T1", 0, 1, sn_mva=25), trafo("T2", 0, 2, sn_mva=25)],
    "load": [load("village a", 3), load("village b", 4)],
    "ext_grid": [infeed(0)],
    "switch": [switch("tie", 3, 4, "b", closed=False)],
}


def grid_of(tables: Mapping[str, Rows]) -> Grid:
    grid = grid_of_net(net(**tables))
    assert not [fault for fault in grid.validate() if fault.severity == "error"]
    return grid


def dead(grid: Grid) -> list[str]:
    """Transformers that no source reaches at present."""
    lost = grid.tree.position[grid.transformer_sections] == NONE
    return sorted(grid.transformers.ids[lost].tolist())


def sources(grid: Grid) -> list[str]:
    return sorted(grid.buses.ids[grid.buses.source].tolist())


def said(found: Grid | Tables) -> str:
    return "\n".join(str(note) for note in found.notes)


def test_a_transformer_whose_upper_switch_is_open_is_no_source():
    at = SUBSTATION["switch"] + [switch("Q2", 0, 1, "t", closed=False)]
    grid = grid_of({**SUBSTATION, "switch": at})
    assert (sources(grid), dead(grid)) == (["west"], ["village b"])
    assert "switch 'Q2'" in said(grid)
    assert "T2" in said(grid)


def test_a_transformer_whose_lower_switch_is_open_feeds_nothing_until_it_closes():
    at = SUBSTATION["switch"] + [switch("Q2", 2, 1, "t", closed=False)]
    grid = grid_of({**SUBSTATION, "switch": at})
    assert dead(grid) == ["village b"]
    assert set(grid.ties) == {"tie", "Q2"}


def test_a_transformer_out_of_service_is_no_source_and_named():
    grid = grid_of({**SUBSTATION, "trafo": [trafo("T1", 0, 1), trafo("T2", 0, 2, in_service=False)]})
    assert (sources(grid), dead(grid)) == (["west"], ["village b"])
    assert "'T2'" in said(grid)


def test_a_transmission_bus_that_no_infeed_reaches_supplies_nobody():
    more = {"bus": buses(("up", 110), ("west", 20), ("east", 20), ("a", 20), ("b", 20), ("other", 110))}
    grid = grid_of({**SUBSTATION, **more, "trafo": [trafo("T1", 0, 1), trafo("T2", 5, 2)]})
    assert (sources(grid), dead(grid)) == (["west"], ["village b"])


@pytest.mark.parametrize(
    ("side", "lost"), [(0, ["mill", "works"]), (1, ["mill"]), (2, ["works"])], ids=["110", "20", "10"]
)
def test_an_open_switch_of_a_three_winding_transformer_parts_its_own_side(side, lost):
    tables = {
        "bus": buses(("up", 110), ("20", 20), ("10", 10)),
        "trafo3w": [
            {"name": "T", "hv_bus": 0, "mv_bus": 1, "lv_bus": 2, "sn_hv_mva": 63, "in_service": True}
        ],
        "load": [load("mill", 1), load("works", 2)],
        "ext_grid": [infeed(0)],
        "switch": [switch("Q", side, 0, "t3", closed=False)],
    }
    assert dead(grid_of_net(net(**tables), check=False)) == lost


def test_a_three_winding_transformer_within_the_medium_voltage_joins_all_its_sides():
    tables = {
        "bus": buses(("30", 30), ("20", 20), ("10", 10)),
        "trafo3w": [{"name": "T", "hv_bus": 0, "mv_bus": 1, "lv_bus": 2, "in_service": True}],
        "load": [load("mill", 1), load("works", 2)],
        "ext_grid": [infeed(1)],
        "switch": [switch("Q", 0, 0, "t3", closed=False)],
    }
    assert dead(grid_of(tables)) == []


def test_an_infeed_beside_the_substation_is_a_source_too():
    grid = grid_of({**SUBSTATION, "ext_grid": [infeed(0), infeed(4, "neighbour")]})
    assert sources(grid) == ["b", "west"] or sources(grid) == ["b", "east", "west"]
    assert dead(grid) == []


def test_an_infeed_out_of_service_is_no_source_and_named():
    tables = {**SUBSTATION, "trafo": [trafo("T1", 0, 1)], "switch": []}
    grid = grid_of({**tables, "ext_grid": [infeed(0), infeed(4, "neighbour", in_service=False)]})
    assert dead(grid) == ["village b"]
    assert "'neighbour'" in said(grid)


def test_a_line_out_of_service_between_two_feeders_is_a_tie():
    lines = SUBSTATION["line"] + [line("cross", 3, 4, in_service=False)]
    grid = grid_of({**SUBSTATION, "switch": [], "line": lines})
    assert grid.ties == ("cross (out of service)",)
    assert "cross" in grid.lines.ids
    assert "'cross'" in said(grid)


def test_a_line_out_of_service_to_a_village_leaves_it_without_supply():
    lines = [line("to a", 1, 3), line("to b", 2, 4, in_service=False)]
    assert dead(grid_of({**SUBSTATION, "switch": [], "line": lines})) == ["village b"]


def test_a_line_out_of_service_that_is_open_at_its_end_has_that_one_gap():
    lines = SUBSTATION["line"] + [line("cross", 3, 4, in_service=False)]
    grid = grid_of({**SUBSTATION, "line": lines, "switch": [switch("gap", 4, 2, "l", closed=False)]})
    assert grid.ties == ("gap",)


def test_what_ends_at_a_bus_out_of_service_is_left_out_and_counted():
    rows = buses(("up", 110), ("west", 20), ("east", 20), ("a", 20), ("b", 20))
    rows[4]["in_service"] = False
    grid = grid_of({**SUBSTATION, "bus": rows})
    assert "village b" not in grid.transformers.ids
    assert "the first is 'b'" in said(grid)
    assert "line: 1 at buses" in said(grid)


@pytest.mark.parametrize("limit", [99_999.0, 100.0, 0.0, None])
def test_a_limit_that_no_conductor_has_is_no_limit(limit):
    lines = [line("to a", 1, 3, max_i_ka=limit), line("to b", 2, 4)]
    grid = grid_of({**SUBSTATION, "line": lines})
    ratings = dict(zip(grid.lines.ids.tolist(), grid.lines.rating_kw.tolist(), strict=True))
    assert ratings["to a"] != ratings["to a"]
    assert ratings["to b"] == pytest.approx(3**0.5 * 300 * 20, abs=0.1)


def test_devices_closed_on_a_ring_are_named_and_taken_as_one_section():
    rows = [switch("coupler", 1, 2, "b", closed=True), switch("tie", 3, 4, "b", closed=True)]
    grid = grid_of({**SUBSTATION, "switch": rows, "trafo": [trafo("T1", 0, 1)]})
    assert len(grid.switches) == 0
    assert "'coupler', 'tie'" in said(grid)


STATIONS: Mapping[str, Rows] = {
    "bus": buses(("mv", 20), ("p", 20), ("q", 20), ("k", 0.4), ("l", 0.4), ("house", 0.4)),
    "line": [line("mp", 0, 1), line("pq", 1, 2), line("street", 3, 4), line("drop", 4, 5)],
    "load": [load("home", 5, p_mw=0.003)],
    "ext_grid": [infeed(0)],
    "trafo": [trafo("D1", 1, 3), trafo("D2", 2, 4)],
    "switch": [],
}


def mains(grid: Grid) -> dict[str, str]:
    """First bus of each low-voltage main."""
    low, ids = grid.lines.low_voltage, grid.buses.ids
    return dict(zip(grid.lines.ids[low].tolist(), ids[grid.lines.from_idx[low]].tolist(), strict=True))


def test_two_transformers_on_one_low_voltage_network_stay_two_and_are_named():
    grid = grid_of(STATIONS)
    assert grid.transformers.ids.tolist() == ["D1", "D2"]
    assert mains(grid) == {"street": "p", "drop": "q"}
    assert "'D1'" in said(grid)
    assert "'D2'" in said(grid)


def test_an_open_low_voltage_breaker_leaves_the_mains_to_the_other_transformer():
    grid = grid_of({**STATIONS, "switch": [switch("B2", 4, 1, "t", closed=False)]})
    assert dead(grid) == []
    assert mains(grid) == {"street": "p", "drop": "l"}
    assert "'D2': stands by" in said(grid)


def test_a_transformer_whose_own_mains_are_behind_an_open_breaker_supplies_nobody():
    alone = {**STATIONS, "trafo": [trafo("D2", 2, 4)], "switch": [switch("B2", 4, 0, "t", closed=False)]}
    grid = grid_of(alone)
    assert dead(grid) == ["D2"]
    assert grid.ties == ("B2",)


def test_a_distribution_transformer_out_of_service_leaves_its_customers_without_supply():
    grid = grid_of({**STATIONS, "trafo": [trafo("D2", 2, 4, in_service=False)]})
    assert dead(grid) == ["D2"]
    assert grid.ties == ("D2 (out of service)",)


def test_a_transformer_out_of_service_whose_customers_others_feed_is_left_out_by_name():
    grid = grid_of({**STATIONS, "trafo": [trafo("D1", 1, 3), trafo("D2", 2, 4, in_service=False)]})
    assert (grid.transformers.ids.tolist(), dead(grid)) == (["D1"], [])
    assert "'D2'" in said(grid)


def test_mains_hang_behind_the_switch_before_their_transformer():
    alone = {**STATIONS, "trafo": [trafo("D2", 2, 4)], "switch": [switch("Q", 2, 0, "t", closed=True)]}
    grid = grid_of(alone)
    assert mains(grid)["drop"] == "q / Q"
    assert [fault.code for fault in grid.validate()] == []


def test_low_voltage_with_an_infeed_of_its_own_is_named_and_the_rest_is_taken():
    island = {**STATIONS, "trafo": [trafo("D1", 1, 3)], "line": STATIONS["line"][:2]}
    grid = grid_of({**island, "ext_grid": [infeed(0), infeed(5, "battery")]})
    assert "infeed 'battery': feeds low voltage itself" in said(grid)
    assert sources(grid) == ["mv"]


def test_a_line_and_a_switch_of_one_name_both_stay():
    grid = grid_of({**SUBSTATION, "switch": [switch("to a", 3, 4, "b", closed=False)]})
    assert grid.ties == ("to a",)
    assert "line 0" in grid.lines.ids
    assert "shared-name" not in [fault.code for fault in grid.validate()]


def drawn(metres_per_unit: float, length_km: float) -> dict[str, Rows]:
    """Draw the substation with its lines one unit long each."""
    rows = buses(("up", 110), ("west", 20), ("east", 20), ("a", 20), ("b", 20))
    step = metres_per_unit / 111_320
    for row, (x, y) in zip(rows, [(0, 2), (0, 1), (1, 1), (0, 0), (1, 0)], strict=True):
        row["geo"] = f'{{"type": "Point", "coordinates": [{7 + x * step}, {48 + y * step}]}}'
    return {**SUBSTATION, "bus": rows, "line": [line("to a", 1, 3, length_km=length_km), line("to b", 2, 4)]}


def test_coordinates_of_a_drawing_are_told_by_their_lines_and_laid_out_to_scale():
    found = tables_of_net(net(**drawn(111_320, 0.5)), origin=(7.0, 48.0))
    assert "are a drawing" in said(found)
    places = found.tables["buses"].set_index("id")
    assert (places.loc["west", "lat"] - places.loc["a", "lat"]) * 111_320 == pytest.approx(500, rel=0.01)
    assert places["lon"].between(6.9, 7.1).all()


def test_coordinates_of_places_stay_where_they_are():
    found = tables_of_net(net(**drawn(480, 0.5)))
    assert said(found) == ""
    assert found.tables["buses"].set_index("id").loc["a", "lat"] == pytest.approx(48.0)


needs_pandapower = pytest.mark.skipif(
    importlib.util.find_spec("pandapower") is None, reason="pandapower is not installed"
)
EXAMPLES = (
    "mv_oberrhein",
    "create_cigre_network_mv",
    "create_cigre_network_lv",
    "example_multivoltage",
    "example_simple",
    "simple_four_bus_system",
    "simple_mv_open_ring_net",
    "case33bw",
    "case_ieee30",
    "create_kerber_landnetz_freileitung_1",
    "create_kerber_dorfnetz",
    "create_kerber_vorstadtnetz_kabel_1",
    "kb_extrem_landnetz_freileitung",
    "panda_four_load_branch",
    "four_loads_with_branches_out",
    "create_dickert_lv_network",
    "create_synthetic_voltage_control_lv_network",
    "ieee_european_lv_asymmetric",
    "lv_schutterwald",
    "case_illinois200",
)
MOST_STATES = 12


@needs_pandapower
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", EXAMPLES)
def test_supplied_sets_are_those_of_pandapower_whatever_opens(name):
    from pandapower import networks

    given = getattr(networks, name)()
    for table in ("load", "trafo"):
        given[table]["name"] = [f"{table} {at}" for at in given[table].index]
    for table, column in (("switch", "closed"), ("line", "in_service"), ("trafo", "in_service")):
        column_before = given[table][column].copy()
        step = max(len(given[table]) // MOST_STATES, 1)
        for at in [None, *given[table].index[::step]]:
            if at is not None:
                given[table].loc[at, column] = not column_before[at]
            names, lost = _unsupplied(given)
            assert set(dead(grid_of_net(given, check=False))) & names == lost, (table, at)
            given[table][column] = column_before


def _unsupplied(given: Any) -> tuple[set[str], set[str]]:
    """Loads of medium voltage and distribution transformers: all, and those that pandapower finds dead."""
    from pandapower import topology

    off, kv = topology.unsupplied_buses(given), given.bus["vn_kv"]
    loads = given.load[given.load["in_service"].astype(bool) & (given.load["bus"].map(kv).between(1, 59.9))]
    trafos = given.trafo[
        (given.trafo["lv_bus"].map(kv) < 1) & (given.trafo["hv_bus"].map(kv).between(1, 59.9))
    ]
    lost = loads["name"][loads["bus"].isin(off)].tolist()
    lost += trafos["name"][trafos["lv_bus"].isin(off)].tolist()
    return {*loads["name"], *trafos["name"]}, set(lost)

"""What goes dark: behind open devices and behind what trips on a fault."""

from __future__ import annotations

import random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import Fault, GeoError, downstream, trace, upstream_devices
from geo.grid.tree import grow

FEEDER = """
S1 [B1] a
a -- b
a 100
b |M1| c
c 50
c <F1> d
d 25
c (R1) e
e 10
e /T1/ S2
"""


def line(place: str, name: str = "f") -> Fault:
    return Fault(id=name, kind="line", place=place)


def test_open_device_puts_out_what_lies_behind_it(grid_of):
    grid = grid_of(FEEDER)
    assert set(downstream(grid, "M1")) == {"Tc", "Td", "Te"}
    assert downstream(grid, "T1") == ()
    assert set(trace(grid, open_devices=["F1", "R1"]).dead_transformers) == {"Td", "Te"}
    assert trace(grid, open_devices=["M1"]).dead_sections == ("c", "d", "e")


def test_closed_tie_keeps_supply_up(grid_of):
    grid = grid_of(FEEDER)
    assert trace(grid, open_devices=["M1"], close_devices=["T1"]).dead_transformers == ()
    assert trace(grid, open_devices=["M1", "R1"], close_devices=["T1"]).dead_transformers == ("Tc", "Td")


def test_fault_opens_the_nearest_protective_device(grid_of):
    grid = grid_of(FEEDER)
    places = {"a-b": "B1"}
    for place, device in places.items():
        assert trace(grid, faults=[line(place)]).protecting_device == {"f": device}
    bus = Fault(id="f", kind="bus", place="d")
    assert trace(grid, faults=[bus]).protecting_device == {"f": "F1"}
    behind_a_switch = Fault(id="f", kind="bus", place="c")
    found = trace(grid, faults=[behind_a_switch])
    assert found.protecting_device == {"f": "B1"}
    assert set(found.dead_transformers) == {"Ta", "Tc", "Td", "Te"}


def test_transformer_and_service_faults_open_nothing(grid_of):
    grid = grid_of(FEEDER)
    faults = [Fault(id="t", kind="transformer", place="Tc"), Fault(id="s", kind="service", place="Tc")]
    found = trace(grid, faults=faults)
    assert found.dead_transformers == ("Tc",)
    assert found.protecting_device == {"t": None, "s": None}


def test_faulty_device_is_open_itself(grid_of):
    found = trace(grid_of(FEEDER), faults=[Fault(id="f", kind="switch", place="M1")])
    assert found.protecting_device == {"f": "M1"}
    assert set(found.dead_transformers) == {"Tc", "Td", "Te"}


def test_fault_on_a_low_voltage_main_puts_out_its_circuit_alone(grid_of):
    grid = grid_of("S1 [B1] a\na 100\na lv x\nx lv y\na lv z")
    found = trace(grid, faults=[line("x-y")])
    assert (found.dead_transformers, found.dead_lv_mains) == ((), ("a-x", "x-y"))


def test_fault_at_the_source_has_no_device_and_puts_out_everything(grid_of):
    grid = grid_of("S1 -- a\na 10\na |M1| b\nb 20")
    found = trace(grid, faults=[line("S1-a")])
    assert found.protecting_device == {"f": None}
    assert found.dead_transformers == ("Ta", "Tb")


def test_device_that_stands_open_by_protection_counts_as_tripped(grid_of):
    grid = grid_of(FEEDER.replace("c (R1) e", "c (R1) e !open"))
    assert grid.switches.ids[grid.tripped].tolist() == ["R1"]
    assert trace(grid).dead_transformers == ("Te",)
    assert trace(grid, close_devices=["R1"]).dead_transformers == ()
    assert upstream_devices(grid, "Te") == ("R1", "M1", "B1")


def test_devices_towards_the_source_come_nearest_first(grid_of):
    grid = grid_of(FEEDER)
    assert upstream_devices(grid, "Td") == ("F1", "M1", "B1")
    assert grid.feeder_of_transformer == dict.fromkeys(["Ta", "Tc", "Td", "Te"], "B1")


def test_unknown_names_are_refused_with_the_nearest(grid_of):
    grid = grid_of(FEEDER)
    with pytest.raises(GeoError, match="unknown device 'B11'; did you mean 'B1'"):
        trace(grid, open_devices=["B11"])
    with pytest.raises(GeoError, match="unknown transformer 'Tcc'; did you mean 'Tc'"):
        upstream_devices(grid, "Tcc")
    with pytest.raises(GeoError) as caught:
        trace(grid, faults=[line("a-bb"), line("a-b"), line("a-b"), Fault(id="s", kind="service", place="?")])
    assert [fault.text for fault in caught.value.faults] == [
        "unknown line 'a-bb'; did you mean 'a-b'?",
        "duplicate fault id",
        "duplicate fault id",
        "unknown service '?'; a service fault at something the grid does not know needs lon and lat",
    ]


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 40), st.integers(0, 60), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_tree_agrees_with_networkx_on_random_graphs(count, devices, sources, seed):
    rng = random.Random(seed)
    ends = np.array([[rng.randrange(count), rng.randrange(count)] for _ in range(devices)], dtype=np.int64)
    ends = ends.reshape(-1, 2)
    closed = np.flatnonzero(np.array([rng.random() < 0.7 for _ in range(devices)], dtype=bool))
    roots = rng.sample(range(count), min(sources, count))
    tree = grow(count, ends, closed, roots)
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from((*ends[k], {"device": k}) for k in closed)
    reached = set().union(*(nx.node_connected_component(graph, root) for root in roots))
    assert set(tree.order.tolist()) == reached == set(np.flatnonzero(tree.position >= 0).tolist())
    # every section's run of preorder places holds just what hangs on it
    links = nx.DiGraph([(int(tree.parent[s]), s) for s in reached if tree.parent[s] >= 0])
    links.add_nodes_from(reached)
    for section in reached:
        start = int(tree.position[section])
        run = set(tree.order[start : start + int(tree.size[section])].tolist())
        assert run == nx.descendants(links, section) | {section}
        if tree.device[section] >= 0:
            assert set(ends[tree.device[section]].tolist()) == {section, int(tree.parent[section])}
            assert tree.child[tree.device[section]] == section
    inner = sum(1 for k in closed if ends[k][0] != ends[k][1] and ends[k][0] in reached)
    assert len(tree.extra) == inner - (len(reached) - len(roots))

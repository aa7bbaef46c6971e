"""GridLAB-D models: the syntax as the engine takes it, and supplied sets whatever opens."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

from geo import load_grid
from geo.errors import GeoError
from tests.geo.asking import dead, said

# Two feeders with a tie, a fused spur of one phase with a customer's transformer, houses behind it.
TOWN = """
// a town, 12.47 kV
#set profiler=1
#define TIE=OPEN
#include "loads.glm"
clock {{ timezone EST+5EDT; starttime '2000-01-01 0:00:00'; }};
module powerflow {{ solver_method NR; default_maximum_voltage_error 1e-6; }};
schedule lights {{
  * 0-7 * * * 0.2;
  nonzero {{ * 8 * * * 1.0 }}
}}
object node {{ name src; bustype SWING; phases ABCN; nominal_voltage 7199.558;
  longitude 79W30:00; latitude 35.5; }}
object node {{ name a0; phases "ABCN"; nominal_voltage 7199.558 V; longitude -79.495; latitude 35.5; }};
object node {{ name a1; phases ABCN; nominal_voltage 7199.558; }}
object load {{
  name a2; phases ABCN; nominal_voltage 7199.558; // the mill; "works" by day
  constant_power_A 100 kW; constant_power_B 80000+60000j; constant_power_C 100000;
}}
object node:7 {{ phases ABCN; nominal_voltage 7199.558; }}
object node {{ name b1; phases ABCN; nominal_voltage 7199.558; }}
object node {{ name p; parent a1; phases AN; nominal_voltage 7199.558; }}
object switch {{ name head; from src; to a0; phases ABCN; status CLOSED; }}
object overhead_line {{ name l1; from a0; to a1; length 1000; phases ABCN; configuration oh; }}
object recloser {{ name rec; from a1; to a2; phases ABCN; }}
object switch {{ name head2; from src; to node:7; phases ABCN;
  phase_A_state CLOSED; phase_B_state {b}; phase_C_state {c}; }}
object underground_line {{ name m1; from node:7; to b1; length 0.5 mile; phases ABCN;
  configuration object line_configuration {{ name ug; }}; }}
object switch {{ name tie; from a2; to b1; phases ABCN; status ${{TIE}}; }}
object fuse {{ name f1; from p; to p2; phases AN; current_limit 40; }}
object node {{ name p2; phases AN; nominal_voltage 7199.558; }}
object transformer {{ name dt; from p2; to t; phases AS;
  configuration object transformer_configuration {{ name ct; power_rating 25;
  connect_type SINGLE_PHASE_CENTER_TAPPED; }}; }}
object triplex_node {{ name t; phases AS; nominal_voltage 120; }}
object triplex_line {{ name drop; from t; to m; length 50 ft; phases AS; }}
object triplex_meter {{ name m; phases AS; nominal_voltage 120;
  object house {{ floor_area 1200; object ZIPload {{ base_power lights*0.5; }}; }};
}}
object line_configuration {{ name oh; conductor_A c; conductor_B c; }}
object overhead_line_conductor {{ name c; rating.summer.continuous 400 A; }}
object solar {{ name pv; parent m; }}
{more}
"""
LOADS = "object load { name b; parent b1; phases ABC; constant_power_A 5000; nominal_voltage 7199.558; }\n"


def model(folder: Path, more: str = "", b: str = "CLOSED", c: str = "CLOSED", text: str = TOWN) -> Path:
    (folder / "loads.glm").write_text(LOADS)
    path = folder / "town.glm"
    path.write_text(text.format(more=more, b=b, c=c), encoding="utf-8")
    return path


def test_a_model_gives_devices_lengths_ratings_stations_and_customers(tmp_path):
    grid = load_grid(model(tmp_path))
    assert not [fault for fault in grid.validate() if fault.severity == "error"]
    kinds = dict(zip(grid.switches.ids.tolist(), grid.switches.kind.tolist(), strict=True))
    assert kinds == {"head": "switch", "head2": "switch", "tie": "switch", "rec": "recloser", "f1": "fuse"}
    assert set(grid.ties) == {"tie"}
    length = dict(zip(grid.lines.ids.tolist(), grid.lines.length_m.tolist(), strict=True))
    assert (length["l1"], length["m1"]) == pytest.approx((304.8, 804.672), abs=0.05)
    rating = dict(zip(grid.lines.ids.tolist(), grid.lines.rating_kw.tolist(), strict=True))
    assert rating["l1"] == pytest.approx(3**0.5 * 400 * 12.47, abs=1)
    assert sorted(grid.transformers.ids) == ["a2", "b1", "dt"]
    kva = dict(zip(grid.transformers.ids.tolist(), grid.transformers.rating_kva.tolist(), strict=True))
    assert kva == {"a2": 300, "b1": 5, "dt": 25}
    assert grid.buses.lon[grid.buses.source].tolist() == [-79.5]
    assert grid.customers is not None
    assert grid.customers[["id", "transformer"]].to_numpy().tolist() == [["m", "dt"]]
    assert "schedule: 1 not read" in said(grid)
    assert "1 generator not read" in said(grid)


EDGES = [
    ("src", "a0", "head"), ("a0", "a1", "l1"), ("a1", "a2", "rec"), ("src", "n7", "head2"),
    ("n7", "b1", "m1"), ("a1", "p2", "f1"), ("p2", "t", "dt"),
]  # fmt: skip
STATIONS = {"a2": "a2", "b1": "b1", "dt": "t"}


@pytest.mark.parametrize("opened", [name for _, _, name in EDGES])
def test_supplied_sets_are_those_of_the_graph_whatever_opens(tmp_path, opened):
    text = TOWN.replace(f"name {opened};", f"name {opened}; status OPEN;").replace("status CLOSED; }}", "}}")
    grid = load_grid(model(tmp_path, text=text), check=False)
    graph = nx.Graph((one, other) for one, other, name in EDGES if name != opened)
    graph.add_nodes_from(STATIONS.values())
    graph.add_node("src")
    alive = nx.node_connected_component(graph, "src")
    assert dead(grid) == {name for name, node in STATIONS.items() if node not in alive}


def test_a_switch_open_on_all_phases_is_open_and_on_some_is_closed_and_said(tmp_path):
    grid = load_grid(model(tmp_path, b="OPEN"))
    assert set(grid.ties) == {"tie"}
    assert "1 device open on some phases; taken as closed, the first is 'head2'" in said(grid)
    text = TOWN.replace("phase_A_state CLOSED", "phase_A_state OPEN")
    grid = load_grid(model(tmp_path, b="OPEN", c="OPEN", text=text), check=False)
    assert dead(grid) == {"b1"}


def test_includes_macros_and_conditions_are_carried_out_and_what_is_missing_is_said(tmp_path):
    more = '#ifdef NEVER\nobject }}{{\n#else\n#include "other.glm"\n#endif\n'
    more += '#include "../outside.glm"\n#system ls\n'
    text = TOWN.replace("base_power lights*0.5", "base_power ${{POWER}}")
    (tmp_path.parent / "outside.glm").write_text("object node { name outside; }")
    grid = load_grid(model(tmp_path, more=more.replace("{{", "{").replace("}}", "}"), text=text))
    assert "'other.glm' is not in the model's folder; what it holds is not read" in said(grid)
    assert "'../outside.glm' is not in the model's folder" in said(grid)
    assert "not defined in the model: POWER" in said(grid)
    assert "outside" not in grid.buses.ids.tolist()


def test_a_node_of_another_level_than_its_lines_is_put_right_and_named(tmp_path):
    text = TOWN.replace(
        "name a1; phases ABCN; nominal_voltage 7199.558", "name a1; phases ABCN; nominal_voltage 480"
    )
    grid = load_grid(model(tmp_path, text=text))
    assert not dead(grid)
    assert "1 node of another level than what lines join it to" in said(grid)
    assert "'a1'" in said(grid)


def test_a_step_from_one_low_voltage_to_another_supplies_who_hangs_on_it(tmp_path):
    more = """
    object transformer {{ name step; from p2; to w; configuration ct; }}
    object node {{ name w; nominal_voltage 277; }}
    object transformer {{ name small; from w; to v; configuration ct; }}
    object triplex_load {{ name v; nominal_voltage 120; base_power_12 4.0; }}
    """.replace("{{", "{").replace("}}", "}")
    grid = load_grid(model(tmp_path, more=more))
    assert "behind no transformer" not in said(grid)
    assert "step" in grid.transformers.ids.tolist()


def test_without_a_swing_bus_supply_comes_in_where_links_begin(tmp_path):
    grid = load_grid(model(tmp_path, text=TOWN.replace("bustype SWING;", "")))
    assert grid.buses.ids[grid.buses.source].tolist() == ["src"]
    assert "no swing bus; supply is taken to come in where links begin: 'src'" in said(grid)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("object node { name a;", "line 1: the file ends inside node 'a'"),
        ("object node { name a }", "property 'name' of node 'node in line 1' is not ended by ';'"),
        ("object node { name a; } }", "line 1: a '}' closes nothing"),
        ("object switch { from a; }", "holds no node, load or meter"),
        ("object node { name alfa; nominal_voltage 7200; }\nobject line { name l; from alfa; to alva; }",
         "line 2, line 'l': 'to' is 'alva', which is no node of the model; "
         "expected the name of one; did you mean 'alfa'"),
        ("object node { name a; }\nobject node { name a; }", "is there twice: line 1 has that name"),
        ("object node { name a; parent b; }", "hangs on 'b', which is not there"),
        ("object node { name a; }\nobject transformer { from a; to a; configuration x; }",
         "'configuration' is 'x'"),
        ("object node { name a; nominal_voltage 120; bustype SWING; }", "low voltage alone is not supported"),
        ("module powerflow\nobject", "the file ends inside"),
        ("object node { " * 60, "more than 50 deep"),
    ],
)  # fmt: skip
def test_what_is_no_model_is_refused_with_its_line(tmp_path, text, fault):
    (tmp_path / "net.glm").write_text(text)
    with pytest.raises(GeoError) as error:
        load_grid(tmp_path / "net.glm")
    assert fault in str(error.value)


def test_files_that_include_themselves_end(tmp_path):
    (tmp_path / "net.glm").write_text('#include "net.glm"\n#include "net.glm"\n')
    with pytest.raises(GeoError, match="includes more than 20 files in one another"):
        load_grid(tmp_path / "net.glm")


def test_a_model_is_known_by_its_content_and_a_folder_by_its_main_file(tmp_path):
    path = model(tmp_path)
    assert len(load_grid(tmp_path).switches) == 5
    path.rename(tmp_path / "model.txt")
    assert len(load_grid(tmp_path / "model.txt").switches) == 5

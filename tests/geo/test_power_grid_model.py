"""Datasets of power-grid-model: its own `energized` is the judge, whatever is open."""

from __future__ import annotations

import copy
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from geo import load_grid
from geo.errors import GeoError
from tests.geo.asking import dead

LINE = {"r1": 0.1, "x1": 0.1, "c1": 1e-6, "tan1": 0.0, "i_n": 300.0}
TRAFO = {
    **{"uk": 0.1, "pk": 1e3, "i0": 0.01, "p0": 100.0, "winding_from": 2, "winding_to": 1, "clock": 5},
    **{"tap_side": 0, "tap_pos": 0, "tap_min": -5, "tap_max": 5, "tap_size": 100.0},
}


def branch(at: int, here: int, there: int, *status: int, **more: Any) -> dict[str, Any]:
    one, other = status or (1, 1)
    return {"id": at, "from_node": here, "to_node": there, "from_status": one, "to_status": other, **more}


def load(at: int, node: int, status: int = 1) -> dict[str, Any]:
    return {"id": at, "node": node, "status": status, "type": 0, "p_specified": 6e4, "q_specified": 8e4}


# A ring of 10 kV that is open at one end of a cable, a busbar coupler, a station with low voltage.
TOWN: dict[str, Any] = {
    "version": "1.0",
    "type": "input",
    "is_batch": False,
    "attributes": {"node": ["id", "u_rated"]},
    "data": {
        "node": [[1, 110e3], [2, 10e3], [3, 10e3], [4, 10e3], [5, 10e3], [6, 400.0], [7, 10e3]],
        "transformer": [
            branch(10, 1, 2, u1=110e3, u2=10e3, sn=25e6, **TRAFO),
            branch(11, 5, 6, u1=10e3, u2=400.0, sn=4e5, **TRAFO),
        ],
        "line": [
            branch(20, 2, 3, **LINE),
            branch(21, 3, 4, **LINE),
            branch(22, 2, 5, **LINE),
            branch(23, 5, 4, 1, 0, **LINE),
        ],
        "link": [branch(30, 3, 7)],
        "source": [{"id": 40, "node": 1, "status": 1, "u_ref": 1.0, "sk": 1e9}],
        "sym_load": [load(50, 4), load(51, 6), load(52, 7), load(53, 3)],
    },
}
STATIONS = {"50": 4, "11": 6, "52": 7, "53": 3}


def written(folder: Path, data: dict[str, Any]) -> Path:
    path = folder / "town.json"
    path.write_text(json.dumps(data))
    return path


def test_a_model_gives_stations_ties_and_what_is_not_known(tmp_path):
    grid = load_grid(written(tmp_path, TOWN))
    assert not [fault for fault in grid.validate() if fault.severity == "error"]
    kva = dict(zip(grid.transformers.ids.tolist(), grid.transformers.rating_kva.tolist(), strict=True))
    assert kva == {"50": 100, "11": 400, "52": 100, "53": 100}
    assert set(grid.ties) == {"23 at 4"}
    assert grid.buses.substation[grid.buses.source].tolist() == ["10"]
    assert "4 lines without a length" in "\n".join(map(str, grid.notes))


OPENED = [(table, at, end) for table, count in (("line", 4), ("transformer", 2), ("link", 1))
          for at in range(count) for end in ("from_status", "to_status")]  # fmt: skip


@pytest.mark.skipif(
    importlib.util.find_spec("power_grid_model") is None, reason="power-grid-model is not installed"
)
def test_supplied_sets_are_those_of_power_grid_model_whatever_opens(tmp_path):
    from power_grid_model import CalculationMethod, PowerGridModel
    from power_grid_model.utils import json_deserialize

    for table, at, end in OPENED:
        data = copy.deepcopy(TOWN)
        data["data"][table][at][end] = 0
        path = written(tmp_path, data)
        dataset = json_deserialize(path.read_text())
        found = PowerGridModel(dataset).calculate_power_flow(calculation_method=CalculationMethod.linear)
        alive = {int(each["id"]) for each in found["node"] if each["energized"]}
        theirs = {name for name, node in STATIONS.items() if node not in alive}
        assert dead(load_grid(path, check=False)) == theirs, (table, at, end)


def changed(**parts: Any) -> dict[str, Any]:
    data = copy.deepcopy(TOWN)
    data["data"] |= parts
    return data


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (
            changed(line=[branch(20, 2, 33)]),
            "town.json: line[0].to_node: is 33, which is no node; did you mean '3'?",
        ),
        (changed(line=[branch(20, 2, 3, 1, 2)]), "line[0].to_status: is 2; expected 0 or 1"),
        (changed(line=[branch(1, 2, 3)]), "line[0].id: is 1, which node[0] has, too"),
        (
            changed(line=[{"id": 20, "fromnode": 2}]),
            "line[0].from_node: is missing; did you mean 'fromnode'?",
        ),
        (changed(node=[[1]]), "node[0]: has 1 values; 'attributes' names 2"),
        (changed(node=[[1, -5]]), "node[0].u_rated: is '-5'; expected volts above 0"),
        (changed(node=[]), "has no 'node'"),
        (TOWN | {"type": "update"}, "type: is 'update'; expected 'input'"),
        (TOWN | {"is_batch": True, "data": []}, "data: is a batch of scenarios"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, data, fault):
    with pytest.raises(GeoError) as error:
        load_grid(written(tmp_path, data))
    assert fault in str(error.value)

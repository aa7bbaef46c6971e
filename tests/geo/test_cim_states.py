"""CIM files: what is open, out of service or not connected; names, coordinates, infeeds, customers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyproj
import pytest

from geo import Grid, load_grid
from geo.readers.loading import write_customers
from tests.geo.asking import dead, said
from tests.geo.test_grid_readers import cim, equipment

MV, LV = "ConductingEquipment.BaseVoltage->MV", "ConductingEquipment.BaseVoltage->LV"


def feeder(**more: str) -> dict[str, list[str]]:
    """Make a source, a breaker, a line to a mill, a switch and a spur to a farm; `more` adds to objects."""
    parts = {
        "src": ("EnergySource", ("s",), MV),
        "head": ("Breaker", ("s", "a"), f"Switch.normalOpen=false {MV}"),
        "main": ("ACLineSegment", ("a", "b"), f"Conductor.length=966 {MV}"),
        "mill": ("EnergyConsumer", ("b",), f"EnergyConsumer.p=30000 {MV}"),
        "sw": ("LoadBreakSwitch", ("b", "c"), f"Switch.normalOpen=false {MV}"),
        "spur": ("ACLineSegment", ("c", "d"), f"Conductor.length=300 {MV}"),
        "farm": ("EnergyConsumer", ("d",), f"EnergyConsumer.p=30000 {MV}"),
    }
    found = {
        name: equipment(kind, name, *nodes, more=f"{rest} {more.get(name, '')}")
        for name, (kind, nodes, rest) in parts.items()
    }
    return found | {"nodes": [f"ConnectivityNode {name}" for name in "sabcd"]}


VOLTAGES = [
    "BaseVoltage MV BaseVoltage.nominalVoltage=12470",
    "BaseVoltage LV BaseVoltage.nominalVoltage=240",
]


def read(folder: Path, parts: dict[str, list[str]], *more: str) -> Grid:
    texts = [*VOLTAGES, *(text for part in parts.values() for text in part), *more]
    (folder / "grid.xml").write_text(cim(*texts), encoding="utf-8")
    grid = load_grid(folder / "grid.xml")
    assert not [fault for fault in grid.validate() if fault.severity == "error"]
    return grid


OFF = "Equipment.inService=false"


@pytest.mark.parametrize(
    ("name", "more", "lost"),
    [
        ("spur", OFF, ["farm"]),
        ("spur", "Equipment.normallyInService=false", ["farm"]),
        ("spur", "Equipment.normallyInService=false Equipment.inService=true", []),
        ("main", OFF, ["farm", "mill"]),
        ("farm", OFF, ["farm"]),
        ("sw", OFF, ["farm"]),
        ("sw", "Switch.open=true", ["farm"]),
        ("head", "", []),
    ],
)
def test_what_is_not_in_service_supplies_nobody_and_is_named(tmp_path, name, more, lost):
    grid = read(tmp_path, feeder(**{name: more}))
    assert sorted(dead(grid)) == lost
    assert (f"'{name}'" in said(grid)) == (OFF in more or (bool(lost) and "open" not in more))


@pytest.mark.parametrize(
    ("terminal", "lost"),
    [("spur_1", ["farm"]), ("spur_2", ["farm"]), ("sw_2", ["farm"]), ("mill_1", ["mill"])],
)
def test_a_terminal_that_is_not_connected_parts_the_equipment_there(tmp_path, terminal, lost):
    parts = feeder()
    of = parts[terminal.partition("_")[0]]
    at = next(k for k, text in enumerate(of) if text.startswith(f"Terminal {terminal}"))
    of[at] += " ACDCTerminal.connected=false"
    assert sorted(dead(read(tmp_path, parts))) == lost


def test_an_infeed_that_is_not_connected_is_no_source(tmp_path):
    parts = feeder() | {"other": equipment("ExternalNetworkInjection", "other", "d", more=f"{MV} {OFF}")}
    grid = read(tmp_path, parts)
    assert grid.buses.source.sum() == 1
    assert "infeed 'other'" in said(grid)


def test_an_external_network_injection_is_a_source(tmp_path):
    parts = feeder(sw="Switch.open=true")
    parts["other"] = equipment("ExternalNetworkInjection", "other", "d", more=MV)
    grid = read(tmp_path, parts)
    assert sorted(grid.buses.ids[grid.buses.source]) == ["d", "s"]
    assert sorted(dead(grid)) == []


def phases(*states: tuple[str, str, str]) -> list[str]:
    return [
        f"SwitchPhase sw{phase} SwitchPhase.Switch->sw SwitchPhase.closed={closed} "
        f"SwitchPhase.normalOpen={normal}"
        for phase, closed, normal in states
    ]


def test_a_switch_with_all_its_phases_open_is_open(tmp_path):
    grid = read(tmp_path, feeder(), *phases(*((p, "false", "true") for p in "ABC")))
    assert sorted(dead(grid)) == ["farm"]
    assert grid.ties == ("sw",)


def test_a_switch_with_all_its_phases_open_for_now_is_closed_in_the_normal_state(tmp_path):
    grid = read(tmp_path, feeder(), *phases(*((p, "false", "false") for p in "ABC")))
    assert sorted(dead(grid)) == ["farm"]
    assert grid.ties == ()


def test_a_switch_with_one_open_phase_is_named_and_counts_as_closed(tmp_path):
    grid = read(tmp_path, feeder(), *phases(("A", "false", "false"), ("B", "true", "false")))
    assert sorted(dead(grid)) == []
    assert "switch 'sw': is open on 1 of 2 phases" in said(grid)


def test_names_that_several_things_have_get_the_beginning_of_their_ids(tmp_path):
    parts = feeder()
    text = parts["spur"][0].replace("ACLineSegment spur", "ACLineSegment 7f3a9c20-1")
    parts["spur"] = [each.replace("->spur ", "->7f3a9c20-1 ") for each in [text, *parts["spur"][1:]]]
    texts = [*VOLTAGES, *(each for part in parts.values() for each in part)]
    document = cim(*texts).replace(
        "<cim:IdentifiedObject.name>7f3a9c20-1<", "<cim:IdentifiedObject.name>head<"
    )
    (tmp_path / "grid.xml").write_text(document, encoding="utf-8")
    grid = load_grid(tmp_path / "grid.xml")
    assert grid.switches.ids.tolist() == ["head", "sw"]
    assert "head 7f3a9c20" in grid.lines.ids


SYSTEMS = {
    "EPSG:32719": 32719,
    "urn:ogc:def:crs:EPSG::3857": 3857,
    "EPSG::2056": 2056,
    "urn:ogc:def:crs:EPSG::4326": 4326,
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_points_lie_where_their_coordinate_system_says(tmp_path, system):
    at = {2056: ((7.44, 46.95), (7.45, 46.95))}.get(SYSTEMS[system], ((-71.25, -29.9), (-71.24, -29.9)))
    there = pyproj.Transformer.from_crs(4326, SYSTEMS[system], always_xy=True)
    points = [
        f"PositionPoint p{k} PositionPoint.Location->place PositionPoint.sequenceNumber={k} "
        "PositionPoint.xPosition={} PositionPoint.yPosition={}".format(*there.transform(lon, lat))
        for k, (lon, lat) in enumerate(at, start=1)
    ]
    crs = [
        "CoordinateSystem cs CoordinateSystem.crsUrn=" + system,
        "Location place Location.CoordinateSystem->cs",
    ]
    grid = read(tmp_path, feeder(main="PowerSystemResource.Location->place"), *crs, *points)
    where = {name: (grid.buses.lon[k], grid.buses.lat[k]) for name, k in grid.bus_at.items()}
    assert where["a"] == pytest.approx(at[0], abs=1e-6)
    assert where["b"] == pytest.approx(at[1], abs=1e-6)


def test_an_unknown_coordinate_system_is_named_and_laid_out_to_scale(tmp_path):
    points = [
        f"PositionPoint p{k} PositionPoint.Location->place PositionPoint.sequenceNumber={k} "
        f"PositionPoint.xPosition={x} PositionPoint.yPosition=0"
        for k, x in ((1, 0), (2, 3168))
    ]
    crs = ["CoordinateSystem cs CoordinateSystem.crsUrn=TownPlan7"]
    grid = read(tmp_path, feeder(main="PowerSystemResource.Location->place"), *crs, *points)
    assert "'TownPlan7' is no known coordinate system" in said(grid)
    assert grid.buses.lon.max() - grid.buses.lon.min() == pytest.approx(966 / 111_320, rel=0.01)


def test_usage_points_are_customers_of_the_transformer_that_feeds_their_load(tmp_path):
    parts = feeder() | {
        "low": ["ConnectivityNode v", "ConnectivityNode house"],
        "dt": [
            *equipment("PowerTransformer", "dt", "d", "v"),
            "PowerTransformerEnd e1 PowerTransformerEnd.PowerTransformer->dt TransformerEnd.Terminal->dt_1 "
            "PowerTransformerEnd.ratedU=12470 PowerTransformerEnd.ratedS=50000",
            "PowerTransformerEnd e2 PowerTransformerEnd.PowerTransformer->dt TransformerEnd.Terminal->dt_2 "
            "PowerTransformerEnd.ratedU=240 PowerTransformerEnd.ratedS=50000",
        ],
        "drop": equipment("ACLineSegment", "drop", "v", "house", more=f"Conductor.length=20 {LV}"),
        "home": equipment("EnergyConsumer", "home", "house", more=LV),
    }
    people = [
        "UsagePoint u1 UsagePoint.Equipments->home UsagePoint.ServiceLocation->door",
        "UsagePoint u2 UsagePoint.Equipments->mill",
        "UsagePoint u3 UsagePoint.Equipments->nobody",
        "ServiceLocation door",
        "PositionPoint p PositionPoint.Location->door PositionPoint.xPosition=0.01 "
        "PositionPoint.yPosition=0.02",
    ]
    grid = read(tmp_path, parts, *people)
    write_customers(grid, tmp_path / "customers.csv")
    table = pd.read_csv(tmp_path / "customers.csv").set_index("id")
    assert table["transformer"].to_dict() == {"u1": "dt", "u2": "mill"}
    assert table.loc["u1", ["lon", "lat"]].tolist() == [0.01, 0.02]
    assert "1 customer on no transformer; left out, the first is 'u3'" in said(grid)

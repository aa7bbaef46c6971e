"""OpenDSS models: the circuit is what the engine has, and supplied sets are the engine's, whatever opens."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from geo import Grid, load_grid
from geo.errors import GeoError
from geo.readers.circuit.conversion import to_tables
from geo.readers.opendss import circuit_of
from geo.readers.recognising import is_model
from tests.geo.asking import dead, said

needs_engine = pytest.mark.skipif(
    importlib.util.find_spec("dss") is None, reason="dss-python is not installed"
)

# Two feeders with a tie, a fused spur of one phase with a customer's transformer, a line not enabled.
TOWN = """
Clear
New Circuit.town basekv=115 pu=1.0 phases=3 bus1=src
New Transformer.sub phases=3 windings=2 buses=(src, mv) conns=(delta wye)
~ kvs=(115 12.47) kvas=(10000 10000) xhl=8
New Linecode.oh nphases=3 r1=0.3 x1=0.4 units=km normamps=400
New Line.head bus1=mv bus2=a0 switch=yes
New Line.l1 bus1=a0 bus2=a1 linecode=oh length=0.5 units=km
New Line.sec bus1=a1 bus2=a2 switch=yes
New Line.l2 bus1=a2 bus2=a3 linecode=oh length=400 units=m
New Line.lat bus1=a1.1 bus2=a5.1 phases=1 r1=0.3 x1=0.3 length=1000 units=ft
New Fuse.f1 monitoredobj=line.lat monitoredterm=1 ratedcurrent=100
New Line.head2 bus1=mv bus2=b0 switch=yes
New Line.m1 bus1=b0 bus2=b1 linecode=oh length=0.3 units=mi
New Line.tie bus1=a3 bus2=b1 switch=yes
New SwtControl.tie switchedobj=line.tie switchedterm=1 normal=open state=open lock=yes
New Line.old bus1=b1 bus2=b2 linecode=oh length=1 units=km enabled=no
New Transformer.reg1 phases=1 buses=(b1.1 b3.1) kvs=(7.2 7.2) kvas=(500 500) xhl=1
New Transformer.reg2 phases=1 buses=(b1.2 b3.2) kvs=(7.2 7.2) kvas=(500 500) xhl=1
New Transformer.reg3 phases=1 buses=(b1.3 b3.3) kvs=(7.2 7.2) kvas=(500 500) xhl=1
New Transformer.dt phases=1 windings=2 buses=(a5.1 low.1) kvs=(7.2 0.24) kvas=(25 25) xhl=2
New Line.drop bus1=low.1 bus2=house.1 phases=1 r1=0.1 x1=0.1 length=50 units=ft
New Load.home bus1=house.1 phases=1 kv=0.24 kw=3 pf=0.95
New Load.mill bus1=a3 phases=3 kv=12.47 kw=300 pf=0.9
New Load.works bus1=b3 phases=3 kv=12.47 kw=100 pf=0.9
New Load.farm bus1=b2 phases=3 kv=12.47 kw=50 pf=0.9
Set voltagebases=[115 12.47 0.416]
CalcVoltageBases
{more}
Solve
"""
LOADS = {"dt": "low", "mill": "a3", "works": "b3", "farm": "b2"}


def read_here(path: Path, *, check: bool = True) -> Grid:
    """A model as `load_grid` reads it, by the engine in this very process, which takes less time."""
    found = to_tables(circuit_of(path))
    return Grid.from_tables(**found.tables, notes=found.notes, customers=found.customers, check=check)


def model(folder: Path, more: str = "", text: str = TOWN) -> Path:
    path = folder / "Master.dss"
    path.write_text(text.replace("{more}", more), encoding="utf-8")
    return path


def without_voltage(path: Path) -> set[str]:
    """Transformers and loads at whose bus the engine finds no voltage."""
    from dss import DSS

    engine: Any = DSS.NewContext()
    engine.AllowChangeDir = False
    engine.Text.Command = f'Compile "{path}"'
    lost = set()
    for name, bus in LOADS.items():
        circuit = engine.ActiveCircuit
        if circuit.SetActiveBus(bus) < 0 or max(circuit.ActiveBus.VMagAngle[::2]) < 1:
            lost.add(name)
    return lost


@needs_engine
def test_a_model_gives_devices_ratings_lengths_and_stations(tmp_path):
    grid = load_grid(model(tmp_path))
    assert not [fault for fault in grid.validate() if fault.severity == "error"]
    kinds = dict(zip(grid.switches.ids.tolist(), grid.switches.kind.tolist(), strict=True))
    assert kinds == {
        **dict.fromkeys(("head", "sec", "head2", "tie", "old (out of service)"), "switch"),
        "f1": "fuse",
    }
    assert set(grid.ties) == {"tie", "old (out of service)"}
    length = dict(zip(grid.lines.ids.tolist(), grid.lines.length_m.tolist(), strict=True))
    assert (length["l1"], length["l2"]) == (500, 400)
    assert length["m1"] == pytest.approx(482.8, abs=0.1)
    assert length["lat"] == pytest.approx(304.8)
    rating = dict(zip(grid.lines.ids.tolist(), grid.lines.rating_kw.tolist(), strict=True))
    assert rating["l1"] == pytest.approx(3**0.5 * 400 * 12.47, abs=1)
    assert "reg1 + reg2 + reg3" in grid.lines.ids
    assert sorted(grid.transformers.ids) == ["dt", "farm", "mill", "works"]
    assert grid.buses.substation[grid.buses.source].tolist() == ["sub"]


STATES = [
    "",
    *(f"Open Line.{name} 1" for name in ("head", "sec", "head2", "l1", "l2", "lat", "m1", "drop")),
    "Open Transformer.dt 1",
    "Open Transformer.sub 1",
    "Line.head.enabled=no",
    "Line.l2.enabled=no",
    "Line.old.enabled=yes",
    "Transformer.dt.enabled=no",
    "SwtControl.tie.state=closed\nOpen Line.sec 1",
    "SwtControl.tie.state=closed\nOpen Line.head 1",
    "SwtControl.tie.state=closed\nOpen Line.head2 1",
]


@needs_engine
@pytest.mark.parametrize("more", STATES)
def test_supplied_sets_are_those_of_the_engine_whatever_opens(tmp_path, more):
    path = model(tmp_path, more)
    assert dead(read_here(path, check=False)) == without_voltage(path), more


PHASES = """New Line.pa bus1=b1.1 bus2=c1.1 switch=yes phases=1
New Line.pb bus1=b1.2 bus2=c1.2 switch=yes phases=1
New Line.pc bus1=c1.3 bus2=b1.3 switch=yes phases=1
New Line.qa bus1=c1.1 bus2=c2.1 phases=1 length=100 units=m normamps=200
New Fuse.fa monitoredobj=line.qa monitoredterm=1
New Line.qb bus1=c1.2 bus2=c2.2 phases=1 length=100 units=m normamps=100
New Fuse.fb monitoredobj=line.qb monitoredterm=1
New Line.jumper bus1=c2.1 bus2=c2.4 switch=yes phases=1
New Load.shop bus1=c2.1 phases=1 kv=7.2 kw=10 pf=0.9
New Load.gone bus1=c2.1 phases=1 kv=7.2 kw=10 pf=0.9 enabled=no
"""


@needs_engine
def test_phases_side_by_side_are_one_switch_open_when_all_of_them_are(tmp_path):
    grid = read_here(model(tmp_path, PHASES))
    assert {"pa + pb + pc", "fa + fb"} <= set(grid.switches.ids.tolist())
    assert "jumper" not in {*grid.switches.ids.tolist(), *grid.lines.ids.tolist()}
    phases = dict(zip(grid.lines.ids.tolist(), grid.lines.phases.tolist(), strict=True))
    assert phases["qa + qb"] == "AB"
    assert "ring" not in said(grid)
    assert "loads: 1 not enabled; left out" in said(grid)
    partly = read_here(model(tmp_path, PHASES + "Open Line.pa 1\n"))
    assert "shop" not in dead(partly)
    assert "1 device open on some phases; taken as closed, the first is 'pb'" in said(partly)
    opened = "".join(f"Open Line.{name} 1\n" for name in ("pa", "pb", "pc"))
    assert dead(read_here(model(tmp_path, PHASES + opened), check=False)) == {"farm", "shop"}


@needs_engine
def test_a_command_that_looks_for_its_file_where_the_program_works_finds_it(tmp_path):
    (tmp_path / "ids.dss").write_text("")
    assert len(read_here(model(tmp_path, "uuids ids.dss")).switches)


@needs_engine
def test_a_folder_is_read_by_its_main_file_and_the_place_of_work_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path.parent)
    (tmp_path / "xy.csv").write_text("mv, 0, 0\na0, 0, 0\na1, 500, 0\na3, 900, 0\n")
    model(tmp_path, "BusCoords xy.csv")
    grid = load_grid(tmp_path, origin=(-71.25, -29.9))
    assert Path.cwd() == tmp_path.parent
    assert abs(grid.buses.lon + 71.25).max() < 0.01
    assert "laid out around -71.25, -29.9 with 1 unit as 1 m" in said(grid)


@needs_engine
@pytest.mark.parametrize(
    "text",
    [
        "New Line.l1 bus1=a bus2=b\n",
        "Clear\n",
        "Redirect nowhere.dss\n",
        "\x00\x01",
        "New Circuit.c\nNew Foo.x\n",
    ],
)
def test_what_the_engine_does_not_take_is_said(tmp_path, text):
    (tmp_path / "net.dss").write_text(text)
    read = load_grid if text == "Clear\n" else circuit_of
    with pytest.raises(GeoError, match=r"net\.dss: is no OpenDSS model that its engine takes"):
        read(tmp_path / "net.dss")


@pytest.mark.parametrize("name", ["model.txt", "grid", "model.json"])
def test_a_script_under_another_name_is_not_run(tmp_path, name):
    written = tmp_path / "written.txt"
    (tmp_path / name).write_text(f'New Circuit.c\nSolve\nExport Voltages "{written}"\n')
    with pytest.raises(GeoError):
        load_grid(tmp_path / name)
    assert not written.exists()
    assert not is_model(tmp_path / name)


@pytest.mark.skipif(importlib.util.find_spec("dss") is not None, reason="dss-python is installed")
def test_without_the_engine_it_is_said_what_to_install(tmp_path):
    with pytest.raises(GeoError, match=r"pip install 'gridcrew\[opendss\]'"):
        load_grid(model(tmp_path))


@needs_engine
def test_a_model_that_never_solves_is_read_as_one_that_does(tmp_path):
    unsolved = TOWN.replace("Solve", "").replace("CalcVoltageBases", "").replace("Set voltagebases", "!")
    grid = read_here(model(tmp_path, text=unsolved), check=False)
    assert sorted(grid.transformers.ids) == ["dt", "farm", "mill", "works"]

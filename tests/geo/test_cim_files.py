"""CIM models in several files: cut up, profiles of CGMES, archives in archives; no pandapower needed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from geo import Grid, load_grid
from geo.errors import GeoError
from geo.readers.cim.reading import cim_circuit
from geo.readers.circuit.conversion import to_tables
from tests.geo.asking import dead, said
from tests.geo.test_cim_states import VOLTAGES, feeder
from tests.geo.test_grid_readers import cim

STATES = (
    '<rdf:RDF xmlns:cim="http://iec.ch/TC57/CIM100#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<cim:LoadBreakSwitch rdf:about="#_sw"><cim:Switch.open>true</cim:Switch.open></cim:LoadBreakSwitch>'
    "</rdf:RDF>"
)


def parts(**more: str) -> dict[str, str]:
    """Write a model in three files: voltages, equipment, and how it stands."""
    equipment = [text for each in feeder(**more).values() for text in each]
    return {"base.xml": cim(*VOLTAGES), "EQ/town.xml": cim(*equipment), "SSH.xml": STATES}


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_files_of_one_archive_are_one_model(tmp_path: Path) -> None:
    grid = load_grid(zipped(tmp_path / "grid.zip", dict(parts())))
    assert sorted(dead(grid)) == ["farm"]
    assert len(grid.switches) == 2


def test_files_of_a_folder_are_one_model(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for name, text in parts().items():
        (folder / Path(name).name).write_text(text, encoding="utf-8")
    assert sorted(dead(load_grid(folder))) == ["farm"]


def test_archives_in_an_archive_are_opened(tmp_path: Path) -> None:
    inner = {
        f"{Path(name).stem}.zip": zipped(tmp_path / "one.zip", {Path(name).name: text}).read_bytes()
        for name, text in parts().items()
    }
    assert sorted(dead(load_grid(zipped(tmp_path / "grid.zip", dict(inner))))) == ["farm"]


def test_an_archive_without_xml_or_cut_short_is_said(tmp_path: Path) -> None:
    with pytest.raises(GeoError, match=r"holds no \.xml file"):
        load_grid(zipped(tmp_path / "grid.zip", {"readme.txt": "x"}))
    whole = zipped(tmp_path / "cut.zip", dict(parts())).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-40])
    with pytest.raises(GeoError, match=r"cut\.zip"):
        load_grid(tmp_path / "cut.zip")


def test_a_broken_part_is_named(tmp_path: Path) -> None:
    files = dict(parts()) | {"SSH.xml": STATES[:-20]}
    with pytest.raises(GeoError, match=r"SSH\.xml, line 1"):
        load_grid(zipped(tmp_path / "grid.zip", files))


def test_a_model_without_an_infeed_takes_its_machine_and_says_so(tmp_path: Path) -> None:
    equipment = [text for each in feeder().values() for text in each]
    turned = [text.replace("EnergySource", "SynchronousMachine") for text in equipment]
    (tmp_path / "grid.xml").write_text(cim(*VOLTAGES, *turned), encoding="utf-8")
    grid = load_grid(tmp_path / "grid.xml")
    assert sorted(dead(grid)) == []
    assert "is taken as the infeed" in said(grid)


@pytest.mark.parametrize(
    ("name", "transformers", "feeders", "ties", "km"),
    [("cgmes_example_multivoltage", 9, 2, 1, 13), ("cgmes_simbench_1-HVMV-mixed", 96, 8, 6, 116)],
)
def test_cgmes_is_read_by_ourselves_as_pandapower_reads_it(
    shared: Path, name: str, transformers: int, feeders: int, ties: int, km: float
) -> None:
    found = to_tables(cim_circuit([shared / "data" / "grid_cim" / f"{name}.zip"]))
    grid = Grid.from_tables(**found.tables, files={each: each for each in found.tables}, name=name)
    assert (len(grid.transformers), len(grid.feeders), len(grid.ties)) == (transformers, feeders, ties)
    assert grid.lines.length_m.sum() / 1000 == pytest.approx(km, abs=1)
    assert not [fault for fault in grid.validate() if fault.severity == "error"]

"""The pages on what people start from are carried out on small files: every command ends well."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dispatch.cli import main as gridcrew
from tests.geo.test_cim_states import VOLTAGES, feeder
from tests.geo.test_drawn_layers import drawn
from tests.geo.test_grid_readers import cim
from tests.geo.test_gridlabd import model as glm_model
from tests.geo.test_opendss import TOWN as DSS_TOWN
from tests.geo.test_pandapower_nets import SUBSTATION
from tests.geo.test_power_grid_model import TOWN as PGM_TOWN
from tests.geo.test_pypsa import written as pypsa_written
from tests.geo.test_road_extracts import PLACES, TOWN, osm

# The town of roads lies at 7.00 to 7.02, 48.00 to 48.02; the net's villages at its corners.
EAST, NORTH = 700, 4800
CORNERS = [(7.0, 48.0), (7.0, 48.0), (7.02, 48.0), (7.0, 48.01), (7.02, 48.01)]


def small_cim(folder: Path) -> None:
    texts = [*VOLTAGES, *(text for part in feeder().values() for text in part)]
    texts += ["UsagePoint u1 UsagePoint.Equipments->mill", "UsagePoint u2 UsagePoint.Equipments->farm"]
    (folder / "town.xml").write_text(cim(*texts), encoding="utf-8")


def small_dss(folder: Path) -> None:
    (folder / "Master.dss").write_text(DSS_TOWN.replace("{more}", ""), encoding="utf-8")


def small_net(folder: Path) -> None:
    tables: dict[str, Any] = {name: [dict(row) for row in rows] for name, rows in SUBSTATION.items()}
    for row, place in zip(tables["bus"], CORNERS, strict=True):
        row["geo"] = json.dumps({"type": "Point", "coordinates": place})
    for row, length in zip(tables["line"], (1.2, 1.2), strict=True):
        row["length_km"] = length
    found = {}
    for name, rows in tables.items():
        split = {
            "columns": list(rows[0]),
            "index": list(range(len(rows))),
            "data": [list(row.values()) for row in rows],
        }
        found[name] = {"_class": "DataFrame", "_object": json.dumps(split)}
    (folder / "net.json").write_text(json.dumps({"_class": "pandapowerNet", "_object": found}))


def small_extract(folder: Path) -> None:
    small_net(folder)
    _run(folder, "gridcrew case from-grid net.json --out trial")
    moved = {name: (x + EAST, y + NORTH) for name, (x, y) in PLACES.items()}
    (folder / "town.osm").write_text(osm(moved, TOWN), encoding="utf-8")  # type: ignore[arg-type]


def _run(folder: Path, command: str) -> None:
    """Carry a command out in a folder; ours in this process, which has read the program already."""
    words = shlex.split(command)
    if words[0] == "gridcrew":
        said = io.StringIO()
        with contextlib.chdir(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = gridcrew(words[1:])
        assert status == 0, f"{command}\n{said.getvalue()}"
        return
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def small_glm(folder: Path) -> None:
    glm_model(folder)


def small_dataset(folder: Path) -> None:
    (folder / "town.json").write_text(json.dumps(PGM_TOWN), encoding="utf-8")


def small_layers(folder: Path) -> None:
    (folder / "layers").mkdir()
    drawn(folder / "layers").unlink()


def small_pypsa(folder: Path) -> None:
    pypsa_written(folder)


PAGES = {
    **{"cim": small_cim, "opendss": small_dss, "pandapower": small_net, "osm-extract": small_extract},
    **{"gridlab-d": small_glm, "power-grid-model": small_dataset, "pypsa": small_pypsa},
    **{"gis": small_layers},
}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_starting_point_ends_well(page: str, root: Path, tmp_path: Path) -> None:
    if page == "opendss" and importlib.util.find_spec("dss") is None:
        pytest.skip("dss-python is not installed")
    PAGES[page](tmp_path)
    (tmp_path / "case").mkdir()
    text = (root / "docs" / "bring" / f"{page}.md").read_text(encoding="utf-8")
    commands = [line.strip()[2:] for line in text.splitlines() if line.startswith("    $ ")]
    assert commands
    for command in commands:
        _run(tmp_path, command)


def test_the_example_of_an_extract_runs_as_it_stands(root: Path, tmp_path: Path) -> None:
    small_extract(tmp_path)
    text = (root / "docs" / "bring" / "osm-extract.md").read_text(encoding="utf-8")
    code = "\n".join(
        line[4:] for line in text[text.index("    from geo") :].splitlines() if line[:4] == "    "
    )
    _run(tmp_path, shlex.join([sys.executable, "-c", code]))

"""Grids and roads as sound inputs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import damage as m
from .seed import Files, Seed, by, shared


def grid_seeds() -> Iterator[Seed]:
    """Grids in the forms that other programs write."""
    from tests.geo.test_cim_states import VOLTAGES, feeder  # noqa: PLC0415 - the tests' own small grids
    from tests.geo.test_grid_readers import cim  # noqa: PLC0415
    from tests.geo.test_opendss import TOWN  # noqa: PLC0415
    from tests.test_starting_points import small_net  # noqa: PLC0415

    texts = [*VOLTAGES, *(text for part in feeder().values() for text in part)]
    found: dict[str, tuple[bytes, tuple[m.Damage, ...]]] = {
        "town.xml": (cim(*texts).encode(), (m.text_bytes, m.words, m.words)),
        "Master.dss": (TOWN.replace("{more}", "").encode(), (m.words, m.text_bytes)),
    }
    with tempfile.TemporaryDirectory() as folder:
        small_net(Path(folder))
        found["net.json"] = ((Path(folder) / "net.json").read_bytes(), (m.tree, m.tree, m.text_bytes))
    for path in shared("grid"):
        if path.suffix in (".xml", ".json"):
            ways = (
                (m.tree, m.tree, m.text_bytes) if path.suffix == ".json" else (m.text_bytes, m.words, m.words)
            )
            found[path.name] = (path.read_bytes(), ways)
    for name, (data, ways) in found.items():
        kind = {".xml": "cim", ".dss": "dss", ".json": "pandapower"}[Path(name).suffix]
        yield Seed(
            group=kind,
            name=name,
            files={name: data},
            hit=name,
            command=("grid", "{folder}/" + name, "--json"),
            damage=by(*ways),
        )
    for path in shared("coordinates", "swapped_gpkg"):
        if path.suffix == ".gpkg":
            yield Seed(
                group="layers",
                name=path.name,
                files={"grid.gpkg": path.read_bytes()},
                hit="grid.gpkg",
                command=("grid", "{folder}/grid.gpkg", "--json"),
                damage=by(m.layers),
            )


def road_seeds(files: Files) -> Iterator[Seed]:
    """Roads of a case from an extract of OSM and from a GeoPackage."""
    from tests.geo.test_road_extracts import PLACES, TOWN, osm  # noqa: PLC0415 - the tests' own small town

    rest = {name: data for name, data in files.items() if not name.startswith("roads_")}
    extract = osm(PLACES, TOWN).encode()
    yield Seed(
        group="roads",
        name="roads.osm",
        files={**rest, "roads.osm": extract},
        hit="roads.osm",
        command=("case", "check", "{folder}"),
        damage=by(m.text_bytes, m.words),
    )
    for path in shared("roads", "osmnx_undirected"):
        if path.suffix == ".gpkg":
            yield Seed(
                group="layers",
                name=f"roads/{path.name}",
                files={**rest, "roads.gpkg": path.read_bytes()},
                hit="roads.gpkg",
                command=("case", "check", "{folder}"),
                damage=by(m.layers),
            )

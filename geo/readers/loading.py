"""Reading a grid from, and writing it to, its own format in any of its forms."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import GeoError, GeoFault
from ..grid.network import Grid
from ..schema import TABLES
from .cgmes import read_cgmes
from .cim.files import is_cgmes
from .cim.reading import read_cim100
from .circuit.conversion import Tables
from .geographic import read_geographic, write_geographic
from .opendss import main_file, read_opendss
from .pandapower import read_pandapower
from .tables import read_folder

GEOGRAPHIC = (".gpkg", ".geojson", ".json")
SINGLE_FILES = (*GEOGRAPHIC, ".xml", ".zip")
_GIS = "save the layers buses, lines, switches, transformers as one GeoPackage (columns: docs/grid.md)"
# What else people have, and what to do with it.
OTHER_FORMATS = {
    ".shp": f"is one layer of a shapefile; a grid has four: {_GIS}",
    ".dbf": f"is the table of a shapefile; {_GIS}",
    ".gdb": f"is an Esri File Geodatabase; {_GIS}",
    ".mdb": f"is a database of Access or an Esri Personal Geodatabase; {_GIS}",
    ".sqlite": f"is a SpatiaLite database; {_GIS}",
    ".kml": f"is a drawing of Google Earth; {_GIS}",
    ".dxf": f"is a CAD drawing without a network in it; {_GIS}",
    ".dwg": f"is a CAD drawing without a network in it; {_GIS}",
    ".glm": "is a GridLAB-D model; convert it to CIM100 or OpenDSS, which are read",
    ".dgs": "is an export of PowerFactory; export it as CGMES from there, which is read",
    ".pfd": "is a project of PowerFactory; export it as CGMES from there, which is read",
    ".raw": "is a transmission case of PSS/E; distribution grids are read as CIM, OpenDSS or pandapower",
    ".m": "is a MATPOWER case; pandapower reads it (from_mpc) and saves it as JSON, which is read",
    ".mat": "is a MATPOWER case; pandapower reads it (from_mpc) and saves it as JSON, which is read",
    ".nc": "is a PyPSA network; save it as a folder of CSV files or through pandapower as JSON",
    ".xlsx": "is a workbook; save the sheets as buses.csv, lines.csv, switches.csv, transformers.csv",
    ".sxst": "is a CYME study; export it as CIM or OpenDSS from there, which are read",
}


def load_grid(path: Path | str, *, check: bool = True, origin: tuple[float, float] | None = None) -> Grid:
    """Read a grid: own tables in any form, a pandapower net, or CIM.

    ============================ =====================================================
    folder                       `buses.csv`, `lines.csv`, ... (plain or `.csv.gz`), or one
                                 file named `grid` in any of the forms below
    `.gpkg`, `.geojson`          the same tables as layers
    `.json`                      a pandapower net, else as `.geojson`
    `.xml`                       CIM100, the IEC 61968 distribution profile
    `.dss`                       OpenDSS (needs dss-python)
    `.zip`, folder of `.xml`     CIM in several files: CGMES 2.4.15 or 3.0, or one model cut up
    ============================ =====================================================

    Parameters
    ----------
    origin : lon, lat where a grid without coordinates on the globe is laid out; 0, 0 without it.
    check : refuse topology faults too; with False they are left to `Grid.validate`.

    Returns
    -------
    Grid
        Checked.

    Raises
    ------
    GeoError
        With every fault found, at once.
    """
    path = Path(path)
    if not path.exists():
        raise GeoError(GeoFault(file=str(path), place="", text="not found", code="file"))
    if path.is_dir() and path.suffix.lower() in OTHER_FORMATS:
        text = OTHER_FORMATS[path.suffix.lower()]
        raise GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
    if path.is_dir() and (inside := _file_inside(path)) is not None:
        return load_grid(inside, check=check, origin=origin)
    if path.is_dir():
        profiles = [] if _holds_tables(path) else sorted(path.glob("*.xml"))
        if not profiles:
            tables, files = read_folder(path)
            return Grid.from_tables(**tables, files=files, name=path.stem, check=check)
        found: Tables | None = _read_cim(profiles, origin)
    else:
        found = _read_foreign(path, origin)
    if found is None:
        tables, files = read_geographic(path)
        return Grid.from_tables(**tables, files=files, name=path.stem, check=check)
    files = {name: f"{path.name} ({name})" for name in found.tables}
    return Grid.from_tables(
        **found.tables,
        files=files,
        name=path.stem,
        check=check,
        notes=found.notes,
        customers=found.customers,
    )


def _holds_tables(folder: Path) -> bool:
    return any((folder / f"{name}.csv").exists() for name in TABLES)


def _file_inside(folder: Path) -> Path | None:
    """The one file of a folder that holds its whole grid; None where the tables or profiles do."""
    single = [folder / f"grid{end}" for end in SINGLE_FILES if (folder / f"grid{end}").is_file()]
    if single and not any((folder / f"buses.csv{end}").exists() for end in ("", ".gz")):
        return single[0]
    return None if _holds_tables(folder) else main_file(folder)


def _read_foreign(path: Path, origin: tuple[float, float] | None) -> Tables | None:
    """Read a file in another program's format; None where it holds the grid's own tables."""
    match path.suffix.lower():
        case ".json" if _starts_like_pandapower(path):
            return read_pandapower(path, origin=origin)
        case ".gpkg" | ".geojson" | ".json":
            return None
        case ".xml" if _is_one_profile(path):
            text = "is one profile of a CGMES model; give the folder or the zip file with all its profiles"
            raise GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
        case ".xml":
            return read_cim100(path, origin=origin)
        case ".zip":
            return _read_cim([path], origin)
        case ".dss":
            return read_opendss(path, origin=origin)
        case suffix:
            raise GeoError(GeoFault(file=path.name, place="", text=not_read(path, suffix), code="file"))


def _read_cim(paths: list[Path], origin: tuple[float, float] | None) -> Tables:
    """Read a CIM model of several files; CGMES through pandapower's converter where that is installed."""
    if is_cgmes(paths) and find_spec("pandapower") is not None:
        return read_cgmes(paths if len(paths) > 1 else paths[0], origin=origin)
    return read_cim100(paths, origin=origin)


def not_read(path: Path, suffix: str) -> str:
    """What a file of a kind that is not read is, and what can be done with it."""
    if suffix in OTHER_FORMATS:
        return OTHER_FORMATS[suffix]
    what = "folder" if path.is_dir() else "file"
    return f"is no {what} of tables, nor a .gpkg, .geojson, .json, .xml, .zip or .dss file"


def _is_one_profile(path: Path) -> bool:
    """Whether a CIM file is a part of a CGMES 2.4.15 model, by its namespace."""
    with path.open("rb") as file:
        return b"CIM-schema-cim16" in file.read(4096)


def _starts_like_pandapower(path: Path) -> bool:
    with path.open("rb") as file:
        return b"pandapowerNet" in file.read(4096)


def grid_tables(grid: Grid) -> dict[str, pd.DataFrame]:
    """Give the grid as its four tables, each column as `docs/grid.md` has it."""
    bus_ids, switches = grid.buses.ids, grid.switches
    same = switches.closed == switches.normal_closed
    return {
        "buses": pd.DataFrame(
            {
                "id": bus_ids,
                "lon": grid.buses.lon,
                "lat": grid.buses.lat,
                "kind": np.where(grid.buses.source, "source", np.where(grid.buses.dead, "dead", "bus")),
                "substation": grid.buses.substation,
                "feeder": grid.buses.feeder,
                "voltage_kv": grid.buses.voltage_kv,
            }
        ),
        "lines": pd.DataFrame({"id": grid.lines.ids, **_ends(grid, grid.lines), **_plain_lines(grid)}),
        "switches": pd.DataFrame(
            {
                "id": switches.ids,
                **_ends(grid, switches),
                "kind": switches.kind,
                "control": np.where(switches.remote, "remote", "manual"),
                "normal": np.where(switches.normal_closed, "closed", "open"),
                "present": np.where(same, "", np.where(switches.closed, "closed", "open")),
                "name": switches.name,
                "rating_kw": switches.rating_kw,
            }
        ),
        "transformers": pd.DataFrame(
            {
                "id": grid.transformers.ids,
                "bus": bus_ids[grid.transformers.bus_idx],
                "rating_kva": grid.transformers.rating_kva,
                "name": grid.transformers.name,
                "lon": grid.transformers.lon,
                "lat": grid.transformers.lat,
            }
        ),
    }


def _ends(grid: Grid, table: Any) -> dict[str, Any]:
    return {"from_bus": grid.buses.ids[table.from_idx], "to_bus": grid.buses.ids[table.to_idx]}


def _plain_lines(grid: Grid) -> dict[str, Any]:
    lines = grid.lines
    return {
        "length_m": lines.length_m,
        "kind": lines.kind,
        "rating_kw": lines.rating_kw,
        "phases": lines.phases,
    }


def write_customers(grid: Grid, path: Path | str) -> None:
    """Write the customers that a grid's own file holds as `customers.csv` of a case.

    Raises
    ------
    GeoError
        If the file holds none, or the place cannot be written.
    """
    path = Path(path)
    text = "the grid's file holds no customers (in CIM: UsagePoint)"
    if grid.customers is None:
        raise GeoError(GeoFault(file=grid.name, place="", text=text, code="file"))
    part = path.with_name(f".{path.name}.part")
    try:
        grid.customers.to_csv(part, index=False, lineterminator="\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        text = f"cannot be written: {error}"
        raise GeoError(GeoFault(file=str(path), place="", text=text, code="file")) from error


def write_grid(grid: Grid, path: Path | str) -> None:
    """Write a grid as a folder of CSV tables, or as one `.gpkg` or `.geojson` file.

    Each file is written beside its place and moved there whole.

    Parameters
    ----------
    grid : what is written.
    path : a folder, or a file whose suffix says the form.

    Raises
    ------
    GeoError
        If the place cannot be written.
    """
    path = Path(path)
    tables = grid_tables(grid)
    try:
        if path.suffix.lower() in GEOGRAPHIC:
            write_geographic(tables, path)
            return
        path.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            part = path / f".{name}.csv.part"
            table.to_csv(part, index=False, lineterminator="\n")
            os.replace(part, path / f"{name}.csv")
    except OSError as error:
        raise GeoError(
            GeoFault(file=str(path), place="", text=f"cannot be written: {error}", code="file")
        ) from error

"""What kind of grid a file or folder holds: by what stands in it, and by its name where that must do.

An OpenDSS model is a script that its engine runs: only a file that is called `.dss` is taken for one, so
that nothing runs which somebody sent under another name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from ..schema import TABLES
from .power_grid_model import is_power_grid_model
from .pypsa import is_pypsa

Kind = Literal[
    "tables", "geographic", "pandapower", "power-grid-model", "pypsa", "cim", "opendss", "gridlab-d", "layers"
]
WHAT_IS_READ = (
    "a folder of CSV tables, .gpkg, .geojson, pandapower or power-grid-model .json, a PyPSA folder, "
    "CIM100 .xml, CGMES .zip, OpenDSS .dss, GridLAB-D .glm, or a .yaml that names layers of a GIS"
)
HEAD_BYTES = 1 << 16
SIMBENCH = ("Node.csv", "Line.csv", "ExternalNet.csv")
SINGLE_FILES = (".gpkg", ".geojson", ".json", ".xml", ".zip")
MAIN_DSS = ("master.dss", "main.dss", "grid.dss")
_LAYERS = "describe its layers in a .yaml file (docs/bring/gis.md; gridcrew case new writes one)"
# What else people have, and what to do with it.
OTHER_FORMATS = {
    ".shp": f"is one layer of a shapefile; {_LAYERS}",
    ".dbf": f"is the table of a shapefile; {_LAYERS}",
    ".gdb": f"is an Esri File Geodatabase; {_LAYERS}",
    ".mdb": "is a database of Access or an Esri Personal Geodatabase; save its layers as one GeoPackage",
    ".sqlite": "is a SpatiaLite database; save its layers as one GeoPackage",
    ".kml": "is a drawing of Google Earth; save its layers as one GeoPackage",
    ".dxf": "is a CAD drawing without a network in it; save its lines and points as layers of one GeoPackage",
    ".dwg": "is a CAD drawing without a network in it; save its lines and points as layers of one GeoPackage",
    ".dgs": "is an export of PowerFactory; export it as CGMES from there, which is read",
    ".pfd": "is a project of PowerFactory; export it as CGMES from there, which is read",
    ".raw": "is a transmission case of PSS/E; distribution grids are read as CIM, OpenDSS or pandapower",
    ".m": "is a MATPOWER case; pandapower reads it (from_mpc) and saves it as JSON, which is read",
    ".mat": "is a MATPOWER case; pandapower reads it (from_mpc) and saves it as JSON, which is read",
    ".nc": "is a PyPSA network in netCDF; save it as a folder of CSV files (export_to_csv_folder)",
    ".msgpack": "is a dataset of power-grid-model in MessagePack; save it as JSON, which is read",
    ".xlsx": "is a workbook; save the sheets as buses.csv, lines.csv, switches.csv, transformers.csv",
    ".sxst": "is a CYME study; export it as CIM or OpenDSS from there, which are read",
    ".osm": "holds roads of OpenStreetMap and no grid that can be run; it is read as roads",
    ".pbf": "holds roads of OpenStreetMap and no grid that can be run; it is read as roads",
}
GLM = re.compile(
    rb"^\s*object\s+(?:powerflow\.)?(?:\w*node|\w*meter|\w*load|\w*line|transformer|switch)\b[^;]*\{", re.M
)
DSS = re.compile(
    rb"^\s*(?:new\s+(?:object\s*=\s*)?\"?circuit\.|(?:redirect|compile)\s+\S+\.(?:dss|txt))", re.M | re.I
)


def kind_of_grid(path: Path) -> Kind | None:
    """Tell what a grid's file or folder is.

    Parameters
    ----------
    path : an existing file or folder.

    Returns
    -------
    str, optional
        None where it is nothing that is read.
    """
    if path.is_dir():
        return _kind_of_folder(path)
    suffix = path.suffix.lower()
    if suffix in (".gpkg", ".geojson"):
        return "geographic"
    if suffix in (".zip", ".xml"):
        return "cim"
    if suffix in (".dss", ".glm"):
        return "opendss" if suffix == ".dss" else "gridlab-d"
    if suffix in (".yaml", ".yml"):
        return "layers"
    return _by_content(path) if suffix == ".json" or suffix not in OTHER_FORMATS else None


def _by_content(path: Path) -> Kind | None:
    head, tail = _ends(path)
    if b"pandapowerNet" in head:
        return "pandapower"
    if path.suffix.lower() == ".json":
        return "power-grid-model" if is_power_grid_model(head + tail) else "geographic"
    return "gridlab-d" if GLM.search(head) else None


def _ends(path: Path) -> tuple[bytes, bytes]:
    """The first and the last part of a file."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(max(path.stat().st_size - HEAD_BYTES, 0))
            return head, file.read(HEAD_BYTES)
    except OSError:
        return b"", b""


def _kind_of_folder(folder: Path) -> Kind | None:
    if is_pypsa(folder):
        return "pypsa"
    if holds_tables(folder):
        return "tables"
    return "cim" if any(folder.glob("*.xml")) else None


def holds_tables(folder: Path) -> bool:
    """Whether a folder has any of the grid's own tables."""
    return any((folder / f"{name}.csv{end}").exists() for name in TABLES for end in ("", ".gz"))


def file_inside(folder: Path) -> Path | None:
    """The one file of a folder that holds its whole grid; None where the tables or profiles do."""
    single = [folder / f"grid{end}" for end in SINGLE_FILES if (folder / f"grid{end}").is_file()]
    if single and not any((folder / f"buses.csv{end}").exists() for end in ("", ".gz")):
        return single[0]
    return None if holds_tables(folder) else main_file(folder)


def main_file(folder: Path) -> Path | None:
    """The main file of an OpenDSS or GridLAB-D model in a folder: by a usual name, or the only one.

    The only one is the one that no other one of the folder takes in.
    """
    for suffix, named in ((".dss", MAIN_DSS), (".glm", ("main.glm", "model.glm", "grid.glm"))):
        files = [
            each for each in sorted(folder.glob("*")) if each.suffix.lower() == suffix and each.is_file()
        ]
        by_name = {each.name.lower(): each for each in files}
        found = next((by_name[name] for name in named if name in by_name), None)
        mains = [found] if found else _mains(files, suffix)
        if len(mains) == 1:
            return mains[0]
    return None


def _mains(files: list[Path], suffix: str) -> list[Path]:
    heads = {each: _ends(each)[0].lower() for each in files}
    pattern = DSS if suffix == ".dss" else GLM
    taken = {
        each
        for each in files
        for other in files
        if other != each and each.name.lower().encode() in heads[other]
    }
    return [each for each in files if each not in taken and pattern.search(heads[each])]


def is_model(path: Path) -> bool:
    """Whether something is, beyond doubt, a grid of another program or in the grid's own tables."""
    if not path.is_dir():
        return kind_of_grid(path) not in (None, "geographic", "layers")
    if any((path / f"buses.csv{end}").exists() for end in ("", ".gz")):
        return True
    files = [each for each in path.iterdir() if each.is_file() and not each.name.startswith(".")]
    return bool(files) and all(each.suffix.lower() == ".xml" for each in files)


def without_parts(folder: Path) -> list[Path]:
    """List a folder without the files that its model takes in by itself.

    Parameters
    ----------
    folder : of a utility's files.

    Returns
    -------
    list of Path
        Files and folders, by name.
    """
    inside = [each for each in sorted(folder.iterdir()) if not each.name.startswith(".")]
    main = main_file(folder)
    return [
        each for each in inside if main is None or each == main or each.suffix.lower() != main.suffix.lower()
    ]


def not_read(path: Path) -> str:
    """What something of a kind that is not read is, and what can be done with it."""
    suffix = path.suffix.lower()
    if suffix in OTHER_FORMATS:
        return OTHER_FORMATS[suffix]
    if path.is_file() and DSS.search(_ends(path)[0]):
        return "is a script of OpenDSS; call its main file .dss to have it run, where you trust it"
    if path.is_dir() and all((path / name).is_file() for name in SIMBENCH):
        return "is a SimBench net; simbench reads it (csv2pp) and pandapower saves it as JSON, which is read"
    if path.is_dir() and any(each.suffix.lower() in (".shp", ".gdb") for each in path.iterdir()):
        return f"is a folder of layers of a GIS; {_LAYERS}"
    return (
        f"is no {'folder' if path.is_dir() else 'file'} of a grid that can be read; expected {WHAT_IS_READ}"
    )

"""Reading a grid from, and writing it to, its own format in any of its forms."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from ..errors import GeoError, GeoFault
from ..grid.network import Grid
from .cgmes import read_cgmes
from .cim.files import is_cgmes
from .cim.reading import cim_circuit
from .circuit.conversion import Tables, to_tables
from .circuit.elements import Circuit
from .geographic import read_geographic, write_geographic
from .gridlabd.circuit import gridlabd_circuit
from .layers.circuit import drawn_circuit
from .opendss import opendss_circuit
from .pandapower import read_pandapower
from .power_grid_model import power_grid_model_circuit
from .pypsa import pypsa_circuit
from .recognising import OTHER_FORMATS, Kind, file_inside, kind_of_grid, not_read
from .tables import read_folder

GEOGRAPHIC = (".gpkg", ".geojson", ".json")
Origin = tuple[float, float] | None
# Each gives the circuit of a file or folder, or raises GeoError with every fault found.
CIRCUITS: Mapping[Kind, Callable[[Path], Circuit]] = MappingProxyType(
    {
        "power-grid-model": power_grid_model_circuit,
        "pypsa": pypsa_circuit,
        "gridlab-d": gridlabd_circuit,
        "opendss": opendss_circuit,
        "layers": drawn_circuit,
    }
)


def load_grid(path: Path | str, *, check: bool = True, origin: Origin = None) -> Grid:
    """Read a grid: own tables in any form, or a model of another program, told by what stands in it.

    ============================ =====================================================
    folder                       `buses.csv`, `lines.csv`, ... (plain or `.csv.gz`), or one
                                 file named `grid` in any of the forms below
    `.gpkg`, `.geojson`          the same tables as layers
    `.json`                      a pandapower net, a dataset of power-grid-model, else as `.geojson`
    `.xml`                       CIM100, the IEC 61968 distribution profile
    `.dss`, or a folder of them  OpenDSS (needs dss-python)
    `.glm`, or a folder of them  GridLAB-D
    `.yaml`                      layers of shapefiles, geodatabases, GeoPackages by name
    folder with `network.csv`    PyPSA
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
    if path.is_dir() and (inside := file_inside(path)) is not None:
        return load_grid(inside, check=check, origin=origin)
    kind = kind_of_grid(path)
    if kind is None and (not path.is_dir() or any(path.iterdir()) or path.suffix.lower() in OTHER_FORMATS):
        raise GeoError(GeoFault(file=path.name, place="", text=not_read(path), code="file"))
    if kind in ("tables", "geographic", None):
        tables, files = read_geographic(path) if kind == "geographic" else read_folder(path)
        return Grid.from_tables(**tables, files=files, name=path.stem, check=check)
    found = _read_foreign(path, kind, origin)
    return Grid.from_tables(
        **found.tables,
        files={name: f"{path.name} ({name})" for name in found.tables},
        name=path.stem,
        check=check,
        notes=found.notes,
        customers=found.customers,
    )


def _read_foreign(path: Path, kind: Kind, origin: Origin) -> Tables:
    """Read a model in another program's format."""
    if kind == "pandapower":
        return read_pandapower(path, origin=origin)
    if kind == "cim":
        return _read_cim(path, origin)
    return to_tables(CIRCUITS[kind](path), origin=origin)


def _read_cim(path: Path, origin: Origin) -> Tables:
    """Read a CIM model; CGMES through pandapower's converter where that is installed."""
    if path.is_file() and path.suffix.lower() == ".xml":
        if _is_one_profile(path):
            text = "is one profile of a CGMES model; give the folder or the zip file with all its profiles"
            raise GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
        return to_tables(cim_circuit([path]), origin=origin)
    paths = sorted(path.glob("*.xml")) if path.is_dir() else [path]
    if is_cgmes(paths) and find_spec("pandapower") is not None:
        return read_cgmes(paths if len(paths) > 1 else paths[0], origin=origin)
    return to_tables(cim_circuit(paths), origin=origin)


def _is_one_profile(path: Path) -> bool:
    """Whether a CIM file is a part of a CGMES 2.4.15 model, by its namespace."""
    with path.open("rb") as file:
        return b"CIM-schema-cim16" in file.read(4096)


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

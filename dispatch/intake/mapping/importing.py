"""Carries out a mapping: from a utility's files to a case folder, whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from geo import GeoError, load_grid, write_grid
from geo.grid.corridors import corridor_tables

from ...ground.brought import Brought
from ...ground.case import Case
from ...ground.errors import Fault, InputFaults
from ..case import Reading
from ..decoding import MAX_BYTES
from ..gathering import Gathering
from ..reading import Raw
from ..times import Zone
from .listed import grid_of_list
from .mapping import TABLES, Mapping
from .source import read_source
from .writing import write_set_aside, write_table

MARK = "imported.json"
"""Stands in a folder that an import made, and may therefore replace."""
ROADS = ("roads.gpkg", "roads.geojson", "roads.parquet")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import made.

    Parameters
    ----------
    case : as it is in the folder.
    aside : files of rows that were set aside.
    notes : what was laid out without anybody stating it.
    """

    case: Case
    brought: tuple[Brought, ...]
    aside: tuple[Path, ...]
    notes: tuple[str, ...]


def import_case(mapping: Mapping, out: Path, *, say: Say = lambda _: None, strict: bool = False) -> Imported:
    """Read the files of a mapping and write a case folder.

    Parameters
    ----------
    out : new or empty, or made by an import before; it is replaced when everything else is done.
    say : is told what is under way.
    strict : nothing is repaired or set aside.

    Raises
    ------
    InputFaults
        With everything that is wrong; `out` is as it was before.
    """
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / MARK).exists())):
        text = "is not empty and was not made by an import; give a new folder"
        raise InputFaults([Fault(file=str(out), place="", text=text)])
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as made:
        folder = Path(made) / "case"
        folder.mkdir()
        imported = _made(mapping, folder, say, strict)
        before = Path(made) / "before"
        if out.exists():
            out.rename(before)
        folder.rename(out)
    aside = tuple(out / path.name for path in imported.aside)
    return Imported(case=imported.case, brought=imported.brought, aside=aside, notes=imported.notes)


def _made(mapping: Mapping, folder: Path, say: Say, strict: bool) -> Imported:
    faults = Gathering(strict=strict)
    _write_settings(mapping, folder)
    say("grid")
    notes = _lay_grid(mapping, folder, faults)
    say("roads")
    notes += _lay_roads(mapping, folder, faults)
    faults.raise_any()
    reading = Reading(folder=folder, max_bytes=MAX_BYTES, faults=faults, given=_given(mapping, faults, say))
    case = reading.case(None)
    say("writing")
    for parsed in reading.tables.values():
        write_table(folder, parsed)
    aside = write_set_aside(folder, case.brought)
    report = [_as_data(each) for each in case.brought]
    text = json.dumps({"files": report, "notes": notes}, ensure_ascii=False, indent=1)
    (folder / MARK).write_text(text + "\n", encoding="utf-8")
    return Imported(case=case, brought=case.brought, aside=tuple(aside), notes=tuple(notes))


def _given(mapping: Mapping, faults: Gathering, say: Say) -> dict[str, Callable[[Zone | None], Raw | None]]:
    """What reads each table; one that the mapping does not name has no rows."""

    def read(name: str, zone: Zone | None) -> Raw | None:
        say(name)
        source = mapping.tables[name]
        raw = read_source(mapping.path(source.file), TABLES[name], source, faults, zone)
        if raw is not None:
            faults.was_read(raw.file, len(raw.rows))
        return raw

    return {name: partial(read, name) for name in mapping.tables}


def _write_settings(mapping: Mapping, folder: Path) -> None:
    # A JSON string is a YAML string, whatever is in it.
    lines = [
        f"{key}: {json.dumps(str(value), ensure_ascii=False)}\n" for key, value in mapping.settings.items()
    ]
    (folder / "settings.yaml").write_text("".join(lines), encoding="utf-8")
    if "requests" not in mapping.tables:
        (folder / "requests.csv").write_text("id,received_at,words\n", encoding="utf-8")


def _lay_grid(mapping: Mapping, folder: Path, faults: Gathering) -> list[str]:
    try:
        if mapping.grid:
            write_grid(load_grid(mapping.path(mapping.grid)), folder / "grid")
            return []
        if mapping.transformers is not None:
            return grid_of_list(mapping, folder / "grid", faults)
    except GeoError as error:
        faults.add_foreign(error, mapping.path(mapping.grid or "grid"))
    except OSError as error:
        faults.add(mapping.grid, "", f"cannot be read: {error.strerror or error}")
    return []


def _lay_roads(mapping: Mapping, folder: Path, faults: Gathering) -> list[str]:
    """Copy the roads; without any, drives follow the lines of the grid."""
    if not mapping.roads:
        if not (folder / "grid").exists():
            return []
        nodes, edges = corridor_tables(load_grid(folder / "grid"))
        nodes.to_csv(folder / "roads_nodes.csv", index=False, lineterminator="\n")
        edges.to_csv(folder / "roads_edges.csv", index=False, lineterminator="\n")
        return ["no roads were given: drives follow the lines of the grid, NOT roads"]
    path = mapping.path(mapping.roads)
    try:
        if path.is_dir():
            for part in sorted(path.glob("roads*")):
                shutil.copyfile(part, folder / part.name)
        else:
            shutil.copyfile(path, folder / f"roads{''.join(path.suffixes[-2:]).lower()}")
    except OSError as error:
        faults.add(mapping.roads, "", f"cannot be read: {error.strerror or error}")
    return []


def _as_data(each: Brought) -> dict[str, object]:
    return {
        "file": each.file,
        "read": each.read,
        "used": each.used,
        "set_aside": [{"row": row.row, "reasons": list(row.reasons)} for row in each.aside],
        "repaired": [
            {"what": repair.what, "count": repair.count, "examples": list(repair.examples)}
            for repair in each.repairs
        ],
    }

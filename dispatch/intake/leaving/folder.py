"""Writes a case out as a new case folder, in the form that somebody else's program reads.

What comes out is read back as the same case. Roads are copied as they are: what crews drive on came from
somewhere, and nothing is gained by writing it in other words.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo import GeoError, write_grid

from ...ground.case import Case
from ...ground.errors import Fault, InputFaults
from ..case import POLICY_ENDINGS, Reading
from ..decoding import MAX_BYTES
from ..gathering import Gathering
from ..mapping.writing import write_table
from .cim import write_cim
from .points import write_points

FORMS = ("csv", "gpkg", "geojson", "cim")
POINTS = ("customers", "depots")
"""Tables whose rows all have a place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written.

    Parameters
    ----------
    case : as it was read.
    files : names within the place.
    lost : what the form has no word for, a sentence each.
    """

    case: Case
    files: tuple[str, ...]
    lost: tuple[str, ...] = ()


def export_case(folder: Path, out: Path, form: str) -> Exported:
    """Write a case out.

    Parameters
    ----------
    folder : a case folder.
    out : a new folder; of CIM100 a new file.
    form : one of `FORMS`.

    Raises
    ------
    InputFaults
        The folder has faults, or the place is taken or cannot be written.
    """
    if out.exists():
        raise InputFaults([Fault(file=str(out), place="", text="is already there; give another name")])
    faults = Gathering()
    if not folder.is_dir():
        faults.add(
            str(folder), "", "does not exist" if not folder.exists() else "is a file; a case is a folder"
        )
        faults.raise_any()
    reading = Reading(folder=folder, max_bytes=MAX_BYTES, faults=faults)
    case = reading.case(None)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if form == "cim":
            return Exported(case=case, files=(out.name,), lost=write_cim(case, out))
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as place:
            made = Path(place) / "case"
            made.mkdir()
            _write(folder, made, reading, case, form)
            made.rename(out)
    except GeoError as error:
        raise InputFaults([Fault(file=str(out), place="", text=error.faults[0].text)]) from error
    except OSError as error:
        text = f"cannot be written: {error.strerror or error}"
        raise InputFaults([Fault(file=str(out), place="", text=text)]) from error
    return Exported(case=case, files=tuple(_names(out)))


def _write(folder: Path, made: Path, reading: Reading, case: Case, form: str) -> None:
    for name, parsed in reading.tables.items():
        if form != "csv" and name in POINTS:
            write_points(made / f"{name}.{form}", parsed)
        else:
            write_table(made, parsed)
    write_grid(case.grid, made / ("grid" if form == "csv" else f"grid.{form}"))
    for path in sorted(folder.iterdir()):
        kept = (
            path.name == "settings.yaml" or path.name.startswith("roads") or path.name == case.settings.policy
        )
        if kept and (path.suffix not in POLICY_ENDINGS or path.is_file()):
            (shutil.copytree if path.is_dir() else shutil.copyfile)(path, made / path.name)


def _names(out: Path) -> Sequence[str]:
    return [path.relative_to(out).as_posix() for path in sorted(out.rglob("*")) if path.is_file()]

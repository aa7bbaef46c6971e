"""CGMES 2.4.15 and 3.0 (zip files of profiles) through pandapower's converter, an extra."""

from __future__ import annotations

import logging
import warnings
import zipfile
import zlib
from pathlib import Path

from ..errors import GeoError, GeoFault
from ..placing import Point
from .circuit.conversion import SOURCE_ABOVE_KV, Tables
from .pandapower import tables_of_net
from .rdf import refuse_entities
from .tables import BIGGEST_BYTES

VERSIONS = ("2.4.15", "3.0")
MOST_MEMBERS = 1000


def read_cgmes(
    paths: Path | list[Path], *, source_above_kv: float = SOURCE_ABOVE_KV, origin: Point | None = None
) -> Tables:
    """Read a CGMES model into the grid's own tables.

    Parameters
    ----------
    paths : the zip file, or the profile files that belong together.
    source_above_kv, origin : as in `read_pandapower`.

    Raises
    ------
    GeoError
        If pandapower is not installed, or its converter cannot read the files.
    """
    files = [paths] if isinstance(paths, Path) else paths
    name = files[0].name
    for each in files:
        refuse_hostile(each)
    try:
        # an extra: half a gigabyte that only readers of CGMES need
        from pandapower.converter.cim.cim2pp.from_cim import from_cim  # noqa: PLC0415
    except ImportError as error:
        text = "reading CGMES needs pandapower and lxml: pip install 'gridcrew[pandapower]'"
        raise GeoError(GeoFault(file=name, place="", text=text, code="extra")) from error
    logging.getLogger("pandapower.converter.cim").setLevel(logging.ERROR)
    failed: list[str] = []
    for version in VERSIONS:
        try:
            with warnings.catch_warnings():
                # the converter's own use of pandas is nobody's fault here
                warnings.simplefilter("ignore")
                net = from_cim(file_list=[str(path) for path in files], cgmes_version=version)
        except Exception as error:  # the converter lets errors of many libraries through
            failed.append(f"as {version}: {type(error).__name__}: {error}")
            continue
        if len(net.bus):
            return tables_of_net(net, name=name, source_above_kv=source_above_kv, origin=origin)
        failed.append(f"as {version}: no buses")
    raise GeoError(GeoFault(file=name, place="", text=f"cannot be read; {'; '.join(failed)}", code="file"))


def refuse_hostile(path: Path) -> None:
    """Refuse what the converter would unpack or expand without an end, before it sees the file.

    Raises
    ------
    GeoError
        A zip file that unpacks to more than a file may hold, or a document with entities of its own.
    """
    if not zipfile.is_zipfile(path):
        # Of what is no zip file the converter itself says so.
        if path.suffix.lower() != ".zip":
            refuse_entities(path.open("rb"), path.name, "")
        return
    left = BIGGEST_BYTES
    try:
        with zipfile.ZipFile(path) as packed:
            members = [each for each in packed.infolist() if not each.is_dir()]
            if len(members) > MOST_MEMBERS:
                text = f"holds {len(members):,} files; a model has at most {MOST_MEMBERS}"
                raise GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
            for member in members:
                left -= refuse_entities(packed.open(member), path.name, member.filename, left)
            if left < 0:
                text = f"unpacks to more than {BIGGEST_BYTES:,} bytes; it is not read"
                raise GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        text = f"cannot be unpacked: {error}"
        raise GeoError(GeoFault(file=path.name, place="", text=text, code="file")) from error

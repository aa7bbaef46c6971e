"""A CIM model in several files: profiles of CGMES, or one model cut up, in a folder or an archive."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import IO

from ...errors import GeoError, GeoFault
from ..cgmes import refuse_hostile
from ..rdf import Objects, joined, objects_of, read_objects
from ..tables import BIGGEST_BYTES

CGMES = (b"CIM-schema-cim16", b"entsoe", b"ENTSO-E", b"CoreEquipment-EU", b"CGMES")
HEAD = 16_384


def read_parts(paths: Sequence[Path], classes: Collection[str]) -> Objects:
    """Read objects of some classes from files and archives that belong together.

    Raises
    ------
    GeoError
        If one cannot be read, is not RDF/XML, or unpacks to too much.
    """
    parts = []
    for path in paths:
        if path.suffix.lower() != ".zip":
            parts.append(read_objects(path, classes))
            continue
        refuse_hostile(path)
        parts += [objects_of(file, path.name, name, classes) for name, file in _members(path)]
    if not parts:
        text = "holds no .xml file; expected the files of a CIM model (unpack layers of a GIS first)"
        raise GeoError(GeoFault(file=paths[0].name, place="", text=text, code="file"))
    return joined(parts, classes)


def is_cgmes(paths: Sequence[Path]) -> bool:
    """Whether files are profiles of CGMES, by how they begin: there lengths are in km."""
    return any(mark in head for path in paths for head in _heads(path) for mark in CGMES)


def _heads(path: Path) -> Iterator[bytes]:
    """How a file begins, or each document of an archive."""
    if path.suffix.lower() == ".zip":
        refuse_hostile(path)
        yield from (file.read(HEAD) for _, file in _members(path))
        return
    with path.open("rb") as file:
        yield file.read(HEAD)


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The documents of an archive, and of the archives in it."""
    left = BIGGEST_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = member.filename.lower()
                if name.endswith((".xml", ".rdf")):
                    with archive.open(member) as file:
                        yield member.filename, file
                elif name.endswith(".zip"):
                    with archive.open(member) as packed:
                        inner = packed.read(left + 1)
                    left -= len(inner)
                    yield from _inner(path, member.filename, inner, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        text = f"cannot be unpacked: {error}"
        raise GeoError(GeoFault(file=path.name, place="", text=text, code="file")) from error


def _inner(path: Path, name: str, data: bytes, left: int) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if member.filename.lower().endswith((".xml", ".rdf")):
                with archive.open(member) as file:
                    text = file.read(left + 1)
                left -= len(text)
                if left < 0:
                    said = f"unpacks to more than {BIGGEST_BYTES:,} bytes; it is not read"
                    raise GeoError(GeoFault(file=path.name, place=name, text=said, code="file"))
                yield f"{name}/{member.filename}", io.BytesIO(text)

"""CIM files (RDF/XML) read bit by bit: only the classes that are asked for are kept.

The file is never held as a whole. A document type declaration is refused, and with it every
entity: no file can make the reader expand, or fetch, anything.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat

from ..errors import GeoError, GeoFault
from .tables import BIGGEST_BYTES

Objects = dict[str, dict[str, dict[str, str]]]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_MOST_QUOTED = 60
_ROOT, _OBJECT, _PROPERTY = 1, 2, 3
_CHUNK = 1 << 16
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]{0,40})[\"']")
_OWN = frozenset({"utf-8", "utf-16", "iso-8859-1", "us-ascii"})
_OTHERS = frozenset({"gb18030", "gbk", "gb2312", "big5", "windows-1250", "windows-1252", "iso-8859-15"})


class _Refused(Exception):
    """The document has something that a CIM file has no use for."""


def read_objects(path: Path, classes: Collection[str]) -> Objects:
    """Read objects of these classes: class to id to property to value (text, or the id it points to).

    Raises
    ------
    GeoError
        If the file cannot be read, is not RDF/XML, or declares a document type.
    """
    try:
        with path.open("rb") as file:
            return objects_of(file, path.name, "", classes)
    except OSError as error:
        raise GeoError(
            GeoFault(file=path.name, place="", text=f"cannot be read: {error}", code="file")
        ) from error


def objects_of(file: IO[bytes], name: str, part: str, classes: Collection[str]) -> Objects:
    """Read the objects of an open document.

    Parameters
    ----------
    part : what of the file the document is, such as a member of an archive.

    Raises
    ------
    GeoError
        If it is not RDF/XML, or declares a document type.
    """
    collector = _Collector(classes)
    parser = collector.parser()
    within = f"{part}, " if part else ""
    try:
        for chunk in _chunks(file):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except UnicodeDecodeError as error:
        text = f"is not {error.encoding} as it says: {error.reason}"
        place = f"{within}after line {parser.CurrentLineNumber}"
        raise GeoError(GeoFault(file=name, place=place, text=text, code="file")) from error
    except expat.ExpatError as error:
        text = f"is not XML: {expat.errors.messages[error.code]}"
        place = f"{within}line {error.lineno}, column {error.offset}"
        raise GeoError(GeoFault(file=name, place=place, text=text, code="file")) from error
    except _Refused as error:
        place = f"{within}line {parser.CurrentLineNumber}"
        raise GeoError(GeoFault(file=name, place=place, text=str(error), code="file")) from error
    return collector.objects


def joined(parts: Iterable[Objects], classes: Collection[str]) -> Objects:
    """The objects of several files as one: what they say of the same object counts together."""
    found: Objects = {name: {} for name in classes}
    for part in parts:
        for name, objects in part.items():
            for key, item in objects.items():
                found[name].setdefault(key, {}).update(item)
    return found


def refuse_entities(file: IO[bytes], name: str, place: str, most: int = BIGGEST_BYTES) -> int:
    """Walk an XML document and keep nothing; returns its size in bytes.

    Raises
    ------
    GeoError
        If it declares a document type (and with it entities), or has more than `most` bytes. What is
        no XML at all is left to whoever reads it.
    """
    parser = expat.ParserCreate()
    size = 0

    def refuse(*_: object) -> None:
        raise _Refused("declares a document type; CIM files have none, and entities are not expanded")

    parser.StartDoctypeDeclHandler = refuse
    with file:
        try:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise _Refused(f"unpacks to more than {BIGGEST_BYTES:,} bytes; it is not read")
                parser.Parse(chunk, False)
        except (expat.ExpatError, ValueError, LookupError):
            return size + _rest(file, most - size)
        except _Refused as error:
            raise GeoError(GeoFault(file=name, place=place, text=str(error), code="file")) from error
    return size


def _rest(file: IO[bytes], most: int) -> int:
    """How much more there is, as far as that matters."""
    size = 0
    while size <= most and (chunk := file.read(_CHUNK)):
        size += len(chunk)
    return size


def _chunks(file: IO[bytes]) -> Iterator[bytes | str]:
    """The file bit by bit: as text where its encoding is one that the parser does not know itself."""
    head = file.read(_CHUNK)
    declared = _DECLARED.match(head)
    name = declared.group(1).decode("ascii") if declared else "utf-8"
    if name.lower() in _OWN:
        yield head
        while chunk := file.read(_CHUNK):
            yield chunk
        return
    if name.lower() not in _OTHERS:
        raise _Refused(f"unknown encoding '{name}'; expected UTF-8, or one of {', '.join(sorted(_OTHERS))}")
    # A text is parsed as what it is, whatever its declaration says.
    decoder = codecs.getincrementaldecoder(name)()
    yield decoder.decode(head)
    while chunk := file.read(_CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", True)


class _Collector:
    """Gathers objects while the parser walks the file."""

    def __init__(self, classes: Collection[str]) -> None:
        self.classes = set(classes)
        self.objects: Objects = {name: {} for name in classes}
        self.depth = 0
        self.current: dict[str, str] | None = None
        self.key = ""
        self.text: list[str] = []

    def parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        return parser

    def doctype(self, *_: object) -> None:
        raise _Refused("declares a document type; CIM files have none, and entities are not expanded")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        space, _, name = tag.rpartition(" ")
        if self.depth == _ROOT and (space != _RDF or name != "RDF"):
            raise _Refused(f"is not RDF: its root is '{name}', expected 'rdf:RDF'")
        if self.depth == _OBJECT and name in self.classes:
            own = _id(attributes.get(f"{_RDF} ID") or "")
            given = _id(attributes.get(f"{_RDF} about") or "") or own
            if not given:
                raise _Refused(f"a {name} has neither rdf:ID nor rdf:about")
            if own and own in self.objects[name]:
                raise _Refused(f"{name} has the rdf:ID '{own[:_MOST_QUOTED]}' of another one")
            self.current = self.objects[name].setdefault(given, {})
        elif self.depth == _PROPERTY and self.current is not None:
            self.key = name
            self.text = []
            if resource := attributes.get(f"{_RDF} resource"):
                self.text.append(_id(resource))

    def characters(self, data: str) -> None:
        if self.depth == _PROPERTY and self.current is not None:
            self.text.append(data)

    def end(self, _: str) -> None:
        if self.depth == _PROPERTY and self.current is not None:
            self.current[self.key] = "".join(self.text).strip()
        elif self.depth == _OBJECT:
            self.current = None
        self.depth -= 1


def _id(given: str) -> str:
    """Bare id: without ``urn:uuid:``, ``#``, ``_``; of a vocabulary's address only the last part."""
    last = given.rpartition("#")[2]
    return last.removeprefix("urn:uuid:").removeprefix("_")

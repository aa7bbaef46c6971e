"""CIM files (RDF/XML) read bit by bit: only the classes that are asked for are kept.

The file is never held as a whole. A document type declaration is refused, and with it every
entity: no file can make the reader expand, or fetch, anything.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from xml.parsers import expat

from ..errors import GeoError, GeoFault

Objects = dict[str, dict[str, dict[str, str]]]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ROOT, _OBJECT, _PROPERTY = 1, 2, 3
_CHUNK = 1 << 16


class _Refused(Exception):
    """The document has something that a CIM file has no use for."""


def read_objects(path: Path, classes: Collection[str]) -> Objects:
    """Read objects of these classes: class to id to property to value (text, or the id it points to).

    Raises
    ------
    GeoError
        If the file cannot be read, is not RDF/XML, or declares a document type.
    """
    collector = _Collector(classes)
    parser = collector.parser()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except OSError as error:
        raise GeoError(
            GeoFault(file=path.name, place="", text=f"cannot be read: {error}", code="file")
        ) from error
    except expat.ExpatError as error:
        text = f"is not XML: {expat.errors.messages[error.code]}"
        place = f"line {error.lineno}, column {error.offset}"
        raise GeoError(GeoFault(file=path.name, place=place, text=text, code="file")) from error
    except _Refused as error:
        place = f"line {parser.CurrentLineNumber}"
        raise GeoError(GeoFault(file=path.name, place=place, text=str(error), code="file")) from error
    return collector.objects


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
            given = attributes.get(f"{_RDF} about") or attributes.get(f"{_RDF} ID") or ""
            self.current = self.objects[name].setdefault(_id(given), {})
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

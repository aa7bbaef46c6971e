"""The mapping file: which file is what, and which of its columns is which of ours.

It is written by `gridcrew case new` to be looked at, mended by hand, and read every night by
`gridcrew case import`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping as Items
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from geo.frames import as_stated

from ...ground.errors import nearest
from ..decoding import Unreadable, read_text
from ..gathering import Gathering
from ..schema import BELIEFS, CREWS, CUSTOMERS, DEPOTS, PLANNED, REQUESTS, ROSTER, SIGNS, Table

TABLES: Items[str, Table] = {
    table.name: table for table in (CUSTOMERS, REQUESTS, CREWS, DEPOTS, ROSTER, SIGNS, BELIEFS, PLANNED)
}
PARTS = ("settings", "grid", "roads", "transformers", "tables")
Texts = Items[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSource:
    """Where a table comes from and how it is read.

    Parameters
    ----------
    file : beside the mapping file, or a whole path.
    columns : our names, each with the heading of the file.
    values : by our column, words of the file and what they are here.
    units : by our column, so much of ours is one of the file's (0.001 for volts where kV are ours).
    formats : by our column, how its times are written, as `strptime` reads it (%d/%m/%Y %H:%M).
    digits : by our column of ids, so many digits each has: lost leading zeros are put back.
    fixed : by our column that the file does not have, what stands in every row.
    where : headings of the file, each with the words of the rows that are taken.
    sheet, layer, encoding, delimiter : of the file; empty: found out.
    header_row : as a spreadsheet numbers it; 0: found out.
    coordinates : WGS84, GCJ-02, BD-09 or an EPSG code; empty: found out.
    """

    file: str
    columns: Texts = field(default_factory=dict)
    values: Items[str, Texts] = field(default_factory=dict)
    units: Items[str, float] = field(default_factory=dict)
    formats: Texts = field(default_factory=dict)
    digits: Items[str, int] = field(default_factory=dict)
    fixed: Texts = field(default_factory=dict)
    where: Items[str, Sequence[str]] = field(default_factory=dict)
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0
    coordinates: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Everything that an import needs to know.

    Parameters
    ----------
    folder : of the mapping file; its paths start here.
    settings : keys of `settings.yaml`.
    grid, roads : files or folders; without roads, drives follow the grid.
    transformers : a list of transformers where there is no grid.
    tables : by our name.
    """

    folder: Path
    settings: Items[str, Any]
    grid: str = ""
    roads: str = ""
    transformers: TableSource | None = None
    tables: Items[str, TableSource] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """A file of the mapping."""
        return self.folder / name


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    InputFaults
        With everything that is wrong with it.
    """
    faults = Gathering()
    try:
        content = YAML(typ="safe", pure=True).load(io.StringIO(read_text(path, 2**20)))
    except Unreadable as error:
        faults.add(path.name, "", str(error))
    except (YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark is not None else ""
        faults.add(path.name, place, f"is not sound YAML: {getattr(error, 'problem', None) or error}")
    faults.raise_any()
    if not isinstance(content, dict):
        faults.add(path.name, "", "is no mapping file; `gridcrew case new` writes one")
        faults.raise_any()
    return _Reader(path=path, faults=faults).mapping(content)


@dataclass(frozen=True, kw_only=True)
class _Reader:
    path: Path
    faults: Gathering

    def mapping(self, content: dict[Any, Any]) -> Mapping:
        for key in content:
            self.known(str(key), PARTS, f"key '{key}'")
        tables = self.items(content.get("tables"), "tables")
        for name in tables:
            self.known(name, TABLES, f"tables: '{name}'")
        listed = content.get("transformers")
        found = Mapping(
            folder=self.path.parent,
            settings={
                str(key): text_of(value)
                for key, value in self.items(content.get("settings"), "settings").items()
            },
            grid=text_of(content.get("grid")),
            roads=text_of(content.get("roads")),
            transformers=self.source("transformers", listed, None) if listed else None,
            tables={name: self.source(name, each, TABLES.get(name)) for name, each in tables.items()},
        )
        if not found.grid and found.transformers is None:
            self.faults.add(
                self.path.name, "key 'grid'", "missing; give a grid, or a list under transformers"
            )
        self.faults.raise_any()
        return found

    def known(self, name: str, names: Any, place: str) -> None:
        if name not in names:
            hint = nearest(name, names) or f"; expected one of {', '.join(names)}"
            self.faults.add(self.path.name, place, f"is unknown{hint}")

    def items(self, content: Any, place: str) -> dict[str, Any]:
        if content is None:
            return {}
        if not isinstance(content, dict):
            self.faults.add(self.path.name, f"key '{place}'", "holds no 'key: value' lines")
            return {}
        return {str(key): value for key, value in content.items()}

    def source(self, name: str, content: Any, table: Table | None) -> TableSource:
        items = self.items(content, name)
        for key in items:
            self.known(key, [each.name for each in fields(TableSource)], f"{name}: key '{key}'")
        if not items.get("file"):
            self.faults.add(self.path.name, f"{name}: key 'file'", "missing")
        # Any: keys of one record that hold different things.
        texts: dict[str, Any] = {
            key: self.texts(items.get(key), f"{name}: {key}") for key in ("columns", "formats", "fixed")
        }
        if table is not None:
            for ours in (*texts["columns"], *texts["fixed"]):
                self.known(ours, table.column_by_name, f"{name}: columns: '{ours}'")
        plain: dict[str, Any] = {
            key: text_of(items.get(key)) for key in ("file", "sheet", "delimiter", "encoding", "coordinates")
        }
        self.check_stated(plain, name)
        return TableSource(
            **texts,
            **plain,
            values={
                ours: self.texts(words, f"{name}: values: {ours}")
                for ours, words in self.items(items.get("values"), f"{name}: values").items()
            },
            where=self.words(items.get("where"), f"{name}: where"),
            **self.figures(items, name),
        )

    def figures(self, items: dict[str, Any], name: str) -> dict[str, Any]:
        """Units and digits of columns, and the row of the headings."""
        digits = self.numbers(items.get("digits"), f"{name}: digits")
        row = self.numbers({"header_row": items.get("header_row") or 0}, name)
        return {
            "units": self.numbers(items.get("units"), f"{name}: units"),
            "digits": {key: int(value) for key, value in digits.items()},
            "header_row": int(row.get("header_row", 0)),
        }

    def words(self, content: Any, place: str) -> dict[str, tuple[str, ...]]:
        """Headings, each with a word or several."""
        return {
            heading: tuple(map(text_of, words)) if isinstance(words, list) else (text_of(words),)
            for heading, words in self.items(content, place).items()
        }

    def check_stated(self, plain: Texts, name: str) -> None:
        try:
            "".encode(plain["encoding"] or "utf-8")
        except LookupError:
            text = f"'{plain['encoding']}' is no encoding"
            self.faults.add(self.path.name, f"{name}: key 'encoding'", text)
        try:
            as_stated(plain["coordinates"] or "WGS84")
        except ValueError as error:
            self.faults.add(self.path.name, f"{name}: key 'coordinates'", str(error))

    def texts(self, content: Any, place: str) -> Texts:
        return {key: text_of(value) for key, value in self.items(content, place).items()}

    def numbers(self, content: Any, place: str) -> dict[str, float]:
        found = {}
        for key, value in self.items(content, place).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
                self.faults.add(self.path.name, f"{place}: '{key}'", f"'{value}' is no number from 0 on")
                continue
            found[key] = float(value)
        return found


def text_of(value: Any) -> str:
    """A value of YAML as text."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat()
    return str(value)


HEAD = """\
# What each file is, and which of its columns is which of ours. Look through it, mend it, and run
#   gridcrew case import {name} --out CASE
# tonight and every night. docs/case-from-your-files.md says what may stand here.
"""


def write_mapping(path: Path, mapping: Mapping, notes: Items[str, Sequence[str]]) -> None:
    """Write a mapping file.

    Parameters
    ----------
    notes : by table, lines that are written above it as comments.
    """
    yaml = YAML()
    yaml.width = 4096
    yaml.allow_unicode = True
    lines = [HEAD.format(name=path.name)]
    parts: dict[str, Any] = {"settings": dict(mapping.settings)}
    parts |= {name: value for name in ("grid", "roads") if (value := getattr(mapping, name))}
    for name, value in parts.items():
        lines += [_comment(notes.get(name, ())), _dumped(yaml, {name: value})]
    if mapping.transformers is not None:
        lines += [_comment(notes.get("transformers", ()))]
        lines += [_dumped(yaml, {"transformers": _plain(mapping.transformers)})]
    lines.append("tables:\n")
    for name, source in mapping.tables.items():
        text = _comment(notes.get(name, ())) + _dumped(yaml, {name: _plain(source)})
        lines.append("".join(f"  {line}\n" if line else "\n" for line in text.splitlines()))
    path.write_text("".join(lines), encoding="utf-8", newline="")


def _comment(notes: Sequence[str]) -> str:
    return "".join(f"# {line}\n" for line in notes)


def _dumped(yaml: YAML, content: dict[str, Any]) -> str:
    out = io.StringIO()
    yaml.dump(content, out)
    return out.getvalue()


def _plain(source: TableSource) -> dict[str, Any]:
    found = {each.name: getattr(source, each.name) for each in fields(source)}
    return {name: dict(value) if isinstance(value, dict) else value for name, value in found.items() if value}

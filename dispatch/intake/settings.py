"""Reads `settings.yaml`: one key a line, checked by the schema like a row of a table."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from geo.frames import as_stated

from ..ground.case import Settings
from ..ground.errors import nearest
from .cells import parse
from .decoding import MAX_BYTES, Unreadable, read_text
from .gathering import Gathering
from .reading import Raw
from .schema import SETTINGS
from .times import Zone

EMPTY = ("", "~", "null")


def read_settings(
    path: Path, faults: Gathering, *, now: datetime | None = None, max_bytes: int = MAX_BYTES
) -> Settings | None:
    """Read the settings of a case; None, and at least one fault, when something is wrong.

    Parameters
    ----------
    now : in place of the file's own `now`.
    """
    entries = _entries(path, faults, max_bytes)
    if entries is None:
        return None
    before = len(faults.faults)
    if now is not None:
        entries["now"] = (now.isoformat(), 0)
    _check_names(path.name, entries, faults)
    _check_coordinates(path.name, entries, faults)
    zone = _zone(path.name, entries, faults)
    values = {name: _value(path.name, name, entries, faults, zone) for name in SETTINGS.column_by_name}
    if len(faults.faults) > before:
        return None
    return Settings(**values)


def _entries(path: Path, faults: Gathering, max_bytes: int) -> dict[str, tuple[Any, int]] | None:
    """Read keys with the text of their values and their line numbers."""
    try:
        text = read_text(path, min(max_bytes, 2**20))
    except Unreadable as error:
        faults.add(path.name, "", str(error))
        return None
    try:
        root = YAML(typ="safe", pure=True).compose(io.StringIO(text))
    except (YAMLError, RecursionError) as error:
        faults.add(path.name, *_yaml_fault(error))
        return None
    if not isinstance(root, MappingNode):
        faults.add(path.name, "", "is not a list of 'key: value' lines")
        return None
    entries: dict[str, tuple[Any, int]] = {}
    for key_node, value_node in root.value:
        key, line = str(getattr(key_node, "value", "")), key_node.start_mark.line + 1
        if key in entries:
            faults.add(path.name, f"line {line}, key '{key}'", f"stands already in line {entries[key][1]}")
        entries[key] = (_scalar_or_items(value_node), line)
    return entries


def _yaml_fault(error: Exception) -> tuple[str, str]:
    mark = getattr(error, "problem_mark", None)
    place = f"line {mark.line + 1}" if mark is not None else ""
    return place, f"is not sound YAML: {getattr(error, 'problem', None) or 'it is nested too deeply'}"


def _scalar_or_items(node: Node) -> str | list[str] | None:
    match node:
        case ScalarNode():
            return "" if node.value in EMPTY and node.style is None else str(node.value).strip()
        case SequenceNode() if all(isinstance(item, ScalarNode) for item in node.value):
            return [str(item.value).strip() for item in node.value]
    return None


def _check_names(file: str, entries: Mapping[str, tuple[Any, int]], faults: Gathering) -> None:
    for key, (_, line) in entries.items():
        if key not in SETTINGS.column_by_name:
            hint = nearest(key, SETTINGS.column_by_name)
            faults.add(file, f"line {line}, key '{key}'", f"unknown key{hint}")


def _check_coordinates(file: str, entries: Mapping[str, tuple[Any, int]], faults: Gathering) -> None:
    name, line = entries.get("coordinates", ("", 0))
    if isinstance(name, str) and name:
        try:
            as_stated(name)
        except ValueError as error:
            faults.add(file, f"line {line}, key 'coordinates'", str(error))


def _zone(file: str, entries: Mapping[str, tuple[Any, int]], faults: Gathering) -> Zone | None:
    name, line = entries.get("time_zone", ("", 0))
    if not isinstance(name, str) or not name:
        return None
    try:
        return Zone(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        text = f"'{name}' is no time zone; expected an IANA name such as Asia/Shanghai"
        faults.add(file, f"line {line}, key 'time_zone'", text + _zone_hint(name))
        return None


def _zone_hint(name: str) -> str:
    return nearest(name, available_timezones())


def _value(
    file: str, name: str, entries: Mapping[str, tuple[Any, int]], faults: Gathering, zone: Zone | None
) -> Any:
    """Parse one key as a column of one row, so that every rule of the schema holds here too."""
    column = SETTINGS.column_by_name[name]
    content, line = entries.get(name, ("", 0))
    place = f"line {line}, key '{name}'" if line else f"key '{name}'"
    if content == "" and column.required:
        faults.add(file, place, "missing; a value is required")
        return None
    if column.kind == "list":
        return tuple(content) if isinstance(content, list) else ((content,) if content else column.default)
    if not isinstance(content, str):
        faults.add(file, place, "holds several values; expected one")
        return None
    cell = np.empty(1, dtype=object)
    cell[0] = content
    found = Gathering()
    raw = Raw(file=file, columns={name: cell}, rows=np.array([line]))
    parsed = parse(raw, SETTINGS, found, zone=zone)
    for fault in found.faults:
        faults.add(file, place, fault.text)
    return parsed.records()[0][name]

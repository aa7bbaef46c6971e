"""Bring what a workbook says back into the YAML file it came from, with comments and layout kept."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from .nodes import Node
from .settings import cell_text

_WIDE = 100_000


def merged_text(text: str | None, root: Node) -> str:
    """YAML of a policy's nodes, on the text it once was where there is one.

    Whatever the nodes say the same as the text stays as it stands there, comments
    and layout included; what differs is replaced; rows are matched by what they say.
    """
    yaml = YAML(typ="rt")
    yaml.width = _WIDE
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    wanted = _plain(root)
    if text is None:
        document: Any = _made(wanted)
    else:
        document = yaml.load(text)
        if _same_map(document, wanted):
            return text
        _merge_map(document, wanted)
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _plain(node: Node) -> Any:
    if node.is_map:
        return {name: _plain(item) for name, item in node.value.items()}
    return [_plain(item) for item in node.value] if node.is_list else node.value


def _cell(value: Any) -> str:
    text: str = cell_text(_noded(value))
    return text


def _noded(value: Any) -> Node:
    if isinstance(value, Mapping):
        return Node({str(name): _noded(item) for name, item in value.items()}, "")
    if isinstance(value, (list, tuple)):
        return Node([_noded(item) for item in value], "")
    return Node(value, "")


def _cells_same(old: Any, new: Any) -> bool:
    return _cell(old) == _cell(new)


def _same_map(old: Any, new: Any) -> bool:
    same: bool = _canonical(old) == _canonical(new)
    return same


def _canonical(value: Any, key: str = "") -> Any:
    """A whole document in one form: cells under if, then and source as text."""
    if isinstance(value, Mapping):
        if key in ("if", "then", "source"):
            return {str(name): _cell(item) for name, item in value.items()}
        kept = {str(name): item for name, item in value.items() if not (name in ("if", "then") and not item)}
        return {name: _canonical(item, name) for name, item in kept.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    return _cell(value) if value is not None else ""


def _key(item: Any) -> str:
    return json.dumps(_canonical(item), sort_keys=True, ensure_ascii=False)


def _merge_map(old: Any, new: Mapping[str, Any], key: str = "") -> None:
    for name in [each for each in old if str(each) not in new]:
        del old[name]
    names = {str(name): name for name in old}
    for name, value in new.items():
        if name not in names:
            old[name] = _made(value)
        else:
            old[names[name]] = _merged(old[names[name]], value, name if key not in ("if", "then") else "cell")


def _merged(old: Any, new: Any, key: str) -> Any:
    cells = key in ("cell", "source")
    if cells and not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return old if _cells_same(old, new) else _made(new)
    if isinstance(old, Mapping) and isinstance(new, Mapping) and key != "cell":
        _merge_map(old, new, key)
        return old
    if isinstance(old, list) and isinstance(new, list):
        return _merge_list(old, new)
    return old if _canonical(old) == _canonical(new) else _made(new)


def _merge_list(old: Any, new: list[Any]) -> Any:
    """Items matched by what they say, then by name or place; comments stay with what they stood at."""
    by_said = {_key(item): item for item in old}
    by_name = {item["table"]: item for item in old if isinstance(item, Mapping) and "table" in item}
    result = CommentedSeq()
    for at, item in enumerate(new):
        found = by_said.get(_key(item))
        if found is None and isinstance(item, Mapping):
            found = by_name.get(item.get("table")) if "table" in item else None
            if found is None and "table" not in item and len(old) == len(new):
                found = old[at]
            if found is not None:
                _merge_map(found, item)
        result.append(found if found is not None else _made(item, flow=isinstance(item, Mapping)))
    if hasattr(old, "fa") and old.fa.flow_style():
        result.fa.set_flow_style()
    if hasattr(old, "ca") and len(old) == len(new):
        result.ca.comment = old.ca.comment
        result.ca.items.update(old.ca.items)
    return result


def _made(value: Any, flow: bool = False) -> Any:
    if isinstance(value, Mapping):
        found = CommentedMap((name, _made(item)) for name, item in value.items())
        if flow and "rows" not in value:
            found.fa.set_flow_style()
        return found
    if isinstance(value, list):
        sequence = CommentedSeq(_made(item, flow=isinstance(item, Mapping)) for item in value)
        if not any(isinstance(item, (Mapping, list)) for item in value):
            sequence.fa.set_flow_style()
        return sequence
    return value

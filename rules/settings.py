"""Outcome cells: the value that a row gives to a fact, read from YAML or from text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .conditions import quoted, read_yes_no, split_cell, unquoted
from .errors import CellError, FactError, nearest
from .expressions import Expression
from .facts import Fact, range_text
from .nodes import Node
from .units import figure

_SAID = re.compile(r'\s*\b(en|zh)\s+("(?:[^"\\]|\\.)*"|[^,，、"]+)(?:[,，、]|$)')


def cell_text(node: Node) -> str:
    """A node as the text of one cell: the one form that YAML and Excel share.

    Raises
    ------
    CellError : nested deeper than a cell can say.
    """
    value = node.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_item_text(item) for item in value) or "none"
    if isinstance(value, dict):
        return _map_text(value)
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def _item_text(node: Node) -> str:
    if node.is_list or node.is_map:
        raise CellError("a list in a cell holds plain words only")
    text = cell_text(node)
    operator = text.startswith(("<", ">", "=", "@")) or text in ("missing", "given") or ".." in text
    return text if operator or not isinstance(node.value, str) else quoted(text)


def _map_text(value: dict[str, Node]) -> str:
    if len(value) == 1:
        name, node = next(iter(value.items()))
        if name in ("not", "has"):
            return f"{name} {cell_text(node)}"
        if name == "cel":
            return f"cel: {cell_text(node)}"
    return ", ".join(f"{name} {_said(node)}" for name, node in value.items()) or "none"


def _said(node: Node) -> str:
    return quoted(cell_text(node)) if isinstance(node.value, str) else cell_text(node)


def read_value(text: str, fact: Fact, facts: Mapping[str, Fact]) -> tuple[Any, Expression | None]:
    """Read an outcome cell as the fact's value, or as an expression.

    Raises
    ------
    CellError : the cell does not fit the fact.
    """
    if text.startswith("cel:"):
        return None, _expression(text[4:], fact, facts)
    if text in ("", "-"):
        raise CellError(f"'{fact.name}' is set to nothing; leave the name out instead")
    try:
        return fact.checked(_plain(text, fact)), None
    except FactError as error:
        raise CellError(str(error).removeprefix("fact ") + _hint(text, fact)) from None


def _plain(text: str, fact: Fact) -> Any:
    if fact.is_number:
        value = figure(text, fact.unit)
        if fact.type == "integer" and not value.is_integer():
            raise CellError(f"'{fact.name}' is {text}; must be a whole number")
        return value
    if fact.type == "yes/no":
        return read_yes_no(text, fact)
    if fact.type == "list":
        return [] if text == "none" else [unquoted(part) for part in split_cell(text)]
    if fact.type == "amounts":
        return {} if text == "none" else dict(_amount(part, fact) for part in split_cell(text))
    if fact.type == "texts":
        return _by_language(text)
    return unquoted(text)


def _by_language(text: str) -> dict[str, str] | str:
    """``en "keep away", zh 远离`` by language; any other text is that of all languages."""
    found = [(name, unquoted(said.strip())) for name, said in _SAID.findall(text)]
    whole = re.sub(_SAID, "", text).strip() == "" and bool(found)
    return dict(found) if whole else unquoted(text)


def _amount(part: str, fact: Fact) -> tuple[str, float]:
    name, _, number = part.rpartition(" ")
    if not name:
        raise CellError(f"'{part}' is no amount; write name and number, such as 'fuse 2'")
    amount = figure(number, None)
    if amount < 0:
        raise CellError(f"'{part}' is negative")
    if fact.values and name.strip() not in fact.values:
        raise CellError(
            f"'{name.strip()}' is not a value of '{fact.name}'{nearest(name.strip(), fact.values)}"
        )
    return name.strip(), amount


def _expression(source: str, fact: Fact, facts: Mapping[str, Fact]) -> Expression:
    expression = Expression(source, facts)
    wanted = "number" if fact.is_number else ("yes/no" if fact.type == "yes/no" else "text")
    if fact.type in ("list", "amounts", "texts"):
        raise CellError(f"'{fact.name}' is {fact.type}; an expression cannot make one")
    if expression.kind != wanted:
        raise CellError(f"expression gives {expression.kind}; '{fact.name}' is {fact.type}")
    return expression


def _hint(text: str, fact: Fact) -> str:
    if fact.is_number:
        return f" ({range_text(fact)})" if "must be" not in text else ""
    wrong = [unquoted(part) for part in split_cell(text) if unquoted(part) not in fact.values]
    return nearest(wrong[0], fact.values) if wrong and fact.values else ""

"""Outcome cells: the value that a row gives to a fact, read from YAML or from text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .conditions import no_value, quoted, read_yes_no, split_cell, unquoted
from .errors import CellError, FactError, nearest, nearest_zh
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
        raise CellError("a list in a cell holds plain words only", "单元格中的列表只能由词组成")
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
        raise CellError(
            f"'{fact.name}' is set to nothing; leave the name out instead",
            f"“{fact.name}”的值为空；不设定时请不写该名称",
        )
    try:
        return fact.checked(_plain(text, fact)), None
    except FactError as error:
        hint, hint_zh = _hints(text, fact)
        raise CellError(
            error.text.removeprefix("fact ") + hint, error.zh.removeprefix("事实") + hint_zh
        ) from None


def _plain(text: str, fact: Fact) -> Any:
    if fact.is_number:
        value = figure(text, fact.unit)
        if fact.type == "integer" and not value.is_integer():
            raise CellError(
                f"'{fact.name}' is {text}; must be a whole number", f"“{fact.name}”的值为“{text}”，须为整数"
            )
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
        raise CellError(
            f"'{part}' is no amount; write name and number, such as 'fuse 2'",
            f"“{part}”不是数量，请写名称和数字，例如“fuse 2”",
        )
    amount = figure(number, None)
    if amount < 0:
        raise CellError(f"'{part}' is negative", f"“{part}”为负数")
    if fact.values and name.strip() not in fact.values:
        raise no_value(name.strip(), fact)
    return name.strip(), amount


def _expression(source: str, fact: Fact, facts: Mapping[str, Fact]) -> Expression:
    expression = Expression(source, facts)
    wanted = "number" if fact.is_number else ("yes/no" if fact.type == "yes/no" else "text")
    if fact.type in ("list", "amounts", "texts"):
        raise CellError(
            f"'{fact.name}' is {fact.type}; an expression cannot make one",
            f"“{fact.name}”的类型为{fact.type}，不能由表达式给出",
        )
    if expression.kind != wanted:
        raise CellError(
            f"expression gives {expression.kind}; '{fact.name}' is {fact.type}",
            f"表达式的结果为{expression.kind}，而“{fact.name}”的类型为{fact.type}",
        )
    return expression


def _hints(text: str, fact: Fact) -> tuple[str, str]:
    """What the cell should say, in English and in Chinese."""
    if fact.is_number:
        return (f" ({range_text(fact)})" if "must be" not in text else ""), ""
    wrong = [unquoted(part) for part in split_cell(text) if unquoted(part) not in fact.values]
    if not wrong or not fact.values:
        return "", ""
    return nearest(wrong[0], fact.values), nearest_zh(wrong[0], fact.values)

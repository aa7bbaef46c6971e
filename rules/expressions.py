"""Free cells: one CEL expression over the facts, bounded and checked when the policy is loaded.

The evaluator has no limit of steps, so whatever can loop (`map`, `filter`,
`all`, `exists` and their kin) is refused; what is left runs in time that grows
with the length of the expression. Numbers, whole ones too, are doubles: write
``2.0``, not ``2``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import cel

from .errors import CellError, nearest, nearest_zh
from .facts import LANGUAGES, Fact

MOST_LENGTH = 500
MOST_DEPTH = 20
FUNCTIONS = ("size", "contains", "startsWith", "endsWith", "double", "string")

_TEXTS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_CALLED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*\(")
_INFIX = ("in",)


class Expression:
    """A compiled expression; `names` are the facts it reads."""

    def __init__(self, source: str, facts: Mapping[str, Fact]) -> None:
        self.source = source.strip()
        self._facts = facts
        _refuse(self.source)
        try:
            self._program = cel.compile(self.source)
        except (ValueError, TypeError, RuntimeError) as error:
            why = _first_line(error)
            raise CellError(f"expression cannot be read: {why}", f"表达式无法解析：{why}") from None
        names = sorted(self._program.variables())
        for name in names:
            if name not in facts:
                raise CellError(
                    f"unknown fact '{name}' in an expression{nearest(name, facts)}",
                    f"表达式中有未知的事实“{name}”{nearest_zh(name, facts)}",
                )
        self.names: tuple[str, ...] = tuple(names)
        self._known = {name: facts[name] for name in names}
        self._probe()

    def __reduce__(self) -> tuple[type[Expression], tuple[str, Mapping[str, Fact]]]:
        return Expression, (self.source, self._known)

    def value(self, facts: Mapping[str, Any]) -> Any:
        """Return the expression's value, or None when a fact it reads is missing or it has no value."""
        given: dict[str, Any] = {}
        for name in self.names:
            value = facts.get(name)
            if value is None:
                return None
            given[name] = _as_cel(self._known[name], value)
        try:
            found = self._program.execute(given)
        except (TypeError, RuntimeError, ValueError, OverflowError):
            return None
        return None if isinstance(found, float) and not abs(found) <= 1e15 else found

    def _probe(self) -> None:
        """Run once on made-up values, because the evaluator finds wrong types only when it runs."""
        given = {name: _as_cel(fact, _sample(fact)) for name, fact in self._known.items()}
        try:
            self.kind = _kind(self._program.execute(given))
        except (TypeError, RuntimeError, ValueError) as error:
            why = _first_line(error)
            raise CellError(
                f"expression does not fit the types of its facts: {why}", f"表达式与其中事实的类型不符：{why}"
            ) from None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "yes/no"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else type(value).__name__


def _refuse(source: str) -> None:
    if not source or len(source) > MOST_LENGTH:
        raise CellError(
            f"an expression must have 1 to {MOST_LENGTH} signs", f"表达式的长度须为1至{MOST_LENGTH}个字符"
        )
    bare = _TEXTS.sub("''", source)
    depth = deepest = 0
    for sign in bare:
        depth += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, depth)
    if deepest > MOST_DEPTH:
        raise CellError(f"an expression nests deeper than {MOST_DEPTH}", f"表达式嵌套超过{MOST_DEPTH}层")
    for name in _CALLED.findall(bare):
        if name not in FUNCTIONS and name not in _INFIX:
            raise CellError(
                f"'{name}(...)' is refused in an expression; known: {', '.join(FUNCTIONS)}",
                f"表达式中不接受“{name}(...)”，可用：{'、'.join(FUNCTIONS)}",
            )


def _sample(fact: Fact) -> Any:
    if fact.is_number:
        return max(1.0, fact.low or 1.0)
    if fact.type == "yes/no":
        return True
    if fact.type == "list":
        return fact.values[:1]
    if fact.type == "texts":
        return dict.fromkeys(LANGUAGES, "words")
    if fact.type == "amounts":
        return dict.fromkeys(fact.values, 1.0)
    return fact.values[0] if fact.values else "words"


def _as_cel(fact: Fact, value: Any) -> Any:
    if fact.is_number:
        return float(value)
    if fact.type == "list":
        return list(value)
    return bool(value) if fact.type == "yes/no" else value


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:160] if str(error) else type(error).__name__

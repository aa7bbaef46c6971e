"""Cells of a table: what a condition says about one fact, read from its text.

A cell is a list of alternatives with commas between them; any of them may hold.

==================  ====================================================
``any`` or ``-``    always holds (the same as an empty cell)
``hospital``        equal to
``hospital, rail``  one of
``not rural``       given, and none of the alternatives
``>= 10``           comparison: ``<``, ``<=``, ``>``, ``>=``, ``=``
``3..5``            range, both ends included; ``..5`` and ``3..`` are open
``3..<5``           range without its upper end; ``3<..5`` without its lower
``has 停电, dark``   a text that holds one of the words, a list that holds one of the names
``/wires? down/``   a text in which the pattern is found
``missing``         the fact was not given
``given``           the fact was given, whatever it is
``@name``           all the words of the policy's list of that name
==================  ====================================================

A missing fact satisfies ``missing`` and ``any`` and nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import CellError, nearest, nearest_zh
from .facts import Fact, range_text
from .pattern import Pattern, folded
from .units import figure

OPERATORS = (
    "any",
    "not",
    "<",
    "<=",
    ">",
    ">=",
    "=",
    "..",
    "..<",
    "<..",
    "has",
    "/ /",
    "missing",
    "given",
    "@",
)
MOST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of numbers; an end that is `open` does not belong to it."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: float) -> bool:
        """Whether the number lies in it."""
        above = value > self.low if self.low_open else value >= self.low
        return above and (value < self.high if self.high_open else value <= self.high)


@dataclass(frozen=True, slots=True)
class Condition:
    """What one cell asks of one fact.

    Exactly one of `intervals`, `values`, `words`, `pattern` carries the test,
    as the fact's type wants; `given` alone means that any value will do.
    """

    fact: Fact
    text: str
    missing: bool = False
    given: bool = False
    negated: bool = False
    intervals: tuple[Interval, ...] = ()
    values: frozenset[Any] = frozenset()
    words: tuple[str, ...] = ()
    finder: re.Pattern[str] | None = None
    pattern: Pattern | None = None

    def holds(self, value: Any) -> bool:
        """Whether a checked value (None when missing) satisfies the cell."""
        if value is None:
            return self.missing
        return self.given or (self._positive(value) != self.negated)

    def _positive(self, value: Any) -> bool:
        if self.fact.is_number:
            return any(interval.holds(value) for interval in self.intervals)
        if self.finder is not None:
            return self.finder.search(folded(value)) is not None
        if self.pattern is not None:
            return self.pattern.found_in(value)
        if self.fact.type == "list":
            return not self.values.isdisjoint(value)
        if self.fact.type == "text":
            return folded(value).strip() in self.values
        return value in self.values


def test_of(condition: Condition) -> Callable[[Any], bool]:
    """`condition.holds` as a function that does no more than this one condition needs."""
    if condition.missing or condition.given or condition.negated:
        return condition.holds
    if condition.fact.is_number and len(condition.intervals) == 1:
        return _number_test(condition.intervals[0])
    if condition.values and condition.fact.type in ("choice", "yes/no"):
        # None is never among the values.
        return condition.values.__contains__
    return condition.holds


def _number_test(part: Interval) -> Callable[[Any], bool]:
    low, high = part.low, part.high
    if part.low_open or part.high_open:
        return lambda value: value is not None and part.holds(value)
    if high == math.inf:
        return lambda value: value is not None and value >= low
    return lambda value: value is not None and low <= value <= high


def read_condition(text: str, fact: Fact, lists: Mapping[str, Sequence[str]]) -> Condition | None:
    """Read a cell; None when it asks nothing.

    Raises
    ------
    CellError : the cell does not fit the fact's type, or names something unknown.
    """
    text = text.strip()
    if text in ("", "-", "any"):
        return None
    negated = text.startswith("not ")
    body = text[4:].strip() if negated else text
    if not body:
        raise CellError("'not' stands alone; say not what", "“not”后面没有内容，请写明排除什么")
    if fact.type in ("amounts", "texts"):
        raise CellError(
            f"'{fact.name}' holds {fact.type}, which conditions cannot ask about; use cel",
            f"“{fact.name}”的类型为{fact.type}，不能用条件判断，请改用cel",
        )
    if body.startswith("/"):
        return _pattern(text, body, fact, negated)
    if body == "has" or body.startswith("has "):
        return _has(text, body[3:], fact, negated, lists)
    return _alternatives(text, body, fact, negated, lists)


def split_cell(text: str) -> list[str]:
    """Split a cell at its commas; ``"a, b"`` in double quotes stays one."""
    parts = re.findall(r'\s*("(?:[^"\\]|\\.)*"|[^,，、]+)\s*(?:[,，、]|$)', text)
    return [part.strip() for part in parts if part.strip()]


def unquoted(text: str) -> str:
    """A part of a cell without its double quotes."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def quoted(text: str) -> str:
    """A word as a part of a cell, in double quotes where it needs them."""
    plain = text and text == text.strip() and not re.search(r'[,，、"]', text)
    special = text.startswith(("/", "@", "<", ">", "=", "not ", "has ")) or text in (
        "any",
        "-",
        "missing",
        "given",
    )
    if plain and not special:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _pattern(text: str, body: str, fact: Fact, negated: bool) -> Condition:
    if fact.type != "text":
        raise CellError(
            f"'{fact.name}' is {fact.type}; patterns are for texts",
            f"“{fact.name}”的类型为{fact.type}，正则表达式只用于text",
        )
    if len(body) < 3 or not body.endswith("/"):
        raise CellError(f"pattern {body} has no closing /", f"正则表达式{body}缺少结尾的/")
    return Condition(fact, text, negated=negated, pattern=Pattern(body[1:-1]))


def _has(text: str, body: str, fact: Fact, negated: bool, lists: Mapping[str, Sequence[str]]) -> Condition:
    if fact.type not in ("text", "list"):
        raise CellError(
            f"'{fact.name}' is {fact.type}; 'has' is for texts and lists",
            f"“{fact.name}”的类型为{fact.type}，“has”只用于text和list",
        )
    words = _expanded(split_cell(body), lists)
    if not words:
        raise CellError("'has' without a word", "“has”后面没有词")
    if fact.type == "list":
        return Condition(fact, text, negated=negated, values=frozenset(_known(word, fact) for word in words))
    return Condition(fact, text, negated=negated, words=words, finder=finder(words))


def finder(words: Sequence[str]) -> re.Pattern[str]:
    """One search for all words; a Latin word begins where a word begins (sparks, not meter in parameter)."""
    latin: list[str] = []
    other: list[str] = []
    for word in words:
        sign = folded(word).strip()
        (latin if sign[:1].isascii() and sign[:1].isalnum() else other).append(re.escape(sign))
    parts = [rf"(?<![a-z0-9])(?:{'|'.join(latin)})"] if latin else []
    return re.compile("|".join(parts + other))


def _expanded(parts: Sequence[str], lists: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    words: list[str] = []
    for part in parts:
        if part.startswith("@"):
            name = part[1:]
            if name not in lists:
                raise CellError(
                    f"unknown list '@{name}'{nearest(name, lists)}",
                    f"未知的词表“@{name}”{nearest_zh(name, lists)}",
                )
            words.extend(lists[name])
        else:
            words.append(unquoted(part))
    words = [word for word in dict.fromkeys(words) if word.strip()]
    if len(words) > MOST_WORDS:
        raise CellError(f"more than {MOST_WORDS} words in one cell", f"一个单元格中的词超过{MOST_WORDS}个")
    return tuple(words)


def _alternatives(
    text: str, body: str, fact: Fact, negated: bool, lists: Mapping[str, Sequence[str]]
) -> Condition:
    missing = given = False
    intervals: list[Interval] = []
    values: set[Any] = set()
    for part in split_cell(body):
        if part == "missing":
            missing = True
        elif part == "given":
            given = True
        elif fact.is_number:
            intervals.append(read_interval(part, fact))
        else:
            values.update(_value(word, fact) for word in _expanded([part], lists))
    if negated and (missing or given):
        if intervals or values or (missing and given):
            raise CellError(
                "'not' with missing or given takes nothing beside it",
                "“not”与missing或given连用时，不能再写其他内容",
            )
        missing, given = given, missing
        return Condition(fact, text, missing=missing, given=given)
    return Condition(fact, text, missing, given, negated, tuple(intervals), frozenset(values))


def _value(word: str, fact: Fact) -> Any:
    if fact.type == "yes/no":
        return read_yes_no(word, fact)
    if fact.type == "list":
        raise CellError(
            f"'{fact.name}' is a list; write 'has {word}'", f"“{fact.name}”是列表，请写成“has {word}”"
        )
    return folded(word).strip() if fact.type == "text" else _known(word, fact)


def _known(word: str, fact: Fact) -> str:
    if fact.values and word not in fact.values:
        raise no_value(word, fact)
    return word


def no_value(word: str, fact: Fact) -> CellError:
    """The error for a word that is none of a fact's values."""
    return CellError(
        f"'{word}' is not a value of '{fact.name}'{nearest(word, fact.values)}",
        f"“{word}”不是“{fact.name}”的可用取值{nearest_zh(word, fact.values)}",
    )


def read_yes_no(word: str, fact: Fact) -> bool:
    """Read yes, no, true or false.

    Raises
    ------
    CellError : another word.
    """
    found = {"yes": True, "true": True, "no": False, "false": False}.get(word.lower())
    if found is None:
        raise CellError(
            f"'{word}' is not a value of '{fact.name}'; must be yes or no",
            f"“{word}”不是“{fact.name}”的可用取值，须为yes或no",
        )
    return found


def read_interval(part: str, fact: Fact) -> Interval:
    """Read a number, a comparison or a range of the fact's numbers.

    Raises
    ------
    CellError : not a number, a unit that does not fit, or nothing the fact can be.
    """
    found = re.match(r"^(<=|>=|<|>|=)(.*)$", part)
    if found:
        value = figure(found.group(2), fact.unit)
        interval = {
            "<": Interval(high=value, high_open=True),
            "<=": Interval(high=value),
            ">": Interval(low=value, low_open=True),
            ">=": Interval(low=value),
            "=": Interval(low=value, high=value),
        }[found.group(1)]
    elif ".." in part:
        interval = _range(part, fact)
    else:
        value = figure(part, fact.unit)
        interval = Interval(low=value, high=value)
    return _fits(interval, part, fact)


def _range(part: str, fact: Fact) -> Interval:
    left, right = part.split("..", 1)
    low_open, high_open = left.rstrip().endswith("<"), right.lstrip().startswith("<")
    left, right = left.strip().rstrip("<").strip(), right.strip().lstrip("<").strip()
    if not left and not right:
        raise CellError("a range needs at least one end", "范围至少要有一端")
    low = figure(left, fact.unit) if left else -math.inf
    high = figure(right, fact.unit) if right else math.inf
    return Interval(low, high, low_open, high_open)


def _fits(interval: Interval, part: str, fact: Fact) -> Interval:
    low = -math.inf if fact.low is None else fact.low
    high = math.inf if fact.high is None else fact.high
    point = interval.low == interval.high
    if interval.low > interval.high or (point and (interval.low_open or interval.high_open)):
        raise CellError(f"range '{part}' is empty", f"范围“{part}”为空")
    below = interval.high < low or (interval.high == low and interval.high_open)
    above = interval.low > high or (interval.low == high and interval.low_open)
    if below or above:
        raise CellError(
            f"'{part}' is nothing that '{fact.name}' can be ({range_text(fact)})",
            f"“{part}”超出“{fact.name}”的取值范围（{range_text(fact, 'zh')}）",
        )
    if fact.type == "integer" and point and not float(interval.low).is_integer():
        raise CellError(
            f"'{part}' is no whole number, as '{fact.name}' must be",
            f"“{part}”不是整数，而“{fact.name}”须为整数",
        )
    return interval

"""Regular expressions that cannot explode: matched in one pass over the text.

A pattern is compiled into states and run as a set of states with remembered
steps (Thompson's construction; Thompson, CACM 11(6), 1968), so the time grows
with the length of the text and never doubles with it. What such a machine
cannot do (back references, look-around) is refused, and so is a pattern that
needs too many states.

Known: letters, ``.``, ``[a-z]``, ``[^a-z]``, ``( )``, ``|``, ``? * + {m,n}``,
``^ $``, ``\\d \\w \\s`` and ``\\`` before a sign. Upper and lower case are the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from .errors import CellError

MOST_STATES = 800
MOST_REPEAT = 64
MOST_LENGTH = 500
MOST_DEPTH = 20
MOST_TEXT = 4000
_SETS = {"d": "0123456789", "s": " \t\r\n\u3000"}


def folded(text: str) -> str:
    """Text as patterns and words see it: full width made half, case folded, at most 4,000 signs."""
    return unicodedata.normalize("NFKC", text[:MOST_TEXT]).casefold()[:MOST_TEXT]


@dataclass(frozen=True, slots=True)
class _Signs:
    """The signs that one step accepts."""

    signs: frozenset[str]
    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = False
    word: bool = False

    def accepts(self, sign: str) -> bool:
        found = sign in self.signs or any(low <= sign <= high for low, high in self.ranges)
        found = found or (self.word and (sign.isalnum() or sign == "_"))
        return found != self.negated

    def example(self) -> str:
        if not self.negated:
            return min(self.signs) if self.signs else (self.ranges[0][0] if self.ranges else "a")
        return next(sign for sign in "ax0- ~中" if self.accepts(sign))


@dataclass(slots=True)
class _States:
    """States under construction: `step[i]` consumes a sign, `jumps[i]` do not."""

    step: list[tuple[_Signs, int] | None] = field(default_factory=list)
    jumps: list[list[tuple[str, int]]] = field(default_factory=list)

    def new(self) -> int:
        if len(self.step) >= MOST_STATES:
            raise CellError(
                f"pattern needs more than {MOST_STATES} states; write it shorter",
                f"正则表达式需要超过{MOST_STATES}个状态，请写得短一些",
            )
        self.step.append(None)
        self.jumps.append([])
        return len(self.step) - 1


class _Reader:
    """Reads a pattern and builds its states, from left to right."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.states = _States()
        self.depth = 0

    def _wrong(self, text: str, zh: str) -> CellError:
        return CellError(f"pattern /{self.source}/ {text}", f"正则表达式/{self.source}/{zh}")

    def peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def next(self) -> str:
        sign = self.peek()
        if not sign:
            raise self._wrong("ends too early", "不完整")
        self.at += 1
        return sign

    def read(self) -> tuple[int, int]:
        start, end = self._either()
        if self.at < len(self.source):
            raise self._wrong("has a ')' without '('", "中的“)”没有对应的“(”")
        return start, end

    def _either(self) -> tuple[int, int]:
        start, end = self.states.new(), self.states.new()
        while True:
            first, last = self._sequence()
            self.states.jumps[start].append(("", first))
            self.states.jumps[last].append(("", end))
            if self.peek() != "|":
                return start, end
            self.at += 1

    def _sequence(self) -> tuple[int, int]:
        start = end = self.states.new()
        while self.peek() and self.peek() not in "|)":
            begun = self.at
            first, last = self._one()
            first, last = self._repeated(begun, first, last)
            self.states.jumps[end].append(("", first))
            end = last
        return start, end

    def _repeated(self, begun: int, first: int, last: int) -> tuple[int, int]:
        ended = self.at
        bounds = self._bounds()
        if bounds is None:
            return first, last
        low, high = bounds
        after = self.at
        start = end = self.states.new()
        for _ in range(low):
            end = self._copy(begun, ended, end)
        if high is None:
            loop = self.states.new()
            self.states.jumps[end].append(("", loop))
            self.states.jumps[self._copy(begun, ended, loop)].append(("", loop))
            end = loop
        else:
            done = self.states.new()
            for _ in range(high - low):
                self.states.jumps[end].append(("", done))
                end = self._copy(begun, ended, end)
            self.states.jumps[end].append(("", done))
            end = done
        self.at = after
        return start, end

    def _copy(self, begun: int, ended: int, end: int) -> int:
        self.at = begun
        first, last = self._one()
        if self.at != ended:
            raise self._wrong(f"cannot be read at {begun + 1}", f"在第{begun + 1}个字符处无法解析")
        self.states.jumps[end].append(("", first))
        return last

    def _bounds(self) -> tuple[int, int | None] | None:
        sign = self.peek()
        simple: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        if sign in simple and sign:
            self.at += 1
            found: tuple[int, int | None] = simple[sign]
        elif sign == "{":
            found = self._braces()
        else:
            return None
        if self.peek() and self.peek() in "?*+{":
            raise self._wrong(
                "repeats a repetition; put it in brackets or drop one",
                "连用了两个重复符号，请加括号或去掉一个",
            )
        return found

    def _braces(self) -> tuple[int, int | None]:
        close = self.source.find("}", self.at)
        inside = self.source[self.at + 1 : close] if close > 0 else ""
        parts = inside.split(",")
        if close < 0 or len(parts) > 2 or not parts[0].isdigit() or (parts[-1] and not parts[-1].isdigit()):
            raise self._wrong("has a bad {m,n}", "中的{m,n}有误")
        self.at = close + 1
        low = int(parts[0])
        high = int(parts[-1]) if parts[-1] else None
        if max(low, high or 0) > MOST_REPEAT or (high is not None and high < low):
            raise self._wrong(
                f"repeats {{{inside}}}; at most {MOST_REPEAT} and m <= n",
                f"的重复次数{{{inside}}}有误，最多{MOST_REPEAT}次，且m不大于n",
            )
        return low, high

    def _one(self) -> tuple[int, int]:
        sign = self.next()
        if sign == "(":
            return self._group()
        if sign in "^$":
            start, end = self.states.new(), self.states.new()
            self.states.jumps[start].append((sign, end))
            return start, end
        if sign in "?*+{":
            raise self._wrong(f"repeats nothing at {self.at}", f"的第{self.at}个字符没有可重复的内容")
        start, end = self.states.new(), self.states.new()
        self.states.step[start] = (self._signs(sign), end)
        return start, end

    def _group(self) -> tuple[int, int]:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise CellError(f"pattern nests deeper than {MOST_DEPTH}", f"正则表达式嵌套超过{MOST_DEPTH}层")
        if self.peek() == "?":
            if self.source[self.at : self.at + 2] != "?:":
                raise self._wrong("looks around or names a group; refused", "使用了环视或命名分组，不予接受")
            self.at += 2
        found = self._either()
        if self.peek() != ")":
            raise self._wrong("has a '(' without ')'", "中的“(”没有对应的“)”")
        self.at += 1
        self.depth -= 1
        return found

    def _signs(self, sign: str) -> _Signs:
        if sign == ".":
            return _Signs(frozenset(), negated=True)
        if sign == "[":
            return self._class()
        if sign == "\\":
            return self._escaped()
        return _Signs(frozenset(sign))

    def _escaped(self) -> _Signs:
        sign = self.next()
        if sign.lower() in _SETS:
            return _Signs(frozenset(_SETS[sign.lower()]), negated=sign.isupper())
        if sign.lower() == "w":
            return _Signs(frozenset(), word=True, negated=sign.isupper())
        if sign.isalnum():
            raise self._wrong(f"uses \\{sign}, which is refused", f"使用了\\{sign}，不予接受")
        return _Signs(frozenset(sign))

    def _class(self) -> _Signs:
        negated = self.peek() == "^"
        self.at += negated
        signs: set[str] = set()
        ranges: list[tuple[str, str]] = []
        word = False
        while self.peek() != "]" or not (signs or ranges or word):
            sign = self.next()
            if sign == "\\":
                inner = self._escaped()
                if inner.negated:
                    raise self._wrong("has a negated set inside [ ]", "的[ ]中含有取反的字符集")
                signs |= inner.signs
                word = word or inner.word
            elif self.peek() == "-" and self.source[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.next()
                if high < sign:
                    raise self._wrong(f"has an empty range {sign}-{high}", f"中的范围{sign}-{high}为空")
                ranges.append((sign, high))
            else:
                signs.add(sign)
        self.at += 1
        return _Signs(frozenset(signs), tuple(ranges), negated, word)


def _folded_part(found: re.Match[str]) -> str:
    r"""A stretch of a pattern folded as texts are; what stands behind a backslash stays."""
    return found[0] if found[0].startswith("\\") else folded(found[0])


class Pattern:
    """A compiled pattern; `found_in(text)` tells whether it occurs anywhere in a text."""

    def __init__(self, source: str) -> None:
        if not source or len(source) > MOST_LENGTH:
            raise CellError(
                f"pattern must have 1 to {MOST_LENGTH} signs", f"正则表达式的长度须为1至{MOST_LENGTH}个字符"
            )
        self.source = source
        reader = _Reader(re.sub(r"\\.|[^\\]+", _folded_part, source, flags=re.DOTALL))
        self._start, self._end = reader.read()
        self._states = reader.states
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        # Only in an empty text is its begin also its end.
        self._finds_nothing = self._end in self._closure({self._start}, begin=True, end=True)
        if self.example() is None:
            raise CellError(f"pattern /{source}/ can never match", f"正则表达式/{source}/永远无法匹配")

    def __reduce__(self) -> tuple[type[Pattern], tuple[str]]:
        return Pattern, (self.source,)

    def found_in(self, text: str) -> bool:
        """Whether the pattern occurs in `text`; time grows linearly with its length."""
        if not text:
            return self._finds_nothing
        now = self._closure({self._start}, begin=True)
        for sign in folded(text):
            if self._end in now:
                return True
            now = self._step(now, sign)
        return self._accepting(now)

    def example(self) -> str | None:
        """A shortest text in which the pattern is found, or None when there is none."""
        if self._finds_nothing:
            return ""
        begun = self._closure({self._start}, begin=True)
        queue: list[tuple[frozenset[int], str]] = [(begun, "")]
        seen = {begun}
        while queue and len(seen) < MOST_STATES:
            now, text = queue.pop(0)
            if self._accepting(now):
                return text
            steps = [self._states.step[state] for state in sorted(now)]
            for sign in dict.fromkeys(step[0].example() for step in steps if step):
                following = self._step(now, sign)
                if following not in seen:
                    seen.add(following)
                    queue.append((following, text + sign))
        return None

    def _step(self, now: frozenset[int], sign: str) -> frozenset[int]:
        key = (now, sign)
        found = self._steps.get(key)
        if found is None:
            steps = (self._states.step[state] for state in now)
            moved = {step[1] for step in steps if step and step[0].accepts(sign)}
            found = self._closure(moved | {self._start}, begin=False)
            if len(self._steps) > 20_000:
                self._steps.clear()
            self._steps[key] = found
        return found

    def _closure(self, states: set[int], *, begin: bool = False, end: bool = False) -> frozenset[int]:
        todo = list(states)
        found = set(states)
        while todo:
            for guard, target in self._states.jumps[todo.pop()]:
                free = not guard or (guard == "^" and begin) or (guard == "$" and end)
                if free and target not in found:
                    found.add(target)
                    todo.append(target)
        return frozenset(found)

    def _accepting(self, now: frozenset[int]) -> bool:
        return self._end in now or self._end in self._closure(set(now), end=True)

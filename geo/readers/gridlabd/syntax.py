"""The syntax of GridLAB-D models: objects with their properties, nested or one beside the other.

Modules, classes, schedules, clocks and scripts are passed over; schedules, classes and scripts are
noted, for what a model says there has no part in its network.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import GeoError, GeoFault
from .preprocessing import Line, Note, Preprocessor

TOKEN = re.compile(r"""\"[^"\n]*\"|'[^'\n]*'|[{};]|[^\s{};]+""")
HEAD = re.compile(r"^([A-Za-z_][\w.]*)(?::(.*))?$")
DEEPEST = 50
NOT_READ = (
    "schedule",
    "class",
    "script",
    "filter",
    "export",
    "import",
    "dump",
    "extern",
    "modify",
    "instance",
)
MOST_SHOWN = 60


@dataclass(slots=True, kw_only=True)
class Thing:
    """An object of a model.

    Parameters
    ----------
    kind : its class, e.g. `overhead_line`.
    number : behind the colon of `node:123`; "" for none.
    count : how many it stands for, `house:..10` for ten.
    """

    kind: str
    number: str = ""
    count: int = 1
    file: str = ""
    line: int = 0
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What other objects name it by."""
        if name := self.properties.get("name", ""):
            return name
        return f"{self.kind}:{self.number}" if self.number else f"{self.kind} in line {self.line}"

    @property
    def title(self) -> str:
        """What it is, for a person."""
        return f"{self.kind} '{self.key}'"

    @property
    def place(self) -> str:
        """Where it stands, for a person."""
        return f"line {self.line}, {self.title}"

    def get(self, name: str) -> str:
        """A property, "" where it has none."""
        return self.properties.get(name, "")


def read_things(path: Path, note: Note) -> list[Thing]:
    """Read all objects of a model and of what it includes.

    Raises
    ------
    GeoError
        Naming file and line of the first thing that is no GridLAB-D.
    """
    before = Preprocessor(root=path.parent, note=note)
    found = _Parser(before.lines(path), path.name)
    found.top()
    for kind, count in found.passed.items():
        if kind in NOT_READ:
            note("not-read", kind, f"{count:,} not read: the network is taken as it stands in the file")
    if before.unknown:
        names = ", ".join(sorted(before.unknown)[:5])
        note("macro", "macros", f"not defined in the model: {names}; cells with them are not known")
    return found.things


class _Parser:
    """Tokens on their way to objects."""

    def __init__(self, lines: Sequence[Line], name: str) -> None:
        self.tokens = self._tokens(lines)
        self.file, self.line = name, 0
        self.things: list[Thing] = []
        self.passed: Counter[str] = Counter()

    def _tokens(self, lines: Sequence[Line]) -> Iterator[str]:
        for line in lines:
            self.file, self.line = line.file, line.number
            yield from TOKEN.findall(line.text)

    def next(self, inside: str) -> str:
        """The next token; a file that ends inside something is cut short."""
        token = next(self.tokens, None)
        if token is None:
            raise self.wrong(f"the file ends inside {inside}; expected '}}' or ';'")
        return token

    def wrong(self, text: str) -> GeoError:
        return GeoError(GeoFault(file=self.file, place=f"line {self.line}", text=text, code="file"))

    def top(self) -> None:
        for token in self.tokens:
            if token == "object":
                self._object(None, 0)
            elif token == "}":
                raise self.wrong("a '}' closes nothing")
            elif token != ";":
                self.passed[token.lower()] += 1
                self._pass_over(token)

    def _pass_over(self, word: str) -> None:
        """Skip a statement: up to its ';', or its block."""
        if not HEAD.match(word):
            raise self.wrong(
                f"'{word[:MOST_SHOWN]}' is no statement of GridLAB-D; expected e.g. 'object node {{'"
            )
        while (token := self.next(f"'{word}'")) != ";":
            if token == "{":
                self._block(word)
                return

    def _block(self, word: str) -> None:
        depth = 1
        while depth:
            token = self.next(f"'{word}'")
            depth += (token == "{") - (token == "}")

    def _object(self, owner: Thing | None, depth: int) -> Thing:
        thing = self._head()
        if depth > DEEPEST:
            raise self.wrong(f"objects stand in one another more than {DEEPEST} deep")
        if owner is not None:
            thing.properties["parent"] = owner.key
        self.things.append(thing)
        while (token := self.next(thing.title)) != "}":
            if token == "object":
                self._object(thing, depth + 1)
            elif token == "{":
                raise self.wrong(f"a '{{' stands where a property of {thing.title} was expected")
            elif token != ";":
                self._property(thing, token, depth)
        return thing

    def _head(self) -> Thing:
        words = []
        file, line = self.file, self.line
        while (token := self.next("an object's head")) != "{":
            words.append(token)
            if token in (";", "}") or len(words) > 3:
                raise self.wrong(f"'object {' '.join(words)[:MOST_SHOWN]}' has no '{{'")
        head = HEAD.match("".join(words))
        if head is None:
            raise self.wrong(
                f"'{' '.join(words)[:MOST_SHOWN]}' is no class of objects; expected e.g. 'object node'"
            )
        number = head[2] or ""
        count = int(number[2:]) if re.fullmatch(r"\.\.\d{1,6}", number) else 1
        number = "" if number.startswith("..") else number
        return Thing(
            kind=head[1].lower().rpartition(".")[2], number=number, count=count, file=file, line=line
        )

    def _property(self, thing: Thing, name: str, depth: int) -> None:
        started = self.line
        words: list[str] = []
        while (token := self.next(thing.title)) != ";":
            if token == "object" and not words:
                words.append(self._object(None, depth + 1).key)
            elif token in "{}":
                self.line = started
                raise self.wrong(f"property '{name[:MOST_SHOWN]}' of {thing.title} is not ended by ';'")
            else:
                words.append(token.strip("\"'"))
        thing.properties[name.lower()] = " ".join(words)

"""Random edits of a policy, to see whether lint or its cases would have caught them.

Three kinds: a bound or figure moved, a row dropped, a name or word misspelt.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import PolicyError
from ..loading import build_policy
from ..nodes import Node
from ..yamlfile import read_text, read_yaml
from .cases import cases_from_node, run_cases
from .lint import lint

Caught = Literal["load", "lint", "cases", "missed"]
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One edit and what caught it."""

    kind: str
    place: str
    text: str
    caught: Caught


def mutate(policy: Path, cases: Sequence[Path], count: int, seed: int) -> tuple[Mutation, ...]:
    """Make `count` single random edits of a policy and say what catches each.

    Parameters
    ----------
    policy : a YAML file.
    cases : its files of cases.
    seed : the same seed makes the same edits.
    """
    generator = random.Random(seed)
    root = read_yaml(read_text(policy), policy.name).plain()
    case_roots = [read_yaml(read_text(path), path.name) for path in cases]
    makers = (_bound_moved, _row_dropped, _name_misspelt)
    found = []
    for at in range(count):
        edited = _copy(root)
        kind, place, text = makers[at % len(makers)](edited, generator)
        caught = _caught(edited, case_roots, policy.name)
        found.append(Mutation(kind=kind, place=place, text=text, caught=caught))
    return tuple(found)


def share_caught(mutations: tuple[Mutation, ...]) -> float:
    """The share of edits that something caught, 0 to 1.

    Parameters
    ----------
    mutations : what `mutate` tried.

    Returns
    -------
    float
        From 0 to 1.
    """
    return sum(each.caught != "missed" for each in mutations) / max(len(mutations), 1)


def _caught(edited: Any, cases: Sequence[Node], file: str) -> Caught:
    try:
        policy = build_policy(_node(edited), file)
    except PolicyError:
        return "load"
    try:
        if any(run_cases(policy, cases_from_node(root, "cases", policy)) for root in cases):
            return "cases"
    except PolicyError:
        return "cases"
    return "lint" if lint(policy) else "missed"


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return Node({name: _node(item) for name, item in value.items()}, "1:1", dict.fromkeys(value, "1:1"))
    return Node([_node(item) for item in value], "1:1") if isinstance(value, list) else Node(value, "1:1")


def _tables(root: Any) -> Iterator[Any]:
    for tables in root["stages"].values():
        yield from tables


def _rows(root: Any) -> Iterator[tuple[str, Any]]:
    for table in _tables(root):
        for at, row in enumerate(table["rows"]):
            yield f"{table['table']} row {at + 1}", row
        if "otherwise" in table:
            yield f"{table['table']} otherwise", table["otherwise"]


def _bound_moved(root: Any, generator: random.Random) -> tuple[str, str, str]:
    spots: list[tuple[str, Any, str]] = []
    for place, row in _rows(root):
        for part in ("if", "then"):
            for name, cell in (row.get(part) or {}).items():
                plain = isinstance(cell, (int, float)) and not isinstance(cell, bool)
                figures = isinstance(cell, str) and _NUMBER.search(cell) is not None
                words = name in ("words", "hazard", "class")
                if plain or (figures and not words):
                    spots.append((f"{place} {part} {name}", row[part], name))
    place, cells, name = generator.choice(spots)
    before = cells[name]
    numbers = list(_NUMBER.finditer(str(before)))
    found = generator.choice(numbers)
    moved = _moved(float(found.group()), generator)
    text = str(before)[: found.start()] + f"{moved:g}" + str(before)[found.end() :]
    cells[name] = text
    return "bound moved", place, f"{before} -> {text}"


def _moved(number: float, generator: random.Random) -> float:
    by = generator.choice((1, 2, max(1.0, round(number * 0.1)), max(1.0, round(number * 0.5))))
    return number + by if number < by or generator.random() < 0.5 else number - by


def _row_dropped(root: Any, generator: random.Random) -> tuple[str, str, str]:
    table = generator.choice([table for table in _tables(root) for _ in table["rows"]])
    at = generator.randrange(len(table["rows"]))
    row = table["rows"].pop(at)
    return "row dropped", f"{table['table']} row {at + 1}", str(row)


def _name_misspelt(root: Any, generator: random.Random) -> tuple[str, str, str]:
    spots: list[tuple[str, str, Callable[[str], None]]] = []
    for place, row in _rows(root):
        for part in ("if", "then"):
            cells = row.get(part) or {}
            for name, cell in cells.items():
                spots.append((f"{place} {part}", name, _renamed(cells, name)))
                if isinstance(cell, str) and cell.isidentifier() and name != "hazard":
                    spots.append((f"{place} {part} {name}", cell, _put(cells, name)))
                if isinstance(cell, list):
                    spots.extend((f"{place} {part} {name}", w, _put(cell, at)) for at, w in enumerate(cell))
    for name, words in root.get("lists", {}).items():
        spots.extend((f"list {name}", str(word), _put(words, at)) for at, word in enumerate(words))
    place, before, put = generator.choice(spots)
    after = _misspelt(before, generator)
    put(after)
    return "name misspelt", place, f"{before} -> {after}"


def _renamed(cells: dict[str, Any], name: str) -> Callable[[str], None]:
    def put(after: str) -> None:
        cells[after] = cells.pop(name)

    return put


def _put(cells: Any, key: Any) -> Callable[[str], None]:
    def put(after: str) -> None:
        cells[key] = after

    return put


def _misspelt(word: str, generator: random.Random) -> str:
    """A letter dropped, doubled, or swapped with its neighbour."""
    at = generator.randrange(len(word))
    if len(word) > 2:
        swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
        found = generator.choice((word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], swapped))
        if found not in (word, ""):
            return found
    return word + word[-1]

"""All letters that any sheet of a day may need, so that one cut of the font serves them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache

from geo import Grid, Roads

from ..briefing.said import what_was_said
from ..ground.day import DayPlan


def letters_of_day(day: DayPlan, lang: str) -> frozenset[str]:
    """Return the letters of a day's cards, crews, depots, settings, streets, grid and meanings of words."""
    case = day.case
    told = (case.settings, case.crews, case.depots, tuple(day.cards.values()))
    cards = day.cards.values() if lang == "zh" else ()
    meant = (each.zh for card in cards for each in what_was_said(card.words, case.policy.lexicon))
    return _of_streets(case.roads).union(_of_grid(case.grid), *meant, *_texts(told))


@lru_cache(maxsize=2)
def _of_streets(roads: Roads) -> frozenset[str]:
    return frozenset().union(*map(str, roads.name))


# Of the grid that was asked for last: it has no hash, and hundreds of sheets ask for the same.
_known: list[tuple[Grid, frozenset[str]]] = []


def _of_grid(grid: Grid) -> frozenset[str]:
    """Names and numbers that are painted on poles and plates."""
    for known, letters in _known:
        if known is grid:
            return letters
    named = (
        *(grid.switches.ids, grid.switches.name, grid.transformers.ids, grid.transformers.name),
        *(grid.lines.ids, grid.buses.ids, grid.buses.substation),
    )
    found = frozenset("".join(str(each) for texts in named for each in texts.tolist() if each))
    _known[:] = [(grid, found)]
    return found


def _texts(value: object) -> Iterator[str]:
    """Yield every text inside records, lists and mappings."""
    match value:
        case str():
            yield value
        case Mapping():
            for item in value.items():
                yield from _texts(item)
        case tuple() | list() | set() | frozenset():
            for item in value:
                yield from _texts(item)
        case _ if is_dataclass(value):
            for field in fields(value):
                yield from _texts(getattr(value, field.name))

"""Answers of a report beside its main figures: by area, promises, times told, how near a replay came."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .answers import Estimate, Nearness, Share, by_area, etr_figures, replay_nearness, shares_kept
from .report_words import group_word, say
from .scenario import Scenario

Record = Mapping[str, Any]
Records = Mapping[str, Sequence[Record]]
Rows = list[list[str]]
# Name of the figure, decimals.
AREA_FIGURES = (("customer_minutes", 0), ("customer_interruptions", 1), ("energy_not_supplied_kwh", 0))
ETR_FIGURES = (("told", 1), ("error_median_min", 0), ("error_mean_abs_min", 0), ("met_share", 3))
GROUPS = ("class", "grade", "area")
NEARNESS = ("outages", "median_ratio", "low_ratio", "high_ratio", "rank_correlation")
EMPTY = "–"


class Section(NamedTuple):
    """A table with its title and what is to be known about it; its first row names the alternatives."""

    title: str
    note: str
    rows: Rows


def sections(alternatives: Mapping[str, Scenario], records: Records, language: str) -> list[Section]:
    """Every table that the records have something for."""
    found = [
        Section(say(language, name), say(language, f"{name}_note"), [["", *records], *rows])
        for name, rows in (
            ("areas", list(_areas(records, language))),
            ("promises", list(_promises(records, language))),
            ("told", list(_told(records, language))),
            ("near", list(_near(alternatives, records, language))),
        )
        if rows
    ]
    return found


def interval(found: Estimate, digits: int, language: str) -> str:
    """A mean with its interval, where there are enough replications for one."""
    if math.isnan(found.low):
        return shown(found.mean, digits)
    between = f"{shown(found.low, digits)}{say(language, 'to')}{shown(found.high, digits)}"
    return f"{shown(found.mean, digits)} ({between})"


def shown(value: float, digits: int) -> str:
    """A number with its thousands apart; nothing has no sign."""
    return f"{round(value, digits) + 0.0:,.{digits}f}" if math.isfinite(value) else EMPTY


def _areas(records: Records, language: str) -> Iterator[list[str]]:
    if not _all_hold(records, "by_area"):
        return
    for figure, digits in AREA_FIGURES:
        told = {name: by_area(each, figure) for name, each in records.items()}
        for area in _names(told):
            label = say(
                language, "of_group", group=group_word(language, "area", area), name=say(language, figure)
            )
            cells = (each.get(area) for each in told.values())
            yield [label, *(interval(cell, digits, language) if cell else EMPTY for cell in cells)]


def _promises(records: Records, language: str) -> Iterator[list[str]]:
    for group in GROUPS:
        if not _all_hold(records, f"promises_by_{group}"):
            continue
        told = {name: shares_kept(each, group) for name, each in records.items()}
        for name in _names(told):
            label = say(
                language,
                "of_group",
                group=say(language, f"by_{group}"),
                name=group_word(language, group, name),
            )
            yield [label, *(_kept(each.get(name), language) for each in told.values())]


def _kept(found: Share | None, language: str) -> str:
    if found is None or not found.given:
        return EMPTY
    of = say(language, "of_given", given=f"{found.given:,.1f}")
    if math.isnan(found.low):
        return f"{found.share:.1%} ({of})"
    return f"{found.share:.1%} ({found.low:.1%}{say(language, 'to')}{found.high:.1%}; {of})"


def _told(records: Records, language: str) -> Iterator[list[str]]:
    told = {name: etr_figures(each) for name, each in records.items()}
    if not any(told.values()):
        return
    for figure, digits in ETR_FIGURES:
        cells = (each.get(figure) for each in told.values())
        row = [interval(cell, digits, language) if cell else EMPTY for cell in cells]
        yield [say(language, f"etr_{figure}"), *row]


def _near(alternatives: Mapping[str, Scenario], records: Records, language: str) -> Iterator[list[str]]:
    near = {name: nearness_of(alternatives[name], each) for name, each in records.items()}
    if not any(near.values()):
        return
    for figure in NEARNESS:
        digits = 0 if figure == "outages" else 2
        yield [
            say(language, f"near_{figure}"),
            *(shown(getattr(each, figure), digits) if each else EMPTY for each in near.values()),
        ]


def nearness_of(scenario: Scenario, records: Sequence[Record]) -> Nearness | None:
    """How near a replay comes to its record; None without two outages to compare."""
    replay = scenario.damage.replay
    if replay is None or not all("outages" in record for record in records):
        return None
    try:
        return replay_nearness(records, [(each.at_h, each.restored_h) for each in replay.records])
    except ValueError:
        return None


def _all_hold(records: Records, name: str) -> bool:
    return all(name in record for each in records.values() for record in each)


def _names(told: Mapping[str, Mapping[str, object]]) -> list[str]:
    return sorted({name for each in told.values() for name in each})

"""What an event of the journal says, name by name, in the language of the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from dispatch.store import Event

from ..day.screens import clock_time
from ..words.language import catalogue, current_language, translate

MOST_SHOWN = 400
MOST_LISTED = 5
PAGES = (
    *("complaints", "appointments", "connections", "guarantees", "inspections", "quality", "reports"),
    *("shortage", "talks", "standing", "versions"),
)
# Which words the coded values of an event are, by the name that they have there: the first group that
# knows a value names it.
WORDS_OF: Mapping[str, tuple[str, ...]] = {
    "to": ("state",),
    "state": ("journal_state", "state", *(f"{page}.state" for page in PAGES), "ticket_state", "watch_what"),
    "kind": ("request_kind", "bring.kind", "watch_kind", "connection_kind", "phone.kind", "journal_kind"),
    "grade": ("grade",),
    "channel": ("channel",),
    "cause": ("cause", "complaint_cause"),
    "status": ("etr",),
    "area": ("area",),
    "skills": ("skill",),
    "wish": ("wish",),
    "what": ("noted", "requests.did"),
    "weather": ("weather",),
    "way": ("urging.way", "journal_way"),
    "role": ("role",),
    "duty": ("inspections.duty",),
}
# Values that are words of the program; `to` may be a person too.
VALUES = WORDS_OF.keys() - {"to"}
# What holds rows by their ids: so many, and the first of them.
ROWS = frozenset({"put", "works", "listed", "told", "wishes", "days", "left", "pushed", "findings"})
# Kept as 0 or 1.
FLAGS = frozenset({"desk"})
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
# What a name of a field looks like; anything else is an id, which is its own name.
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def told_of(event: Event) -> list[tuple[str, str]]:
    """What an event says, name by name; a plan's whole basis is left out."""
    return [(_named(name), shown[:MOST_SHOWN]) for name, shown in _all_pairs(event)]


def untold(event: Event) -> set[str]:
    """Names and values that an event says and the language of the page has no word for."""
    words = catalogue(current_language())
    found: set[str] = set()
    for name, shown in _all_pairs(event):
        found |= {part for part in name.split() if NAME.fullmatch(part) and _name_of(part, words) is None}
        if name.rsplit(maxsplit=1)[-1] in VALUES and NAME.fullmatch(shown) and shown not in words.values():
            found.add(f"{name}: {shown}")
    return found


def _all_pairs(event: Event) -> Iterator[tuple[str, str]]:
    for name, value in event.data.items():
        if name != "basis":
            yield from _pairs(name, bool(value) if name in FLAGS else value)


def _named(name: str) -> str:
    """The name of something that an event says, word by word."""
    language = current_language()
    words = catalogue(language)
    parts = (_name_of(part, words) or part for part in name.split())
    return (" · " if language == "zh-CN" else " ").join(parts)


def _name_of(part: str, words: Mapping[str, str]) -> str | None:
    return next((words[key] for key in (f"{group}.{part}" for group in NAMES) if key in words), None)


# Goods and areas are names too, of amounts and of averages.
NAMES = ("said", "stock", "area")


def _pairs(name: str, value: object) -> Iterator[tuple[str, str]]:
    if value is None or value in ("", [], {}):
        return
    if name == "routes" and isinstance(value, dict):
        yield name, f"{len(value)}: {sum(map(len, value.values()))}"
    elif name in ROWS and isinstance(value, dict | list):
        yield name, _some(value)
    elif isinstance(value, dict):
        for inner, each in value.items():
            yield from _pairs(f"{name} {inner}", each)
    elif isinstance(value, list):
        more = f" … ({len(value)})" if len(value) > MOST_LISTED else ""
        yield name, ", ".join(_shown(each, name) for each in value[:MOST_LISTED]) + more
    else:
        yield name, _shown(value, name)


def _some(rows: dict[str, object] | list[object]) -> str:
    """How many rows, and the ids of the first."""
    ids = list(rows) if isinstance(rows, dict) else [_id_of(each) for each in rows]
    shown = ", ".join(str(each) for each in ids[:MOST_LISTED] if each)
    more = " …" if len(ids) > MOST_LISTED else ""
    return f"{len(ids)}: {shown}{more}" if shown else str(len(ids))


def _id_of(row: object) -> object:
    if not isinstance(row, dict):
        return row
    return row.get("id") or row.get("subject") or row.get("day") or row.get("finding")


def _shown(value: object, name: str) -> str:
    """A value as it is read: coded words by their names, times by the clock of the case."""
    if isinstance(value, bool):
        return translate("said.yes" if value else "said.no")
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".").replace(",", "\u202f")
    if isinstance(value, dict):
        return ", ".join(f"{_named(inner)} {_shown(each, inner)}" for inner, each in value.items())
    return _shown_text(str(value), name) if isinstance(value, str | int) else json.dumps(value)


def _shown_text(text: str, name: str) -> str:
    words = catalogue(current_language())
    groups = WORDS_OF.get(name.rsplit(maxsplit=1)[-1], ())
    found = next((words[key] for key in (f"{group}.{text}" for group in groups) if key in words), None)
    if found is not None:
        return found
    if MOMENT.match(text):
        try:
            return clock_time(datetime.fromisoformat(text))
        except ValueError:
            return text
    return text

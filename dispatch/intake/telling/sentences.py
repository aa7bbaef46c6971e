"""Tells a sentence of the intake in another language.

Sentences are made in English where the fault is found, so that nothing there has to know its reader. Here
each is known by its words, and what stands in its fields is told likewise: a value stays as it was written,
a reason that is a sentence itself is turned too. What nobody has translated stays English; `test_telling`
finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

from ...ground.brought import MOST_ROWS_SHOWN, Brought, Repair
from ...ground.errors import MOST_SHOWN, Fault, InputFaults
from .chinese_of_cells import CELLS
from .chinese_of_files import FILES

ENGLISH, CHINESE = "en", "zh-CN"
LANGUAGES = (ENGLISH, CHINESE)
TABLES: Mapping[str, Mapping[str, str]] = {CHINESE: {**CELLS, **FILES}}
DEEPEST = 4
LONGEST = 4000
"""A longer text is somebody's own."""
_FIELD = re.compile(r"\{(\w)\}")
_APART = re.compile(r"(; )")
_MOST_PARTS = 40
_REPAIR = re.compile(r"(?P<what>.+?): (?P<count>[\d,]+)(?: \((?P<shown>.*)\))?", re.DOTALL)


def told(text: str, language: str) -> str:
    """A sentence in a language, as it stands where that does not have it.

    Parameters
    ----------
    language : `zh`, `zh-CN`; any other is English.
    """
    name = CHINESE if language.lower().startswith("zh") else ENGLISH
    return text if name == ENGLISH or len(text) > LONGEST else _told(text, name, DEEPEST)


def fault_told(fault: Fault, language: str) -> Fault:
    """A fault with its place and its sentence in a language."""
    return Fault(file=fault.file, place=told(fault.place, language), text=told(fault.text, language))


def repair_told(repair: Repair, language: str) -> str:
    """A line of a report in a language."""
    shown = tuple(told(each, language) for each in repair.examples)
    return str(Repair(what=told(repair.what, language), count=repair.count, examples=shown))


def repair_line_told(line: str, language: str) -> str:
    """What `str` made of a repair, in a language."""
    found = _REPAIR.fullmatch(line)
    if found is None:
        return told(line, language)
    shown = "; ".join(told(each, language) for each in (found["shown"] or "").split("; ") if each)
    return f"{told(found['what'], language)}: {found['count']}{f' ({shown})' if shown else ''}"


def report_told(files: Iterable[Brought], language: str) -> Iterator[str]:
    """The report of files in a language, as `Brought.lines` has it."""
    for each in files:
        if language.startswith(ENGLISH):
            yield from each.lines()
            continue
        counts = f"{each.read:,} rows read, {each.used:,} used, {len(each.aside):,} set aside"
        yield told(f"{each.file}: {counts}", language)
        for repair in each.repairs:
            yield f"  {repair_told(repair, language)}"
        for row in each.aside[:MOST_ROWS_SHOWN]:
            reasons = "；".join(told(reason, language) for reason in row.reasons)
            yield told(f"  set aside: row {row.row}: {reasons}", language)
        if len(each.aside) > MOST_ROWS_SHOWN:
            yield told(f"  ... and {len(each.aside) - MOST_ROWS_SHOWN:,} more rows set aside", language)


def faults_told(faults: InputFaults, language: str) -> str:
    """All faults of an input in a language, as their own message has them."""
    if language.startswith(ENGLISH):
        return str(faults)
    found = faults.faults
    lines = [str(fault_told(fault, language)) for fault in found[:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        lines.append(told(f"... and {len(found) - MOST_SHOWN} more", language))
    return "\n".join([*lines, told(f"{len(found)} faults", language)])


@lru_cache(maxsize=4096)
def _told(text: str, language: str, deep: int) -> str:
    plain = TABLES[language].get(text)
    if plain is not None:
        return plain
    whole = _by_pattern(text, language, deep)
    return whole if whole is not None else _in_parts(text, language, deep)


def _by_pattern(text: str, language: str, deep: int) -> str | None:
    for pattern, pieces, names, chinese in _patterns(language):
        # Looking for a word is far faster than trying the pattern.
        if not all(piece in text for piece in pieces):
            continue
        found = pattern.fullmatch(text)
        if found is not None:
            fields = {
                name: value if name in names or deep <= 0 else _told(value, language, deep - 1)
                for name, value in found.groupdict().items()
            }
            return _FIELD.sub(lambda each: fields[each[1]], chinese)  # noqa: B023 - called at once
    return None


def _in_parts(text: str, language: str, deep: int) -> str:
    """Sentences that stand side by side, each for itself."""
    parts = _APART.split(text)
    if deep <= 0 or not 1 < len(parts) < _MOST_PARTS:
        return text
    turned = [_told(part, language, deep - 1) for part in parts[::2]]
    if turned == parts[::2]:
        return text
    return "；".join(turned)


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], tuple[str, ...], frozenset[str], str], ...]:
    """Sentences with fields, those that say most first; which fields are somebody's own words."""
    found = []
    for english, other in TABLES[language].items():
        pieces = _FIELD.split(english)
        if len(pieces) == 1:
            continue
        written = "".join(
            re.escape(piece) if at % 2 == 0 else rf"(?P<{piece}>.+?)" for at, piece in enumerate(pieces)
        )
        words = tuple(piece for piece in pieces[::2] if piece)
        around = zip(pieces[::2], pieces[1::2], pieces[2::2], strict=False)
        names = {name for a, name, b in around if name.isupper() or (a.endswith("'") and b.startswith("'"))}
        found.append((re.compile(written, re.DOTALL), words, frozenset(names), other))
    return tuple(sorted(found, key=lambda each: -sum(map(len, each[1]))))

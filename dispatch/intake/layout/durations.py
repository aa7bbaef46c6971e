"""Ends of interruptions where a file has their beginning and how long they were."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from ..gathering import EXAMPLES, Gathering
from ..schema import Table
from ..spelling.headings import bare, columns_by_heading
from ..spelling.ids import narrow
from ..spelling.moments import Moment, day_order, read_moment

LENGTHS = frozenset(
    {
        "停电时长",
        "停电持续时间",
        "持续时间",
        "停电时间长度",
        "时长",
        "duration",
        "outageduration",
        "durationmin",
        "durationminutes",
        "durationhours",
        "durationh",
        "duracion",
        "duracionmin",
        "duracionhoras",
        "duracao",
        "duracaomin",
        "duracaohoras",
    }
)
MINUTES: Mapping[str, float] = {
    "分钟": 1, "分": 1, "min": 1, "mins": 1, "minutes": 1, "minutos": 1, "m": 1,
    "小时": 60, "时": 60, "h": 60, "hr": 60, "hrs": 60, "hours": 60, "horas": 60,
    "天": 1440, "days": 1440, "dias": 1440, "秒": 1 / 60, "s": 1 / 60, "seconds": 1 / 60,
}  # fmt: skip
_UNIT = re.compile(r"[(\[]\s*([^)\]]+?)\s*[)\]]")
_ENDING = re.compile(r"(minutes|minutos|min|hours|horas|h)$")
_PARTS = re.compile(
    r"^(?:(\d+)\s*(?:天|d))?\s*(\d+)\s*(?:[:：]|小时|h)\s*(\d{1,2})?(?:[:：]\d{1,2})?\s*(?:分钟?|min)?$"
)


def with_ends(
    file: str, header: list[str], columns: list[list[str]], table: Table, faults: Gathering
) -> tuple[list[str], list[list[str]]]:
    """Add the column of ends, where only beginnings and lengths with their unit are there."""
    if not {"off_at", "on_at"} <= set(table.column_by_name):
        return header, columns
    known = columns_by_heading(table.name)
    named = [known.get(bare(title), (bare(title),)) for title in header]
    begins = next((at for at, names in enumerate(named) if {"off_at", "offat"} & set(names)), None)
    lengths = next((at for at, title in enumerate(header) if bare(title) in LENGTHS), None)
    if begins is None or lengths is None or any({"on_at", "onat"} & set(names) for names in named):
        return header, columns
    factor = _minutes(header[lengths])
    order = day_order(columns[begins])
    ends = []
    for off, length in zip(columns[begins], columns[lengths], strict=True):
        moment, minutes = read_moment(off, order), _length(length, factor)
        found = isinstance(moment, Moment) and minutes is not None
        ends.append(_end(moment, minutes) if found else "")
    given = [at for at, end in enumerate(ends) if end]
    if not given:
        return header, columns
    shown = [f"{columns[begins][at]} and {columns[lengths][at]} are {ends[at]}" for at in given[:EXAMPLES]]
    faults.repaired(
        file, f"ends reckoned from the beginning and '{header[lengths].strip()}'", shown, len(given)
    )
    return [*header, "on_at"], [*columns, ends]


def _end(moment: object, minutes: float | None) -> str:
    assert isinstance(moment, Moment)
    assert minutes is not None
    return (moment.at + timedelta(minutes=minutes)).isoformat()


def _minutes(title: str) -> float | None:
    stated = _UNIT.search(narrow(title))
    if stated is not None:
        return MINUTES.get(stated[1].casefold())
    ending = _ENDING.search(bare(title))
    return MINUTES.get(ending[1]) if ending is not None else None


def _length(cell: str, factor: float | None) -> float | None:
    parts = _PARTS.match(cell)
    if parts is not None:
        return int(parts[1] or 0) * 1440 + int(parts[2]) * 60 + int(parts[3] or 0)
    try:
        minutes = float(cell) * factor if factor is not None else None
    except ValueError:
        return None
    return minutes if minutes is not None and 0 <= minutes < 1e6 else None

"""Numbers as people write them: 1,234.5 and 1.234,5, with a unit behind them, in degrees and minutes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

Comma = Literal["decimal", "thousands", "unknown"]

_PLAIN = re.compile(r"^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$|^[+-]?\.\d+$")
_GROUPED_BY_COMMA = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_GROUPED_BY_POINT = re.compile(r"^[+-]?\d{1,3}(?:\.\d{3})*,\d+$")
_GROUPED_BY_SPACE = re.compile(r"^[+-]?\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?:[.,]\d+)?$")
_ONE_COMMA = re.compile(r"^[+-]?\d{1,3},\d{3}$")
_WITH_UNIT = re.compile(
    r"^(?:交流|直流|AC|DC)?\s*([+-]?[\d.,' \u00a0]*\d)\s*([^\d\s.,'+-][^\d]*)$", re.IGNORECASE
)
_ANGLE = re.compile(
    r"^(?P<lead>[NSEWO东西南北])?\s*(?P<sign>-)?(?P<deg>\d{1,3})\s*[°º度]\s*(?:(?P<min>\d{1,2}(?:[.,]\d+)?)\s*['′’分]\s*)?"
    r"(?:(?P<sec>\d{1,2}(?:[.,]\d+)?)\s*(?:[\"″”秒]|'')\s*)?(?P<tail>[NSEWO东西南北])?$",
    re.IGNORECASE,
)
_HALVES = re.compile(r"^(\d+(?:\.\d+)?)\s*°?\s*([NSEWO东西南北])$", re.IGNORECASE)
_PARTS = re.compile(r"^(?P<sign>[+-]?)(?P<deg>\d{1,3})[ :](?P<min>\d{1,2})[ :](?P<sec>\d{1,2}(?:[.,]\d+)?)$")
_NEGATIVE = frozenset("SWO西南")  # O is the west of Spanish and Portuguese

UNITS: Mapping[str, Mapping[str, float]] = {
    "kV": {"kv": 1, "千伏": 1, "v": 0.001, "伏": 0.001},
    "kW": {"kw": 1, "千瓦": 1, "mw": 1000, "兆瓦": 1000, "w": 0.001, "万千瓦": 10_000},
    "kVA": {"kva": 1, "千伏安": 1, "mva": 1000, "兆伏安": 1000, "va": 0.001, "万千伏安": 10_000},
    "kWh/year": {
        "kwh": 1,
        "度": 1,
        "千瓦时": 1,
        "mwh": 1000,
        "kwh/year": 1,
        "万千瓦时": 10_000,
        "万度": 10_000,
        "兆瓦时": 1000,
        "gwh": 1_000_000,
        "wh": 0.001,
    },
    "h": {"h": 1, "小时": 1, "hours": 1, "hour": 1, "horas": 1, "min": 1 / 60, "分钟": 1 / 60},
    "min": {"min": 1, "分钟": 1, "分": 1, "minutes": 1, "minutos": 1, "h": 60, "小时": 60},
    "m": {"m": 1, "米": 1, "km": 1000, "公里": 1000, "千米": 1000},
    "people": {"人": 1, "people": 1, "personas": 1, "pessoas": 1},
    "degrees": {"°": 1, "º": 1, "度": 1},
    "": {"户": 1, "户次": 1, "次": 1, "个": 1, "万户": 10_000, "千户": 1000, "万次": 10_000},
}


def comma_of(cells: Iterable[str], *, most: float | None = None, whole: bool = False) -> Comma:
    """Tell from all cells of a column what a comma means in 12,345.

    Parameters
    ----------
    most : the largest value that the column may hold; a reading above it is none.
    whole : whether the column holds whole numbers only.
    """
    signs: set[Comma] = set()
    doubtful = False
    for cell in cells:
        if "," not in cell:
            continue
        if _ONE_COMMA.match(cell):
            doubtful = True
            if most is not None and abs(float(cell.replace(",", ""))) > most:
                signs.add("decimal")
        elif _GROUPED_BY_COMMA.match(cell):
            signs.add("thousands")
        elif _GROUPED_BY_POINT.match(cell):
            signs.add("decimal")
    if len(signs) == 1:
        return signs.pop()
    return "thousands" if doubtful and whole and not signs else "unknown"


def read_number(text: str, comma: Comma, unit: str = "") -> tuple[float, str] | str | None:
    """Read a number that is not written plainly.

    Parameters
    ----------
    comma : what `comma_of` says of the column.
    unit : of the column; a cell may name it, or another of its kind, behind the number.

    Returns
    -------
    tuple, str or None
        The value and how it was read, in words; a fault's text where there are two readings; None where it
        is no number.
    """
    angle = _degrees(text) if unit == "degrees" else None
    if angle is not None:
        return angle, "degrees, minutes and seconds turned into degrees"
    found = _WITH_UNIT.match(text)
    factor = UNITS.get(unit, {}).get(found[2].strip().lower()) if found is not None else None
    if found is not None and factor is not None:
        inner = _bare(found[1].strip(), comma)
        if isinstance(inner, float):
            return round(
                inner * factor, 9
            ), f"units behind the number taken off{'' if factor == 1 else f', in {unit}'}"
        return inner
    bare = _bare(text, comma)
    return (bare, _how(text, comma)) if isinstance(bare, float) else bare


def _how(text: str, comma: Comma) -> str:
    return (
        "decimal commas read" if comma == "decimal" and "," in text else "marks between thousands taken out"
    )


def _bare(text: str, comma: Comma) -> float | str | None:
    if _PLAIN.match(text):
        return float(text)
    if _GROUPED_BY_SPACE.match(text):
        text = re.sub(r"[ \u00a0\u202f']", "", text)
        return _bare(text, comma)
    if comma == "decimal" and _GROUPED_BY_POINT.match(text):
        return float(text.replace(".", "").replace(",", "."))
    if comma == "thousands" and _GROUPED_BY_COMMA.match(text):
        return float(text.replace(",", ""))
    if _ONE_COMMA.match(text):
        whole, part = text.replace(",", ""), text.replace(",", ".")
        return f"'{text}' is either {whole} or {part}; write it without a comma, decimals after a point"
    return None


def _degrees(text: str) -> float | None:
    halves = _HALVES.match(text)
    if halves is not None:
        return -float(halves[1]) if halves[2].upper() in _NEGATIVE else float(halves[1])
    parts = _PARTS.match(text)
    if parts is not None:
        minutes, seconds = float(parts["min"]), float(parts["sec"].replace(",", "."))
        degrees = float(parts["deg"]) + minutes / 60 + seconds / 3600
        return None if minutes >= 60 or seconds >= 60 else -degrees if parts["sign"] == "-" else degrees
    found = _ANGLE.match(text)
    if found is None or (found["min"] is None and found["tail"] is None and found["lead"] is None):
        return None
    minutes, seconds = (float((found[part] or "0").replace(",", ".")) for part in ("min", "sec"))
    if minutes >= 60 or seconds >= 60:
        return None
    degrees = float(found["deg"]) + minutes / 60 + seconds / 3600
    mark = (found["tail"] or found["lead"] or "").upper()
    return -degrees if found["sign"] or mark in _NEGATIVE else degrees

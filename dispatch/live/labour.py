"""What the law asks of working hours, where a utility states no terms of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Labour:
    """What the law asks of a shift; `source` says which law.

    Parameters
    ----------
    rest_h : hours of rest between two shifts.
    day_h : hours of work a day, overtime included.
    break_after_h : hours of work after which a break is due.
    """

    name: str
    rest_h: float
    day_h: float
    break_after_h: float
    source: str


# Directive 2003/88/EC gives no hours a day: 24 less 11 of rest are the most. PRC Labour Law (1994, as of
# 2018), article 36: 8 h a day; article 41: overtime at most 3 h a day; article 42 lifts that limit
# where a public service must be repaired at once. It names no rest between shifts: 24 less 8 and 3.
LABOUR: Mapping[str, Labour] = MappingProxyType(
    {
        "eu": Labour(
            name="eu", rest_h=11, day_h=13, break_after_h=6, source="Directive 2003/88/EC, articles 3 and 4"
        ),
        "cn": Labour(
            name="cn", rest_h=13, day_h=11, break_after_h=6, source="《中华人民共和国劳动法》第36、41、42条"
        ),
    }
)

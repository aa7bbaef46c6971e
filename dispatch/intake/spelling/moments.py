"""Times as spreadsheets, exports and people write them: many spellings, one reading or none.

A spelling that has two readings (03/04/2026) is settled by the other cells of its column
(13/04/2026 puts the day first) or refused; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Literal

Order = Literal["day", "month", "both", "unknown"]

# Day 1 of Excel is 1 January 1900, and it counts a 29 February 1900 that never was.
EXCEL_ZERO = datetime(1899, 12, 30)
EXCEL_DAYS = (20_000.0, 80_000.0)
EPOCH_S = (500_000_000, 5_000_000_000)

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan january ene enero janeiro",
            "feb february febrero fev fevereiro",
            "mar march marzo marco março",
            "apr april abr abril",
            "may mayo mai maio",
            "jun june junio junho",
            "jul july julio julho",
            "aug august ago agosto",
            "sep sept september septiembre setiembre set setembro",
            "oct october octubre out outubro",
            "nov november noviembre novembro",
            "dec december dic diciembre dez dezembro",
        ),
        1,
    )
    for word in words.split()
}

_CLOCK = (
    r"(?:(?P<before>上午|中午|下午|晚上|凌晨|早上|傍晚|夜间|am|pm)\s*)?"
    r"(?P<hour>\d{1,2})\s*(?:[:：时点hH]\s*(?:(?P<minute>\d{1,2})\s*分?)?|\.(?P<minute_>\d{2})(?=\.\d{2}))"
    r"(?:\s*[:：.]?\s*(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?\s*秒?)?"
    r"\s*(?P<after>[ap]\.?\s?m\.?)?"
    r"\s*(?P<offset>z|utc|gmt|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?)?"
    r"(?:\s+(?P<zone>(?!AM|PM)[A-Z]{2,5}))?"
)
_YEAR_FIRST = re.compile(
    r"^(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:\s*(?:星期|周)[一二三四五六日天])?(?:[\sT,-]*" + _CLOCK + r")?$",
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(
    r"^(?P<first>\d{1,2})\s*(?P<mark>[-/.])\s*(?P<second_>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})"
    r"(?:[\sT,]+" + _CLOCK + r")?$",
    re.IGNORECASE,
)
_DAY_NAMED = re.compile(
    r"^(?:[^\W\d]+,\s*)?(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s.-]*(?:de\s+)?(?P<name>[^\W\d]{3,})[\s.,-]*(?:de\s+)?"
    r"(?P<year>\d{4}|\d{2})(?:[\sT,]+(?:a las\s+|às\s+|at\s+)?" + _CLOCK + r")?$",
    re.IGNORECASE,
)
_MONTH_NAMED = re.compile(
    r"^(?:[^\W\d]+,\s*)?(?P<name>[^\W\d]{3,})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
    r"(?:[\sT,]+(?:at\s+)?" + _CLOCK + r")?$",
    re.IGNORECASE,
)
_JAVA = re.compile(
    r"^[A-Za-z]{3} (?P<name>[A-Za-z]{3}) +(?P<day>\d{1,2}) (?P<clock>\d{2}:\d{2}:\d{2}) "
    r"(?:(?P<zone>[A-Z]{2,5}) )?(?P<year>\d{4})$"
)
_SHORT_YEAR = re.compile(r"^(\d{1,2}\.\d{1,2}\.)(\d{2})(?=\s|$)")
_TIME_OF_DAY = re.compile(rf"^{_CLOCK}$", re.IGNORECASE)
_PART_OF_DAY = re.compile(r"^0?[.,]\d+$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})[ T_]?(\d{2})(\d{2})(\d{2})?$")
_NUMBER = re.compile(r"^\d{5}(?:[.,]\d+)?$")
_EPOCH = re.compile(r"^(\d{9,10}(?:\d{3})?)(?:\.0+)?$")
_AFTERNOON = frozenset({"下午", "晚上", "傍晚", "夜间", "pm"})
_MORNING = frozenset({"上午", "凌晨", "早上", "am"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a cell says.

    Parameters
    ----------
    at : aware where the cell states an offset, else as clocks on a wall show it.
    spelling : what kind of spelling it is, in words for a report; empty for plain ISO.
    has_clock : whether the cell says a time of day at all.
    zone : letters that the cell states for its zone (CST); they are several zones' or none's.
    """

    at: datetime
    spelling: str = ""
    has_clock: bool = True
    zone: str = ""


def day_order(cells: Iterable[str]) -> Order:
    """Tell from all cells of a column whether 03/04/2026 puts the day or the month first."""
    found: set[Order] = set()
    for cell in cells:
        match = _YEAR_LAST.match(cell)
        if match is None or match["mark"] == ".":
            continue
        if int(match["first"]) > 12:
            found.add("day")
        elif int(match["second_"]) > 12:
            found.add("month")
    return found.pop() if len(found) == 1 else ("both" if found else "unknown")


def read_moment(cell: str, order: Order = "unknown") -> Moment | str | None:
    """Read a time in whatever spelling.

    Parameters
    ----------
    order : what `day_order` says of the column.

    Returns
    -------
    Moment, str or None
        A fault's text where there are two readings or none that exists; None where it is no time at all.
    """
    try:
        return Moment(at=datetime.fromisoformat(cell), has_clock=len(cell) > len("2026-07-14"))
    except ValueError:
        pass
    try:
        short = _SHORT_YEAR.sub(r"\g<1>20\2", cell)
        return _number(cell) or _year_first(cell) or _year_last(short, order) or _named(cell) or _java(cell)
    except (ValueError, OverflowError):
        return f"'{cell}' is no moment that exists"


def read_clock(cell: str) -> time | None:
    """Read a time of day: 8:30, 08:30:00, 8点30分, 8:30 pm, or Excel's part of a day."""
    if _PART_OF_DAY.match(cell):
        minutes = round(float(cell.replace(",", ".")) * 1440)
        return time(minutes // 60, minutes % 60) if minutes < 1440 else None
    found = _TIME_OF_DAY.match(cell)
    if found is None or found["offset"] or found["zone"] or int(found["second"] or 0):
        return None
    try:
        return time(
            _hour(int(found["hour"]), found["before"], found["after"]),
            int(found["minute"] or found["minute_"] or 0),
        )
    except ValueError:
        return None


def is_day(cell: str) -> bool:
    """Whether a cell is a day without a time."""
    if _NUMBER.match(cell):
        return False
    moment = read_moment(cell, "day")
    return isinstance(moment, Moment) and (
        not moment.has_clock or (moment.at.time() == time(0) and moment.at.tzinfo is None)
    )


def is_time_of_day(cell: str) -> bool:
    """Whether a cell is a time of day without a day."""
    return _TIME_OF_DAY.match(cell) is not None


def _java(cell: str) -> Moment | None:
    """Read what Java and C write: Tue Jul 14 08:10:00 CST 2026."""
    found = _JAVA.match(cell)
    month = MONTHS.get(found["name"].lower()) if found is not None else None
    if found is None or month is None:
        return None
    day = datetime(int(found["year"]), month, int(found["day"]))
    at = datetime.combine(day, time.fromisoformat(found["clock"]))
    zone = found["zone"] or ""
    if zone in ("UTC", "GMT"):
        at, zone = at.replace(tzinfo=UTC), ""
    return Moment(at=at, spelling="written with the month's name", zone=zone)


def _number(cell: str) -> Moment | None:
    if _NUMBER.match(cell):
        days = float(cell.replace(",", "."))
        if not EXCEL_DAYS[0] <= days <= EXCEL_DAYS[1]:
            return None
        at = EXCEL_ZERO + timedelta(seconds=round(days * 86400))
        return Moment(at=at, spelling="day numbers of Excel", has_clock=len(cell) > 5)
    counted = _EPOCH.match(cell)
    if counted is not None:
        seconds = int(counted[1]) / (1000 if len(counted[1]) > 10 else 1)
        if EPOCH_S[0] <= seconds <= EPOCH_S[1]:
            return Moment(at=datetime.fromtimestamp(seconds, UTC), spelling="counted from 1970, UTC")
    return None


def _year_first(cell: str) -> Moment | None:
    compact = _COMPACT.match(cell)
    if compact is not None:
        parts = [int(part or 0) for part in compact.groups()]
        return Moment(at=datetime(*parts), spelling="written without marks")  # type: ignore[arg-type]
    found = _YEAR_FIRST.match(cell)
    if found is None:
        return None
    spelling = "written in Chinese" if "年" in cell else "written year first with other marks than ISO"
    return _moment(found, int(found["year"]), int(found["month"]), int(found["day"]), spelling)


def _year_last(cell: str, order: Order) -> Moment | str | None:
    found = _YEAR_LAST.match(cell)
    if found is None:
        return None
    first, second, year = int(found["first"]), int(found["second_"]), int(found["year"])
    if found["mark"] == "." or first > 12 or first == second:
        return _moment(found, year, second, first, "written day first")
    if second > 12:
        return _moment(found, year, first, second, "written month first")
    if order in ("day", "month"):
        month, day = (second, first) if order == "day" else (first, second)
        return _moment(found, year, month, day, f"written {order} first, as other rows of the column show")
    why = "other rows show both orders" if order == "both" else "no other row tells"
    return (
        f"'{cell}' is either day {first} of month {second} or day {second} of month {first} ({why}); "
        f"write the year first, such as {year}-{second:02d}-{first:02d}"
    )


def _named(cell: str) -> Moment | None:
    found = _DAY_NAMED.match(cell) or _MONTH_NAMED.match(cell)
    month = MONTHS.get(found["name"].lower()) if found is not None else None
    if found is None or month is None:
        return None
    year = int(found["year"])
    year += 2000 if year < 100 else 0
    return _moment(found, year, month, int(found["day"]), "written with the month's name")


def _moment(found: re.Match[str], year: int, month: int, day: int, spelling: str) -> Moment:
    if found["hour"] is None:
        return Moment(at=datetime(year, month, day), spelling=spelling, has_clock=False)
    part = ((found["part"] or "") + "000000")[:6]
    minute, second = int(found["minute"] or found["minute_"] or 0), int(found["second"] or 0)
    at = datetime(year, month, day, 0, minute, second, int(part))
    hour = _hour(int(found["hour"]), found["before"], found["after"])
    if hour == 24 and minute == second == 0:
        at, hour = at + timedelta(days=1), 0
    at = at.replace(hour=hour)
    offset, zone = _offset(found["offset"]), (found["zone"] or "").upper()
    return Moment(at=at if offset is None else at.replace(tzinfo=offset), spelling=spelling, zone=zone)


def _hour(hour: int, before: str | None, after: str | None) -> int:
    half = (before or after or "").lower().replace(".", "").replace(" ", "")
    if half in _AFTERNOON and hour < 12:
        return hour + 12
    if half in _MORNING and hour == 12:
        return 0
    return hour


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    digits = text.lower().removeprefix("utc").removeprefix("gmt")
    if digits in ("", "z"):
        return UTC
    hours, minutes = (
        digits[1:].split(":")
        if ":" in digits
        else (digits[1:3], digits[3:])
        if len(digits) > 3
        else (digits[1:], "")
    )
    away = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-away if digits[0] == "-" else away)

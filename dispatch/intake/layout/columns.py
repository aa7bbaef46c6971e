"""Columns that other systems cut otherwise: a day and its time apart, both coordinates in one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..gathering import EXAMPLES, Gathering
from ..schema import Table
from ..spelling.headings import bare, columns_by_heading
from ..spelling.ids import narrow
from ..spelling.moments import is_day, is_time_of_day
from .durations import with_ends

SAMPLE = 500
MOST = 0.9
_NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
_PAIR = re.compile(rf"^[(\[（]?\s*({_NUMBER})\s*[,，;；/\s]\s*({_NUMBER})\s*[)\]）]?$")
_WKT = re.compile(
    rf"^(?:SRID=\d+;)?POINT\s*Z?\s*\(\s*({_NUMBER})\s+({_NUMBER})(?:\s+\S+)?\s*\)$", re.IGNORECASE
)
LAT_FIRST = frozenset(["latlon", "latlng", "latitudelongitude", "latlong", "纬度经度", "纬经度"])
BEYOND_LAT = 90.0
Columns = tuple[list[str], list[list[str]]]


def in_columns_of_ours(
    file: str, header: list[str], columns: list[list[str]], table: Table, faults: Gathering
) -> Columns:
    """Join what we hold in one column, and part what we hold in two.

    Returns
    -------
    tuple
        Headings and columns; as they were where nothing is to be changed.
    """
    if faults.strict or not columns:
        return header, columns
    header, columns = _day_and_time(file, header, columns, table, faults)
    header, columns = with_ends(file, header, columns, table, faults)
    return _both_coordinates(file, header, columns, table, faults)


def _day_and_time(
    file: str, header: list[str], columns: list[list[str]], table: Table, faults: Gathering
) -> Columns:
    """Join a column of days and the column of times of day beside it."""
    kinds = {column.kind for column in table.columns}
    if "time" not in kinds or kinds & {"clock", "day"}:
        return header, columns
    at = 0
    while at + 1 < len(header):
        if _share(columns[at], is_day) > MOST and _share(columns[at + 1], is_time_of_day) > MOST:
            name = _name_of_both(header[at], header[at + 1], table)
            both = [f"{day} {clock}".strip() for day, clock in zip(columns[at], columns[at + 1], strict=True)]
            text = f"'{header[at].strip()}' and '{header[at + 1].strip()}' are '{name}', such as {both[0]}"
            faults.repaired(file, "a day and a time in two columns read as one", [text])
            header = [*header[:at], name, *header[at + 2 :]]
            columns = [*columns[:at], both, *columns[at + 2 :]]
        at += 1
    return header, columns


def _name_of_both(day: str, clock: str, table: Table) -> str:
    """The heading of the two that means a time of ours, the day's first."""
    known = columns_by_heading(table.name)
    for title in (day.strip(), clock.strip()):
        own = table.column_by_header.get(title.lower())
        meant = (own.name,) if own is not None else known.get(bare(title), ())
        if any(name in table.column_by_name and table.column_by_name[name].kind == "time" for name in meant):
            return title
    return day.strip()


def _both_coordinates(
    file: str, header: list[str], columns: list[list[str]], table: Table, faults: Gathering
) -> Columns:
    """Part a column of pairs into longitude and latitude, where no column has them."""
    if "lon" not in table.column_by_name or "lat" not in table.column_by_name:
        return header, columns
    known = columns_by_heading(table.name)
    named = {name for title in header for name in (bare(title), *known.get(bare(title), ()))}
    if named & {"lon", "lat"}:
        return header, columns
    for at, cells in enumerate(columns):
        if _share(cells, lambda cell: _pair(cell) is not None) > MOST:
            lon, lat, how = _parted(header[at], cells)
            shown = [f"'{cell}' is {x}, {y}" for cell, x, y in zip(cells, lon, lat, strict=True) if x][
                :EXAMPLES
            ]
            faults.repaired(
                file, f"coordinates in one column ('{header[at].strip()}') read as {how}", shown, len(cells)
            )
            return [*header[:at], "lon", "lat", *header[at + 1 :]], [
                *columns[:at],
                lon,
                lat,
                *columns[at + 1 :],
            ]
    return header, columns


def _pair(cell: str) -> tuple[str, str] | None:
    found = _PAIR.match(narrow(cell)) or _WKT.match(cell)
    return (found[1], found[2]) if found is not None else None


def _parted(title: str, cells: Sequence[str]) -> tuple[list[str], list[str], str]:
    """Longitudes and latitudes; what lies beyond 90 degrees is a longitude, else the heading tells."""
    pairs = [_pair(cell) or (cell, cell) for cell in cells]
    given = [pair for pair, cell in zip(pairs, cells, strict=True) if _pair(cell) is not None]
    beyond = [sum(abs(float(pair[which])) > BEYOND_LAT for pair in given) for which in (0, 1)]
    lat_first = beyond[1] > beyond[0] or (beyond[0] == beyond[1] and bare(title) in LAT_FIRST)
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if lat_first:
        return other, one, "latitude, longitude"
    return one, other, "longitude, latitude"


def _share(cells: Sequence[str], test: object) -> float:
    given = [cell for cell in cells[:SAMPLE] if cell]
    return sum(bool(test(cell)) for cell in given) / len(given) if given else 0.0  # type: ignore[operator]

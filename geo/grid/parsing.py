"""From text tables to a grid's arrays, with every fault in the tables named by row and column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from ..errors import GeoError, GeoFault, nearest, printable
from ..schema import TABLES, Column
from .elements import Buses, Indices, Lines, Switches, Texts, Transformers

_MISSING = -1
MOST_EXTRA = 20
# Degrees; greater bounds only keep absurd figures out.
ON_EARTH = 360
MOST_QUOTED = 60
UNPRINTABLE = "[\x00-\x1f\x7f-\x9f\ud800-\udfff]"


class Parsed(TypedDict):
    """The four tables as arrays."""

    buses: Buses
    lines: Lines
    switches: Switches
    transformers: Transformers


def parse_tables(tables: Mapping[str, pd.DataFrame], *, files: Mapping[str, str]) -> Parsed:
    """Turn the four tables into the arrays of a grid.

    Cells may be text or numbers; None, NaN and blank text are empty. The index of
    each table is taken as the row number that messages give.

    Raises
    ------
    GeoError
        With every fault of every table: missing and unknown columns, wrong types,
        values out of range, duplicate ids, references to nothing.
    """
    parser = _Parser(files)
    columns = {table: parser.table(table, tables[table]) for table in TABLES}
    for table in TABLES:
        parser.references(table, columns)
    if not parser.faults:
        parser.places(columns)
    if parser.faults:
        raise GeoError(parser.faults)
    return _assembled(columns)


class _Parser:
    """Gathers faults while the columns are read one by one."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.faults: list[GeoFault] = []
        self.rows: dict[str, list[Any]] = {}

    def fault(self, table: str, place: str, text: str, code: str) -> None:
        file = self.files.get(table, table)
        self.faults.append(GeoFault(file=file, place=place, text=text, code=code))

    def cell(self, table: str, row: int, column: str, text: str, code: str) -> None:
        self.fault(table, f"row {self.rows[table][row]}, column '{column}'", text, code)

    def table(self, table: str, frame: pd.DataFrame) -> dict[str, Any]:
        """Read every column that the table may have."""
        known = {column.name: column for column in TABLES[table]}
        self.rows[table] = frame.index.tolist()
        extra = [str(name) for name in frame.columns if name not in known]
        for name in extra[:MOST_EXTRA]:
            text = f"unknown column{nearest(name[:MOST_QUOTED], known)}"
            self.fault(table, f"column '{name[:MOST_QUOTED]}'", text, "unknown-column")
        if len(extra) > MOST_EXTRA:
            self.fault(table, "", f"{len(extra) - MOST_EXTRA} more unknown columns", "unknown-column")
        return {name: self.column(table, frame, column) for name, column in known.items()}

    def column(self, table: str, frame: pd.DataFrame, column: Column) -> Any:
        count = len(frame)
        if column.name not in frame.columns:
            if column.required:
                found = [str(name)[:MOST_QUOTED] for name in frame.columns[:MOST_EXTRA]]
                text = f"missing column; found {', '.join(found) or 'none'}"
                self.fault(table, f"column '{column.name}'", text, "missing-column")
            cells, empty = np.full(count, "", dtype=object), np.ones(count, dtype=bool)
            if column.required:
                return np.full(count, np.nan) if column.type == "number" else cells
        else:
            cells, empty = _cells(frame[column.name])
        if column.required:
            for row in np.flatnonzero(empty).tolist():
                self.cell(table, row, column.name, "is empty; must be given", "empty")
        if column.type == "number":
            return self.numbers(table, column, cells, empty)
        texts: Texts = np.where(empty, column.default if isinstance(column.default, str) else "", cells)
        self.unprintable(table, column, texts)
        if column.type == "choice":
            self.choices(table, column, texts, empty)
        if column.type == "id":
            self.ids(table, column, texts, empty)
        return texts

    def numbers(self, table: str, column: Column, cells: Texts, empty: np.ndarray) -> np.ndarray:
        default = float("nan") if column.default is None else float(column.default)
        values = np.asarray(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"), dtype=float)
        wrong = ~empty & ~(np.isfinite(values) & (values >= column.low) & (values <= column.high))
        for row in np.flatnonzero(wrong).tolist():
            hint = (
                "; are longitude and latitude swapped?"
                if column.name == "lat" and abs(values[row]) > 90
                else ""
            )
            self.cell(
                table,
                row,
                column.name,
                f"is '{printable(cells[row], MOST_QUOTED)}'; "
                f"must be a number{_range(column, values[row])}{hint}",
                "number",
            )
        return np.where(empty, default, values)

    def choices(self, table: str, column: Column, texts: Texts, empty: np.ndarray) -> None:
        wrong = ~empty & ~np.isin(texts, column.choices)
        for row in np.flatnonzero(wrong).tolist():
            text = f"is '{texts[row]}'; must be one of {', '.join(column.choices)}"
            self.cell(table, row, column.name, text + nearest(str(texts[row]), column.choices), "choice")

    def unprintable(self, table: str, column: Column, texts: Texts) -> None:
        """Names with control characters or halves of characters cannot be written to any file or screen."""
        wrong = pd.Series(texts, dtype=object).str.contains(UNPRINTABLE, regex=True).to_numpy(dtype=bool)
        for row in np.flatnonzero(wrong).tolist():
            shown = printable(texts[row], MOST_QUOTED)
            text = f"is '{shown}'; must hold no control characters"
            self.cell(table, row, column.name, text, "control-character")

    def ids(self, table: str, column: Column, texts: Texts, empty: np.ndarray) -> None:
        again = pd.Series(texts, dtype=object).duplicated(keep="first").to_numpy() & ~empty
        if not again.any():
            return
        first: dict[str, int] = {}
        for row, name in enumerate(texts.tolist()):
            first.setdefault(name, row)
        for row in np.flatnonzero(again).tolist():
            where = self.rows[table][first[texts[row]]]
            text = f"duplicate id '{texts[row]}'; first used in row {where}"
            self.cell(table, row, column.name, text, "duplicate-id")

    def references(self, table: str, columns: dict[str, dict[str, Any]]) -> None:
        """Replace references by positions."""
        for column in TABLES[table]:
            if column.type != "ref":
                continue
            known = pd.Index(columns[column.refers_to]["id"], dtype=object)
            texts = columns[table][column.name]
            if known.has_duplicates:
                known = known.unique()
            at = np.asarray(known.get_indexer(pd.Index(texts, dtype=object)), dtype=np.int64)
            for row in np.flatnonzero((at == _MISSING) & (texts != "")).tolist():
                text = f"unknown bus '{texts[row]}'"
                hint = nearest(str(texts[row]), known.tolist()) if len(self.faults) < 200 else ""
                self.cell(table, row, column.name, text + hint, "unknown-reference")
            columns[table][column.name] = at

    def places(self, columns: dict[str, dict[str, Any]]) -> None:
        """Look for buses far from all others: most likely swapped or mistyped coordinates."""
        lon, lat = columns["buses"]["lon"], columns["buses"]["lat"]
        if len(lon) < 3:
            return
        middle = np.median(lon), np.median(lat)
        far = np.hypot(lon - middle[0], lat - middle[1])
        limit = max(5.0, 20 * float(np.median(far)))
        others = f"{middle[0]:.4f}, {middle[1]:.4f}"
        for row in np.flatnonzero(far > limit).tolist():
            swapped = np.hypot(lat[row] - middle[0], lon[row] - middle[1]) < far[row] / 4
            hint = "; longitude and latitude look swapped" if swapped else ""
            text = f"({lon[row]:g}, {lat[row]:g}) is far from the other buses ({others}){hint}"
            self.fault("buses", f"row {self.rows['buses'][row]}, columns 'lon', 'lat'", text, "far")


def _cells(column: pd.Series[Any]) -> tuple[Texts, np.ndarray]:
    """Cells as stripped text where they are text, and which of them are empty."""
    cells = column.to_numpy(dtype=object)
    empty = np.asarray(pd.isna(cells), dtype=bool)
    # Not by pandas: a half of a surrogate pair, which JSON can hold, is no string to Arrow.
    stripped = [str(cell).strip() for cell in np.where(empty, "", cells)]
    texts = np.empty(len(stripped), dtype=object)
    texts[:] = stripped
    return texts, empty | (texts == "")


def _range(column: Column, found: float) -> str:
    if np.isfinite(found) and column.high < found and column.high > ON_EARTH:
        return f" of at most {column.high:,.0f}"
    if np.isfinite(column.low) and column.high <= ON_EARTH:
        return f" from {column.low:g} to {column.high:g}"
    if np.isfinite(column.low):
        return f" of at least {column.low:g}"
    return ""


def _assembled(columns: Mapping[str, Mapping[str, Any]]) -> Parsed:
    buses, lines = columns["buses"], columns["lines"]
    switches, transformers = columns["switches"], columns["transformers"]
    normal = switches["normal"] != "open"
    present = np.where(switches["present"] == "", normal, switches["present"] != "open")
    bus_idx: Indices = transformers["bus"]
    return Parsed(
        buses=Buses(
            ids=buses["id"],
            lon=buses["lon"],
            lat=buses["lat"],
            source=buses["kind"] == "source",
            dead=buses["kind"] == "dead",
            substation=buses["substation"],
            feeder=buses["feeder"],
            voltage_kv=buses["voltage_kv"],
        ),
        lines=Lines(
            ids=lines["id"],
            from_idx=lines["from_bus"],
            to_idx=lines["to_bus"],
            length_m=lines["length_m"],
            kind=lines["kind"],
            rating_kw=lines["rating_kw"],
            phases=lines["phases"],
        ),
        switches=Switches(
            ids=switches["id"],
            from_idx=switches["from_bus"],
            to_idx=switches["to_bus"],
            kind=switches["kind"],
            remote=switches["control"] == "remote",
            normal_closed=normal,
            closed=present.astype(bool),
            name=switches["name"],
            rating_kw=switches["rating_kw"],
        ),
        transformers=Transformers(
            ids=transformers["id"],
            bus_idx=bus_idx,
            rating_kva=transformers["rating_kva"],
            name=transformers["name"],
            lon=np.where(np.isnan(transformers["lon"]), buses["lon"][bus_idx], transformers["lon"]),
            lat=np.where(np.isnan(transformers["lat"]), buses["lat"][bus_idx], transformers["lat"]),
        ),
    )

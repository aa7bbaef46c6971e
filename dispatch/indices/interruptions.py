"""The file of interruptions: what it holds, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ..intake.cells import Parsed, parse
from ..intake.gathering import Gathering
from ..intake.reading import Raw, read_raw
from ..intake.schema import Column, Table
from ..intake.times import Zone

GROUPS = ("feeder", "area", "grade", "cause")

INTERRUPTIONS = Table(
    name="interruptions",
    endings=(".csv", ".csv.gz", ".xlsx"),
    meaning="One row per interruption and step of its restoration: customers who lost supply together "
    "and had it back together.",
    columns=(
        Column(
            name="interruption",
            kind="text",
            required=True,
            example="2025-0412",
            meaning="Name of the interruption; the steps of its restoration share it.",
            header_zh="停电编号",
        ),
        Column(
            name="off_at",
            kind="time",
            required=True,
            example="2025-07-01T14:05:00+08:00",
            meaning="When supply was lost.",
            header_zh="停电时间",
        ),
        Column(
            name="on_at",
            kind="time",
            required=True,
            example="2025-07-01T15:35:00+08:00",
            meaning="When supply was back.",
            header_zh="恢复时间",
        ),
        Column(
            name="customers",
            kind="integer",
            least=0,
            default=1,
            example="800",
            meaning="Customers of this step; 1 where `customer` names one.",
            header_zh="停电户数",
        ),
        Column(
            name="customer",
            kind="text",
            example="C000123",
            meaning="The one customer of this row; needed in every row for indices of single customers.",
            header_zh="用户编号",
        ),
        Column(
            name="operations",
            kind="integer",
            least=1,
            default=1,
            example="2",
            meaning="How often supply was lost within a momentary row (recloser operations).",
            header_zh="次数",
        ),
        Column(
            name="load_kw",
            kind="number",
            unit="kW",
            least=0,
            example="1200",
            meaning="Load without supply, on average.",
            header_zh="缺供负荷",
        ),
        Column(
            name="planned",
            kind="yes/no",
            default=False,
            example="no",
            meaning="Whether it was planned and announced.",
            header_zh="计划停电",
        ),
        *(
            Column(name=name, kind="text", example=example, meaning=meaning, header_zh=zh)
            for name, example, meaning, zh in (
                ("feeder", "LS-03", "Feeder.", "线路"),
                ("area", "urban", "Area.", "区域"),
                ("grade", "ordinary", "Grade of the customers.", "用户等级"),
                ("cause", "tree", "Cause.", "原因"),
            )
        ),
    ),
)

SERVED = Table(
    name="served",
    endings=(".csv", ".xlsx"),
    meaning="Customers served in each group; without it a group's indices are its share of the system's.",
    columns=(
        Column(
            name="group",
            kind="choice",
            required=True,
            allowed=GROUPS[:3],
            example="feeder",
            meaning="What is grouped by.",
        ),
        Column(name="name", kind="text", required=True, example="LS-03", meaning="Name of the group."),
        Column(
            name="customers",
            kind="integer",
            required=True,
            least=1,
            example="2400",
            meaning="Customers in it.",
        ),
    ),
)

Served = Mapping[tuple[str, str], int]


def read_interruptions(path: Path, zone: ZoneInfo | None = None) -> pd.DataFrame:
    """Read a file of interruptions.

    Parameters
    ----------
    zone : of times that state no offset, and of the days and months; without it such times are faults, and
        days are those of each time's own offset.

    Returns
    -------
    DataFrame
        The columns of `INTERRUPTIONS`, and `minutes`, `day` (datetime64, midnight) and `month`.

    Raises
    ------
    InputFaults
        With everything that is wrong.
    """
    faults = Gathering()
    parsed = _read(path, INTERRUPTIONS, faults, zone)
    if parsed is None:
        faults.raise_any()
        raise AssertionError("a file that cannot be read has a fault")
    _check(parsed, faults)
    faults.raise_any()
    return interruption_table(pd.DataFrame(parsed.values), zone)


def interruption_table(rows: pd.DataFrame, zone: ZoneInfo | None = None) -> pd.DataFrame:
    """Complete rows that hold the columns of `INTERRUPTIONS`; aware times."""
    table = rows.copy()
    for column in INTERRUPTIONS.columns:
        if column.name not in table:
            table[column.name] = np.nan if column.kind == "number" else column.default
        elif column.default is not None:
            table[column.name] = [column.default if pd.isna(value) else value for value in table[column.name]]
    off = [moment.astimezone(zone) if zone else moment for moment in table["off_at"]]
    table["minutes"] = [
        (on - start).total_seconds() / 60 for start, on in zip(off, table["on_at"], strict=True)
    ]
    table["day"] = pd.to_datetime([moment.date() for moment in off])
    table["month"] = [f"{moment:%Y-%m}" for moment in off]
    return table


def read_served(path: Path) -> Served:
    """Read the customers served in each group.

    Raises
    ------
    InputFaults
        With everything that is wrong.
    """
    faults = Gathering()
    parsed = _read(path, SERVED, faults, None)
    faults.raise_any()
    records = parsed.records() if parsed else []
    return {(row["group"], row["name"]): int(row["customers"]) for row in records}


def _read(path: Path, table: Table, faults: Gathering, zone: ZoneInfo | None) -> Parsed | None:
    attach = Zone(info=zone) if zone else None
    raw = read_raw(path, table, faults, zone=attach)
    if raw is not None and attach is not None:
        _attach_offsets(raw, table, attach)
    return None if raw is None else parse(raw, table, faults, zone=attach)


def _attach_offsets(raw: Raw, table: Table, zone: Zone) -> None:
    """Give times that state no offset that of the zone; exports of outage systems often have none.

    Where clocks are set forward or back the cell is left as it is, and parsing says what is wrong.
    """
    for column in table.columns:
        cells = raw.columns.get(column.name)
        if column.kind != "time" or cells is None:
            continue
        for position, cell in enumerate(cells.tolist()):
            try:
                moment = datetime.fromisoformat(cell)
            except ValueError:
                continue
            if moment.tzinfo is None:
                text, problem = zone.attach(moment)
                cells[position] = cell if problem else text


def _check(parsed: Parsed, faults: Gathering) -> None:
    """What concerns several cells of a row."""
    named = False
    for row, record in zip(parsed.rows.tolist(), parsed.records(), strict=True):
        off, on = record["off_at"], record["on_at"]
        if isinstance(off, datetime) and isinstance(on, datetime) and on < off:
            text = f"is {on.isoformat()}; supply cannot be back before it was lost ({off.isoformat()})"
            faults.add(parsed.file, f"row {row}, column 'on_at'", text)
        named = named or record["customer"] is not None
        if record["customer"] is not None and record["customers"] not in (None, 1):
            text = f"is {record['customers']}; must be 1 or empty where `customer` names one"
            faults.add(parsed.file, f"row {row}, column 'customers'", text)
    if not named and "customers" not in parsed.texts and len(parsed):
        faults.add(parsed.file, "", "needs a column 'customers' or 'customer'")

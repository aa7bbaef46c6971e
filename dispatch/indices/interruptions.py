"""The file of interruptions: what it holds, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ..ground.brought import Brought
from ..intake.aside import good_rows
from ..intake.cells import Parsed, parse
from ..intake.gathering import Gathering
from ..intake.reading import read_raw
from ..intake.schema import Column, Table
from ..intake.times import Zone
from .records import check_at_once, check_records, check_sums, merged, still_open, without_repeats

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """A file of interruptions as read.

    Parameters
    ----------
    table : the columns of `INTERRUPTIONS`, and `minutes`, `day` (datetime64, midnight) and `month`.
    brought : what was read, repaired and set aside.
    """

    table: pd.DataFrame
    brought: Brought


def read_interruptions(path: Path, zone: ZoneInfo | None = None) -> pd.DataFrame:
    """Read a file of interruptions; the table of `read_records`."""
    return read_records(path, zone).table


def read_records(path: Path, zone: ZoneInfo | None = None, served: int | None = None) -> Records:
    """Read a file of interruptions.

    Parameters
    ----------
    zone : of times that state no offset, and of the days and months; without it such times are faults, and
        days are those of each time's own offset.
    served : customers that there are; a record of more cannot be.

    Raises
    ------
    InputFaults
        With everything that is wrong, when the file cannot be used.
    """
    faults = Gathering()
    parsed = _read(path, INTERRUPTIONS, faults, zone)
    if parsed is None:
        faults.raise_any()
        raise AssertionError("a file that cannot be read has a fault")
    check_records(parsed, served, faults)
    _check_counts(parsed, faults)
    parsed = good_rows(parsed, faults)
    faults.raise_any()
    table = merged(pd.DataFrame(parsed.values), path.name, faults)
    if served is not None:
        check_sums(table, path.name, served, faults)
        check_at_once(table, path.name, served, faults)
    (brought,) = faults.brought()
    return Records(table=interruption_table(table, zone), brought=brought)


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
    if raw is not None and table is INTERRUPTIONS:
        raw = without_repeats(still_open(raw, faults), faults)
    return None if raw is None else parse(raw, table, faults, zone=attach)


def _check_counts(parsed: Parsed, faults: Gathering) -> None:
    named = any(value is not None for value in parsed.values["customer"].tolist())
    if not named and "customers" not in parsed.texts and len(parsed):
        faults.add(parsed.file, "", "needs a column 'customers' or 'customer'")

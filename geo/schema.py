"""The grid's own tables: what each column is called, holds, and must satisfy.

One declaration drives the reading, the messages and `docs/grid.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

LINE_KINDS = ("overhead", "cable", "lv", "link")
SWITCH_KINDS = ("breaker", "recloser", "fuse", "switch")
PROTECTIVE_KINDS = ("breaker", "recloser", "fuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    type : ``id`` (unique in its table), ``ref`` (an id of `refers_to`), ``text``, ``number`` or ``choice``.
    low, high : least and greatest number allowed, both inclusive.
    default : what an empty cell or a missing column means.
    """

    name: str
    type: Literal["id", "ref", "text", "number", "choice"]
    unit: str = ""
    required: bool = True
    default: str | float | None = None
    choices: tuple[str, ...] = ()
    refers_to: str = ""
    low: float = float("-inf")
    high: float = float("inf")
    example: str = ""
    meaning: str = ""


_LON = Column(
    name="lon",
    type="number",
    unit="degrees",
    example="-71.2519",
    meaning="longitude, WGS 84",
    low=-180,
    high=180,
)
_LAT = Column(
    name="lat",
    type="number",
    unit="degrees",
    example="-29.9045",
    meaning="latitude, WGS 84",
    low=-90,
    high=90,
)


def _ends(what: str) -> tuple[Column, Column]:
    return (
        Column(
            name="from_bus",
            type="ref",
            refers_to="buses",
            example="B12",
            meaning=f"bus at one end of the {what}",
        ),
        Column(name="to_bus", type="ref", refers_to="buses", example="B13", meaning="bus at the other end"),
    )


TABLES: Mapping[str, tuple[Column, ...]] = {
    "buses": (
        Column(name="id", type="id", example="B12", meaning="name of the bus (node)"),
        _LON,
        _LAT,
        Column(
            name="kind",
            type="choice",
            choices=("bus", "source", "dead"),
            required=False,
            default="bus",
            example="source",
            meaning="`source`: supply enters here (busbar of a substation); `dead`: known to have none",
        ),
        Column(
            name="substation",
            type="text",
            required=False,
            default="",
            example="La Serena",
            meaning="substation it belongs to",
        ),
        Column(
            name="feeder",
            type="text",
            required=False,
            default="",
            example="LS-03",
            meaning="feeder by the utility's books; compared, not used",
        ),
        Column(
            name="voltage_kv",
            type="number",
            unit="kV",
            required=False,
            low=0,
            high=2000,
            example="12",
            meaning="nominal voltage",
        ),
    ),
    "lines": (
        Column(name="id", type="id", example="L12", meaning="name of the line"),
        *_ends("line"),
        Column(
            name="length_m",
            type="number",
            unit="m",
            required=False,
            default=0.0,
            low=0,
            high=1e7,
            example="184",
            meaning="length",
        ),
        Column(
            name="kind",
            type="choice",
            choices=LINE_KINDS,
            required=False,
            default="overhead",
            example="cable",
            meaning="`lv`: main behind a transformer; `link`: busbar, regulator or step-down transformer",
        ),
        Column(
            name="rating_kw",
            type="number",
            unit="kW",
            required=False,
            low=0,
            high=1e9,
            example="6000",
            meaning="what it may carry; empty: no limit",
        ),
        Column(
            name="phases", type="text", required=False, default="", example="ABC", meaning="phases it has"
        ),
    ),
    "switches": (
        Column(name="id", type="id", example="S-104", meaning="name of the switching device"),
        *_ends("device"),
        Column(
            name="kind",
            type="choice",
            choices=SWITCH_KINDS,
            required=False,
            default="switch",
            example="recloser",
            meaning="breaker, recloser and fuse open by themselves on a fault behind them; a switch does not",
        ),
        Column(
            name="control",
            type="choice",
            choices=("manual", "remote"),
            required=False,
            default="manual",
            example="remote",
            meaning="`remote`: operated from the control room",
        ),
        Column(
            name="normal",
            type="choice",
            choices=("closed", "open"),
            required=False,
            default="closed",
            example="open",
            meaning="normal state; a normally open device is a TIE",
        ),
        Column(
            name="present",
            type="choice",
            choices=("closed", "open"),
            required=False,
            example="closed",
            meaning="state before today's faults; empty: the normal state",
        ),
        Column(
            name="name",
            type="text",
            required=False,
            default="",
            example="Av. del Mar / Peni",
            meaning="name for people; empty: the id",
        ),
        Column(
            name="rating_kw",
            type="number",
            unit="kW",
            required=False,
            low=0,
            high=1e9,
            example="8000",
            meaning="what it may carry; empty: no limit",
        ),
    ),
    "transformers": (
        Column(name="id", type="id", example="T-0815", meaning="name of the distribution transformer"),
        Column(name="bus", type="ref", refers_to="buses", example="B13", meaning="bus that feeds it"),
        Column(
            name="rating_kva",
            type="number",
            unit="kVA",
            required=False,
            default=0.0,
            low=0,
            high=1e9,
            example="100",
            meaning="rated power",
        ),
        Column(
            name="name",
            type="text",
            required=False,
            default="",
            example="Balmaceda 1200",
            meaning="name for people; empty: the id",
        ),
        Column(
            name="lon",
            type="number",
            unit="degrees",
            required=False,
            low=-180,
            high=180,
            example="-71.2519",
            meaning="longitude; empty: the bus's",
        ),
        Column(
            name="lat",
            type="number",
            unit="degrees",
            required=False,
            low=-90,
            high=90,
            example="-29.9045",
            meaning="latitude; empty: the bus's",
        ),
    ),
}


def as_markdown(table: str) -> str:
    """Give a table's columns as a Markdown table, as `docs/grid.md` has it."""
    rows = [
        "| name | type | unit | required | default | example | meaning |",
        "|---|---|---|---|---|---|---|",
    ]
    for column in TABLES[table]:
        kind = ", ".join(f"`{choice}`" for choice in column.choices) or column.type
        if column.refers_to:
            kind = f"an `id` of {column.refers_to}"
        default = "" if column.default in (None, "") else f"`{column.default}`"
        required = "yes" if column.required else "no"
        cells = (
            f"`{column.name}`",
            kind,
            column.unit,
            required,
            default,
            f"`{column.example}`",
            column.meaning,
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)

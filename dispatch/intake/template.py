"""Writes examples to start from: headers and one row each, as CSV and as Excel."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from .schema import KINDS, SETTINGS, TABLES, Column, Table


def write_template(folder: Path) -> tuple[Path, ...]:
    """Write the settings, an example row per table, and a grid and roads to hang them on.

    Existing files stay. What is written is a case that passes its own check.

    Returns
    -------
    tuple of Path
        The files that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"settings.yaml": settings_text()}
    contents |= {f"{table.name}.csv": csv_text(table) for table in TABLES}
    contents |= GROUND
    written = []
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_text(text, encoding="utf-8", newline="")
            written.append(path)
    return tuple(written)


# Two feeders with a tie, and the streets around them: the places that the example rows name.
GROUND = {
    "roads_nodes.csv": """\
id,lon,lat
n1,-71.2530,-29.9050
n2,-71.2515,-29.9045
n3,-71.2496,-29.9028
""",
    "roads_edges.csv": """\
u,v,length_m,highway,name
n1,n2,155,residential,Third Street
n2,n1,155,residential,Third Street
n2,n3,263,residential,Fir Avenue
n3,n2,263,residential,Fir Avenue
""",
    "grid/buses.csv": """\
id,lon,lat,kind,substation,voltage_kv
B0,-71.2530,-29.9050,source,Harbour,13.2
B1,-71.2528,-29.9049,bus,,13.2
B2,-71.2515,-29.9045,bus,,13.2
B3,-71.2529,-29.9048,bus,,13.2
""",
    "grid/lines.csv": """\
id,from_bus,to_bus,length_m,kind
L1,B1,B2,140,overhead
""",
    "grid/switches.csv": """\
id,from_bus,to_bus,kind,control,normal
BR-1,B0,B1,breaker,remote,closed
BR-2,B0,B3,breaker,remote,closed
TIE-1,B3,B2,switch,manual,open
""",
    "grid/transformers.csv": """\
id,bus,rating_kva,name
T3,B2,100,Clinic
""",
}


def settings_text() -> str:
    """Return an example of `settings.yaml` with the meaning of each key beside it."""
    lines = []
    for column in SETTINGS.columns:
        value = f"\n  - {column.example}" if column.kind == "list" else f" {column.example}"
        # Without a policy of its own a folder needs one that comes with the program.
        mark = "" if column.required or column.name == "policy" else "# "
        entry = f"{column.name}:{value}".replace("\n", f"\n{mark}")
        lines.append(f"# {column.meaning}\n{mark}{entry}\n")
    return "".join(lines)


def csv_text(table: Table, *, rows: bool = True) -> str:
    """Return a table's header and, unless told otherwise, its example row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    if rows:
        writer.writerow([column.example for column in table.columns])
    return text.getvalue()


def write_excel_template(path: Path, table: Table, *, chinese: bool = False) -> None:
    """Write an Excel workbook to fill in: bold headers with their meaning as a note, and one example row."""
    if table not in TABLES:
        raise ValueError(f"there is no table '{table.name}'")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = table.name
    for position, column in enumerate(table.columns, 1):
        header = sheet.cell(row=1, column=position, value=column.header_zh if chinese else column.name)
        header.font = Font(bold=column.required)
        header.comment = Comment(_note(column), "gridcrew")
        sheet.cell(row=2, column=position, value=column.example).number_format = "@"
        sheet.column_dimensions[get_column_letter(position)].width = max(12, len(column.example) + 2)
    sheet.freeze_panes = "A2"
    book.save(path)


def _note(column: Column) -> str:
    needed = "required" if column.required else "may be empty"
    unit = f", {column.unit}" if column.unit else ""
    allowed = f"\nOne of {', '.join(column.allowed)}" if column.allowed else ""
    return f"{column.meaning}\n{column.kind}{unit}; {needed}\n{KINDS[column.kind]}{allowed}"

"""Writes `docs/case-folder.md` from the schemas, so that the two cannot differ.

``python -m dispatch.intake.document > docs/case-folder.md``
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from geo import schema as geo_schema

from .schema import KINDS, SETTINGS, TABLES, Column, Table

INTRODUCTION = """\
# The case folder

A case is one folder: what was reported, who can go, who is connected where, and the rules of the
utility. `gridcrew plan FOLDER --out DIR` reads it; `gridcrew case template FOLDER` writes an
example to start from; `gridcrew case check FOLDER` reads it and says what is wrong with it;
`gridcrew case from-grid FILE --out FOLDER` makes a case around a grid, all else made up (`grid.md`).

Every fault of every file is listed at once (the first 50, and how many there are), with file, row
and column. What has one reading only is repaired, and every repair is said with examples: headings
of other systems, times without an offset, full-width digits, ids that lost their leading zeros,
titles, totals. A few bad rows of customers, requests or signs are set aside and named, up to
`bad_rows_percent`; whoever depends on supply (`welfare`) and whoever reports a danger never is. Crews,
planned outages and the grid are read whole or not at all. `--strict` repairs nothing.

- **Rows** are numbered as a spreadsheet shows them: the header is row 1. Features of a GeoJSON file
  or a GeoPackage count from 1.
- **Columns** may stand in any order. The Chinese headers are understood as well as the English ones,
  and so are the usual headings of other systems in Chinese, English, Spanish and Portuguese
  (户号, 所属台区, Account No, Transformador, Instalação); which was taken for what is said. A
  heading that is nearly one of these names is a fault; any other is left out, and that is said.
- **The header** may stand below a title. Totals, footers, a row of units and a header that comes again
  are no rows.
- **Units** in a heading count: 电压(V), annual energy [MWh], 停电户数(万户). A day and its time in two
  columns side by side are one moment; a column of coordinate pairs is parted; a transformer may be named
  by its name.
- **CSV**: UTF-8 (with or without a byte order mark), UTF-16, GB18030 or Windows-1252; `,` `;` or tab between
  cells; Windows or Unix line ends; `.csv.gz` where a table lists it.
- **Excel**: the sheet named like the file, else the first that is not hidden, with those that have the
  same headings; a merged cell counts for each of its rows. Formulas count as the values they had when
  the workbook was saved.
- **GeoJSON and GeoPackage**: the layer named like the file, else the only one; `lon` and `lat` come
  from the geometry, in whatever projection the file states.
- **Times** carry an offset from UTC, or are read in the case's zone, which is said. 03/04/2026 is
  refused unless another row of the column (13/04/2026) shows which number is the day; so is a time
  that clocks show twice or skip. Shifts may pass midnight and daylight-saving changes; lengths are
  counted in UTC.
- **Sizes**: a file of more than 512 MB, packed or unpacked, is refused unread.
- **Coordinates** that are no degrees (Gauss-Kruger zones of CGCS2000, UTM, Web Mercator, northing
  first) are recognised by where they lie: customers near their transformers, everything near the
  roads. So are the shifted maps of China, where customers lie some 500 m off in one direction.
  What was recognised is converted and said; `coordinates` in the settings states it instead.
- **Places**: a depot, crew, customer or request farther than `max_snap_m` from every road is a fault;
  when longitude and latitude look swapped, it says so.
"""

ROADS = """\
## roads

`roads_nodes.csv` and `roads_edges.csv` (each also `.csv.gz`), lines in `roads.gpkg`, `roads.geojson`,
`roads.parquet` or `roads.shp`, a graph in `roads.graphml`, or an extract of OpenStreetMap in
`roads.osm.pbf` or `roads.osm` ([roads.md](roads.md#what-can-be-brought)).
A row of `roads_edges` is one direction of a street; a file of lines holds both directions
unless its column `oneway` says `yes`.
"""

ROAD_TABLES: dict[str, Sequence[Sequence[str]]] = {
    "roads_nodes": (
        ("id", "id", "", "yes", "", "64158", "Unique."),
        ("lon", "number", "degrees", "yes", "", "-71.2505495", "Longitude, WGS 84."),
        ("lat", "number", "degrees", "yes", "", "-29.8821063", "Latitude, WGS 84."),
    ),
    "roads_edges": (
        ("u", "id", "", "yes", "", "64158", "Node where the drive begins."),
        ("v", "id", "", "yes", "", "64194", "Node where it ends."),
        ("length_m", "number", "m", "yes", "", "15.19", "Length along the street."),
        ("highway", "text", "", "no", "", "residential", "Road class; gives the speed where none is stated."),
        ("maxspeed_kmh", "number", "km/h", "no", "", "50", "Speed limit."),
        ("name", "text", "", "no", "", "El Brillador", "Street name, for addresses."),
        ("shape", "text", "", "no", "", "-71.25 -29.88,-71.251 -29.881", "Bends between the two nodes."),
    ),
}

GRID = """\
## grid

The tables below as CSV files in the folder `grid/`, or as layers of `grid.gpkg` or
`grid.geojson`. What the words mean stands in `grid.md`.
"""

POLICY = """\
## policy

One policy file, YAML or Excel, whose name stands under `policy` in the settings; or the name of a
pack that comes with the program, such as `policy: cn`. How a policy is written stands in
`rules.md`.

| file | meaning |
|---|---|
| `policy.yaml` | Decision tables as text; comments are kept. |
| `policy.xlsx` | The same tables as sheets. |
"""

HEAD = "| name | Chinese header | type | unit | required | default | example | meaning |"
SHORT_HEAD = "| name | type | unit | required | default | example | meaning |"


def case_folder_document() -> str:
    """Return the text of `docs/case-folder.md`."""
    parts = [INTRODUCTION, _settings(), *(_table(table) for table in TABLES)]
    parts += [ROADS, *(_plain(f"{name}.csv", rows) for name, rows in ROAD_TABLES.items())]
    parts += [GRID, *(_plain(f"grid/{name}.csv", _grid_rows(name)) for name in geo_schema.TABLES)]
    parts += [POLICY, _kinds()]
    return "\n".join(parts)


def _settings() -> str:
    rows = (_cells(column, headers=False) for column in SETTINGS.columns)
    return f"## settings.yaml\n\n{SETTINGS.meaning}\n\n{_markdown(SHORT_HEAD, rows)}"


def _table(table: Table) -> str:
    names = ", ".join(f"`{table.name}{ending}`" for ending in table.endings)
    rows = (_cells(column, headers=True) for column in table.columns)
    return f"## {table.name}\n\n{table.meaning} One of {names}.\n\n{_markdown(HEAD, rows)}"


def _cells(column: Column, *, headers: bool) -> list[str]:
    meaning = column.meaning
    if column.allowed:
        meaning += f" One of {', '.join(f'`{word}`' for word in column.allowed)}."
    if column.refers_to:
        meaning += f" An `id` of {column.refers_to}."
    meaning += _bounds(column)
    cells = [f"`{column.name}`", column.header_zh] if headers else [f"`{column.name}`"]
    required = "yes" if column.required else "no"
    example = f"`{column.example}`" if column.example else ""
    return [*cells, column.kind, column.unit, required, _default(column), example, meaning]


def _bounds(column: Column) -> str:
    if column.above is not None:
        text = f"above {column.above:g}"
    elif column.least is not None:
        text = f"at least {column.least:g}"
    else:
        return ""
    if column.most is not None:
        text = (
            f"{column.least:g} to {column.most:g}"
            if column.least is not None
            else f"{text}, at most {column.most:g}"
        )
    return f" {text[0].upper()}{text[1:]}."


def _default(column: Column) -> str:
    match column.default:
        case bool():
            return "yes" if column.default else "no"
        case float() | int():
            return f"{column.default:g}"
        case str():
            return column.default
    return ""


def _grid_rows(name: str) -> Iterable[Sequence[str]]:
    for column in geo_schema.TABLES[name]:
        meaning = column.meaning
        if column.choices:
            meaning += f" (one of {', '.join(f'`{word}`' for word in column.choices)})"
        if column.refers_to:
            meaning += f" (an `id` of {column.refers_to})"
        default = "" if column.default is None else str(column.default)
        required = "yes" if column.required else "no"
        yield (column.name, column.type, column.unit, required, default, column.example, meaning)


def _plain(title: str, rows: Iterable[Sequence[str]]) -> str:
    cells = ([f"`{row[0]}`", *row[1:5], f"`{row[5]}`" if row[5] else "", row[6]] for row in rows)
    return f"### {title}\n\n{_markdown(SHORT_HEAD, cells)}"


def _kinds() -> str:
    rows = ([kind, text] for kind, text in KINDS.items())
    return f"## Types\n\n{_markdown('| type | how it is written |', rows)}"


def _markdown(head: str, rows: Iterable[Sequence[str]]) -> str:
    rule = "|" + "---|" * (head.count("|") - 1)
    body = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"{head}\n{rule}\n{body}\n"


if __name__ == "__main__":
    sys.stdout.write(case_folder_document())

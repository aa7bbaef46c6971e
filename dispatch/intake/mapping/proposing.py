"""Looks at a utility's files and proposes what each is and what its columns mean.

By names in four languages first; then by what stands in the columns: a column whose cells are
transformers of the grid says which transformer, one whose cells are times says when. What was
concluded, and from what, is written above each table of the mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from geo import GeoError, Grid, load_grid
from geo.datum import in_china
from geo.readers.layers.proposing import propose_drawing
from geo.readers.recognising import is_model, without_parts

from ...ground.errors import Fault, InputFaults
from ..decoding import Unreadable
from ..gathering import Gathering
from ..headers import understood
from ..reading import CASE_SIZES, Cut, cut
from ..schema import Table
from ..spelling.headings import bare, columns_by_heading, is_row_number
from ..spelling.ids import joined_as
from ..spelling.moments import read_moment
from .listed import TRANSFORMERS
from .mapping import TABLES, Mapping, TableSource

TABLE_ENDINGS = (".csv", ".gz", ".xlsx", ".gpkg", ".geojson", ".shp", ".txt", ".tsv")
GRID_ENDINGS = (".xml", ".zip", ".json", ".dss", ".glm")
ROAD_WORDS = ("road", "street", "highway", "osm", "calle", "rua", "道路", "路网")
GRID_WORDS = ("grid", "network", "net", "red", "rede", "电网", "cim")
FILE_WORDS = {
    "customers": ("customer", "consumer", "client", "usuario", "cliente", "consumidor", "用户", "客户", "户"),
    "requests": (
        "request",
        "call",
        "ticket",
        "reclamo",
        "chamado",
        "incident",
        "报修",
        "工单",
        "诉求",
        "来电",
    ),
    "crews": ("crew", "team", "cuadrilla", "equipe", "brigada", "班组", "队伍", "抢修队"),
    "depots": ("depot", "base", "yard", "patio", "garagem", "驻点", "驻地", "基地"),
    "transformers": ("transf", "trafo", "配变", "台区", "变压器"),
    "signs": ("sign", "meter", "ami", "medidor", "信号", "电表"),
}
PRIVATE = frozenset({"name", "address", "phone", "access"})
"""Samples of these stay out of a file that may be passed on."""
SAMPLE = 500
MOST = 0.6
"""A column is what more than this share of its cells says."""
KINDS: dict[str, Table] = {**TABLES, "transformers": TRANSFORMERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A mapping to look through.

    Parameters
    ----------
    notes : by table, what was concluded and from what, with samples.
    open : what only a person can know.
    """

    mapping: Mapping
    notes: dict[str, list[str]]
    open: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Look:
    """What has been found so far."""

    folder: Path
    notes: dict[str, list[str]] = field(default_factory=dict)
    grid: str = ""
    roads: str = ""
    tables: dict[str, TableSource] = field(default_factory=dict)
    cuts: dict[str, Cut] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        """A path as the mapping writes it."""
        try:
            return str(path.resolve().relative_to(self.folder.resolve()))
        except ValueError:
            return str(path.resolve())


def propose(
    files: Sequence[Path], folder: Path, *, time_zone: str = "", now: datetime | None = None
) -> Proposal:
    """Look at files and propose a mapping.

    Parameters
    ----------
    files : files, and folders of files.
    folder : where the mapping file will be.
    time_zone : of the case, where it is known.

    Raises
    ------
    InputFaults
        Nothing that can be used is among the files.
    """
    look = _Look(folder=folder)
    listed = _listed(files)
    drawn = (
        None if any(is_model(path) for path in listed if path.exists()) else propose_drawing(listed, folder)
    )
    if drawn is not None:
        look.grid = look.name(drawn[0])
        look.notes.setdefault("settings", []).append(
            f"{drawn[0].name}: the layers that the grid is drawn in; look it through"
        )
    for path in listed:
        if drawn is None or path not in (drawn[0], *drawn[1]):
            _classify(path, look)
    if not look.grid and "transformers" not in look.tables:
        text = "no grid and no list of transformers is among them; a case needs one of the two"
        raise InputFaults([Fault(file=", ".join(map(str, files)), place="", text=text)])
    grid = _read_grid(look)
    for name in [each for each in KINDS if each in look.tables]:
        _by_values(name, look, grid)
    return _proposal(look, grid, time_zone, now)


def _listed(files: Iterable[Path]) -> list[Path]:
    found = []
    for path in files:
        if path.is_dir() and not is_model(path):
            found += [each for each in without_parts(path) if each.is_file() or is_model(each)]
        else:
            found.append(path)
    return found


def _classify(path: Path, look: _Look) -> None:
    name = path.name.lower()
    if not path.exists():
        raise InputFaults([Fault(file=str(path), place="", text="does not exist")])
    if path.is_dir() or path.suffix.lower() in GRID_ENDINGS or is_model(path):
        look.grid = look.grid or look.name(path)
    elif name.startswith("roads_"):
        look.roads = look.roads or look.name(path.parent)
    elif name.endswith((".osm", ".pbf", ".graphml", ".parquet")) or _among(name, ROAD_WORDS):
        look.roads = look.roads or look.name(path)
    elif path.suffix.lower() in (".gpkg", ".geojson") and _among(name, GRID_WORDS):
        look.grid = look.grid or look.name(path)
    elif path.suffix.lower() in TABLE_ENDINGS:
        _table(path, look)


def _among(name: str, words: Iterable[str]) -> bool:
    return any(word in name for word in words)


def _table(path: Path, look: _Look) -> None:
    """Take a table for the kind whose columns it names best; its file's name decides a tie."""
    best, best_score, best_cut = "", 0.0, None
    for kind, table in KINDS.items():
        try:
            found = cut(path, table, Gathering(), None, CASE_SIZES)
        except Unreadable as error:
            raise InputFaults([Fault(file=path.name, place="", text=str(error))]) from error
        needed = [column.name for column in table.columns if column.required]
        named = names_of_columns(found.header, table)
        score = understood(found.header, table) + 2 * sum(each in named for each in needed) / len(needed)
        score += 2.5 * _among(path.name.lower(), FILE_WORDS.get(kind, ()))
        if score > best_score and kind not in look.tables:
            best, best_score, best_cut = kind, score, found
    if best_cut is None or best_score < 2:
        look.notes.setdefault("settings", []).append(f"{path.name}: not used; no table of ours looks like it")
        return
    look.cuts[best] = best_cut
    look.tables[best] = TableSource(
        file=look.name(path), columns=names_of_columns(best_cut.header, KINDS[best])
    )


def names_of_columns(header: Sequence[str], table: Table) -> dict[str, str]:
    """Our columns by their headings."""
    found: dict[str, str] = {}
    titles = [title.strip() for title in header if title.strip()]
    for title in titles:
        column = table.column_by_header.get(title.lower())
        if column is not None:
            found.setdefault(column.name, title)
    known = columns_by_heading(table.name)
    for title in titles:
        if title not in found.values():
            meant = [each for each in known.get(bare(title), ()) if each in table.column_by_name]
            free = [each for each in meant if each not in found]
            if free:
                found[free[0]] = title
    return {column.name: found[column.name] for column in table.columns if column.name in found}


def _read_grid(look: _Look) -> Grid | None:
    if not look.grid:
        return None
    try:
        return load_grid(look.folder / look.grid, check=False)
    except GeoError as error:
        faults = Gathering()
        faults.add_foreign(error, Path(look.grid))
        raise InputFaults(faults.faults) from error


def _by_values(name: str, look: _Look, grid: Grid | None) -> None:
    """Find columns that no heading names by what stands in them."""
    source, found = look.tables[name], look.cuts[name]
    columns, table = dict(source.columns), KINDS[name]
    notes = look.notes.setdefault(name, [])
    cells = {
        title.strip(): values
        for title, values in zip(found.header, found.columns, strict=True)
        if title.strip()
    }
    notes.append(f"{Path(source.file).name}: {len(next(iter(cells.values()), []))} rows")
    for ours, known, what in _joins(name, look, grid):
        _join(ours, known, what, columns, cells, notes)
    for column in table.columns:
        if column.required and column.name not in columns:
            free = {title: values for title, values in cells.items() if title not in columns.values()}
            _by_kind(column.name, column.kind, free, columns, notes)
    for ours, title in columns.items():
        shown = [cell for cell in cells[title][:SAMPLE] if cell and ours not in PRIVATE][:3]
        notes.append(
            f"{ours} <- {title}: {', '.join(shown) or ('(not shown)' if ours in PRIVATE else '(empty)')}"
        )
    unused = [title for title in cells if title not in columns.values() and not is_row_number(title)]
    if unused:
        notes.append(f"not used: {', '.join(unused)}")
    lacking = [each.name for each in table.columns if each.required and each.name not in columns]
    if lacking:
        notes.append(f"MISSING, please add: {', '.join(lacking)}")
    order = {column.name: columns[column.name] for column in table.columns if column.name in columns}
    look.tables[name] = replace(source, columns=order)


def _joins(name: str, look: _Look, grid: Grid | None) -> list[tuple[str, set[str], str]]:
    """Columns that name things of another table, and those things."""
    found = []
    if name == "customers":
        if grid is not None:
            found.append(
                ("transformer", {joined_as(str(each)) for each in grid.transformers.ids}, "transformers")
            )
        else:
            found.append(("transformer", _ids("transformers", look), "transformers"))
    if name == "requests":
        found.append(("customer", _ids("customers", look), "customers"))
    if name == "crews":
        found.append(("depot", _ids("depots", look), "depots"))
    return [each for each in found if each[1]]


def _ids(name: str, look: _Look) -> set[str]:
    source, found = look.tables.get(name), look.cuts.get(name)
    if source is None or found is None or "id" not in source.columns:
        return set()
    titles = [title.strip() for title in found.header]
    return {joined_as(cell) for cell in found.columns[titles.index(source.columns["id"])]}


def _join(
    ours: str,
    known: set[str],
    what: str,
    columns: dict[str, str],
    cells: dict[str, list[str]],
    notes: list[str],
) -> None:
    """Take the column whose cells name most of the things; a heading that says otherwise gives way."""
    shares = {title: _share(values, lambda cell: joined_as(cell) in known) for title, values in cells.items()}
    own = columns.get("id")
    best = max((title for title in shares if title != own), key=lambda title: shares[title], default=None)
    if best is None or shares[best] <= MOST or shares.get(columns.get(ours, ""), 0.0) >= shares[best]:
        return
    for other in [each for each, title in columns.items() if title == best]:
        del columns[other]
    columns[ours] = best
    notes.append(f"{ours} <- {best}, because {shares[best]:.0%} of its cells are {what}")


def _by_kind(
    ours: str, kind: str, free: dict[str, list[str]], columns: dict[str, str], notes: list[str]
) -> None:
    """Take the one free column whose cells are what ours holds: times, or an id in every row."""
    tests = {
        "time": lambda values: _share(values, _is_time) > MOST,
        "id": lambda values: bool(values) and len(set(values)) == len(values) and all(values),
    }
    if kind not in tests:
        return
    fits = [title for title, values in free.items() if tests[kind](values) and not is_row_number(title)]
    if len(fits) == 1 or (fits and kind == "id"):
        columns[ours] = fits[0]
        why = "times" if kind == "time" else "different in every row"
        notes.append(f"{ours} <- {fits[0]}, because its cells are {why}; please check")


def _is_time(cell: str) -> bool:
    return read_moment(cell) is not None and not cell.isdecimal()


def _share(values: Sequence[str], test: object) -> float:
    given = [cell for cell in values[:SAMPLE] if cell]
    return sum(bool(test(cell)) for cell in given) / len(given) if given else 0.0  # type: ignore[operator]


def _proposal(look: _Look, grid: Grid | None, time_zone: str, now: datetime | None) -> Proposal:
    zone = time_zone or _zone_of(grid)
    moment = now.isoformat() if now is not None else _latest(look)
    asked = []
    if not zone:
        asked.append("settings: time_zone: which zone do the files' times belong to? UTC is written for now")
    if not moment:
        asked.append("settings: now: which moment is the plan made for? A day of no meaning is written")
    missing = [name for name in ("customers", "crews", "depots") if name not in look.tables]
    asked += [f"tables: {name}: no file of them was found; the case needs one" for name in missing]
    if not look.roads:
        asked.append("roads: none were found; without them drives follow the lines of the grid")
    settings = {
        "name": look.folder.resolve().name,
        "time_zone": zone or "UTC",
        "now": moment or "2026-01-01T08:00:00",
        "policy": "cn",
    }
    tables = {name: source for name, source in look.tables.items() if name != "transformers"}
    mapping = Mapping(
        folder=look.folder,
        settings=settings,
        grid=look.grid,
        roads=look.roads,
        transformers=None if look.grid else look.tables.get("transformers"),
        tables=tables,
    )
    return Proposal(mapping=mapping, notes=look.notes, open=tuple(asked))


def _zone_of(grid: Grid | None) -> str:
    """The zone of a grid in China, which has one; elsewhere nobody can tell from a map alone."""
    if grid is None or len(grid.buses.lon) == 0:
        return ""
    return "Asia/Shanghai" if bool(in_china(grid.buses.lon[:1], grid.buses.lat[:1])[0]) else ""


def _latest(look: _Look) -> str:
    """The last moment at which a request came in."""
    source, found = look.tables.get("requests"), look.cuts.get("requests")
    if source is None or found is None or "received_at" not in source.columns:
        return ""
    titles = [title.strip() for title in found.header]
    cells = pd.unique(pd.Series(found.columns[titles.index(source.columns["received_at"])], dtype=object))
    moments = [
        moment.at.replace(tzinfo=None)
        for cell in cells
        if not isinstance(moment := read_moment(str(cell)), str | None)
    ]
    return max(moments).isoformat() if moments else ""

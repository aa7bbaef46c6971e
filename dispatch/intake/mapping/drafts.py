"""A case being made out of files that somebody sent: looked at, corrected, tried.

What parses is done in a child process (`intake.bounded`), by the functions of this module.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from geo import GeoError, Roads, load_grid

from ...ground.brought import Brought
from ...ground.case import Case
from ...ground.errors import InputFaults
from ..bounded import Bounds
from ..decoding import Unreadable
from ..gathering import Gathering
from ..reading import CASE_SIZES, cut
from .importing import import_case
from .mapping import Mapping as CaseMapping
from .mapping import TableSource, text_of
from .proposing import KINDS, Proposal, names_of_columns, propose

IN_FORCE = "in_force"
"""Folder of a draft with what the running case has of it."""
REFUSED = (".dss",)
"""A model that is a script is never run for somebody who sends it."""
BOUNDS = Bounds(seconds=180.0, memory_mb=3072, answer_mb=64)
TAKEN = ("settings", "depots", "crews", "roster", "customers")
SETTINGS = ("name", "time_zone", "now", "language", "policy", "max_snap_m", "bad_rows_percent")
MOST_POINTS = 4000
MOST_STREETS = 6000
SAMPLES = 3
PRIVATE = frozenset({"name", "address", "phone", "access"})
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """What a file's columns are called, and what stands in them."""

    titles: tuple[str, ...]
    samples: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is proposed for the files of a draft.

    Parameters
    ----------
    headings : by our name of the table.
    notes : by our name, what was concluded and from what.
    open : what only a person can know.
    """

    mapping: CaseMapping
    headings: Mapping[str, Headings]
    notes: Mapping[str, Sequence[str]]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of an import.

    Parameters
    ----------
    aside : files of rows that were set aside.
    counts : how much of each thing the case holds.
    streets : (n, 4) ends of some streets; the others (n, 2): longitude, latitude.
    """

    brought: tuple[Brought, ...]
    notes: tuple[str, ...]
    aside: tuple[str, ...]
    counts: Mapping[str, int]
    streets: Floats
    customers: Floats
    transformers: Floats
    depots: Floats


def with_case_in_force(folder: Path, case: Path) -> None:
    """Lay beside a draft's files what the running case has: its grid, roads, depots, crews."""
    into = folder / IN_FORCE
    into.mkdir(exist_ok=True)
    for path in sorted(case.iterdir()):
        stem = path.name.partition(".")[0]
        if stem == "grid" or stem.startswith("roads") or stem in TAKEN:
            copy = shutil.copytree if path.is_dir() else shutil.copyfile
            copy(path, into / path.name)


def look(folder: Path, files: Sequence[str], time_zone: str, kinds: Mapping[str, str]) -> Looked:
    """Propose a mapping for the files of a draft; what they lack is taken from the case in force.

    Parameters
    ----------
    kinds : by file, what a person says that it is, "" for not used.

    Raises
    ------
    InputFaults
        Nothing that can be used is among them.
    """
    given = [folder / name for name in files if kinds.get(name, "-") != ""]
    base = folder / IN_FORCE
    own_ground = True
    try:
        found = propose(given, folder, time_zone=time_zone)
    except InputFaults:
        # No grid among them: that of the case in force, unless that is not the reason.
        grounds = _stems(base, "grid")[:1] + _stems(base, "roads")[:1]
        found, own_ground = propose([*given, *grounds], folder, time_zone=time_zone), False
    if own_ground and _is_same_town(folder / found.mapping.grid, base):
        # Tonight's export of the grid in force: what it does not bring stays as it is.
        found, own_ground = _with_roads(found, folder, base), False
    tables = _as_said(folder, dict(found.mapping.tables), kinds)
    for name in () if own_ground else ("depots", "crews", "roster", "customers"):
        own = _stems(base, name)
        if name not in tables and own and not (name == "roster" and "crews" in tables):
            tables[name] = TableSource(file=f"{IN_FORCE}/{own[0].name}", columns=_columns(own[0], name))
    # The folder of a draft has no name that means anything.
    named = {"name": PurePath(found.mapping.grid or _list_of(found.mapping)).stem}
    own_settings = named if own_ground else _settings(base / "settings.yaml", time_zone)
    mapping = replace(found.mapping, tables=tables, settings={**found.mapping.settings, **own_settings})
    headings = {
        name: _headings(folder / each.file, name)
        for name, each in tables.items()
        if not each.file.startswith(f"{IN_FORCE}/")
    }
    return Looked(mapping=mapping, headings=headings, notes=found.notes, open=_still_open(found.open, tables))


def _with_roads(found: Proposal, folder: Path, base: Path) -> Proposal:
    """A proposal with the roads of the case in force, where nobody brought any."""
    own = _stems(base, "roads")
    if found.mapping.roads or not own:
        return found
    return replace(found, mapping=replace(found.mapping, roads=_relative(own[0], folder)))


def _list_of(mapping: CaseMapping) -> str:
    return mapping.transformers.file if mapping.transformers is not None else ""


def _is_same_town(grid: Path, base: Path) -> bool:
    """Whether a grid that was sent has most of the transformers of the one in force."""
    here = _stems(base, "grid")
    if not here or not grid.exists():
        return False
    try:
        one, other = (
            set(map(str, load_grid(each, check=False).transformers.ids)) for each in (here[0], grid)
        )
    except GeoError:
        return False
    return len(one & other) * 2 > len(one)


def _relative(path: Path, folder: Path) -> str:
    """Roads of a case as a mapping names them: a file, or the folder of their tables."""
    known = path.parent if path.name.startswith("roads_") else path
    return known.relative_to(folder).as_posix()


def _settings(path: Path, time_zone: str) -> dict[str, str]:
    """Settings of the case in force; a policy that is a file of it stays there."""
    known = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) if path.exists() else {}
    found = {key: text_of(known[key]) for key in SETTINGS if key in known}
    if "." in found.get("policy", ""):
        del found["policy"]
    return found | ({"time_zone": time_zone} if time_zone else {})


def _still_open(questions: Iterable[str], tables: Mapping[str, TableSource]) -> tuple[str, ...]:
    return tuple(
        each for each in questions if not any(each.startswith(f"tables: {name}:") for name in tables)
    )


def _as_said(
    folder: Path, tables: dict[str, TableSource], kinds: Mapping[str, str]
) -> dict[str, TableSource]:
    """Tables as a person says that they are."""
    for file, kind in kinds.items():
        was = next((name for name, each in tables.items() if each.file == file), "")
        if kind in KINDS and kind != was:
            tables.pop(was, None)
            tables[kind] = TableSource(file=file, columns=_columns(folder / file, kind))
    return tables


def _stems(folder: Path, stem: str) -> list[Path]:
    """Files of a case folder by their name without ending; of tables of roads the nodes."""
    if not folder.is_dir():
        return []
    names = (stem, f"{stem}_nodes")
    return [each for each in sorted(folder.iterdir()) if each.name.partition(".")[0] in names]


def _columns(path: Path, kind: str) -> dict[str, str]:
    try:
        return names_of_columns(cut(path, KINDS[kind], Gathering(), None, CASE_SIZES).header, KINDS[kind])
    except Unreadable:
        return {}


def _headings(path: Path, kind: str) -> Headings:
    try:
        found = cut(path, KINDS[kind], Gathering(), None, CASE_SIZES)
    except Unreadable:
        return Headings(titles=(), samples={})
    titles = [title.strip() for title in found.header]
    named = names_of_columns(titles, KINDS[kind])
    hidden = {title for name, title in named.items() if name in PRIVATE}
    samples = {
        title: "" if title in hidden else ", ".join([cell[:40] for cell in cells[:200] if cell][:SAMPLES])
        for title, cells in zip(titles, found.columns, strict=True)
        if title
    }
    return Headings(titles=tuple(filter(None, titles)), samples=samples)


def attempt(mapping: CaseMapping, out: Path) -> Tried:
    """Carry out the mapping of a draft.

    Raises
    ------
    InputFaults
        With everything that is wrong; there is no case then.
    """
    made = import_case(mapping, out)
    case = made.case
    return Tried(
        brought=made.brought,
        notes=made.notes,
        aside=tuple(path.name for path in made.aside),
        counts=_counts(case),
        streets=_streets(case.roads),
        customers=_some(case.customers.lonlat),
        transformers=_some(np.column_stack([case.grid.transformers.lon, case.grid.transformers.lat])),
        depots=np.array([[each.lon, each.lat] for each in case.depots], dtype=np.float64),
    )


def _counts(case: Case) -> dict[str, int]:
    return {
        "customers": len(case.customers),
        "requests": len(case.requests),
        "crews": len(case.crews),
        "depots": len(case.depots),
        "transformers": len(case.grid.transformers),
        "switches": len(case.grid.switches),
    }


def _streets(roads: Roads) -> Floats:
    ends = np.column_stack(
        [roads.lon[roads.tail], roads.lat[roads.tail], roads.lon[roads.head], roads.lat[roads.head]]
    )
    return _some(ends, MOST_STREETS)


def _some(points: Floats, most: int = MOST_POINTS) -> Floats:
    """Some of many points, spread evenly."""
    if len(points) <= most:
        return points
    return points[np.linspace(0, len(points) - 1, most).astype(np.intp)]

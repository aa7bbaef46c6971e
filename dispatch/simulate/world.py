"""What all replications of a study share: the case, its supply tree, grades and drives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo import Fault

from ..ground.case import Case
from ..intake import load_case
from ..outages import SupplyTree, supply_tree
from ..triage.orders import Grades, grade_customers
from .drives import DriveBook, drive_book

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
COMPONENTS = ("overhead", "cable", "transformer", "lv_main")
ORDER_COMPONENT = {"overhead": "line", "cable": "cable", "transformer": "transformer", "lv_main": "lv_main"}


@dataclass(frozen=True, kw_only=True)
class Elements:
    """Everything that can break, in arrays of one length.

    Parameters
    ----------
    component : position in `COMPONENTS`.
    node : node of the supply tree that opens.
    exposure : how much there is to break: kilometres of line or cable, else 1.
    """

    ids: tuple[str, ...]
    component: Ints
    node: Ints
    exposure: Floats
    lon: Floats
    lat: Floats
    area: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class World:
    """A case made ready for thousands of made-up days."""

    case: Case
    tree: SupplyTree
    grades: Grades
    drives: DriveBook

    @cached_property
    def elements(self) -> Elements:
        """Everything that can break."""
        return _elements(self.case, self.tree)

    def fault(self, element: int, id_: str) -> Fault:
        """The grid's word for a broken element."""
        kind = COMPONENTS[int(self.elements.component[element])]
        place = self.elements.ids[element]
        if kind == "lv_main":
            return Fault(id=id_, kind="service", place=place)
        return Fault(id=id_, kind="transformer" if kind == "transformer" else "line", place=place)


def load_world(case_folder: Path, cache: Path | None = None) -> World:
    """Load a case and prepare what all replications share."""
    case = load_case(case_folder)
    return World(
        case=case,
        tree=supply_tree(case.grid, case.customers.table, case.beliefs),
        grades=grade_customers(case),
        drives=drive_book(case, cache),
    )


def _elements(case: Case, tree: SupplyTree) -> Elements:
    rows = [*_lines(case, tree), *_behind_transformers(case, tree)]
    ids, component, node, exposure, lon, lat = zip(*rows, strict=True)
    return Elements(
        ids=ids,
        component=np.asarray(component, dtype=np.int64),
        node=np.asarray(node, dtype=np.int64),
        exposure=np.asarray(exposure, dtype=np.float64),
        lon=np.asarray(lon, dtype=np.float64),
        lat=np.asarray(lat, dtype=np.float64),
        area=_areas(case, lon, lat),
    )


Row = tuple[str, int, int, float, float, float]


def _lines(case: Case, tree: SupplyTree) -> list[Row]:
    lines = case.grid.lines
    found: list[Row] = []
    for at, name in enumerate(lines.ids.tolist()):
        node = tree.lines.get(name)
        if node is None or not tree.customers[node]:
            continue
        component = COMPONENTS.index("cable" if lines.kind[at] == "cable" else "overhead")
        lon, lat = case.grid.place_of("line", name)
        found.append((name, component, node, float(lines.length_m[at]) / 1000, lon, lat))
    return found


def _behind_transformers(case: Case, tree: SupplyTree) -> list[Row]:
    found: list[Row] = []
    for node, kind in enumerate(tree.kinds):
        if kind not in ("transformer", "lv_main") or not tree.customers[node]:
            continue
        transformer = tree.ids[node if kind == "transformer" else int(tree.parent_idx[node])]
        lon, lat = case.grid.place_of("transformer", transformer)
        found.append((tree.ids[node], COMPONENTS.index(kind), node, 1.0, lon, lat))
    return found


def _areas(case: Case, lon: tuple[float, ...], lat: tuple[float, ...]) -> tuple[str, ...]:
    """The area of the nearest transformer's customers."""
    table = case.customers.table
    first = table.dropna(subset=["transformer"]).groupby("transformer", observed=True)["area"].first()
    known = [str(each) for each in case.grid.transformers.ids.tolist() if each in first.index]
    if not known:
        return ("",) * len(lon)
    places = np.asarray([case.grid.place_of("transformer", each) for each in known])
    _, nearest = cKDTree(places).query(np.stack([lon, lat], axis=1))
    return tuple(str(first[known[at]]) for at in nearest)

"""Drives of a study: between all transformers, switches and depots, computed once and kept in a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.roads.travel import network_hash

from ..ground.case import Case
from ..ground.drive import all_driven_s
from ..ground.problem import Travel
from ..ground.whole import written_whole

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
DESK = 0
# Who is under way on a road that a storm closes is stuck there: longer than any horizon, but no broken plan.
NO_ROAD_S = 10**7


def cache_folder() -> Path:
    """Where tables are kept between runs (`XDG_CACHE_HOME`, else `~/.cache`)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gridcrew"


@dataclass(frozen=True, kw_only=True)
class DriveBook:
    """Drive times between the places of a grid.

    A job elsewhere (on a line, at a customer) counts at the nearest of these places.

    Parameters
    ----------
    nodes : (n,) road nodes.
    lon, lat : (n,) degrees.
    durations_s : (n, n) int32, mapped from its file, so that processes share it.
    """

    nodes: Ints
    lon: Floats
    lat: Floats
    durations_s: NDArray[np.int32]

    @cached_property
    def _nearest(self) -> tuple[cKDTree, float]:
        shrink = float(np.cos(np.deg2rad(self.lat.mean())))
        return cKDTree(np.stack([self.lon * shrink, self.lat], axis=1)), shrink

    def places(self, lon: Sequence[float], lat: Sequence[float]) -> Ints:
        """Positions of the nearest places of the book."""
        tree, shrink = self._nearest
        _, found = tree.query(np.stack([np.asarray(lon) * shrink, np.asarray(lat)], axis=1))
        return np.asarray(found, dtype=np.int64)

    def travel(self, places: Ints, factor: float = 1.0) -> Travel:
        """Drives between some places as a problem's locations, behind the desk at location 0."""
        size = len(places) + 1
        table = np.full((size, size), NO_ROAD_S, dtype=np.int64)
        table[1:, 1:] = all_driven_s(self.durations_s[np.ix_(places, places)], factor)
        table[DESK, DESK] = 0
        return Travel(durations_s=table)


def drive_book(case: Case, folder: Path | None = None) -> DriveBook:
    """Every drive between the case's transformers, switches and depots, from the cache where it has them."""
    grid = case.grid
    spots = [grid.place_of("transformer", each) for each in grid.transformers.ids.tolist()]
    spots += [grid.place_of("switch", each) for each in grid.switches.ids.tolist()]
    spots += [(depot.lon, depot.lat) for depot in case.depots]
    where = np.asarray(spots, dtype=np.float64)
    nodes = np.unique(case.roads.snap(where[:, 0], where[:, 1]).node_idx).astype(np.int64)
    path = (folder or cache_folder()) / f"drives-{network_hash(case.roads, nodes)[:32]}.npy"
    if not path.exists():
        keep_table(path, case.roads.travel(nodes).durations_s.astype(np.int32))
    return DriveBook(
        nodes=nodes,
        lon=np.asarray(case.roads.lon[nodes], dtype=np.float64),
        lat=np.asarray(case.roads.lat[nodes], dtype=np.float64),
        durations_s=np.load(path, mmap_mode="r"),
    )


def keep_table(path: Path, table: NDArray[np.int32]) -> None:
    """Keep a table of drives, which others may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as file:
        np.save(file, table)

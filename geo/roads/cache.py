"""Travel tables kept in files, so that a study of a thousand days computes each of them once."""

from __future__ import annotations

import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from .network import Roads
from .travel import Ints, Progress, TravelTable, network_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelCache:
    """A folder of travel tables, each named by the hash of its network and its nodes.

    A table is written beside its place and then moved there, so that a reader never sees half
    of one and two writers do no harm. A file that cannot be read is computed afresh.
    """

    folder: Path

    def travel(self, roads: Roads, node_idx: ArrayLike, progress: Progress | None = None) -> TravelTable:
        """Return the driving between nodes (see `Roads.travel`), from the cache where it holds it."""
        nodes = np.asarray(node_idx, dtype=np.int64)
        path = self.path(roads, nodes)
        table = _read(path, len(nodes))
        if table is None:
            table = roads.travel(nodes, progress)
            _write(path, table)
        return table

    def path(self, roads: Roads, node_idx: Ints) -> Path:
        """Return the file in which the table of some nodes is or will be kept."""
        return self.folder / f"travel-{network_hash(roads, node_idx)[:32]}.npz"


def _read(path: Path, size: int) -> TravelTable | None:
    try:
        with np.load(path) as kept:
            table = TravelTable(
                durations_s=kept["durations_s"].astype(np.int64),
                distances_m=kept["distances_m"].astype(np.int64),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return table if table.durations_s.shape == (size, size) else None


def _write(path: Path, table: TravelTable) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".travel-", suffix=".npz")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file,
                durations_s=table.durations_s.astype(np.int32),
                distances_m=table.distances_m.astype(np.int32),
            )
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

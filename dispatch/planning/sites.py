"""Where jobs and crews are: road nodes, drives between them, and the operator's desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..ground.case import Case, CrewShift
from ..ground.drive import IMPASSABLE_S
from ..ground.problem import Travel
from .drafting import Draft


@dataclass(frozen=True, kw_only=True)
class Sites:
    """The problem's locations: the control room's desk first, then one per road node in use."""

    travel: Travel
    lonlat: tuple[tuple[float, float], ...]
    nodes: tuple[int, ...]
    job_location: Mapping[str, int]
    start_location: Mapping[str, int]
    depot_location: Mapping[str, int]

    DESK = 0


def lay_out(case: Case, drafts: Sequence[Draft], crews: Sequence[CrewShift]) -> Sites:
    """Snap everybody to the roads and compute every drive.

    Returns
    -------
    Sites
        Location 0 is the operator's desk, with node -1 and no road to anywhere.
    """
    field_jobs = [draft for draft in drafts if not draft.card.remote]
    depots = list(case.depots)
    lon = [d.card.lon for d in field_jobs] + [_lon(case, c) for c in crews] + [d.lon for d in depots]
    lat = [d.card.lat for d in field_jobs] + [_lat(case, c) for c in crews] + [d.lat for d in depots]
    snapped = case.roads.snap(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)).node_idx
    nodes, position = np.unique(snapped, return_inverse=True)
    at = [int(each) + 1 for each in position]
    jobs = {draft.card.id: index for draft, index in zip(field_jobs, at, strict=False)}
    jobs |= {draft.card.id: Sites.DESK for draft in drafts if draft.card.remote}
    first_depot = len(field_jobs) + len(crews)
    return Sites(
        travel=_travel(case, nodes),
        lonlat=((_desk(case)), *((float(case.roads.lon[n]), float(case.roads.lat[n])) for n in nodes)),
        nodes=(-1, *(int(node) for node in nodes)),
        job_location=jobs,
        start_location={crew.id: at[len(field_jobs) + k] for k, crew in enumerate(crews)},
        depot_location={depot.id: at[first_depot + k] for k, depot in enumerate(depots)},
    )


def _travel(case: Case, nodes: np.ndarray) -> Travel:
    table = case.roads.travel(nodes)
    size = len(nodes) + 1
    # Nobody drives to the operator's desk, and the operator drives nowhere.
    durations_s = np.full((size, size), IMPASSABLE_S, dtype=np.int64)
    distances_m = np.zeros((size, size), dtype=np.float64)
    durations_s[1:, 1:] = table.durations_s
    distances_m[1:, 1:] = table.distances_m
    durations_s[0, 0] = 0
    return Travel(durations_s=durations_s, distances_m=distances_m)


def _desk(case: Case) -> tuple[float, float]:
    return case.depots[0].lon, case.depots[0].lat


def _lon(case: Case, crew: CrewShift) -> float:
    return crew.lon if crew.lon is not None else case.depot_by_id[crew.depot].lon


def _lat(case: Case, crew: CrewShift) -> float:
    return crew.lat if crew.lat is not None else case.depot_by_id[crew.depot].lat

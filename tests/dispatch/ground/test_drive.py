"""One drive has one length, whoever asks."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dispatch.ground.drive import all_driven_s, driven_s
from dispatch.planning.main_road import plan_day
from dispatch.sheets.drives import Drives
from dispatch.solver.kernels.arrays import build
from tests.prepared import small_case


@pytest.mark.parametrize(("travel_s", "factor", "lasts_s"), [(50, 1.1, 55), (100, 1.1, 110), (7, 1.1, 8)])
def test_a_product_of_whole_seconds_is_not_a_second_longer(
    travel_s: int, factor: float, lasts_s: int
) -> None:
    assert driven_s(travel_s, factor) == lasts_s
    assert all_driven_s(np.array([travel_s]), factor).tolist() == [lasts_s]


def test_the_sum_the_sheet_and_the_search_have_the_same_drives(tmp_path: Path) -> None:
    case = small_case()
    case = replace(case, crews=tuple(replace(crew, speed_factor=1.1) for crew in case.crews))
    day = plan_day(case, work=60, processes=1)
    # Every drive a multiple of ten seconds: ten times 1.1 is a whole number that floating point misses.
    tens = np.asarray(day.problem.travel.matrix_s) // 10 * 10
    problem = replace(day.problem, travel=replace(day.problem.travel, durations_s=tens))
    legs = build(problem)[0].legs
    speeds = sorted({crew.speed_factor for crew in problem.crews})
    for crew in problem.crews:
        table = legs[speeds.index(crew.speed_factor)].ravel().tolist()
        assert set(table) <= {crew.drive_s(each) for each in np.unique(tens).tolist()}


def test_the_total_of_a_day_is_the_sum_of_its_sheets(tmp_path: Path) -> None:
    case = small_case()
    case = replace(case, crews=tuple(replace(crew, speed_factor=1.1) for crew in case.crews))
    day = plan_day(case, work=60, processes=1)
    travel, total_s = day.problem.travel, 0
    for route in day.plan.routes:
        crew = day.problem.crew_by_id[route.crew]
        stops = [route.start, *(day.problem.job_by_id[visit.job].location for visit in route.visits)]
        stops += [crew.end] if route.visits and crew.end is not None else []
        total_s += sum(crew.drive_s(travel.between(a, b)) for a, b in pairwise(stops))
        assert sum(leg.drive_s for leg in Drives(day, route).legs) == sum(
            crew.drive_s(travel.between(a, b)) for a, b in pairwise(stops)
        )
    assert total_s > 0
    assert day.summary.drive_min * 60 == pytest.approx(total_s)

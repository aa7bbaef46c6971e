"""The faults behind the demonstration days, and whether planning finds them in the calls."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dispatch.ground.day import OpenDay
from dispatch.intake import load_case
from dispatch.planning.main_road import open_day

sys.path.insert(0, str(Path(__file__).parent))
from supply import read

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module", params=["coquimbo", "oberrhein"])
def case_and_day(request: pytest.FixtureRequest) -> tuple[Path, OpenDay]:
    folder = DATA / request.param
    return folder, open_day(load_case(folder))


def test_every_large_fault_is_found_at_its_device(case_and_day: tuple[Path, OpenDay]) -> None:
    folder, day = case_and_day
    truth = read(folder / "truth.csv")
    large = set(truth.loc[truth["customers_out"].astype(int) >= 500, "protecting_device"])
    assert large
    assert large <= {outage.device for outage in day.outages}


def test_about_as_many_outages_are_found_as_there_are(case_and_day: tuple[Path, OpenDay]) -> None:
    folder, day = case_and_day
    faults = len(read(folder / "truth.csv"))
    assert 0.8 * faults <= len(day.outages) <= 1.25 * faults


def test_requests_that_are_not_about_outages_come_too(case_and_day: tuple[Path, OpenDay]) -> None:
    _, day = case_and_day
    assert {"metering", "hazard", "inspection"} <= {order.kind for order in day.orders}

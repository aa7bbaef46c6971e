"""What was believed is compared with what was found, moment by moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dispatch.outages import Call, Device, SupplyTree, build_tree
from dispatch.outages.doubt.calibration import AFTER_MIN, FoundOutage, calibrations

START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def tree() -> SupplyTree:
    """One breaker over twenty transformers of 40 customers each."""
    customers = [(f"T{n}-{c}", f"T{n}", None) for n in range(20) for c in range(40)]
    table = pd.DataFrame(customers, columns=["id", "transformer", "lv_main"]).set_index("id")
    return build_tree([Device(id="CB", kind="breaker")], {f"T{n}": "CB" for n in range(20)}, table)


def found(place: str, *calls: tuple[str, float]) -> FoundOutage:
    at = [(customer, START + timedelta(minutes=after)) for customer, after in calls]
    heard = [Call(id=f"R{n}", at=moment, place=customer) for n, (customer, moment) in enumerate(at)]
    return FoundOutage(place=place, calls=tuple(heard))


FEEDER = found("CB", *((f"T{n}-1", n / 4) for n in range(20)))


def test_beliefs_harden_from_moment_to_moment(tree: SupplyTree) -> None:
    moments = calibrations(tree, [FEEDER])
    assert tuple(each.after_min for each in moments) == AFTER_MIN
    assert moments[0].chance < 0.5 < moments[-1].chance
    assert (moments[0].named, moments[-1].named) == (0.0, 1.0)
    assert moments[0].log < moments[-1].log <= 0
    assert moments[0].brier > moments[-1].brier


def test_calls_that_came_later_were_not_known(tree: SupplyTree) -> None:
    late = found("T1", ("T1-1", 0), *((f"T1-{n}", 20.0) for n in range(2, 12)))
    first, *_, last = calibrations(tree, [late])
    assert (first.named, last.named) == (0.0, 1.0)


def test_an_outage_that_nobody_called_about_says_nothing(tree: SupplyTree) -> None:
    assert calibrations(tree, [found("T1")]) == ()
    assert calibrations(tree, [found("T1"), FEEDER])[0].outages == 1


def test_a_chance_that_comes_true_as_often_as_it_says_has_no_error(tree: SupplyTree) -> None:
    assert calibrations(tree, [FEEDER])[-1].error < 0.05

"""Two feeders that meet at a tie:

S1 --[B1]-- a --[SW1]-- b --[TIE]-- c --[B2]-- S2     a transformer at each of a, b, c
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dispatch.ground.day import Outage
from dispatch.ground.errors import InputFaults
from dispatch.outages.planned import PlannedEffect, PlannedOutage, plan_outage
from geo import Fault, Grid

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
START = NOW + timedelta(days=10)
STATE_GRID = {"everybody": 7 * 24.0, "first": 7 * 24.0, "special": 12 * 24.0}


@pytest.fixture
def grid() -> Grid:
    """The grid drawn above."""
    buses = pd.DataFrame(
        [
            (name, 0.01 * n, 0.0, "source" if name[0] == "S" else "bus")
            for n, name in enumerate(["S1", "a1", "a2", "b1", "b2", "c1", "c2", "S2"])
        ],
        columns=["id", "lon", "lat", "kind"],
    )
    lines = pd.DataFrame(
        [("LA", "a1", "a2", 500), ("LB", "b1", "b2", 500), ("LC", "c1", "c2", 500)],
        columns=["id", "from_bus", "to_bus", "length_m"],
    )
    switches = pd.DataFrame(
        [
            ("B1", "S1", "a1", "breaker", "remote", "closed"),
            ("SW1", "a2", "b1", "switch", "manual", "closed"),
            ("TIE", "b2", "c2", "switch", "remote", "open"),
            ("B2", "S2", "c1", "breaker", "remote", "closed"),
        ],
        columns=["id", "from_bus", "to_bus", "kind", "control", "normal"],
    )
    transformers = pd.DataFrame(
        [("TA", "a2", 400), ("TB", "b1", 400), ("TC", "c1", 400)], columns=["id", "bus", "rating_kva"]
    )
    return Grid.from_tables(buses, lines, switches, transformers)


@pytest.fixture
def customers() -> pd.DataFrame:
    """Three customers behind each transformer; the first of TB is special, of TA first grade."""
    rows = [(f"{name}-{n}", name) for name in ("TA", "TB", "TC") for n in (1, 2, 3)]
    return pd.DataFrame(rows, columns=["id", "transformer"]).set_index("id")


GRADES = [
    "first",
    "ordinary",
    "ordinary",
    "special",
    "ordinary",
    "ordinary",
    "ordinary",
    "ordinary",
    "ordinary",
]


def planned(
    *places: str, close: tuple[str, ...] = (), name: str = "P1", start: datetime = START
) -> PlannedOutage:
    """Four hours of work."""
    return PlannedOutage(
        id=name, start=start, end=start + timedelta(hours=4), open_places=places, close_devices=close
    )


def effect(grid: Grid, customers: pd.DataFrame, plan: PlannedOutage, **more: object) -> PlannedEffect:
    """What the plan does."""
    return plan_outage(grid, customers, GRADES, plan, STATE_GRID, NOW, **more)  # type: ignore[arg-type]


def test_opening_a_breaker_takes_its_feeder_out(grid: Grid, customers: pd.DataFrame) -> None:
    found = effect(grid, customers, planned("B1"))
    assert (found.transformers, found.customers_out, found.feeders) == (("TA", "TB"), 6, ("B1",))
    assert found.customer_minutes == 6 * 240


def test_a_tie_keeps_the_rest_supplied(grid: Grid, customers: pd.DataFrame) -> None:
    found = effect(grid, customers, planned("LA", close=("TIE",)))
    assert found.transformers == ("TA",)
    assert [(step.device, step.action) for step in found.switching] == [
        ("B1", "open"),
        ("SW1", "open"),
        ("TIE", "close"),
    ]


def test_important_customers_are_told_first_and_by_their_own_period(
    grid: Grid, customers: pd.DataFrame
) -> None:
    found = effect(grid, customers, planned("B1"))
    assert [(each.customer, each.grade, each.late) for each in found.notices] == [
        ("TB-1", "special", True),
        ("TA-1", "first", False),
    ]
    assert found.notices[1].due == START - timedelta(days=7)
    assert found.public_due == START - timedelta(days=7)
    assert [each.kind for each in found.conflicts] == ["notice_too_late"]


def test_a_running_fault_on_the_feeder_is_a_conflict(grid: Grid, customers: pd.DataFrame) -> None:
    def outage(name: str, *transformers: str) -> Outage:
        return Outage(
            id=name,
            fault=Fault(id=name, kind="transformer", place=transformers[0]),
            since=NOW,
            requests=(),
            transformers=transformers,
            customers_out=3,
            component="transformer",
        )

    here, there = outage("O1", "TB"), outage("O2", "TC")
    far = effect(grid, customers, planned("B1", start=START + timedelta(days=9)), running=[there])
    assert far.conflicts == ()
    found = effect(
        grid, customers, planned("LA", close=("TIE",), start=START + timedelta(days=9)), running=[here, there]
    )
    assert [(each.kind, each.other) for each in found.conflicts] == [
        ("running_fault", "O1"),
        ("tie_feeder", "O2"),
    ]


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (planned("SW1", name="P2"), "same_feeder"),
        (planned("B1", name="P2"), "same_device"),
        (planned("B2", name="P2"), "tie_feeder"),
        (planned("B1", name="P2", start=START + timedelta(hours=4)), None),
    ],
)
def test_plans_at_the_same_time_conflict(
    grid: Grid, customers: pd.DataFrame, other: PlannedOutage, kind: str | None
) -> None:
    plan = planned("B1", close=("TIE",))
    found = [each.kind for each in effect(grid, customers, plan, others=[plan, other]).conflicts]
    assert [each for each in found if each != "notice_too_late"] == ([kind] if kind else [])


def test_all_that_is_wrong_with_a_plan_is_said_at_once(grid: Grid, customers: pd.DataFrame) -> None:
    wrong = PlannedOutage(id="P9", start=START, end=START, open_places=("B11",), close_devices=("TIA",))
    with pytest.raises(InputFaults) as caught:
        effect(grid, customers, wrong)
    text = str(caught.value)
    assert "must be after its start" in text
    assert "unknown device, section or line 'B11'" in text
    assert "did you mean 'TIE'?" in text

"""The supply tree of a grid, and inference on a case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dispatch.ground.beliefs import USUAL, Beliefs
from dispatch.ground.case import Customers, Request
from dispatch.outages import Finding, build_tree, calls_from, infer_outages, supply_tree
from dispatch.outages.supply import kept_tree
from dispatch.outages.tree import Device
from geo import Grid

NOW = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)


def grid_of(present: str = "closed", tie: str = "open") -> Grid:
    """A breaker, a switch, a fuse on a cable spur; the breaker stands as `present` says.

    S1 --[B1]-- a --[SW]-- b --[FU]-- c      S2 --[TIE]-- b
               TA          TB         TC
    """
    names = "S1 a1 a2 b1 b2 c1 c2 S2".split()  # noqa: SIM905
    buses = pd.DataFrame(
        [(name, 0.01 * n, 0.0, "source" if name[0] == "S" else "bus") for n, name in enumerate(names)],
        columns=["id", "lon", "lat", "kind"],
    )
    lines = pd.DataFrame(
        [
            ("LA", "a1", "a2", 2000, "overhead"),
            ("LB", "b1", "b2", 1000, "overhead"),
            ("LC", "c1", "c2", 500, "cable"),
        ],
        columns=["id", "from_bus", "to_bus", "length_m", "kind"],
    )
    switches = pd.DataFrame(
        [
            ("B1", "S1", "a1", "breaker", "remote", "closed", present),
            ("SW", "a2", "b1", "switch", "manual", "closed", "closed"),
            ("FU", "b2", "c1", "fuse", "manual", "closed", "closed"),
            ("TIE", "S2", "b1", "switch", "remote", "open", tie),
        ],
        columns=["id", "from_bus", "to_bus", "kind", "control", "normal", "present"],
    )
    transformers = pd.DataFrame(
        [("TA", "a2", 400), ("TB", "b1", 400), ("TC", "c2", 400)], columns=["id", "bus", "rating_kva"]
    )
    return Grid.from_tables(buses, lines, switches, transformers, check=False)


def customers() -> pd.DataFrame:
    """Thirty customers behind each transformer, two mains at TC."""
    rows = [
        (f"{name}-{n}", name, f"{name}-M{n % 2}" if name == "TC" else None)
        for name in ("TA", "TB", "TC")
        for n in range(30)
    ]
    return pd.DataFrame(rows, columns=["id", "transformer", "lv_main"]).set_index("id")


@dataclass(frozen=True)
class Held:
    """A grid and its customers, as a case holds them."""

    grid: Grid
    customers: Customers
    beliefs: Beliefs = USUAL


@dataclass(frozen=True)
class Told:
    """A classified request."""

    request: Request
    kind: str = "outage"
    customer: str | None = None
    transformer: str | None = None


def told(name: str, minutes: float, kind: str = "outage", customer: str | None = None) -> Told:
    """A request so many minutes before now."""
    request = Request(id=name, received_at=NOW - timedelta(minutes=minutes), words="no light")
    return Told(request=request, kind=kind, customer=customer)


def held(grid: Grid) -> Held:
    """The case."""
    return Held(grid=grid, customers=Customers(table=customers()))


def test_switches_are_no_part_of_the_tree() -> None:
    tree = supply_tree(grid_of(), customers())
    above = [tree.ids[node] for node in tree.above(tree.node_by_id["TC"])]
    assert above == ["TC", "FU", "B1"]
    assert tree.transformers_beneath(tree.node_by_id["B1"]) == ("TA", "TB", "TC")
    assert tree.customers[tree.node_by_id["FU"]] == 30


def test_the_first_device_of_a_feeder_opens_whatever_it_is() -> None:
    grid = grid_of()
    kinds = grid.switches.kind.copy()
    kinds[grid.switch_at["B1"]] = "switch"
    tree = supply_tree(replace(grid, switches=replace(grid.switches, kind=kinds)), customers())
    assert tree.kinds[tree.node_by_id["B1"]] == "breaker"


def test_lines_lie_in_the_zone_of_the_device_above_them() -> None:
    tree = supply_tree(grid_of(), customers())
    zone = {line: tree.ids[node] for line, node in tree.lines.items()}
    assert zone == {"LA": "B1", "LB": "B1", "LC": "FU"}
    assert (tree.first_line["B1"], tree.components["B1"]) == ("LA", "line")
    assert (tree.first_line["FU"], tree.components["FU"]) == ("LC", "cable")
    # 3 km of overhead line at 0.07 a year.
    assert tree.faults_per_year[tree.node_by_id["B1"]] == pytest.approx(0.21)


def test_a_main_of_its_own_is_one_with_its_transformer() -> None:
    table = customers()
    table.loc[table["transformer"] == "TA", "lv_main"] = "TA-M0"
    tree = supply_tree(grid_of(), table)
    assert "TA-M0" not in tree.node_by_id
    assert {"TC-M0", "TC-M1"} <= set(tree.ids)


def test_a_tripped_breaker_is_an_outage_without_a_call() -> None:
    (outage,) = infer_outages(held(grid_of(present="open")), [], NOW)
    assert (outage.device, outage.customers_out, outage.confirmed) == ("B1", 90, False)
    assert (outage.fault.kind, outage.fault.place, outage.component) == ("line", "LA", "line")


def test_a_breaker_opened_while_a_tie_feeds_the_rest_has_not_tripped() -> None:
    assert infer_outages(held(grid_of(present="open", tie="closed")), [], NOW) == ()


def test_only_outage_calls_at_a_known_place_count() -> None:
    requests = [told("R1", 5, customer="TA-1"), told("R2", 5), told("R3", 5, kind="enquiry", customer="TA-2")]
    assert [call.id for call in calls_from(requests)] == ["R1"]
    (outage,) = infer_outages(held(grid_of()), requests, NOW)
    assert outage.requests == ("R1",)


def test_a_fault_found_on_a_line_is_put_there() -> None:
    found = Finding(place="LC", state="fault", at=NOW - timedelta(minutes=1), cause="Cable fault")
    (outage,) = infer_outages(held(grid_of()), [], NOW, findings=[found])
    assert (outage.device, outage.fault.place, outage.confirmed, outage.cause) == (
        "FU",
        "LC",
        True,
        "Cable fault",
    )


def test_customers_on_no_transformer_are_outages_of_their_own() -> None:
    table = customers()
    table.loc["TA-1", "transformer"] = None
    tree = supply_tree(grid_of(), table)
    assert tree.customer_node_idx[tree.row_of_customer("TA-1")] == -1


def test_devices_above_themselves_are_refused() -> None:
    circle = [Device(id="A", kind="fuse", parent="B"), Device(id="B", kind="fuse", parent="A")]
    with pytest.raises(ValueError, match="stands above itself"):
        build_tree(circle, {}, customers())
    with pytest.raises(ValueError, match="no device 'X'"):
        build_tree([Device(id="A", kind="fuse", parent="X")], {}, customers())


def test_the_tree_is_built_again_only_for_another_grid_other_customers_or_beliefs() -> None:
    grid, table = grid_of(), Customers(table=customers())
    tree = kept_tree(Held(grid=grid, customers=table))
    assert kept_tree(Held(grid=grid, customers=table, beliefs=Beliefs())) is tree
    assert kept_tree(Held(grid=grid_of(), customers=table)) is not tree
    assert kept_tree(held(grid)) is not tree
    assert kept_tree(Held(grid=grid, customers=table, beliefs=Beliefs(calling_share=0.5))) is not tree


def test_a_tree_believes_what_its_case_believes() -> None:
    rare = Beliefs(transformer_faults_per_year=0.001, line_faults_per_km_year=0.7)
    usual, told = supply_tree(grid_of(), customers()), supply_tree(grid_of(), customers(), rare)
    transformers = [at for at, kind in enumerate(told.kinds) if kind == "transformer"]
    assert set(told.faults_per_year[transformers]) == {0.001}
    breaker = told.node_by_id["B1"]
    assert told.faults_per_year[breaker] > 5 * usual.faults_per_year[breaker]

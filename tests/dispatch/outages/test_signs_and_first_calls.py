"""The first minute and signs that contradict one another: one voice is no feeder, the newest word counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.outages import Call, Finding, Sign, SupplyTree, infer_on_tree
from dispatch.outages.evidence import SIGNS_COUNT, standing_signs

START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
TreeOf = Callable[[str], SupplyTree]

TOWN = """
CB breaker
  R recloser
    F1 fuse
      T1 transformer 40
      T2 transformer 40
    F2 fuse
      T3 transformer
        M3a lv_main 20
        M3b lv_main 20
      T4 transformer 40
  T5 transformer 600
  T6 transformer 600
"""


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def signs(kind: str, place: str, many: int, minutes: float) -> list[Sign]:
    return [Sign(kind=kind, place=f"{place}-{n}", at=at(minutes)) for n in range(1, many + 1)]  # type: ignore[arg-type]


def places(outages: Iterable[object]) -> set[str]:
    return {str(outage.id).removeprefix("O-") for outage in outages}  # type: ignore[attr-defined]


@pytest.mark.parametrize("minutes", [0, 1, 5, 30])
@pytest.mark.parametrize("extent", [None, "one"])
@pytest.mark.parametrize("place", ["T1-1", "M3a-7", "T5-3"])
def test_one_call_is_no_feeder_from_the_first_second(
    tree_of: TreeOf, minutes: float, extent: str | None, place: str
) -> None:
    call = Call(id="R1", at=START, place=place, extent=extent)  # type: ignore[arg-type]
    (outage,) = infer_on_tree(tree_of(TOWN), [call], at(minutes))
    assert outage.customers_out == 1
    assert outage.component == "service"


def test_the_feeder_stays_an_alternative_at_first_and_fades_with_silence(tree_of: TreeOf) -> None:
    tree, call = tree_of(TOWN), Call(id="R1", at=START, place="T1-1")

    def chance(minutes: float) -> float:
        (outage,) = infer_on_tree(tree, [call], at(minutes))
        return sum(each.score for each in outage.alternatives if each.place in ("CB", "R", "F1"))

    assert 0 < chance(0) < 0.5
    assert chance(10) < chance(0)


def test_calls_from_all_over_name_the_feeder_within_minutes(tree_of: TreeOf) -> None:
    calls = [Call(id=f"R{n}", at=at(n / 10), place=f"T{1 + n % 6}-{n + 1}") for n in range(30) if n % 6 != 2]
    assert "CB" in places(infer_on_tree(tree_of(TOWN), calls, at(4)))


def test_only_my_flat_and_the_whole_street_weigh_against_each_other(tree_of: TreeOf) -> None:
    def score(extent: str | None) -> float:
        calls = [Call(id=f"R{n}", at=at(n), place=f"M3a-{n}", extent=extent) for n in (1, 2)]  # type: ignore[arg-type]
        outages = infer_on_tree(tree_of(TOWN), calls, at(15))
        return sum(outage.score for outage in outages if outage.component != "service")

    assert score("one") < score(None) <= score("many") + 1e-9
    assert score("many") > 0.9


def test_meters_that_are_back_send_nobody(tree_of: TreeOf) -> None:
    told = [*signs("last_gasp", "T1", 40, 0), *signs("supply_on", "T1", 40, 0.5)]
    assert infer_on_tree(tree_of(TOWN), [], at(10), signs=told) == ()
    assert infer_on_tree(tree_of(TOWN), [], at(10), signs=told[::-1]) == ()


def test_meters_that_gasp_again_are_out(tree_of: TreeOf) -> None:
    told = [*signs("supply_on", "T1", 40, 0), *signs("last_gasp", "T1", 40, 5)]
    (outage,) = infer_on_tree(tree_of(TOWN), [], at(10), signs=told)
    assert outage.transformers == ("T1",)


def test_the_same_word_twice_counts_once() -> None:
    gasp = Sign(kind="last_gasp", place="T1-1", at=START)
    assert standing_signs([gasp, gasp, gasp], at(1)) == (gasp,)


def test_a_sign_of_days_ago_does_not_come_back_when_what_took_it_back_has_aged(tree_of: TreeOf) -> None:
    told = signs("last_gasp", "T1", 40, 0)
    later = START + SIGNS_COUNT + timedelta(minutes=1)
    assert infer_on_tree(tree_of(TOWN), [], later, signs=told) == ()


@pytest.mark.parametrize("heard_of_the_trip", [True, False])
def test_a_successful_reclose_makes_no_outage(tree_of: TreeOf, heard_of_the_trip: bool) -> None:
    gasps = [
        *signs("last_gasp", "T1", 30, 0.1),
        *signs("last_gasp", "T4", 25, 0.1),
        *signs("last_gasp", "M3b", 9, 0.2),
    ]
    device = [Sign(kind="closed", place="R", at=at(0.5))]
    if heard_of_the_trip:
        device.insert(0, Sign(kind="tripped", place="R", at=START))
    assert infer_on_tree(tree_of(TOWN), [], at(3), signs=[*gasps, *device]) == ()


def test_a_fuse_that_blew_during_the_reclose_stays_out(tree_of: TreeOf) -> None:
    told = [
        Sign(kind="tripped", place="R", at=START),
        *[sign for name in ("T1", "T2", "T4") for sign in signs("last_gasp", name, 38, 0.1)],
        Sign(kind="closed", place="R", at=at(0.5)),
        *signs("supply_on", "T4", 36, 0.8),
    ]
    assert places(infer_on_tree(tree_of(TOWN), [], at(5), signs=told)) == {"F1"}


def test_one_transformers_meters_stay_out_though_the_feeder_says_that_it_is_closed(tree_of: TreeOf) -> None:
    told = [*signs("last_gasp", "T1", 38, 0), Sign(kind="closed", place="CB", at=at(1))]
    (outage,) = infer_on_tree(tree_of(TOWN), [], at(5), signs=told)
    assert outage.transformers == ("T1",)


def test_who_calls_after_the_reclose_is_heard(tree_of: TreeOf) -> None:
    told = [
        Sign(kind="tripped", place="R", at=START),
        *signs("last_gasp", "T1", 30, 0.1),
        *signs("last_gasp", "T4", 30, 0.1),
        Sign(kind="closed", place="R", at=at(0.5)),
    ]
    (outage,) = infer_on_tree(tree_of(TOWN), [Call(id="R1", at=at(4), place="T1-7")], at(20), signs=told)
    assert outage.customers == ("T1-7",)


def test_a_device_that_trips_again_is_open(tree_of: TreeOf) -> None:
    told = [Sign(kind=kind, place="R", at=at(n)) for n, kind in enumerate(("tripped", "closed", "tripped"))]  # type: ignore[arg-type]
    assert places(infer_on_tree(tree_of(TOWN), [], at(9), signs=told)) == {"R"}


def test_a_crews_word_stands_above_a_reclose(tree_of: TreeOf) -> None:
    found = [Finding(place="T1", state="fault", at=at(2))]
    told = [Sign(kind="tripped", place="R", at=START), Sign(kind="closed", place="R", at=at(0.5))]
    (outage,) = infer_on_tree(tree_of(TOWN), [], at(5), signs=told, findings=found)
    assert (outage.id, outage.confirmed) == ("O-T1", True)

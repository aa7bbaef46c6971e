from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dispatch.ground.day import Outage
from dispatch.outages import Call, Finding, Sign, SupplyTree, infer_on_tree

START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
TreeOf = Callable[[str], SupplyTree]

FEEDER = """
CB breaker
  F1 fuse
    T1 transformer 40
    T2 transformer 40
  F2 fuse
    T3 transformer
      M3a lv_main 20
      M3b lv_main 20
    T4 transformer 40
  T5 transformer 60
"""


def at(minutes: float) -> datetime:
    """A moment so many minutes after 18:00."""
    return START + timedelta(minutes=minutes)


def calls_of(*groups: tuple[str, int], every_min: float = 2.0, first_min: float = 0.0) -> list[Call]:
    """The first so many customers of each place call, the places in turn."""
    most = max(count for _, count in groups)
    names = [f"{place}-{n}" for n in range(1, most + 1) for place, count in groups if n <= count]
    return [
        Call(id=f"R{first_min:g}/{name}", at=at(first_min + every_min * k), place=name)
        for k, name in enumerate(names)
    ]


def places(outages: tuple[Outage, ...]) -> set[str]:
    """The outages' places."""
    return {outage.id.removeprefix("O-") for outage in outages}


def test_no_calls_are_no_outage(tree_of: TreeOf) -> None:
    assert infer_on_tree(tree_of(FEEDER), [], at(0)) == ()


def test_one_call_is_a_fault_of_one_service(tree_of: TreeOf) -> None:
    (outage,) = infer_on_tree(tree_of(FEEDER), calls_of(("T1", 1)), at(30))
    assert (outage.component, outage.customers, outage.customers_out) == ("service", ("T1-1",), 1)
    assert outage.transformers == ()


def test_several_calls_of_one_main_are_a_fault_of_the_main(tree_of: TreeOf) -> None:
    (outage,) = infer_on_tree(tree_of(FEEDER), calls_of(("M3a", 6)), at(30))
    assert (outage.id, outage.component, outage.customers_out) == ("O-M3a", "lv_main", 20)
    assert outage.customers is not None
    assert len(outage.customers) == 20


def test_calls_of_one_transformer_name_the_transformer(tree_of: TreeOf) -> None:
    (outage,) = infer_on_tree(tree_of(FEEDER), calls_of(("T1", 10)), at(30))
    assert (outage.fault.kind, outage.fault.place) == ("transformer", "T1")
    assert outage.transformers == ("T1",)
    assert len(outage.requests) == 10


def test_calls_of_both_transformers_name_the_fuse_above(tree_of: TreeOf) -> None:
    (outage,) = infer_on_tree(tree_of(FEEDER), calls_of(("T1", 8), ("T2", 8), every_min=1), at(30))
    assert (outage.device, outage.transformers) == ("F1", ("T1", "T2"))
    assert outage.score > 0.8


def test_calls_from_everywhere_name_the_breaker(tree_of: TreeOf) -> None:
    calls = calls_of(("T1", 6), ("T2", 7), ("M3a", 4), ("M3b", 3), ("T4", 6), ("T5", 9), every_min=0.7)
    (outage,) = infer_on_tree(tree_of(FEEDER), calls, at(30))
    assert (outage.device, outage.customers_out) == ("CB", 220)
    assert len(outage.transformers) == 5


def test_groups_merge_upward_as_calls_come_in(tree_of: TreeOf) -> None:
    tree = tree_of(FEEDER)
    calls = calls_of(("T1", 6), every_min=2) + calls_of(("T2", 6), every_min=2, first_min=13)
    assert places(infer_on_tree(tree, calls, at(12))) == {"T1"}
    assert places(infer_on_tree(tree, calls, at(30))) == {"F1"}


def test_groups_split_when_the_rest_stays_silent(tree_of: TreeOf) -> None:
    tree = tree_of(FEEDER.replace("T2 transformer 40", "T2 transformer 250"))
    calls = calls_of(("T1", 2), ("T2", 1), every_min=1)
    assert places(infer_on_tree(tree, calls, at(3))) == {"F1"}
    calls += calls_of(("T1", 9), every_min=5, first_min=10)
    assert places(infer_on_tree(tree, calls, at(90))) == {"T1", "T2-1"}


def test_two_fuses_far_apart_in_time_are_two_outages(tree_of: TreeOf) -> None:
    calls = calls_of(("T1", 8), ("T2", 8), every_min=1)
    calls += calls_of(("M3a", 4), ("M3b", 4), ("T4", 8), every_min=1, first_min=240)
    assert places(infer_on_tree(tree_of(FEEDER), calls, at(300))) == {"F1", "F2"}


def test_a_nested_outage_keeps_its_own_earlier_start(tree_of: TreeOf) -> None:
    early = calls_of(("T1", 12), every_min=2)
    late = calls_of(("T2", 10), ("M3a", 5), ("M3b", 5), ("T4", 10), ("T5", 14), every_min=1, first_min=180)
    found = infer_on_tree(tree_of(FEEDER), early + late, at(240))
    by_place = {outage.id: outage for outage in found}
    assert set(by_place) == {"O-T1", "O-CB"}
    assert by_place["O-T1"].since == at(0)
    assert by_place["O-CB"].since == at(180)
    assert by_place["O-CB"].customers_out == 180
    assert "T1" not in by_place["O-CB"].transformers


def test_every_call_is_in_exactly_one_outage(tree_of: TreeOf) -> None:
    calls = calls_of(("T1", 3), ("T4", 1), ("T5", 20), every_min=1)
    found = infer_on_tree(tree_of(FEEDER), calls, at(60))
    assert sorted(each for outage in found for each in outage.requests) == sorted(call.id for call in calls)


def test_one_call_among_hundreds_elsewhere_is_in_an_outage_whatever_it_says(tree_of: TreeOf) -> None:
    tree = tree_of("CB1 breaker\n  T1 transformer 300\nCB2 breaker\n  T2 transformer 300\n")
    storm = calls_of(("T1", 250), every_min=1.7)
    alone = [Call(id=f"A{n}", at=at(n), place=f"T2-{n}", extent="many") for n in (35, 212, 390)]
    found = infer_on_tree(tree, [*storm, *alone], at(3000))
    held = [each for outage in found for each in outage.requests]
    assert sorted(held) == sorted(call.id for call in [*storm, *alone])


def test_what_is_said_beneath_one_source_changes_nothing_beneath_another(tree_of: TreeOf) -> None:
    tree = tree_of(
        FEEDER.replace("CB", "CB1")
        + FEEDER.strip().replace("CB", "CB2").replace("T", "X").replace("F", "G").replace("M", "N")
    )
    here, there = (
        calls_of(("T1", 9), ("M3a", 2)),
        calls_of(("X4", 30), ("N3b", 1), first_min=7, every_min=1.3),
    )
    both = infer_on_tree(tree, [*here, *there], at(90))
    apart = {*infer_on_tree(tree, here, at(90)), *infer_on_tree(tree, there, at(90))}
    assert set(both) == apart


def test_a_crew_at_work_holds_its_place_and_says_nothing_of_its_cause(tree_of: TreeOf) -> None:
    calls = calls_of(("M3a", 8), every_min=1)
    held = Finding(place="M3a-1", state="held", at=calls[0].at)
    found = {
        outage.fault.place: outage
        for outage in infer_on_tree(tree_of(FEEDER), calls, at(60), findings=[held])
    }
    assert found.keys() == {"M3a", "M3a-1"}
    assert not found["M3a-1"].confirmed


def test_a_caller_who_was_asked_and_said_no_is_still_out(tree_of: TreeOf) -> None:
    (call,) = calls_of(("T1", 1))
    back = Finding(place="F1", state="restored", at=at(30))
    assert infer_on_tree(tree_of(FEEDER), [call], at(60), findings=[back]) == ()
    again = Call(id=call.id, at=at(50), place=call.place)
    (found,) = infer_on_tree(tree_of(FEEDER), [again], at(60), findings=[back])
    assert found.requests == (call.id,)


def test_a_trip_signal_names_the_device_at_the_first_call(tree_of: TreeOf) -> None:
    trip = Sign(kind="tripped", place="CB", at=at(0))
    (outage,) = infer_on_tree(tree_of(FEEDER), calls_of(("T1", 1), first_min=1), at(2), signs=[trip])
    assert outage.device == "CB"


def test_last_gasps_name_the_transformer_without_a_call(tree_of: TreeOf) -> None:
    gasps = [Sign(kind="last_gasp", place=f"T1-{n}", at=at(0)) for n in range(1, 20)]
    (outage,) = infer_on_tree(tree_of(FEEDER), [], at(3), signs=gasps)
    assert outage.fault.place == "T1"


def test_meters_that_answer_hold_the_suspicion_down(tree_of: TreeOf) -> None:
    calls = calls_of(("T1", 8), ("T2", 1), every_min=1)
    pings = [Sign(kind="supply_on", place=f"T2-{n}", at=at(29)) for n in range(20, 30)]
    assert places(infer_on_tree(tree_of(FEEDER), calls, at(30))) == {"F1"}
    assert places(infer_on_tree(tree_of(FEEDER), calls, at(30), signs=pings)) == {"T1", "T2-1"}


def test_a_meter_with_supply_clears_its_caller(tree_of: TreeOf) -> None:
    ping = Sign(kind="supply_on", place="T1-1", at=at(5))
    assert infer_on_tree(tree_of(FEEDER), calls_of(("T1", 1)), at(10), signs=[ping]) == ()


def test_a_crews_finding_overrides_the_calls(tree_of: TreeOf) -> None:
    calls = calls_of(("T1", 14), ("T2", 14), every_min=0.8)
    sound = Finding(place="F1", state="sound", at=at(25))
    assert places(infer_on_tree(tree_of(FEEDER), calls, at(30), findings=[sound])) == {"T1", "T2"}
    calls += calls_of(("T4", 4), ("M3a", 2), ("T5", 6), every_min=1, first_min=5)
    fault = Finding(place="CB", state="fault", at=at(25), cause="Cable fault")
    (outage,) = infer_on_tree(tree_of(FEEDER), calls, at(30), findings=[fault])
    assert (outage.device, outage.confirmed, outage.cause, outage.score) == ("CB", True, "Cable fault", 1.0)


def test_restored_customers_leave_no_outage(tree_of: TreeOf) -> None:
    back = Finding(place="T1", state="restored", at=at(60))
    assert infer_on_tree(tree_of(FEEDER), calls_of(("T1", 12)), at(70), findings=[back]) == ()


def test_a_restored_customer_who_calls_again_is_still_out(tree_of: TreeOf) -> None:
    back = Finding(place="T1", state="restored", at=at(60))
    calls = calls_of(("T1", 12)) + calls_of(("T1", 1), first_min=65)
    (outage,) = infer_on_tree(tree_of(FEEDER), calls, at(70), findings=[back])
    assert (outage.component, outage.customers, outage.requests) == ("service", ("T1-1",), ("R65/T1-1",))


def test_a_place_that_fails_again_is_a_new_outage(tree_of: TreeOf) -> None:
    back = Finding(place="T1", state="restored", at=at(60))
    calls = calls_of(("T1", 12)) + calls_of(("T1", 12), first_min=120)
    (outage,) = infer_on_tree(tree_of(FEEDER), calls, at(150), findings=[back])
    assert outage.id == "O-T1-2"


def test_what_is_known_open_beneath_stays_out_when_the_feeder_is_back(tree_of: TreeOf) -> None:
    calls = calls_of(("T1", 10), ("T2", 10), ("T5", 14), ("T4", 10), ("M3a", 5), ("M3b", 5), every_min=0.5)
    findings = [
        Finding(place="CB", state="fault", at=at(30)),
        Finding(place="T1", state="fault", at=at(40), cause="Transformer burn out"),
        Finding(place="CB", state="restored", at=at(60)),
    ]
    (outage,) = infer_on_tree(tree_of(FEEDER), calls, at(70), findings=findings)
    assert (outage.id, outage.confirmed, outage.customers_out) == ("O-T1", True, 40)


def test_a_call_at_a_transformer_without_a_customer_still_counts(tree_of: TreeOf) -> None:
    (outage,) = infer_on_tree(
        tree_of(FEEDER), [Call(id="R1", at=at(0), place="T4", is_customer=False)], at(5)
    )
    assert (outage.requests, outage.customers_out, outage.customers) == (("R1",), 1, ())


def test_alternatives_name_what_else_the_calls_may_mean(tree_of: TreeOf) -> None:
    (outage, *_) = infer_on_tree(tree_of(FEEDER), calls_of(("T1", 3), every_min=2), at(5))
    names = {outage.device or outage.fault.place, *(each.place for each in outage.alternatives)}
    assert {"F1", "T1"} <= names
    assert 0 <= sum(each.score for each in outage.alternatives) + outage.score <= 2.0

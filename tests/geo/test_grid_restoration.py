"""What brings supply back, on grids small enough to see the answer."""

from __future__ import annotations

import random

import pytest

from geo import Fault, GeoError, SwitchAction, check_switching, restore, switching_list

# two feeders that can help each other
PAIR = """
S1 [B1] a
a -- a1
a1 100
a1 |M1| b
b -- b1
b1 100
b1 |M2| c
c -- c1
c1 100
c1 /T1/ z
S2 [B2] z
z 200
"""


def line(place: str, name: str = "f") -> Fault:
    return Fault(id=name, kind="line", place=place)


def ways(found, transformer: str) -> set[frozenset[str]]:
    (block,) = [block for block in found.blocks if transformer in block.transformers]
    return set(block.ways)


def way(*steps: str) -> frozenset[str]:
    return frozenset(steps)


def test_fault_in_the_middle_restores_both_sides_by_switching(grid_of):
    found = restore(grid_of(PAIR), [line("b-b1")])
    assert ways(found, "Ta1") == {way("repair:f"), way("open:M1", "close:B1")}
    assert ways(found, "Tb1") == {way("repair:f")}
    assert ways(found, "Tc1") == {way("repair:f"), way("open:M2", "close:T1")}
    assert found.steps["close:T1"].after == ("open:M2",)
    assert found.steps["close:B1"].after == ("open:M1",)
    assert (found.steps["close:B1"].remote, found.steps["open:M1"].remote) == (True, False)
    assert found.steps["close:T1"].towards == "c1"


def test_repairing_everything_is_the_first_way_and_the_only_one_without_switching(grid_of):
    grid = grid_of(PAIR)
    assert restore(grid, [line("b-b1")]).blocks[0].ways[0] == way("repair:f")
    found = restore(grid, [line("b-b1")], switching=False)
    assert [block.ways for block in found.blocks] == [(way("repair:f"),)]
    assert set(found.steps) == {"repair:f"}


def test_tie_that_cannot_carry_the_part_is_not_offered(grid_of):
    found = restore(grid_of(PAIR.replace("S2 [B2] z", "S2 [B2] z @280")), [line("b-b1")])
    assert ways(found, "Tc1") == {way("repair:f")}
    light = {"Tc1": 70, "Tz": 200}
    found = restore(grid_of(PAIR.replace("S2 [B2] z", "S2 [B2] z @280")), [line("b-b1")], load_kw=light)
    assert way("open:M2", "close:T1") in ways(found, "Tc1")
    found = restore(grid_of(PAIR.replace("c1 /T1/ z", "c1 /T1/ z @99")), [line("b-b1")])
    assert ways(found, "Tc1") == {way("repair:f")}
    found = restore(grid_of(PAIR.replace("c -- c1", "c -- c1 @99")), [line("a-a1")])
    assert way("open:M1", "close:T1") not in ways(found, "Tb1")


def test_two_ties_share_the_capacity_of_one_feeder(grid_of):
    # two feeders lose 100 kW each; the third has room for one of them
    text = """
    S1 [B1] a
    a -- a1
    a1 |M1| b
    b 100
    b /T1/ z
    S2 [B2] c
    c -- c1
    c1 |M2| d
    d 100
    d /T2/ z
    S3 [B3] z @350
    z 200
    """
    grid = grid_of(text)
    faults = [line("a-a1", "f1"), line("c-c1", "f2")]
    offered = [way("open:M1", "close:T1") in ways(restore(grid, faults), "Tb")]
    offered.append(way("open:M2", "close:T2") in ways(restore(grid, faults), "Td"))
    assert sorted(offered) == [False, True]
    both = restore(grid, faults, load_kw={"Tb": 70, "Td": 70})
    assert way("open:M1", "close:T1") in ways(both, "Tb")
    assert way("open:M2", "close:T2") in ways(both, "Td")


def test_part_of_a_section_chain_is_fed_when_the_tie_cannot_carry_all(grid_of):
    text = """
    S1 [B1] a
    a -- a1
    a1 |M1| b
    b 100
    b |M2| c
    c 100
    c |M3| d
    d 100
    d /T1/ z
    S2 [B2] z @{room}
    z 200
    """

    def offers(room: int) -> dict[str, set[frozenset[str]]]:
        found = restore(grid_of(text.replace("{room}", str(room))), [line("a-a1")])
        return {name: ways(found, name) - {way("repair:f")} for name in ("Tb", "Tc", "Td")}

    everything, part = way("open:M1", "close:T1"), way("open:M2", "close:T1")
    assert offers(500) == {"Tb": {everything}, "Tc": {everything}, "Td": {everything}}
    assert offers(499) == {"Tb": set(), "Tc": {part}, "Td": {part}}
    assert offers(399) == {"Tb": set(), "Tc": set(), "Td": {way("open:M3", "close:T1")}}
    assert offers(299) == {"Tb": set(), "Tc": set(), "Td": set()}


def test_nested_faults_need_both_repairs_or_a_detour(grid_of):
    found = restore(grid_of(PAIR), [line("a-a1", "f1"), line("b-b1", "f2")])
    assert ways(found, "Ta1") == {way("repair:f1", "repair:f2"), way("repair:f1", "open:M1")}
    assert ways(found, "Tb1") == {
        way("repair:f1", "repair:f2"),
        way("open:M1", "repair:f2", "open:M2", "close:T1"),
    }
    assert way("open:M2", "close:T1") in ways(found, "Tc1")


def test_remote_device_far_from_the_fault_and_manual_one_near_it_are_both_offered(grid_of):
    text = """
    S1 [B1] a
    a 10
    a {Q1} b
    b 10
    b |M1| c
    c -- c1
    c1 10
    """
    found = restore(grid_of(text), [line("c-c1")])
    assert ways(found, "Ta") == {way("repair:f"), way("open:Q1", "close:B1")}
    assert ways(found, "Tb") == {way("repair:f"), way("open:M1", "open:Q1", "close:B1")}


def test_fault_behind_a_fuse_leaves_the_feeder_alone(grid_of):
    found = restore(grid_of("S1 [B1] a\na 10\na <F1> b\nb -- b1\nb1 10"), [line("b-b1")])
    assert [(block.transformers, block.ways) for block in found.blocks] == [(("Tb1",), (way("repair:f"),))]
    assert found.steps["repair:f"].actions[0].device == "F1"


def test_faulty_transformer_has_a_block_of_its_own(grid_of):
    grid = grid_of(PAIR)
    faults = [line("b-b1"), Fault(id="t", kind="transformer", place="Tc1")]
    found = restore(grid, faults)
    assert ways(found, "Tc1") == {way("repair:f", "repair:t"), way("open:M2", "close:T1", "repair:t")}
    alone = restore(grid, faults[1:])
    assert [(block.transformers, block.ways) for block in alone.blocks] == [(("Tc1",), (way("repair:t"),))]


def test_generator_is_a_way_for_the_transformer_that_may_have_one(grid_of):
    found = restore(grid_of(PAIR), [line("b-b1")], generators_at=["Tb1", "Tz"])
    assert ways(found, "Tb1") == {way("repair:f"), way("generator:Tb1")}
    assert found.steps["generator:Tb1"].transformer == "Tb1"
    assert "generator:Tz" not in found.steps
    with pytest.raises(GeoError, match="unknown transformer; did you mean 'Tb1'"):
        restore(grid_of(PAIR), [], generators_at=["Tb11"])


def test_low_voltage_circuit_needs_its_own_repair_on_top(grid_of):
    grid = grid_of(PAIR + "b1 lv x\nx lv y")
    found = restore(grid, [line("x-y", "m"), line("b-b1")])
    (block,) = [block for block in found.blocks if block.lv_mains]
    assert block.lv_mains == ("b1-x", "x-y")
    assert set(block.ways) == {way("repair:m", "repair:f")}
    alone = restore(grid, [line("x-y", "m")])
    assert [(b.transformers, b.lv_mains, b.ways) for b in alone.blocks] == [
        ((), ("b1-x", "x-y"), (way("repair:m"),))
    ]


def test_service_fault_is_a_step_and_no_block(grid_of):
    found = restore(grid_of(PAIR), [Fault(id="s", kind="service", place="house 7", lon=7.9, lat=48.4)])
    assert found.blocks == ()
    assert (found.steps["repair:s"].lon, found.steps["repair:s"].kind) == (7.9, "repair")


def test_no_faults_no_blocks(grid_of):
    found = restore(grid_of(PAIR), [])
    assert (found.blocks, dict(found.steps)) == ((), {})


def test_exact_place_of_damage_is_where_the_crew_goes(grid_of):
    found = restore(grid_of(PAIR), [Fault(id="f", kind="line", place="b-b1", lon=7.5, lat=48.1)])
    assert (found.steps["repair:f"].lon, found.steps["repair:f"].lat) == (7.5, 48.1)


def test_number_of_ways_is_capped_and_keeps_the_repair(grid_of):
    text = "S1 [B1] a\na -- a1\na1 |M0| b\nb 10\n" + "".join(
        f"S{k} [C{k}] z{k}\nb /T{k}/ z{k}\n" for k in range(2, 12)
    )
    found = restore(grid_of(text), [line("a-a1")])
    assert len(ways(found, "Tb")) == 6
    assert found.blocks[0].ways[0] == way("repair:f")
    assert len(ways(restore(grid_of(text), [line("a-a1")], most_ways=3), "Tb")) == 3


def test_grid_with_a_loop_is_refused(grid_of):
    grid = grid_of(PAIR + "a1 |M9| b", check=False)
    with pytest.raises(GeoError, match="not radial as it is run"):
        restore(grid, [line("a-a1")])


def test_same_faults_give_the_same_answer_in_any_order(grid_of):
    grid = grid_of(PAIR)
    faults = [line("a-a1", "f1"), line("b-b1", "f2"), line("c-c1", "f3")]
    first = restore(grid, faults)
    random.Random(4).shuffle(faults)
    again = restore(grid, faults)
    assert {b.transformers: set(b.ways) for b in first.blocks} == {
        b.transformers: set(b.ways) for b in again.blocks
    }


def test_switching_list_opens_before_it_closes_and_recloses_after_the_repair(grid_of):
    grid, faults = grid_of(PAIR), [line("b-b1")]
    found = restore(grid, faults)
    moves = switching_list(grid, faults, found, ["open:M2", "close:T1", "open:M1", "close:B1", "repair:f"])
    told = [(move.step, [f"{action.action} {action.device}" for action in move.actions]) for move in moves]
    assert told[:4] == [
        ("open:M2", ["open M2"]),
        ("close:T1", ["close T1"]),
        ("open:M1", ["open M1"]),
        ("close:B1", ["close B1"]),
    ]
    # after the repair its section is put back from one side; the tie stays as it is
    assert told[4] in [("repair:f", ["close M1"]), ("repair:f", ["close M2"])]
    operations = [action for move in moves[:4] for action in move.actions] + ["f", *moves[4].actions]
    assert check_switching(grid, operations, faults) == ()


def test_step_that_came_too_late_operates_nothing(grid_of):
    grid, faults = grid_of(PAIR), [line("b-b1")]
    found = restore(grid, faults)
    moves = switching_list(grid, faults, found, ["repair:f", "open:M2", "close:T1"])
    assert [len(move.actions) for move in moves] == [1, 0, 0]


def test_switching_list_refuses_a_wrong_order(grid_of):
    grid, faults = grid_of(PAIR), [line("b-b1")]
    found = restore(grid, faults)
    with pytest.raises(GeoError, match="'close:T1' comes after open:M2"):
        switching_list(grid, faults, found, ["close:T1", "open:M2"])
    with pytest.raises(GeoError, match="unknown step 'open:M22'; did you mean 'open:M2'"):
        switching_list(grid, faults, found, ["open:M22"])


def action(device: str, what: str) -> SwitchAction:
    return SwitchAction(device=device, action=what, remote=False, lon=0, lat=0, name=device)


@pytest.mark.parametrize(
    ("operations", "codes"),
    [
        ([action("T1", "close")], ["onto_fault"]),
        ([action("B1", "close")], ["onto_fault"]),
        ([action("M2", "open"), action("T1", "close")], []),
        ([action("M1", "open"), action("B1", "close"), action("M2", "open"), action("T1", "close")], []),
        (["f", action("B1", "close"), action("T1", "close")], ["loop"]),
        ([action("B2", "open")], ["drops_supply"]),
        ([action("B1", "open")], ["no_change"]),
    ],
)
def test_breaches_of_a_switching_list_are_named(grid_of, operations, codes):
    found = check_switching(grid_of(PAIR), operations, [line("b-b1")])
    assert [violation.code for violation in found] == codes


def test_loop_is_allowed_with_permission_and_broken_devices_are_not(grid_of):
    grid = grid_of(PAIR)
    closing = ["f", action("B1", "close"), action("T1", "close")]
    assert check_switching(grid, closing, [line("b-b1")], loops_allowed=["T1"]) == ()
    broken = Fault(id="t", kind="switch", place="T1")
    found = check_switching(grid, [action("M2", "open"), action("T1", "close")], [line("b-b1"), broken])
    assert [violation.code for violation in found] == ["broken"]

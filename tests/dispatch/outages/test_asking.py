"""Whom to ask: neighbours whose answer tells the named device from the one above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from dispatch.outages import Call, Finding, Sign, SupplyTree, infer_on_tree, whom_to_ask

NOW = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)
TreeOf = Callable[[str], SupplyTree]

STREET = """
CB breaker
  F1 fuse
    T1 transformer
      M1a lv_main 20
      M1b lv_main 3
    T2 transformer 30
"""


def called(*places: str) -> list[Call]:
    """Calls half an hour ago, a minute apart."""
    return [
        Call(id=f"R{number}", at=NOW - timedelta(minutes=30 - number), place=place)
        for number, place in enumerate(places)
    ]


def named(tree: SupplyTree, calls: Sequence[Call], signs: Sequence[Sign] = ()) -> set[str]:
    """Places that are named with these answers."""
    return {each.id.removeprefix("O-") for each in infer_on_tree(tree, calls, NOW, signs=signs)}


def answered(customers: Sequence[str], *, dark: bool) -> list[Sign]:
    """What customers say when they are asked."""
    return [Sign(kind="supply_off" if dark else "supply_on", place=each, at=NOW) for each in customers]


def test_where_only_one_main_has_called_a_customer_of_the_other_is_asked(tree_of: TreeOf) -> None:
    tree, calls = tree_of(STREET), called("M1a-1", "M1a-2", "M1a-3", "M1a-4")
    questions = whom_to_ask(tree, infer_on_tree(tree, calls, NOW), known={each.place for each in calls})
    assert {each.customer for each in questions} == {"M1b-1", "M1b-2"}
    assert {(each.named, each.above) for each in questions} == {("M1a", "T1")}


def test_the_answers_move_the_outage_up_or_keep_it(tree_of: TreeOf) -> None:
    tree, calls = tree_of(STREET), called("M1a-1", "M1a-2", "M1a-3", "M1a-4")
    assert named(tree, calls) == {"M1a"}
    assert named(tree, calls, answered(["M1b-1", "M1b-2"], dark=True)) == {"T1"}
    assert named(tree, calls, answered(["M1b-1", "M1b-2"], dark=False)) == {"M1a"}


def test_neighbours_asked_hang_on_different_branches(tree_of: TreeOf) -> None:
    tree = tree_of("CB breaker\n  T1 transformer 9\n  T2 transformer 9\n  T3 transformer 9")
    calls = called(*(f"T1-{n}" for n in range(1, 6)))
    questions = whom_to_ask(tree, infer_on_tree(tree, calls, NOW), doubtful_below=1.1)
    assert sorted(each.customer for each in questions) == ["T2-1", "T3-1"]


def test_a_place_with_the_same_customers_is_passed_over(tree_of: TreeOf) -> None:
    tree = tree_of("CB breaker\n  F1 fuse\n    T1 transformer 8\n  T2 transformer 8")
    calls = called(*(f"T1-{n}" for n in range(1, 5)))
    (first, *_) = whom_to_ask(tree, infer_on_tree(tree, calls, NOW), doubtful_below=1.1)
    assert (first.above, first.customer) == ("CB", "T2-1")


def test_nobody_is_asked_about_what_a_crew_has_found(tree_of: TreeOf) -> None:
    tree, calls = tree_of(STREET), called("M1a-1", "M1a-2")
    found = infer_on_tree(tree, calls, NOW, findings=[Finding(place="M1a", state="fault", at=NOW)])
    assert whom_to_ask(tree, found, doubtful_below=1.1) == ()


def test_who_has_spoken_is_not_asked(tree_of: TreeOf) -> None:
    tree, calls = tree_of(STREET), called("M1a-1", "M1a-2", "M1a-3")
    outages = infer_on_tree(tree, calls, NOW)
    questions = whom_to_ask(tree, outages, known={"M1b-1", "M1b-2", "M1b-3"})
    assert questions == ()


def test_of_one_outage_alone_neighbours_are_named_in_sight_of_the_others(tree_of: TreeOf) -> None:
    tree, calls = tree_of(STREET), called("M1a-1", "M1a-2", "M1a-3", "M1a-4")
    found = infer_on_tree(tree, calls, NOW)
    whole = whom_to_ask(tree, found, doubtful_below=1.1)
    assert whom_to_ask(tree, found, doubtful_below=1.1, only=[found[0].id]) == tuple(
        each for each in whole if each.outage == found[0].id
    )
    assert whom_to_ask(tree, found, doubtful_below=1.1, only=[]) == ()

"""Figures beside what the same work usually gives: hard work makes nobody look bad."""

from __future__ import annotations

from dispatch.service.adjusted import adjusted


def items(who: str, kind: str, good: int, bad: int) -> list[tuple[str, str, float]]:
    return [(who, kind, 1.0)] * good + [(who, kind, 0.0)] * bad


def test_whoever_gets_the_hard_work_is_as_expected() -> None:
    # Storm work fails half the time for everybody; day work hardly ever.
    work = [*items("a", "storm", 20, 20), *items("a", "day", 9, 1)]
    work += [*items("b", "storm", 5, 5), *items("b", "day", 36, 4)]
    one, other = adjusted(work)
    assert one.mean < other.mean - 0.15
    assert (round(one.expected, 2), one.differs, other.differs) == (round(one.mean, 2), "", "")


def test_what_chance_hardly_explains_is_named_and_few_say_nothing() -> None:
    work = [*items("a", "day", 10, 30), *items("b", "day", 40, 0), *items("c", "day", 0, 3)]
    found = {each.who: each for each in adjusted(work)}
    assert (found["a"].differs, found["b"].differs) == ("worse", "better")
    assert (found["c"].few, found["c"].differs) == (True, "")


def test_work_that_nobody_else_does_is_compared_with_nothing() -> None:
    (only,) = adjusted(items("a", "cable", 2, 20))
    assert (only.few, only.mean == only.expected) == (True, True)

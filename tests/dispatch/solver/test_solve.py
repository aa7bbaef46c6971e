"""One call of `solve`: its parts, its limits, and what is left of it when it is interrupted."""

from __future__ import annotations

import pytest

from dispatch.bench.generate import outage_storm
from dispatch.check import judge
from dispatch.solver import PARTS, solve


@pytest.mark.parametrize("part", PARTS)
def test_every_part_can_be_left_out_and_the_plan_still_keeps_the_rules(part: str) -> None:
    problem = outage_storm(30, 4, 1)
    plan = solve(problem, work=200, processes=1, without=frozenset({part}))
    assert judge(problem, plan).violations == ()


def test_a_part_that_does_not_exist_is_an_error_that_names_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"magic.*exchange"):
        solve(outage_storm(5, 2, 1), work=1, without=frozenset({"magic"}))

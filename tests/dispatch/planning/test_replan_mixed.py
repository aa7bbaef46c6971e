"""Re-plans of problems with every feature mixed break no rule, whatever the plan in force was."""

from __future__ import annotations

import pytest

from dispatch.bench.mixed import mixed_problem
from dispatch.judge.check import judge
from dispatch.planning.replan import replan
from dispatch.solver import solve


@pytest.mark.parametrize("seed", range(12))
def test_a_re_plan_of_a_mixed_problem_breaks_no_rule(seed: int) -> None:
    problem = mixed_problem(seed)
    plan = solve(problem, work=30, seed=1, processes=1)
    routes = {route.crew: [visit.job for visit in route.visits] for route in plan.routes}
    again = replan(problem, [routes.get(crew.id, []) for crew in problem.crews], work=30)
    assert again.status == "infeasible" or not judge(problem, again).violations

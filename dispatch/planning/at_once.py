"""A first plan on a machine where nothing is compiled yet: by the dispatcher's rule, in a second."""

from __future__ import annotations

from collections.abc import Sequence

from ..ground.plan import Plan
from ..ground.problem import Problem
from ..judge.check import judge
from ..judge.timing import plan_of
from ..solver.compiling import compile_beside
from ..solver.ready import is_compiled_for_replans
from ..solver.starts.by_rule import rule_plan


def plan_at_once(problem: Problem, routes: Sequence[Sequence[str]] | None) -> Plan | None:
    """A sound plan without anything compiled; the compiling goes on beside it.

    Parameters
    ----------
    problem : what is to be planned.
    routes : in force, in the problem's order of crews; None where there are none.

    Returns
    -------
    Plan or None
        The cheaper of the rule's plan and the routes in force; None where everything is compiled,
        or where neither keeps every rule: then the search has to be waited for.
    """
    if is_compiled_for_replans():
        return None
    compile_beside()
    plans = [rule_plan(problem)]
    if routes is not None:
        kept = {crew.id: list(jobs) for crew, jobs in zip(problem.crews, routes, strict=True)}
        plans.append(plan_of(problem, kept))
    sound = [plan for plan in plans if judge(problem, plan).feasible]
    return min(sound, key=lambda plan: plan.cost, default=None)

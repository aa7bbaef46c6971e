"""`check` and `explain` as Python programs call them: the problem and the plan are looked at first."""

from __future__ import annotations

from ..ground.plan import Plan
from ..ground.problem import Problem
from ..ground.verdict import Verdict
from ..soundness.door import sound_jobs, sound_plan, sound_problem
from . import explain as explaining
from .check import judge
from .findings import Explanation


def check(problem: Problem, plan: Plan) -> Verdict:
    """Recompute a plan's cost and name every rule it breaks.

    Parameters
    ----------
    problem : its fields may also be lists, numpy arrays and scalars, and pandas tables.
    plan : any plan, also one made or edited by hand; only its routes are read.

    Returns
    -------
    Verdict
        `violations` is empty where the plan is feasible. The cost is given in
        either case: a job served twice is charged once, by its last finish.

    Raises
    ------
    ProblemFaults
        With every fault of the problem, or of the plan's routes; it is a ValueError.
    """
    sound = sound_problem(problem)
    return judge(sound, sound_plan(sound, plan))


def explain(problem: Problem, plan: Plan, job: str, other: str | None = None) -> Explanation:
    """Explain a job's place in a plan, or with `other` the order of two jobs.

    Parameters
    ----------
    problem : its fields may also be lists, numpy arrays and scalars, and pandas tables.
    plan : a plan of it, whether it keeps the rules or not.
    job : the job's id.
    other : another job's id, to be told why one of them comes first; None for the job alone.

    Returns
    -------
    Explanation
        Findings as codes and sentences, with what each alternative would cost.

    Raises
    ------
    ProblemFaults
        With every fault of the problem, or of the plan's routes; it is a ValueError.
    UnknownJob
        Where the problem has no such job; it is a ProblemFaults and a KeyError.
    """
    sound = sound_problem(problem)
    sound_jobs(sound, {"job": job} if other is None else {"job": job, "other": other})
    return explaining.explain(sound, sound_plan(sound, plan), job, other)

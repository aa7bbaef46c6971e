"""A first plan on a machine where nothing is compiled yet: by the dispatcher's rule, in a second."""

from __future__ import annotations

from collections.abc import Sequence

from ..ground.plan import Plan
from ..ground.problem import Job, Problem
from ..judge.check import judge
from ..judge.timing import plan_of
from ..judge.trials import Scene
from ..solver.compiling import compile_beside
from ..solver.ready import is_compiled_for_replans
from ..solver.starts.by_rule import rule_plan

# Every trial of a large day takes some hundredths of a second: more of them would keep a caller waiting.
MOST_NEW, MOST_CREWS, MOST_PLACES = 8, 4, 3
# An outage left out costs far more than this; a service or two, that one plan does and another not, far less.
MUCH = 2.0


def plan_at_once(problem: Problem, routes: Sequence[Sequence[str]] | None) -> Plan | None:
    """A sound plan without anything compiled; the compiling goes on beside it.

    Parameters
    ----------
    problem : what is to be planned.
    routes : in force, in the problem's order of crews; None where there are none.

    Returns
    -------
    Plan or None
        The routes in force with new work put in, as long as they keep every rule and do not leave
        out more than twice what the rule's plan leaves out; else the rule's plan. None where
        everything is compiled, or where neither keeps every rule: then the search has to be
        waited for.
    """
    if is_compiled_for_replans():
        return None
    compile_beside()
    anew = rule_plan(problem)
    by_rule = judge(problem, anew)
    if routes is not None:
        in_force = {crew.id: list(jobs) for crew, jobs in zip(problem.crews, routes, strict=True)}
        kept = with_new_work(problem, plan_of(problem, in_force))
        verdict = judge(problem, kept)
        # The rule's plan is of the same kind: crews are not sent about for what it gains by chance.
        leaves_much_out = verdict.parts["dropped"] > MUCH * by_rule.parts["dropped"]
        if verdict.feasible and not (by_rule.feasible and leaves_much_out and anew.cost < kept.cost):
            return kept
    return anew if by_rule.feasible else None


def with_new_work(problem: Problem, plan: Plan) -> Plan:
    """A plan with the dearest work that it leaves out put where it costs least; nothing else moves.

    Without it the plan in force would leave a new call out, lose against a new plan by the rule, and the
    call about one flat would move half of the day.
    """
    served = {visit.job for route in plan.routes for visit in route.visits}
    left = [
        job for job in problem.jobs if job.id not in served and job.drop_cost != 0 and job.crews_needed == 1
    ]
    left.sort(key=lambda job: (job.drop_cost is not None, -(job.drop_cost or 0), job.id))
    for job in left[:MOST_NEW]:
        plan = with_job(problem, plan, job)
    return plan


def with_job(problem: Problem, plan: Plan, job: Job) -> Plan:
    """The plan with one more job, or as it was where no crew can do it, or leaving it out costs less."""
    scene = Scene(problem, plan)
    able = [crew for crew in problem.crews if job.skills <= crew.skills]
    trials = [scene.best_insertion(job, crew, MOST_PLACES) for crew in scene.nearest(job, able)[:MOST_CREWS]]
    sound = [trial for trial in trials if trial is not None and not trial.violations]
    best = min(sound, key=lambda trial: trial.added_cost, default=None)
    if best is None or (job.drop_cost is not None and best.added_cost >= job.drop_cost):
        return plan
    routes = {crew: list(jobs) for crew, jobs in scene.routes.items()}
    routes[best.crew].insert(best.position, job.id)
    return plan_of(problem, routes)

"""Why a plan is as it is, told from the problem and the plan alone.

For a job left out: what keeps each crew from it, and the cheapest changes that would get it in (`helps`).
For a job that is served: who else could do it, and what that would cost more.
For two jobs: what exchanging their places would cost. In English and Chinese,
and as data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..ground.plan import Dropped, Plan, Reason
from ..ground.problem import Crew, Job, Problem
from .check import judge
from .findings import (
    Explanation,
    Finding,
    Text,
    breaks_rule,
    cost_of,
    lacks_skills,
    lacks_stock,
    minutes,
    never_reaches,
)
from .helps import what_would_help
from .timing import timed
from .trials import Scene, Trial

MOST_OTHERS = 3
NEAR = 4  # positions tried in each route where many jobs are explained at once
MOST_TRIED = 6  # crews tried then
NO_TIME = Reason(code="no_time", text="There was no time to find out why; `gridcrew explain` tells.")


def explain(problem: Problem, plan: Plan, job: str, other: str | None = None) -> Explanation:
    """Explain a job's place in a plan, or with `other` the order of two jobs.

    Parameters
    ----------
    problem : the problem.
    plan : a plan of it, checked or not.
    job : the job's id.
    other : another job's id, to be told why one of them comes first; None for the job alone.

    Returns
    -------
    Explanation
        Findings as codes and sentences, with what each alternative would cost; for a job left
        out also what would get it in.

    Raises
    ------
    KeyError
        Where the problem has no such job.
    """
    wanted = problem.job_by_id[job]
    scene = Scene(problem, plan)
    if other is not None:
        return _exchange(scene, wanted, problem.job_by_id[other])
    if job in scene.crew_of:
        return _served(scene, wanted)
    return replace(_left_out(scene, wanted, near=None), helps=what_would_help(problem, plan, job))


def reasons_for_dropped(
    problem: Problem, plan: Plan, enough: Callable[[], bool] | None = None
) -> tuple[Dropped, ...]:
    """The jobs that a plan leaves out, each with the main reasons why.

    Parameters
    ----------
    enough : asked before each job; once it turns True, the rest are listed without being looked into.
    """
    served = {visit.job for route in plan.routes for visit in route.visits}
    if all(job.id in served for job in problem.jobs):
        return ()
    scene = Scene(problem, plan)
    found = []
    for job in problem.jobs:
        if job.id not in scene.crew_of and enough is not None and enough():
            found.append(Dropped(job=job.id, reasons=(NO_TIME,)))
        elif job.id not in scene.crew_of:
            answer = _left_out(scene, job, near=NEAR)
            reasons = {
                finding.code: Reason(code=finding.code, text=finding.text.en)
                for finding in reversed(answer.findings)
            }
            found.append(Dropped(job=job.id, reasons=tuple(reversed(reasons.values()))))
    return tuple(found)


def who_could_take(problem: Problem, plan: Plan, job: str, most: int = MOST_OTHERS) -> tuple[Trial, ...]:
    """The best crews for a job that is not yet in the plan, the cheapest first.

    Crews that would break a rule come after those that would not.

    Parameters
    ----------
    problem, plan : the plan and what it is a plan of.
    job : id of a job that no route holds.
    most : how many crews to name.

    Returns
    -------
    tuple of Trial
        A crew each, with the change of cost; those without skill, stock or a way there are left out.
    """
    scene, wanted = Scene(problem, plan), problem.job_by_id[job]
    able = [crew for crew in problem.crews if _static_reason(scene, wanted, crew) is None]
    trials = [scene.best_insertion(wanted, crew, near=NEAR - 1) for crew in able]
    known = [trial for trial in trials if trial is not None]
    return tuple(sorted(known, key=lambda trial: (len(trial.violations), trial.added_cost))[:most])


def _left_out(scene: Scene, job: Job, near: int | None) -> Explanation:
    findings = [found for crew in scene.problem.crews if (found := _static_reason(scene, job, crew))]
    barred = {finding.crew for finding in findings}
    able = [crew for crew in scene.problem.crews if crew.id not in barred]
    general = _general_reasons(scene, job, len(able))
    if near is not None:
        able = scene.nearest(job, able)[:MOST_TRIED]
    trials = [trial for crew in able if (trial := scene.best_insertion(job, crew, near))]
    dynamic = [_trial_reason(scene, job, trial) for trial in _ranked(trials)]
    findings = [*general, *dynamic, *findings]
    return Explanation(
        job=job.id, status="left_out", summary=_summary_left_out(job, findings), findings=tuple(findings)
    )


def _ranked(trials: Sequence[Trial]) -> list[Trial]:
    return sorted(trials, key=lambda trial: (len(trial.violations), trial.added_cost))


def _summary_left_out(job: Job, findings: Sequence[Finding]) -> Text:
    fitting = [found for found in findings if found.code in ("cheaper_left_out", "cheaper_served")]
    if not fitting:
        return Text(
            en=f"Job {job.id} is left out: no crew can do it as things stand.",
            zh=f"任务 {job.id} 未安排：目前没有班组能够完成。",
        )
    best = min(fitting, key=lambda found: found.amount if found.code == "cheaper_left_out" else -found.amount)
    cost = cost_of(best.amount)
    if best.code == "cheaper_left_out":
        return Text(
            en=f"Job {job.id} is left out: that is cheaper by {cost} than the best way to serve it.",
            zh=f"任务 {job.id} 未安排：不安排比最佳安排方式节省成本 {cost}。",
        )
    return Text(
        en=f"Job {job.id} is left out, but crew {best.crew} could serve it and save {cost}.",
        zh=f"任务 {job.id} 未安排，但班组 {best.crew} 可以完成，并节省成本 {cost}。",
    )


def _general_reasons(scene: Scene, job: Job, able: int) -> list[Finding]:
    found = []
    for wait in job.after:
        if wait.job not in scene.crew_of:
            text = Text(
                en=f"It waits for job {wait.job}, which is not served.",
                zh=f"须等待任务 {wait.job}，而该任务未安排。",
            )
            change = Text(en=f"Serve {wait.job} first.", zh=f"应先安排 {wait.job}。")
            found.append(Finding(crew=None, code="after", amount=1, text=text, change=change))
    if able < job.crews_needed and job.crews_needed > 1:
        short = job.crews_needed - able
        text = Text(
            en=f"It needs {job.crews_needed} crews at once; {able} are able.",
            zh=f"需要 {job.crews_needed} 个班组同时到场；只有 {able} 个班组具备条件。",
        )
        change = Text(en=f"{short} more able crews are needed.", zh=f"还需 {short} 个具备条件的班组。")
        found.append(Finding(crew=None, code="crews_needed", amount=short, text=text, change=change))
    return found


def _static_reason(scene: Scene, job: Job, crew: Crew) -> Finding | None:
    """What keeps a crew from a job even if it did nothing else, or None."""
    missing = sorted(job.skills - crew.skills)
    if missing:
        return lacks_skills(crew.id, missing)
    for what, quantity in job.load.items():
        short = quantity - crew.capacity.get(what, quantity)
        if short > 0:
            return lacks_stock(crew.id, what, short)
    alone = replace(job, after=(), crews_needed=1)
    solo = replace(crew, committed=(), breaks=())
    problem = replace(scene.problem, jobs=(alone,), crews=(solo,), blocks=(), previous=(), max_crews=None)
    routes = timed(problem, {crew.id: [job.id]})
    broken = judge(problem, Plan(status="feasible", cost=0, routes=routes)).violations
    if not broken:
        return None
    if any(violation.code == "no_road" for violation in broken):
        return breaks_rule(crew.id, next(v for v in broken if v.code == "no_road"), alone=True)
    drive_s = routes[0].visits[0].arrival_s - (crew.shift[0] if crew.shift else 0)
    hours_s = crew.shift[1] + crew.overtime_s - crew.shift[0] if crew.shift else None
    if hours_s is not None and drive_s > hours_s:
        return never_reaches(crew.id, drive_s, hours_s)
    return breaks_rule(crew.id, broken[0], alone=True)


def _trial_reason(scene: Scene, job: Job, trial: Trial) -> Finding:
    relevant = [v for v in trial.violations if v.code != "crew_count"]
    if relevant:
        return breaks_rule(trial.crew, relevant[0], alone=False)
    more = trial.added_cost - (job.drop_cost if job.drop_cost is not None else float("inf"))
    code = "cheaper_left_out" if more >= 0 else "cheaper_served"
    en = f"With crew {trial.crew} it would cost {cost_of(trial.added_cost)}"
    zh = f"由班组 {trial.crew} 完成的成本为 {cost_of(trial.added_cost)}"
    if job.drop_cost is None:
        return Finding(
            crew=trial.crew,
            code="cheaper_served",
            amount=trial.added_cost,
            text=Text(en=f"{en}; it must be served.", zh=f"{zh}；该任务必须安排。"),
        )
    change = None
    if more >= 0:
        change = Text(
            en=f"Leaving it out would have to cost {cost_of(more)} more.",
            zh=f"不安排的代价需再高 {cost_of(more)}。",
        )
    text = Text(
        en=f"{en}, leaving it out {cost_of(job.drop_cost)}.",
        zh=f"{zh}，不安排的成本为 {cost_of(job.drop_cost)}。",
    )
    return Finding(crew=trial.crew, code=code, amount=abs(more), text=text, change=change)


def _served(scene: Scene, job: Job) -> Explanation:
    crew_id = scene.crew_of[job.id]
    visit = next(visit for visit in scene.timed[crew_id].visits if visit.job == job.id)
    rest = scene.without(job.id)
    crews = scene.problem.crew_by_id
    here = rest.best_insertion(job, crews[crew_id])
    findings: list[Finding] = []
    if job.id in crews[crew_id].committed:
        text = Text(en=f"It is committed to crew {crew_id}.", zh=f"该任务已派给班组 {crew_id}。")
        findings.append(Finding(crew=crew_id, code="committed", amount=0, text=text))
    barred, trials = [], []
    for crew in scene.problem.crews:
        if job.id in scene.routes[crew.id]:
            continue
        if reason := _static_reason(rest, job, crew):
            barred.append(reason)
        elif trial := rest.best_insertion(job, crew, near=NEAR if len(crews) > MOST_TRIED else None):
            trials.append(trial)
    own = here.added_cost if here is not None else 0.0
    ranked = _ranked(trials)[:MOST_OTHERS]
    findings += [_other(trial, trial.added_cost - own) for trial in ranked]
    summary = _summary_served(job, crew_id, visit.start_s, ranked, own)
    return Explanation(job=job.id, status="served", summary=summary, findings=(*findings, *barred))


def _summary_served(job: Job, crew: str, start_s: int, ranked: Sequence[Trial], own: float) -> Text:
    en = f"Crew {crew} does job {job.id}, starting at {start_s} s; it adds {cost_of(own)} to the cost."
    zh = f"班组 {crew} 完成任务 {job.id}，{start_s} 秒开始；增加成本 {cost_of(own)}。"
    sound = [trial for trial in ranked if not trial.violations]
    if not sound:
        return Text(en=f"{en} No other crew can.", zh=f"{zh}没有其他班组能够完成。")
    more = sound[0].added_cost - own
    word = ("more", "多") if more >= 0 else ("less", "少")
    return Text(
        en=f"{en} The next best is crew {sound[0].crew}, {cost_of(abs(more))} {word[0]}.",
        zh=f"{zh}其次为班组 {sound[0].crew}，成本{word[1]} {cost_of(abs(more))}。",
    )


def _other(trial: Trial, more: float) -> Finding:
    if trial.violations:
        return breaks_rule(trial.crew, trial.violations[0], alone=False)
    late = ", ".join(f"{job} ({minutes(seconds)} min)" for job, seconds in trial.delayed.items())
    code, word = ("costs_more", "more") if more >= 0 else ("costs_less", "less")
    en = f"Crew {trial.crew} could do it for {cost_of(abs(more))} {word}, starting at {trial.start_s} s"
    zh_word = "多" if more >= 0 else "少"
    zh = f"班组 {trial.crew} 可完成，成本{zh_word} {cost_of(abs(more))}，{trial.start_s} 秒开始"
    return Finding(
        crew=trial.crew,
        code=code,
        amount=abs(more),
        text=Text(
            en=f"{en}; promises delayed: {late}." if late else f"{en}.",
            zh=f"{zh}；将延误承诺：{late}。" if late else f"{zh}。",
        ),
    )


def _exchange(scene: Scene, one: Job, other: Job) -> Explanation:
    """Put each of two jobs in the place of the other; one may be left out."""
    exchanged = {one.id: other.id, other.id: one.id}
    routes = {crew: [exchanged.get(job, job) for job in jobs] for crew, jobs in scene.routes.items()}
    before, after = (
        judge(scene.problem, Plan(status="feasible", cost=0, routes=timed(scene.problem, each, scene.starts)))
        for each in (scene.routes, routes)
    )
    more = after.cost - before.cost
    known = {(v.code, v.job, v.crew) for v in before.violations}
    broken = [v for v in after.violations if (v.code, v.job, v.crew) not in known]
    parts = {
        name: after.parts[name] - before.parts[name]
        for name in after.parts
        if after.parts[name] != before.parts[name]
    }
    listed = ", ".join(f"{name} {value:+,.0f}" for name, value in parts.items()) or "0"
    word = ("more", "增加") if more >= 0 else ("less", "减少")
    findings = [
        Finding(
            crew=None,
            code="order",
            amount=more,
            text=Text(en=f"By part: {listed}.", zh=f"按构成：{listed}。"),
        ),
        *(
            Finding(
                crew=v.crew,
                code="breaks",
                amount=v.amount,
                text=Text(en=f"It breaks a rule: {v.text}.", zh=f"违反规则 {v.code}：{v.text}。"),
            )
            for v in broken
        ),
    ]
    summary = Text(
        en=f"Exchanging {one.id} and {other.id} would cost {cost_of(abs(more))} {word[0]}"
        + (f" and break {len(broken)} rules." if broken else "."),
        zh=f"交换 {one.id} 与 {other.id} 将使成本{word[1]} {cost_of(abs(more))}"
        + (f"，并违反 {len(broken)} 条规则。" if broken else "。"),
    )
    return Explanation(job=one.id, status="exchange", summary=summary, findings=tuple(findings))

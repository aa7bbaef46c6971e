"""What would get a job in that a plan leaves out: the cheapest change of each kind, with its price.

Rules that can be changed are loosened, the job is tried with every crew near by, and what the best place
needs is read off. Each answer is then put into effect, timed and judged before it is given: it gets the
job in, and nothing else is broken by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

from ..ground.plan import Plan
from ..ground.problem import Crew, Job, Problem
from .findings import Change, Help, Text, cost_of, minutes
from .trials import Outcome, Scene

MOST_HELPS = 5
MOST_CHANGES = 3  # that one answer asks for at once
MOST_CREWS = 30  # tried, the nearest ones
MOST_TOGETHER = 5  # the same where several crews have to meet
NEAR = 6  # positions tried in each route
NEAR_TOGETHER = 2
MOST_VISITS = 20_000  # timed altogether, where each trial times the whole plan
MINUTE_S = 60
WHOLE_SHIFT_S = 10**9  # overtime without a limit


def what_would_help(problem: Problem, plan: Plan, job: str, most: int = MOST_HELPS) -> tuple[Help, ...]:
    """The cheapest changes of each kind that get a left-out job in, those that change the least first.

    Parameters
    ----------
    problem, plan : the plan and what it is a plan of.
    job : the job's id.
    most : how many answers.

    Returns
    -------
    tuple of Help
        By the number of changes, then by the price. Empty for a job that is served, and where no change
        of these kinds helps: no road leads there, or what it waits for is left out.
    """
    now, wanted = Scene(problem, plan), problem.job_by_id[job]
    if job in now.crew_of:
        return ()
    found: dict[tuple[str, ...], Help] = {}
    for loose in _loosened(problem, wanted):
        for routes, outcome in _places(Scene(loose, plan), wanted):
            help_ = _sound_help(now, plan, wanted, routes, outcome, found)
            if help_ is not None:
                found[_kinds(help_.changes)] = help_
    ranked = sorted(found.values(), key=lambda each: (len(each.changes), each.price))
    return tuple(ranked[:most])


def changed(problem: Problem, job: str, changes: Sequence[Change]) -> Problem:
    """The problem with changes put into effect.

    Parameters
    ----------
    problem : the problem.
    job : id of the job that they are for.
    changes : what to change.
    """
    crews = {crew.id: crew for crew in problem.crews}
    wanted, most = problem.job_by_id[job], problem.max_crews
    for change in changes:
        if change.kind == "crews":
            most = None if most is None else most + int(change.amount)
        elif change.crew is None:
            wanted = _wider(wanted, change)
        else:
            crews[change.crew] = _better(crews[change.crew], change)
    jobs = tuple(wanted if each.id == job else each for each in problem.jobs)
    return replace(problem, jobs=jobs, crews=tuple(crews.values()), max_crews=most)


def _better(crew: Crew, change: Change) -> Crew:
    match change.kind:
        case "skill":
            return replace(crew, skills=crew.skills | set(change.what.split(", ")))
        case "stock":
            more = crew.capacity[change.what] + change.amount
            return replace(crew, capacity={**crew.capacity, change.what: more})
        case _:
            return replace(crew, overtime_s=crew.overtime_s + int(change.amount))


def _wider(job: Job, change: Change) -> Job:
    """Every window wider by the same: the one that was missed by least is what counts."""
    by = int(change.amount)
    early, late = (by, 0) if change.kind == "window_earlier" else (0, by)
    return replace(job, windows=tuple((opens - early, closes + late) for opens, closes in job.windows))


def _loosened(problem: Problem, job: Job) -> Iterator[Problem]:
    """The problem without what a crew may lack, and then also without ends of shifts, windows, or both."""
    able = replace(
        problem,
        max_crews=None,
        crews=tuple(
            replace(
                crew,
                skills=crew.skills | job.skills,
                capacity={what: much for what, much in crew.capacity.items() if what not in job.load},
            )
            for crew in problem.crews
        ),
    )
    late = tuple(replace(crew, overtime_s=WHOLE_SHIFT_S) for crew in able.crews)
    always = tuple(replace(each, windows=()) if each.id == job.id else each for each in able.jobs)
    yield able
    if any(crew.shift for crew in problem.crews):
        yield replace(able, crews=late)
    if job.windows:
        yield replace(able, jobs=always)
        yield replace(able, jobs=always, crews=late)


def _places(scene: Scene, job: Job) -> Iterator[tuple[dict[str, list[str]], Outcome]]:
    """For each crew, or each group that could meet, the cheapest place that breaks no rule."""
    near = scene.nearest(job, scene.problem.crews)
    room = MOST_VISITS // max(1, len(scene.finish_s)) if scene.coupled else None
    for crews in combinations(
        near[: MOST_CREWS if job.crews_needed == 1 else MOST_TOGETHER], job.crews_needed
    ):
        positions = NEAR if job.crews_needed == 1 else NEAR_TOGETHER
        trials = product(*(scene.positions(job, crew, positions) for crew in crews))
        best: tuple[dict[str, list[str]], Outcome] | None = None
        least = (math.inf, math.inf)
        for at in trials:
            if room is not None and (room := room - 1) < 0:
                break
            routes = {
                crew.id: [*scene.routes[crew.id][:here], job.id, *scene.routes[crew.id][here:]]
                for crew, here in zip(crews, at, strict=True)
            }
            outcome = scene.outcome(routes)
            order = round(outcome.added_cost, 6), _gives_way_s(scene.problem, job, outcome)
            if not outcome.violations and order < least:
                best, least = (routes, outcome), order
        if best is not None:
            yield best


def _gives_way_s(problem: Problem, job: Job, outcome: Outcome) -> float:
    """Seconds by which windows and shifts have to give way: of places that cost the same, the fewest."""
    late_s = sum(outcome.late_s(problem, problem.crew_by_id[route.crew]) for route in outcome.routes)
    return late_s + abs(_missed_s(job, _start_s(job, outcome)))


def _start_s(job: Job, outcome: Outcome) -> int:
    return next(visit.start_s for route in outcome.routes for visit in route.visits if visit.job == job.id)


def _missed_s(job: Job, start_s: int) -> int:
    """How far a start lies outside the nearest window; below 0 where it opens too late."""
    missed = [start_s - min(max(start_s, opens), closes) for opens, closes in job.windows]
    return min(missed, key=abs, default=0)


def _sound_help(
    now: Scene,
    plan: Plan,
    job: Job,
    routes: dict[str, list[str]],
    loose: Outcome,
    found: Mapping[tuple[str, ...], Help],
) -> Help | None:
    """What a place needs, put into effect and judged; None where a cheaper answer of its kinds is known."""
    changes = _needed(now, job, routes, loose)
    known, price = found.get(_kinds(changes)), loose.added_cost - (job.drop_cost or 0)
    if len(changes) > MOST_CHANGES or (known is not None and known.price <= price):
        return None
    outcome = Scene(changed(now.problem, job.id, changes), plan).outcome(routes)
    if outcome.violations:
        return None
    price = outcome.added_cost - (job.drop_cost or 0)
    return Help(
        crews=tuple(routes),
        changes=changes,
        price=price,
        routes={crew: tuple(jobs) for crew, jobs in routes.items()},
        text=_sentence(changes, tuple(routes), price),
    )


def _kinds(changes: Sequence[Change]) -> tuple[str, ...]:
    return tuple(sorted(change.kind for change in changes))


def _needed(now: Scene, job: Job, routes: Mapping[str, list[str]], loose: Outcome) -> tuple[Change, ...]:
    """By how much each rule has to give way for routes as they are timed without it."""
    problem = now.problem
    changes: list[Change] = []
    for crew_id, jobs in routes.items():
        crew = problem.crew_by_id[crew_id]
        changes += _abilities(problem, crew, job, jobs)
        over_s = loose.late_s(problem, crew) - crew.overtime_s
        if over_s > 0:
            changes.append(Change(kind="overtime", crew=crew_id, amount=_whole_minutes(over_s)))
    changes += _window(job, _start_s(job, loose))
    if problem.max_crews is not None:
        more = now.used + sum(not now.routes[crew_id] for crew_id in routes) - problem.max_crews
        changes += [Change(kind="crews", crew=None, amount=more)] if more > 0 else []
    return tuple(changes)


def _abilities(problem: Problem, crew: Crew, job: Job, jobs: Sequence[str]) -> Iterator[Change]:
    missing = sorted(job.skills - crew.skills)
    if missing:
        yield Change(kind="skill", crew=crew.id, amount=len(missing), what=", ".join(missing))
    for what in job.load:
        needed = math.fsum(problem.job_by_id[each].load.get(what, 0) for each in jobs)
        if needed > crew.capacity.get(what, math.inf) + 1e-6:
            yield Change(kind="stock", crew=crew.id, amount=needed - crew.capacity[what], what=what)


def _window(job: Job, start_s: int) -> Iterator[Change]:
    missed_s = _missed_s(job, start_s)
    if missed_s:
        kind = "window_later" if missed_s > 0 else "window_earlier"
        yield Change(kind=kind, crew=None, amount=_whole_minutes(abs(missed_s)))


def _whole_minutes(seconds: float) -> int:
    return math.ceil(seconds / MINUTE_S) * MINUTE_S


def _sentence(changes: Sequence[Change], crews: Sequence[str], price: float) -> Text:
    word = ("more", "增加") if price >= 0 else ("less", "减少")
    cost = cost_of(abs(price))
    if not changes:
        en, zh = " and ".join(f"crew {crew}" for crew in crews), "、".join(f"班组 {crew}" for crew in crews)
        return Text(
            en=f"Nothing has to change for {en} to do it; the plan would cost {cost} {word[0]}.",
            zh=f"{zh}无需任何改变即可完成；总成本将{word[1]} {cost}。",
        )
    clauses = [_clause(change) for change in changes]
    return Text(
        en=f"It would get in if {' and '.join(each.en for each in clauses)};"
        f" the plan would then cost {cost} {word[0]}.",
        zh=f"若{'，且'.join(each.zh for each in clauses)}，即可安排；总成本将{word[1]} {cost}。",
    )


def _clause(change: Change) -> Text:
    crew, what, amount, span = change.crew, change.what, f"{change.amount:g}", minutes(change.amount)
    match change.kind:
        case "skill":
            return Text(en=f"crew {crew} had the skill {what}", zh=f"班组 {crew} 具备技能 {what}")
        case "stock":
            return Text(
                en=f"crew {crew} carried {amount} more {what}", zh=f"班组 {crew} 多带 {amount} {what}"
            )
        case "overtime":
            return Text(
                en=f"crew {crew} could work {span} min longer", zh=f"班组 {crew} 可多工作 {span} 分钟"
            )
        case "window_later":
            return Text(en=f"its window stayed open {span} min longer", zh=f"其时间窗延长 {span} 分钟")
        case "window_earlier":
            return Text(en=f"its window opened {span} min earlier", zh=f"其时间窗提前 {span} 分钟开始")
        case _:
            return Text(en=f"{amount} more crew could be used", zh=f"可多用 {amount} 个班组")

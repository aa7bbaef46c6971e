"""When supply is expected back: median and 90 %, from the plan and the spread of repair times.

The plan says in which order crews work. How long each repair really takes is drawn many times
(`dispatch.etr.stays`): from the records of its cause, or of all that it may be while nobody has found
it, and where a crew is at it already, from what is left. Every draw moves all later visits of the
crew, everything that waits for them, and the blocks that they bring back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..ground.case import Case
from ..ground.day import BlockCard, Etr, Outage, WorkOrder
from ..ground.plan import Plan, Visit
from ..ground.problem import Job, Problem
from .repair_times import Z90, repair_time
from .stays import Stay, planned_stay, repair_stay

Floats = NDArray[np.float64]
Status = Literal["assessed", "being_assessed", "not_planned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EtrSettings:
    """How estimates are made and stated.

    Parameters
    ----------
    centre : what repairs take: as the records of the cause say, or in the median as planned. A policy that
        gives a `duration_sigma` for an order knows its own repairs: those are as planned in any case.
    shares : how likely each cause of `repair_times` is while nobody has found it (in a storm, say); without
        it as often as in the records.
    round_min : estimates are rounded up to a multiple of so many minutes.
    draws : how many times the plan is played through.
    other_sigma : spread of jobs that are no repairs (switching, patrols); not taken from a source.
    travel_sigma : spread of drives; not taken from a source.
    word_sigma : spread of a crew's own estimate; not taken from a source.
    stretch : factors for the time until the median and until the 90 % estimate, learnt from what became of
        earlier ones (`dispatch.etr.history.stretch`).
    """

    centre: Literal["records", "plan"] = "records"
    shares: Mapping[str, float] | None = None
    round_min: int = 15
    draws: int = 400
    other_sigma: float = 0.4
    travel_sigma: float = 0.2
    word_sigma: float = 0.3
    stretch: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """A job that a crew is at: for how long, and whether it has said how long it takes."""

    worked_s: float
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewWord:
    """A crew's own estimate, said at `at`: supply is back at `ready_at`."""

    outage: str
    at: datetime
    ready_at: datetime


def etrs(
    case: Case,
    outages: Sequence[Outage],
    orders: Sequence[WorkOrder],
    blocks: Sequence[BlockCard],
    problem: Problem,
    plan: Plan,
    *,
    words: Sequence[CrewWord] = (),
    in_hand: Mapping[str, InHand] | None = None,
    settings: EtrSettings | None = None,
    seed: int = 1,
) -> tuple[Etr, ...]:
    """Estimate for every outage when the last of its customers has supply.

    An outage that nobody has confirmed is being assessed: it has an estimate
    all the same, drawn from the planned duration and the spread of its likely
    cause, and it is for the reader to show it or not. A crew's own word, the
    latest per outage, overrides the plan.

    Parameters
    ----------
    case : second 0 of `problem` and `plan` is its `now`.
    words : of crews, in any order.
    in_hand : jobs that crews are at.
    seed : of the draws; the same seed gives the same estimates.

    Returns
    -------
    tuple of Etr
        In the order of `outages`.
    """
    settings = settings or EtrSettings()
    restored = restoration_draws(
        outages, orders, problem, plan, in_hand=in_hand, settings=settings, seed=seed
    )
    last_word = {word.outage: word for word in sorted(words, key=lambda each: each.at)}
    return tuple(
        _by_word(outage, last_word[outage.id], settings)
        if outage.id in last_word
        else _by_plan(outage, _last_block(outage, blocks, restored), case.settings.now, settings)
        for outage in outages
    )


def restoration_draws(
    outages: Sequence[Outage],
    orders: Sequence[WorkOrder],
    problem: Problem,
    plan: Plan,
    *,
    in_hand: Mapping[str, InHand] | None = None,
    settings: EtrSettings | None = None,
    seed: int = 1,
) -> Mapping[str, Floats]:
    """Play the plan through many times.

    Returns
    -------
    mapping of str to (draws,) float64
        Second at which each block is back, infinite where the plan never restores it.
    """
    settings = settings or EtrSettings()
    random = np.random.default_rng(seed)
    stays = _stays(outages, orders, problem, in_hand or {}, settings)
    finish = _play(problem, plan, stays, settings, random)
    return {block.id: _earliest_way(block.restored_by, finish, settings.draws) for block in problem.blocks}


def _stays(
    outages: Sequence[Outage],
    orders: Sequence[WorkOrder],
    problem: Problem,
    in_hand: Mapping[str, InHand],
    settings: EtrSettings,
) -> Mapping[str, Stay]:
    """How long each job may take; a job is named after the outage or order it belongs to and what is done."""
    outage_by_id = {outage.id: outage for outage in outages}
    # A policy may know its own repair times better.
    given = {order.outage or order.id: order.decision.outcome.get("duration_sigma") for order in orders}
    return {job.id: _stay(job, outage_by_id, given, in_hand.get(job.id), settings) for job in problem.jobs}


def _stay(
    job: Job,
    outage_by_id: Mapping[str, Outage],
    given: Mapping[str, float | None],
    hand: InHand | None,
    settings: EtrSettings,
) -> Stay:
    owner, _, kind = job.id.rpartition("/")
    if hand is not None and hand.told:
        return planned_stay(job.service_s, settings.word_sigma)
    if kind != "repair" or owner not in outage_by_id:
        # What is left of a job in hand is planned already.
        return planned_stay(job.service_s, settings.other_sigma)
    outage, sigma = outage_by_id[owner], given.get(owner)
    if sigma is not None:
        return planned_stay(job.service_s, float(sigma))
    worked_s = hand.worked_s if hand is not None else 0.0
    if settings.centre == "records":
        return repair_stay(outage.cause, outage.component, shares=settings.shares, worked_s=worked_s)
    return planned_stay(job.service_s, repair_time(outage.cause, outage.component).sigma)


def _play(
    problem: Problem,
    plan: Plan,
    stays: Mapping[str, Stay],
    settings: EtrSettings,
    random: np.random.Generator,
) -> Mapping[str, Floats]:
    """(draws,) second at which each planned job is finished."""
    finish: dict[str, Floats] = {}
    before = _previous_visits(plan)
    at_crew: dict[str, Floats] = {}
    for job_id, visits in _by_start(plan):
        job = problem.job_by_id[job_id]
        start = _waits(job, visits[0][1], finish, settings.draws)
        for crew, visit in visits:
            start = np.maximum(
                start, _arrival(visit, before[crew, job_id], at_crew.get(crew), settings, random)
            )
        done = start + stays[job_id].left_s(random, settings.draws)
        finish[job_id] = done
        for crew, _ in visits:
            at_crew[crew] = done
    return finish


def _by_start(plan: Plan) -> list[tuple[str, list[tuple[str, Visit]]]]:
    """Jobs with the visits of all their crews, in an order in which nothing waits for what comes later."""
    visits: dict[str, list[tuple[str, Visit]]] = defaultdict(list)
    place: dict[str, int] = {}
    for route in plan.routes:
        for position, visit in enumerate(route.visits):
            visits[visit.job].append((route.crew, visit))
            place[visit.job] = max(place.get(visit.job, 0), position)
    return sorted(
        visits.items(), key=lambda item: (item[1][0][1].start_s, item[1][0][1].finish_s, place[item[0]])
    )


def _previous_visits(plan: Plan) -> Mapping[tuple[str, str], Visit | None]:
    return {
        (route.crew, visit.job): before
        for route in plan.routes
        for before, visit in zip([None, *route.visits], route.visits, strict=False)
    }


def _waits(job: Job, visit: Visit, finish: Mapping[str, Floats], draws: int) -> Floats:
    """What a job waits for besides its crew: its window, and the jobs that must be done before."""
    opens = [first for first, last in job.windows if first <= visit.start_s <= last]
    start = np.full(draws, float(max(opens, default=-np.inf)))
    for after in job.after:
        if after.job in finish:
            start = np.maximum(start, finish[after.job] + after.lag_s)
    return start


def _arrival(
    visit: Visit,
    previous: Visit | None,
    free_at: Floats | None,
    settings: EtrSettings,
    random: np.random.Generator,
) -> Floats:
    factor = np.exp(settings.travel_sigma * random.standard_normal(settings.draws))
    if previous is None or free_at is None:
        return np.asarray(visit.arrival_s + max(visit.arrival_s, 0) * (factor - 1))
    return np.asarray(free_at + (visit.arrival_s - previous.finish_s) * factor)


def _earliest_way(ways: Sequence[Sequence[str]], finish: Mapping[str, Floats], draws: int) -> Floats:
    best = np.full(draws, np.inf)
    for way in ways:
        if all(job in finish for job in way):
            best = np.minimum(best, np.max([finish[job] for job in way], axis=0) if way else 0.0)
    return best


def _last_block(outage: Outage, blocks: Sequence[BlockCard], restored: Mapping[str, Floats]) -> Floats | None:
    own = set(outage.transformers)
    mine = [
        restored[block.id]
        for block in blocks
        if outage.id in block.outages and block.id in restored and (not own or own & set(block.transformers))
    ]
    return np.asarray(np.max(mine, axis=0)) if mine else None


def _by_plan(outage: Outage, restored_s: Floats | None, origin: datetime, settings: EtrSettings) -> Etr:
    if restored_s is None:
        return Etr(outage=outage.id, median=None, p90=None, status="not_planned")
    median, p90 = _quantiles(restored_s, origin, settings)
    status: Status = "assessed" if outage.confirmed else "being_assessed"
    return Etr(outage=outage.id, median=median, p90=p90, status="not_planned" if median is None else status)


def _quantiles(
    restored_s: Floats, origin: datetime, settings: EtrSettings
) -> tuple[datetime | None, datetime | None]:
    median, p90 = stretched(restored_s, settings).tolist()
    return (
        rounded_up(origin + timedelta(seconds=median), settings.round_min) if np.isfinite(median) else None,
        rounded_up(origin + timedelta(seconds=p90), settings.round_min) if np.isfinite(p90) else None,
    )


def stretched(restored_s: Floats, settings: EtrSettings) -> Floats:
    """(2,) median and 90 % of the draws, seconds, stretched as earlier estimates ask for."""
    found = np.quantile(restored_s, [0.5, 0.9], method="higher") * np.asarray(settings.stretch)
    return np.maximum.accumulate(found)


def _by_word(outage: Outage, word: CrewWord, settings: EtrSettings) -> Etr:
    left = (word.ready_at - word.at).total_seconds()
    late = word.at + timedelta(seconds=max(left, 0.0) * float(np.exp(Z90 * settings.word_sigma)))
    return Etr(
        outage=outage.id,
        median=rounded_up(word.ready_at, settings.round_min),
        p90=rounded_up(max(late, word.ready_at), settings.round_min),
        status="assessed",
    )


def rounded_up(moment: datetime, step_min: int) -> datetime:
    """The next multiple of `step_min` minutes of the clock; the moment itself if it is one."""
    if step_min <= 0:
        return moment
    step = step_min * 60
    seconds = (moment - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds()
    return moment + timedelta(seconds=-seconds % step)

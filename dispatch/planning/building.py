"""From work orders and restoration to the solver's problem (`docs/format.md`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from geo import Restoration

from ..ground.case import Case, CrewShift
from ..ground.day import BlockCard, JobCard, Outage, WorkOrder
from ..ground.drive import driven_s
from ..ground.problem import Break, Costs, Crew, Job, Previous, Problem
from ..outages import kept_tree
from ..triage.orders import ClassifiedRequest, Grades
from .blocks import make_blocks
from .drafting import DESK_SKILL, Draft, Seconds, draft_jobs, people_skills
from .looking import with_looks
from .reaiming import re_aimed, skills_of
from .running import Running, still_open, still_out, used_at_finished, wished_skills, with_stock_left
from .sites import Sites, lay_out
from .tiers import lift_tiers, tier_factors

DESK = "control-room"


@dataclass(frozen=True, kw_only=True)
class Built:
    """A problem with what its indices and ids stand for.

    `plain` is the problem without tier factors: what a plan's cost is reported
    in. `problem` is what is solved.
    """

    problem: Problem
    plain: Problem
    cards: Mapping[str, JobCard]
    blocks: tuple[BlockCard, ...]
    tier_factors: Mapping[int, float]
    sites: Sites
    warnings: tuple[str, ...]


def build_problem(
    case: Case,
    grades: Grades,
    orders: Sequence[WorkOrder],
    outages: Sequence[Outage],
    calls: Sequence[ClassifiedRequest],
    restoration: Restoration,
    running: Running,
) -> Built:
    """Put together jobs, crews, drives and blocks, and lift the tiers.

    Returns
    -------
    Built
        With a warning for each request that has no place and each skill that nobody has.
    """
    origin = case.settings.now

    def seconds(moment: datetime) -> int:
        return round((moment - origin).total_seconds())

    drafts, warnings = draft_jobs(case, orders, outages, calls, restoration, seconds, grades)
    crews = with_stock_left(case.crews, used_at_finished(case.crews, drafts, running))
    running = re_aimed(
        running, {draft.card.id: draft.job for draft in drafts}, outages, kept_tree(case), skills_of(crews)
    )
    drafts = still_open(drafts, running, origin)
    blocks, block_cards = make_blocks(case, grades, orders, outages, restoration, seconds)
    blocks = tuple(still_out(blocks, running))
    out = {block.id for block in blocks}
    block_cards = tuple(card for card in block_cards if card.id in out)
    on_shift = _on_shift(crews, running, origin)
    drafts = with_looks(case, grades, orders, outages, drafts, on_shift, running, seconds)
    sites = lay_out(case, drafts, [_where_it_is(crew, drafts, running, origin) for crew in on_shift])
    jobs = tuple(replace(draft.job, location=sites.job_location[draft.card.id]) for draft in drafts)
    plain = Problem(
        name=case.settings.name,
        time_origin=origin.isoformat(),
        travel=sites.travel,
        jobs=jobs,
        crews=_crews(case, on_shift, sites, running, seconds, jobs),
        blocks=blocks,
        unserved_at_s=round(case.settings.unserved_after_h * 3600),
        costs=Costs(travel_per_s=case.settings.travel_cost_per_min / 60),
        previous=_previous(running, jobs, on_shift),
        change_cost=case.settings.change_cost,
    )
    job_tier = {draft.card.id: draft.card.tier for draft in drafts}
    block_tier = block_tiers(block_cards, orders)
    factors = tier_factors(plain, job_tier, block_tier)
    return Built(
        problem=lift_tiers(plain, factors, job_tier, block_tier),
        plain=plain,
        cards={draft.card.id: draft.card for draft in drafts},
        blocks=block_cards,
        tier_factors=factors,
        sites=sites,
        warnings=(*warnings, *_missing_skills(jobs, plain.crews)),
    )


def _on_shift(crews: Sequence[CrewShift], running: Running, origin: datetime) -> list[CrewShift]:
    """Crews that are not away and whose turn goes on, or who stay at what they are at."""
    return [
        crew
        for crew in crews
        if crew.id not in running.absent and (crew.shift_end > origin or _stays_at(crew, running))
    ]


def _crews(
    case: Case,
    on_shift: Sequence[CrewShift],
    sites: Sites,
    running: Running,
    seconds: Seconds,
    jobs: Sequence[Job],
) -> tuple[Crew, ...]:
    # A stock that a crew's row does not name is not on its truck, unless the row says nothing of
    # stock: in the problem file an absent capacity means "no limit".
    stocks = {name for job in jobs for name in job.load}
    known = {job.id: job for job in jobs}
    crews = [_crew(case, each, sites, running, seconds, stocks, known) for each in on_shift]
    skills = frozenset({DESK_SKILL}) | wished_skills(DESK, running)
    return (*crews, Crew(id=DESK, start=(Sites.DESK,), skills=skills))


def _crew(
    case: Case,
    crew: CrewShift,
    sites: Sites,
    running: Running,
    seconds: Seconds,
    stocks: set[str],
    known: Mapping[str, Job],
) -> Crew:
    begins, ends = max(0, seconds(crew.shift_start)), seconds(crew.shift_end)
    committed = tuple(job for job in running.committed.get(crew.id, ()) if job in known)
    # Whoever was sent with too little on the vehicle is on the way all the same.
    bound = {name: sum(known[job].load.get(name, 0) for job in committed) for name in stocks}
    home = sites.depot_location[crew.depot] if crew.ends_at_depot else None
    overtime_s = round(crew.overtime_min * 60)
    if ends <= 0:
        # It finishes what it is at and goes home, whatever overtime was agreed on; more is not asked of it.
        left = [known[job] for job in _stays_at(crew, running) if job in known]
        homewards = [sites.travel.between(job.location, home) for job in left[-1:] if home is not None]
        finish_s = sum(job.service_s for job in left) + sum(driven_s(s, crew.speed_factor) for s in homewards)
        ends, overtime_s = 0, max(finish_s, overtime_s + ends)
    return Crew(
        id=crew.id,
        start=(sites.start_location[crew.id],),
        end=home,
        shift=(begins, ends),
        overtime_s=overtime_s,
        overtime_cost_per_s=case.settings.overtime_cost_per_min / 60,
        skills=crew.skills | people_skills(crew.people) | wished_skills(crew.id, running),
        capacity=_capacity(crew, bound),
        speed_factor=crew.speed_factor,
        breaks=_breaks(crew, begins, seconds),
        committed=committed,
    )


def _capacity(crew: CrewShift, bound: Mapping[str, float]) -> dict[str, float]:
    """What a crew can take along: no limit where nobody said what is on its vehicle."""
    if crew.stock is None:
        return {}
    return {name: float(max(crew.stock.get(name, 0), least)) for name, least in sorted(bound.items())}


def _stays_at(crew: CrewShift, running: Running) -> tuple[str, ...]:
    """The jobs that a crew is at."""
    return tuple(job for job in running.committed.get(crew.id, ()) if job in running.on_site)


def _where_it_is(crew: CrewShift, drafts: Sequence[Draft], running: Running, origin: datetime) -> CrewShift:
    """A crew at the job it is working on, else where it was last known to be in a shift that has begun."""
    at_work = set(running.on_site) & set(running.committed.get(crew.id, ()))
    for draft in drafts:
        if draft.card.id in at_work:
            return replace(crew, lon=draft.card.lon, lat=draft.card.lat)
    if crew.id in running.places and crew.shift_start <= origin:
        lon, lat = running.places[crew.id]
        return replace(crew, lon=lon, lat=lat)
    return crew


def _breaks(crew: CrewShift, begins: int, seconds: Seconds) -> tuple[Break, ...]:
    """The rests still to come; one whose window has begun may still be taken."""
    return tuple(
        Break(
            window=(max(begins, seconds(rest.earliest)), seconds(rest.latest)),
            duration_s=round(rest.duration_min * 60),
        )
        for rest in crew.breaks
        if seconds(rest.latest) > begins
    )


def _previous(running: Running, jobs: Sequence[Job], on_shift: Sequence[CrewShift]) -> tuple[Previous, ...]:
    known = {job.id for job in jobs}
    crews = {crew.id for crew in on_shift} | {DESK}
    return tuple(
        Previous(crew=crew, jobs=tuple(job for job in planned if job in known))
        for crew, planned in running.previous.items()
        if crew in crews
    )


def block_tiers(cards: Sequence[BlockCard], orders: Sequence[WorkOrder]) -> dict[str, int]:
    """The tier of each block: that of the most urgent order among its outages."""
    tier_by_outage = {order.outage: order.tier for order in orders if order.outage}
    return {
        card.id: min((tier_by_outage[each] for each in card.outages if each in tier_by_outage), default=1)
        for card in cards
    }


def _missing_skills(jobs: Sequence[Job], crews: Sequence[Crew]) -> list[str]:
    """A sentence for each set of skills that some job needs and no crew on shift has."""
    needed: dict[frozenset[str], list[str]] = {}
    for job in jobs:
        if not any(job.skills <= crew.skills for crew in crews):
            needed.setdefault(job.skills, []).append(job.id)
    return [
        f"no crew on shift has {' + '.join(sorted(skills))}, needed by {len(ids)} "
        f"job{'s' if len(ids) > 1 else ''} ({', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''})"
        for skills, ids in sorted(needed.items(), key=lambda item: sorted(item[0]))
    ]

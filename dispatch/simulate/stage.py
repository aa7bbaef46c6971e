"""One replication's day, made ready: faults into outages, orders, jobs, blocks and drives, built once.

The same building code as the board's makes the jobs and the blocks; what the
engine does at each event is to choose those that are known by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo import restore

from ..ground.case import Case
from ..ground.day import BlockCard, Outage, WorkOrder
from ..ground.problem import Block, Costs, Crew, Job, Problem, Travel
from ..planning.blocks import make_blocks
from ..planning.drafting import DESK_SKILL, Draft, draft_jobs, job_id
from ..planning.tiers import lift_tiers, tier_factors
from ..triage.orders import Grades, generator_places, order_outages
from .closures import closed_book, periods
from .drives import DESK
from .manning import Duty, Places, crews_of, duties_of, permits
from .policies import under_policy
from .scenario import GENERATOR, TASKS, Generators, Scenario
from .storms import Hit, first_call_s, patrol_s
from .world import COMPONENTS, ORDER_COMPONENT, World

DESK_CREW = "control-room"
STEPS = ("patrol", "make_safe", "repair")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """A fault as the engine sees it.

    Parameters
    ----------
    at_s : when it happens; `repair_s` its true time on site.
    call_s : delay from losing supply to the first call.
    jobs : its jobs in order, the repair last.
    above : positions of the faults whose outage hides this one.
    """

    id: str
    at_s: int
    repair_s: int
    call_s: int
    jobs: tuple[str, ...]
    above: tuple[int, ...] = ()
    cause: str = ""
    area: str = ""
    class_: str = ""
    grade: str = ""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything of one replication that no decision changes.

    Jobs' due times count from the discovery of their fault; all else in seconds from the start.

    Parameters
    ----------
    block_kw : mean load of a block's customers.
    later_travel : from when which other drives hold, where roads close or open on the way.
    places : lon, lat and road node of each location; the desk's are 0, 0, -1.
    duties : breaks and rest of crews that have such rules.
    """

    jobs: tuple[Job, ...]
    faults: tuple[Happening, ...]
    blocks: tuple[Block, ...] = ()
    block_customers: tuple[int, ...] = ()
    block_weight: tuple[float, ...] = ()
    block_kw: tuple[float, ...] = ()
    crews: tuple[Crew, ...] = ()
    travel: Travel
    horizon_s: int
    costs: Costs = field(default_factory=Costs)
    customers: int = 1
    kinds: Mapping[str, str] = field(default_factory=dict)
    later_travel: tuple[tuple[int, Travel], ...] = ()
    places: tuple[tuple[float, float, int], ...] = ()
    block_transformers: tuple[tuple[str, ...], ...] = ()
    duties: Mapping[str, Duty] = field(default_factory=dict)

    def travel_at(self, now_s: int) -> Travel:
        """Drives as the roads are at a moment."""
        found = self.travel
        for from_s, travel in self.later_travel:
            if from_s <= now_s:
                found = travel
        return found


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What is to be done about a replication's faults, in the words of the board."""

    case: Case
    outages: Sequence[Outage]
    orders: Sequence[WorkOrder]
    drafts: Sequence[Draft]
    blocks: tuple[Block, ...]
    cards: tuple[BlockCard, ...]


def make_stage(world: World, scenario: Scenario, hits: Sequence[Hit]) -> Stage:
    """Build the day of one replication under one alternative."""
    world = under_policy(world, scenario.plan.policy)
    work = _work(world, scenario, hits)
    places = Places(world)
    jobs = _jobs(work, scenario, places)
    crews = (
        *crews_of(work.case, scenario, places),
        Crew(id=DESK_CREW, start=(DESK,), skills=frozenset({DESK_SKILL, *permits(TASKS)})),
    )
    first, *later = _travels(world, scenario, places)
    problem = _problem(work, scenario, jobs, crews, first[1])
    return Stage(
        jobs=problem.jobs,
        faults=_happenings(world, scenario, hits, work, jobs),
        blocks=problem.blocks,
        block_customers=tuple(card.customers for card in work.cards),
        block_weight=tuple(card.weight for card in work.cards),
        block_kw=tuple(_mean_kw(work.case, card) for card in work.cards),
        crews=crews,
        travel=problem.travel,
        horizon_s=scenario.horizon_s,
        costs=problem.costs,
        customers=max(1, len(work.case.customers)),
        kinds={draft.card.id: draft.card.kind for draft in work.drafts},
        later_travel=tuple(later),
        places=places.where,
        block_transformers=tuple(card.transformers for card in work.cards),
        duties=duties_of(scenario),
    )


def _work(world: World, scenario: Scenario, hits: Sequence[Hit]) -> _Work:
    """Outages, orders, ways, jobs and blocks by the code that makes them on the board."""
    origin = scenario.start
    case = replace(world.case, settings=replace(world.case.settings, now=origin))
    outages = [_outage(world, hit, f"F{number + 1}", origin) for number, hit in enumerate(hits)]
    orders = order_outages(case, world.grades, outages, ())
    restoration = restore(
        case.grid,
        [outage.fault for outage in outages if outage.customers is None],
        load_kw=case.load_kw,
        switching=scenario.plan.switching,
        generators_at=_generators_at(case, world.grades, orders, outages, scenario.generators),
    )

    def seconds(moment: datetime) -> int:
        return round((moment - origin).total_seconds())

    drafts, _ = draft_jobs(case, orders, outages, (), restoration, seconds)
    blocks, cards = make_blocks(case, world.grades, orders, outages, restoration, seconds)
    return _Work(case=case, outages=outages, orders=orders, drafts=drafts, blocks=blocks, cards=cards)


def _jobs(work: _Work, scenario: Scenario, places: Places) -> tuple[Job, ...]:
    """Jobs at their places, with what the scenario says about their kind of work."""
    located = zip(work.drafts, places.of_drafts(work.drafts), strict=True)
    return tuple(
        _set_up(replace(draft.job, location=location), draft.card.kind, scenario)
        for draft, location in located
    )


def _problem(
    work: _Work, scenario: Scenario, jobs: tuple[Job, ...], crews: tuple[Crew, ...], travel: Travel
) -> Problem:
    """All of the day as one problem, danger first."""
    problem = Problem(
        travel=travel,
        jobs=jobs,
        crews=crews,
        blocks=work.blocks,
        unserved_at_s=scenario.horizon_s,
        costs=Costs(travel_per_s=work.case.settings.travel_cost_per_min / 60),
    )
    tier_of = {order.outage: order.tier for order in work.orders if order.outage}
    return _lifted(problem, work.drafts, work.cards, tier_of)


def _generators_at(
    case: Case,
    grades: Grades,
    orders: Sequence[WorkOrder],
    outages: Sequence[Outage],
    generators: Generators | None,
) -> frozenset[str]:
    """Transformers that a generator of the scenario may feed: enough customers, not too much load."""
    if generators is None or not generators.count:
        return frozenset()
    rows = case.customers.rows_by_transformer
    out = {name for outage in outages if outage.customers is None for name in outage.transformers}
    return frozenset(
        name
        for name in {*out, *generator_places(case, grades, orders, outages)} & out
        if len(rows.get(name, ())) >= generators.least_customers
        and case.load_kw.get(name, 0.0) <= generators.most_kw
    )


def _set_up(job: Job, kind: str, scenario: Scenario) -> Job:
    """A job with what the scenario says about its kind of work."""
    if kind == GENERATOR and scenario.generators is not None:
        setup_s = round(scenario.generators.setup_min * 60)
        load = {GENERATOR: 1.0} if scenario.generators.each else {}
        return replace(job, service_s=setup_s, skills=frozenset({GENERATOR}), load=load)
    if any(set(group.may) != set(TASKS) for group in scenario.crews) and kind in TASKS:
        return replace(job, skills=job.skills | permits((kind,)))
    return job


def _travels(world: World, scenario: Scenario, places: Places) -> list[tuple[int, Travel]]:
    """Drives by period; the first one from the start."""
    return [
        (from_s, places.travel(closed_book(world.drives, world.case.roads, now), scenario.drive_factor))
        for from_s, now in periods(scenario)
    ]


def _outage(world: World, hit: Hit, id_: str, origin: datetime) -> Outage:
    tree, node = world.tree, int(world.elements.node[hit.element])
    component = COMPONENTS[int(world.elements.component[hit.element])]
    customers: tuple[str, ...] | None = None
    if component == "lv_main":
        customers = tuple(tree.customer_ids[tree.customer_rows_beneath(node)].astype(str))
        transformers: tuple[str, ...] = (tree.ids[int(tree.parent_idx[node])],)
    else:
        transformers = tree.transformers_beneath(node)
    return Outage(
        id=id_,
        fault=world.fault(hit.element, id_),
        since=origin,
        requests=(),
        transformers=transformers,
        customers_out=int(tree.customers[node]),
        component=ORDER_COMPONENT[component],
        customers=customers,
    )


def _mean_kw(case: Case, card: BlockCard) -> float:
    """Mean load of a block: its customers' share of what its transformers carry."""
    rows = case.customers.rows_by_transformer
    customers = sum(len(rows.get(name, ())) for name in card.transformers)
    return sum(case.load_kw.get(name, 0.0) for name in card.transformers) * card.customers / max(1, customers)


def _happenings(
    world: World,
    scenario: Scenario,
    hits: Sequence[Hit],
    work: _Work,
    jobs: Sequence[Job],
) -> tuple[Happening, ...]:
    known = {job.id for job in jobs}
    order_of = {order.outage: order for order in work.orders}
    along = _along_lines(world)
    nodes = [int(world.elements.node[hit.element]) for hit in hits]
    at_node: dict[int, list[int]] = {}
    for number, node in enumerate(nodes):
        at_node.setdefault(node, []).append(number)
    found = []
    for number, (hit, outage, node) in enumerate(zip(hits, work.outages, nodes, strict=True)):
        # Of two faults behind one device the earlier hides the later.
        hiding = [
            each
            for up in world.tree.above(node)
            for each in at_node.get(up, ())
            if up != node or each < number
        ]
        steps = [job_id(outage.id, step) for step in STEPS]
        found.append(
            Happening(
                id=outage.id,
                at_s=hit.at_s,
                repair_s=hit.repair_s,
                call_s=_noticed_s(world, scenario, hit, outage, along),
                jobs=tuple(job for job in steps if job in known),
                above=tuple(hiding),
                cause=hit.cause,
                area=world.elements.area[hit.element],
                class_=order_of[outage.id].class_,
                grade=order_of[outage.id].grade,
            )
        )
    return tuple(found)


def _noticed_s(world: World, scenario: Scenario, hit: Hit, outage: Outage, along: NDArray[np.float64]) -> int:
    """Seconds until a call, or a patrol that comes by earlier."""
    call_s = first_call_s(outage.customers_out, hit.luck, scenario.discovery)
    phase = float(along[hit.element] / max(along[-1], 1e-9))
    by_patrol_s = patrol_s(hit.at_s, phase, float(along[-1]), scenario.discovery)
    return call_s if by_patrol_s is None else min(call_s, by_patrol_s)


def _along_lines(world: World) -> NDArray[np.float64]:
    """(n,) kilometres of line that a patrol has looked at when it reaches an element."""
    lines = world.elements.component < COMPONENTS.index("transformer")
    return np.asarray(np.cumsum(np.where(lines, world.elements.exposure, 0.0)))


def _lifted(
    problem: Problem, drafts: Sequence[Draft], cards: Sequence[BlockCard], tier_of: Mapping[str, int]
) -> Problem:
    job_tier = {draft.card.id: draft.card.tier for draft in drafts}
    block_tier = {
        card.id: min((tier_of[each] for each in card.outages if each in tier_of), default=1) for card in cards
    }
    return lift_tiers(problem, tier_factors(problem, job_tier, block_tier), job_tier, block_tier)

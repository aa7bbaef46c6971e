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

from ..blocks import make_blocks
from ..day import BlockCard, Outage, WorkOrder
from ..drafting import DESK_SKILL, Draft, draft_jobs, job_id, people_skills
from ..model import Case
from ..problem import Block, Costs, Crew, Job, Problem, Travel
from ..tiers import lift_tiers, tier_factors
from ..triage import Grades, generator_places, order_outages
from .closures import closed_book, periods
from .drives import DESK, DriveBook
from .policies import under_policy
from .scenario import GENERATOR, TASKS, CrewGroup, Generators, Scenario
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

    def travel_at(self, now_s: int) -> Travel:
        """Drives as the roads are at a moment."""
        found = self.travel
        for from_s, travel in self.later_travel:
            if from_s <= now_s:
                found = travel
        return found


def make_stage(world: World, scenario: Scenario, hits: Sequence[Hit]) -> Stage:
    """Build the day of one replication under one alternative."""
    world = under_policy(world, scenario.plan.policy)
    origin = scenario.start
    case = replace(world.case, settings=replace(world.case.settings, now=origin))
    outages = [_outage(world, hit, f"F{number + 1}", origin) for number, hit in enumerate(hits)]
    orders = order_outages(case, world.grades, outages, ())
    above_lv = [outage.fault for outage in outages if outage.customers is None]
    restoration = restore(
        case.grid,
        above_lv,
        load_kw=case.load_kw,
        switching=scenario.plan.switching,
        generators_at=_generators_at(case, world.grades, orders, outages, scenario.generators),
    )

    def seconds(moment: datetime) -> int:
        return round((moment - origin).total_seconds())

    drafts, _ = draft_jobs(case, orders, outages, (), restoration, seconds)
    blocks, cards = make_blocks(case, world.grades, orders, outages, restoration, seconds)
    places = _Places(world)
    kinds = {draft.card.id: draft.card.kind for draft in drafts}
    jobs = tuple(
        _set_up(replace(draft.job, location=places.of_draft(draft)), draft.card.kind, scenario)
        for draft in drafts
    )
    crews = (
        *_crews(case, scenario, places),
        Crew(id=DESK_CREW, start=(DESK,), skills=frozenset({DESK_SKILL, *_permits(TASKS)})),
    )
    first, *later = _travels(world, scenario, places)
    problem = _lifted(
        Problem(
            travel=first[1],
            jobs=jobs,
            crews=crews,
            blocks=blocks,
            unserved_at_s=scenario.horizon_s,
            costs=Costs(travel_per_s=case.settings.travel_cost_per_min / 60),
        ),
        drafts,
        cards,
        {order.outage: order.tier for order in orders if order.outage},
    )
    return Stage(
        jobs=problem.jobs,
        faults=_happenings(world, scenario, hits, outages, jobs, orders),
        blocks=problem.blocks,
        block_customers=tuple(card.customers for card in cards),
        block_weight=tuple(card.weight for card in cards),
        block_kw=tuple(_mean_kw(case, card) for card in cards),
        crews=crews,
        travel=problem.travel,
        horizon_s=scenario.horizon_s,
        costs=problem.costs,
        customers=max(1, len(case.customers)),
        kinds=kinds,
        later_travel=tuple(later),
        places=places.where,
        block_transformers=tuple(card.transformers for card in cards),
    )


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
        return replace(job, service_s=setup_s, skills=frozenset({GENERATOR}), load={})
    if any(set(group.may) != set(TASKS) for group in scenario.crews) and kind in TASKS:
        return replace(job, skills=job.skills | _permits((kind,)))
    return job


def _permits(tasks: Sequence[str]) -> frozenset[str]:
    """Skills that stand for the permission to do a kind of work."""
    return frozenset(f"may {task}" for task in tasks)


def _travels(world: World, scenario: Scenario, places: _Places) -> list[tuple[int, Travel]]:
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
    outages: Sequence[Outage],
    jobs: Sequence[Job],
    orders: Sequence[WorkOrder],
) -> tuple[Happening, ...]:
    known = {job.id for job in jobs}
    order_of = {order.outage: order for order in orders}
    along = _along_lines(world)
    nodes = [int(world.elements.node[hit.element]) for hit in hits]
    at_node: dict[int, list[int]] = {}
    for number, node in enumerate(nodes):
        at_node.setdefault(node, []).append(number)
    found = []
    for number, (hit, outage, node) in enumerate(zip(hits, outages, nodes, strict=True)):
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


class _Places:
    """Locations of a problem as they come into use: the desk, then places of the drive book."""

    def __init__(self, world: World) -> None:
        self.book = world.drives
        self.index: dict[int, int] = {}

    def at(self, lon: float, lat: float) -> int:
        place = int(self.book.places([lon], [lat])[0])
        return self.index.setdefault(place, len(self.index) + 1)

    def of_draft(self, draft: Draft) -> int:
        return DESK if draft.card.remote else self.at(draft.card.lon, draft.card.lat)

    def travel(self, book: DriveBook, factor: float) -> Travel:
        return book.travel(np.fromiter(self.index, dtype=np.int64, count=len(self.index)), factor)

    @property
    def where(self) -> tuple[tuple[float, float, int], ...]:
        book = self.book
        known = [(float(book.lon[at]), float(book.lat[at]), int(book.nodes[at])) for at in self.index]
        return ((0.0, 0.0, -1), *known)


def _crews(case: Case, scenario: Scenario, places: _Places) -> list[Crew]:
    """One record per crew and turn: a crew that comes back in the morning begins at its depot."""
    found: list[Crew] = []
    for group in scenario.crews:
        homes = _homes(case, group.depots, places)
        for number in range(group.count):
            home = homes[number % len(homes)]
            staged = places.at(*group.starts[number % len(group.starts)]) if group.starts else home
            for turn, hours in enumerate(group.worked_turns):
                name = f"{group.name}-{number + 1:02d}/{turn + 1}"
                found.append(_crew(case, group, name, (staged if turn == 0 else home, home), hours))
    return found + _generator_crews(case, scenario, places)


def _homes(case: Case, depots: Sequence[str], places: _Places) -> list[int]:
    known = [case.depot_by_id[each] for each in depots] if depots else list(case.depots)
    return [places.at(depot.lon, depot.lat) for depot in known]


def _crew(
    case: Case, group: CrewGroup, id_: str, places: tuple[int, int], hours: tuple[float, float]
) -> Crew:
    return Crew(
        id=id_,
        start=(places[0],),
        end=places[1],
        shift=(round(hours[0] * 3600), round(hours[1] * 3600)),
        overtime_s=round(group.overtime_min * 60),
        overtime_cost_per_s=case.settings.overtime_cost_per_min / 60,
        skills=frozenset(group.skills) | people_skills(group.people) | _permits(group.may),
        speed_factor=group.speed_factor,
    )


def _generator_crews(case: Case, scenario: Scenario, places: _Places) -> list[Crew]:
    """Trucks that bring generators and do nothing else."""
    generators = scenario.generators
    if generators is None:
        return []
    homes = _homes(case, generators.depots, places)
    return [
        Crew(
            id=f"{GENERATOR}-{number + 1:02d}/1",
            start=(homes[number % len(homes)],),
            shift=(round(generators.from_h * 3600), scenario.horizon_s),
            skills=frozenset({GENERATOR}),
        )
        for number in range(generators.count)
    ]


def _lifted(
    problem: Problem, drafts: Sequence[Draft], cards: Sequence[BlockCard], tier_of: Mapping[str, int]
) -> Problem:
    job_tier = {draft.card.id: draft.card.tier for draft in drafts}
    block_tier = {
        card.id: min((tier_of[each] for each in card.outages if each in tier_of), default=1) for card in cards
    }
    return lift_tiers(problem, tier_factors(problem, job_tier, block_tier), job_tier, block_tier)

"""One replication's day, made ready: faults into outages, orders, jobs, blocks and drives, built once.

The same building code as the board's makes the jobs and the blocks; what the
engine does at each event is to choose those that are known by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from geo import restore

from ..blocks import make_blocks
from ..day import BlockCard, Outage
from ..drafting import DESK_SKILL, Draft, draft_jobs, job_id, people_skills
from ..model import Case
from ..problem import Block, Costs, Crew, Job, Problem, Travel
from ..tiers import lift_tiers, tier_factors
from ..triage import order_outages
from .drives import DESK
from .scenario import CrewGroup, Scenario
from .storms import Hit, first_call_s
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


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything of one replication that no decision changes.

    Jobs' due times count from the discovery of their fault; all else in seconds from the start.
    """

    jobs: tuple[Job, ...]
    faults: tuple[Happening, ...]
    blocks: tuple[Block, ...] = ()
    block_customers: tuple[int, ...] = ()
    block_weight: tuple[float, ...] = ()
    crews: tuple[Crew, ...] = ()
    travel: Travel
    horizon_s: int
    costs: Costs = field(default_factory=Costs)
    customers: int = 1
    kinds: Mapping[str, str] = field(default_factory=dict)


def make_stage(world: World, scenario: Scenario, hits: Sequence[Hit]) -> Stage:
    """Build the day of one replication under one alternative."""
    origin = scenario.start
    case = replace(world.case, settings=replace(world.case.settings, now=origin))
    outages = [_outage(world, hit, f"F{number + 1}", origin) for number, hit in enumerate(hits)]
    orders = order_outages(case, world.grades, outages, ())
    above_lv = [outage.fault for outage in outages if outage.customers is None]
    restoration = restore(case.grid, above_lv, load_kw=case.load_kw, switching=scenario.plan.switching)

    def seconds(moment: datetime) -> int:
        return round((moment - origin).total_seconds())

    drafts, _ = draft_jobs(case, orders, outages, (), restoration, seconds)
    blocks, cards = make_blocks(case, world.grades, orders, outages, restoration, seconds)
    places = _Places(world)
    jobs = tuple(replace(draft.job, location=places.of_draft(draft)) for draft in drafts)
    crews = (
        *_crews(case, scenario, places),
        Crew(id=DESK_CREW, start=(DESK,), skills=frozenset({DESK_SKILL})),
    )
    problem = _lifted(
        Problem(
            travel=places.travel(scenario.drive_factor),
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
        faults=_happenings(world, scenario, hits, outages, jobs),
        blocks=problem.blocks,
        block_customers=tuple(card.customers for card in cards),
        block_weight=tuple(card.weight for card in cards),
        crews=crews,
        travel=problem.travel,
        horizon_s=scenario.horizon_s,
        costs=problem.costs,
        customers=max(1, len(case.customers)),
        kinds={draft.card.id: draft.card.kind for draft in drafts},
    )


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


def _happenings(
    world: World, scenario: Scenario, hits: Sequence[Hit], outages: Sequence[Outage], jobs: Sequence[Job]
) -> tuple[Happening, ...]:
    known = {job.id for job in jobs}
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
                call_s=first_call_s(outage.customers_out, hit.luck, scenario.discovery),
                jobs=tuple(job for job in steps if job in known),
                above=tuple(hiding),
                cause=hit.cause,
                area=world.elements.area[hit.element],
            )
        )
    return tuple(found)


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

    def travel(self, factor: float) -> Travel:
        return self.book.travel(np.fromiter(self.index, dtype=np.int64, count=len(self.index)), factor)


def _crews(case: Case, scenario: Scenario, places: _Places) -> list[Crew]:
    """One record per crew and turn: a crew that comes back in the morning begins at its depot."""
    found: list[Crew] = []
    homes = [depot.id for depot in case.depots]
    for group in scenario.crews:
        for number in range(group.count):
            depots = group.depots or tuple(homes)
            depot = case.depot_by_id[depots[number % len(depots)]]
            at = places.at(depot.lon, depot.lat)
            found += [
                _crew(case, group, f"{group.name}-{number + 1:02d}/{turn + 1}", at, hours)
                for turn, hours in enumerate(group.turns)
            ]
    return found


def _crew(case: Case, group: CrewGroup, id_: str, at: int, hours: tuple[float, float]) -> Crew:
    return Crew(
        id=id_,
        start=(at,),
        end=at,
        shift=(round(hours[0] * 3600), round(hours[1] * 3600)),
        overtime_s=round(group.overtime_min * 60),
        overtime_cost_per_s=case.settings.overtime_cost_per_min / 60,
        skills=frozenset(group.skills) | people_skills(group.people),
        speed_factor=group.speed_factor,
    )


def _lifted(
    problem: Problem, drafts: Sequence[Draft], cards: Sequence[BlockCard], tier_of: Mapping[str, int]
) -> Problem:
    job_tier = {draft.card.id: draft.card.tier for draft in drafts}
    block_tier = {
        card.id: min((tier_of[each] for each in card.outages if each in tier_of), default=1) for card in cards
    }
    return lift_tiers(problem, tier_factors(problem, job_tier, block_tier), job_tier, block_tier)

"""An open day taken apart, so that work can be put in, taken out and joined, and put together again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ..ground.case import Request
from ..ground.day import JobCard, OpenDay, WorkOrder
from ..ground.drive import IMPASSABLE_S
from ..ground.problem import After, Block, Crew, Job, Problem, Travel
from ..planning.building import block_tiers
from ..planning.drafting import Draft
from ..planning.running import Running, as_known
from ..planning.tiers import lift_tiers, tier_factors


@dataclass(kw_only=True)
class Workbench:
    """The parts of an open day, in plain cost."""

    day: OpenDay
    cards: dict[str, JobCard]
    jobs: dict[str, Job]
    blocks: list[Block]
    orders: dict[str, WorkOrder]
    requests: dict[str, Request]
    crews: dict[str, Crew]
    travel: Travel
    lonlat: list[tuple[float, float]]
    nodes: list[int]

    @classmethod
    def of(cls, day: OpenDay) -> Workbench:
        """Take a day apart."""
        return cls(
            day=day,
            cards=dict(day.cards),
            jobs=dict(day.plain.job_by_id),
            blocks=list(day.plain.blocks),
            orders=dict(day.order_by_id),
            requests=dict(day.case.request_by_id),
            crews=dict(day.plain.crew_by_id),
            travel=day.plain.travel,
            lonlat=list(day.locations),
            nodes=list(day.nodes),
        )

    @property
    def horizon_s(self) -> int:
        """When what is never restored counts as restored."""
        return self.day.plain.unserved_at_s or 0

    def seconds(self, moment: datetime) -> int:
        """A moment as seconds from the day's origin."""
        return round((moment - self.day.origin).total_seconds())

    def put(self, order: WorkOrder, draft: Draft, request: Request) -> None:
        """Put a new order with its one job in."""
        self.orders[order.id] = order
        self.requests[request.id] = request
        self.cards[draft.card.id] = draft.card
        place = self._location(draft.card.lon, draft.card.lat)
        self.jobs[draft.card.id] = replace(draft.job, location=place)

    def drop(self, job: str) -> None:
        """Take a job out."""
        del self.jobs[job], self.cards[job]

    def replace_in_ways(self, job: str, by: tuple[str, ...]) -> None:
        """Let others stand for a job wherever something waits for it."""
        self.blocks = [
            replace(block, restored_by=tuple(_replaced(way, job, by) for way in block.restored_by))
            for block in self.blocks
        ]
        for other in list(self.jobs.values()):
            waits = {each.job: each.lag_s for each in other.after}
            if job in waits and other.id not in by:
                names = _replaced(tuple(waits), job, by)
                lags = {name: waits.get(name, waits[job]) for name in names if name != other.id}
                after = tuple(After(job=name, lag_s=lag) for name, lag in lags.items())
                self.jobs[other.id] = replace(other, after=after)

    def take_up(self, running: Running) -> None:
        """Let what is under way hold for the jobs that are new on this bench."""
        for id_ in [id_ for id_ in self.jobs if id_ not in self.day.cards]:
            self.jobs[id_] = as_known(self.jobs[id_], running, self.day.origin)
        for id_ in running.done & self.jobs.keys():
            self.drop(id_)
            self.replace_in_ways(id_, ())
        for crew in list(self.crews.values()):
            # What nobody may do any more (taken out, a switch that is stuck) binds nobody.
            bound = tuple(
                job
                for job in running.committed.get(crew.id, ())
                if job in self.jobs and self.jobs[job].skills <= crew.skills
            )
            at = [self.jobs[job].location for job in bound if job in running.on_site]
            self.crews[crew.id] = replace(crew, committed=bound, start=(at[0],) if at else crew.start)

    def finished(self) -> OpenDay:
        """The day put together again, its tiers lifted anew."""
        day, plain = self.day, self._plain()
        job_tier = {id_: card.tier for id_, card in self.cards.items()}
        orders = tuple(self.orders.values())
        out = {block.id for block in plain.blocks}
        block_cards = tuple(card for card in day.blocks if card.id in out)
        block_tier = block_tiers(block_cards, orders)
        factors = tier_factors(plain, job_tier, block_tier)
        return replace(
            day,
            case=replace(day.case, requests=tuple(self.requests.values())),
            orders=orders,
            cards=dict(self.cards),
            blocks=block_cards,
            problem=lift_tiers(plain, factors, job_tier, block_tier),
            plain=plain,
            tier_factors=factors,
            locations=tuple(self.lonlat),
            nodes=tuple(self.nodes),
        )

    def _plain(self) -> Problem:
        stocks = {name for job in self.jobs.values() for name in job.load}
        return replace(
            self.day.plain,
            jobs=tuple(self.jobs.values()),
            crews=tuple(self._crew(crew, stocks) for crew in self.crews.values()),
            # A way of which nothing is left to do has brought its block back.
            blocks=tuple(block for block in self.blocks if all(block.restored_by)),
            travel=self.travel,
            previous=tuple(
                replace(each, jobs=tuple(job for job in each.jobs if job in self.jobs))
                for each in self.day.plain.previous
            ),
        )

    def _crew(self, crew: Crew, stocks: set[str]) -> Crew:
        """A crew with a limit for every stock that is asked for, and only work that is there."""
        shift = self.day.case.crew_by_id.get(crew.id)
        capacity = dict(crew.capacity)
        if shift is not None and shift.stock is not None:
            capacity |= {
                name: float(shift.stock.get(name, 0)) for name in sorted(stocks) if name not in capacity
            }
        committed = tuple(job for job in crew.committed if job in self.jobs)
        return replace(crew, capacity=capacity, committed=committed)

    def _location(self, lon: float, lat: float) -> int:
        """The index of a place, its drives added when nobody has been there."""
        roads = self.day.case.roads
        node = int(roads.snap([lon], [lat]).node_idx[0])
        if node in self.nodes:
            return self.nodes.index(node)
        known = np.asarray(self.nodes[1:], dtype=np.int64)
        out, home = roads.travel_of(node, known)
        assert self.travel.durations_s is not None
        self.travel = Travel(
            durations_s=_wider(self.travel.durations_s, out.durations_s, home.durations_s, IMPASSABLE_S),
            distances_m=None
            if self.travel.distances_m is None
            else _wider(self.travel.distances_m, out.distances_m, home.distances_m, 0),
        )
        self.nodes.append(node)
        self.lonlat.append((float(roads.lon[node]), float(roads.lat[node])))
        return len(self.nodes) - 1


def _wider(table: np.ndarray, out: np.ndarray, home: np.ndarray, desk: float) -> np.ndarray:
    """A table with one more place; index 0, the operator's desk, has no road to it."""
    size = len(table)
    wide = np.zeros((size + 1, size + 1), dtype=table.dtype)
    wide[:size, :size] = table
    wide[size, 1:size], wide[1:size, size] = out[0], home[0]
    wide[size, 0] = wide[0, size] = desk
    return wide


def _replaced(names: tuple[str, ...], job: str, by: tuple[str, ...]) -> tuple[str, ...]:
    found = [new for name in names for new in (by if name == job else (name,))]
    return tuple(dict.fromkeys(found))

"""Who is there: a scenario's groups as crews on their turns: where they stand, breaks, rest, stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..ground.case import Case
from ..ground.problem import Crew, Travel
from ..planning.drafting import Draft, people_skills
from .drives import DESK, DriveBook
from .scenario import GENERATOR, CrewGroup, Scenario
from .world import World

Place = tuple[float, float, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What the law or an agreement asks for on one turn of a crew.

    Parameters
    ----------
    break_after_s : from the begin or the last break until a break of `break_s` is due; None: never.
    rest_s : from the end of this turn's work to the begin of `next_turn`, at least.
    """

    break_after_s: int | None = None
    break_s: int = 0
    rest_s: int = 0
    next_turn: str | None = None


class Places:
    """Locations of a problem as they come into use: the desk, then places of the drive book."""

    def __init__(self, world: World) -> None:
        self.book = world.drives
        self.index: dict[int, int] = {}

    def at(self, lon: float, lat: float) -> int:
        """Location of the nearest place of the book."""
        place = int(self.book.places([lon], [lat])[0])
        return self.index.setdefault(place, len(self.index) + 1)

    def of_drafts(self, drafts: Sequence[Draft]) -> list[int]:
        """Location of each draft, in their order."""
        if not drafts:
            return []
        cards = [draft.card for draft in drafts]
        found = self.book.places([card.lon for card in cards], [card.lat for card in cards]).tolist()
        return [
            DESK if card.remote else self.index.setdefault(place, len(self.index) + 1)
            for card, place in zip(cards, found, strict=True)
        ]

    def travel(self, book: DriveBook, factor: float) -> Travel:
        """Drives between all locations that are in use."""
        return book.travel(np.fromiter(self.index, dtype=np.int64, count=len(self.index)), factor)

    @property
    def where(self) -> tuple[Place, ...]:
        """Lon, lat and road node of each location."""
        book = self.book
        known = [(float(book.lon[at]), float(book.lat[at]), int(book.nodes[at])) for at in self.index]
        return ((0.0, 0.0, -1), *known)


def crews_of(case: Case, scenario: Scenario, places: Places) -> list[Crew]:
    """One record per crew and turn: a crew that comes back in the morning begins at its depot."""
    found: list[Crew] = []
    for group in scenario.crews:
        homes = _homes(case, group.depots, places)
        for number in range(group.count):
            home = homes[number % len(homes)]
            staged = places.at(*group.starts[number % len(group.starts)]) if group.starts else home
            for turn, hours in enumerate(group.worked_turns):
                ends = (staged if turn == 0 else home, home)
                found.append(_crew(case, group, turn_id(group, number, turn), ends, hours))
    return found + _generator_crews(case, scenario, places)


def turn_id(group: CrewGroup, number: int, turn: int) -> str:
    """Id of a crew on one of its turns; both count from 0."""
    return f"{group.name}-{number + 1:02d}/{turn + 1}"


def duties_of(scenario: Scenario) -> dict[str, Duty]:
    """Breaks and rest of each crew and turn, of the groups that have rules for them."""
    found = {}
    for group in scenario.crews:
        if group.break_after_h is None and not group.rest_h:
            continue
        turns = len(group.worked_turns)
        for number in range(group.count):
            for turn in range(turns):
                after_h = group.break_after_h
                found[turn_id(group, number, turn)] = Duty(
                    break_after_s=None if after_h is None else round(after_h * 3600),
                    break_s=round(group.break_min * 60),
                    rest_s=round(group.rest_h * 3600),
                    next_turn=turn_id(group, number, turn + 1) if turn + 1 < turns else None,
                )
    return found


def permits(tasks: Sequence[str]) -> frozenset[str]:
    """Skills that stand for the permission to do a kind of work."""
    return frozenset(f"may {task}" for task in tasks)


def _homes(case: Case, depots: Sequence[str], places: Places) -> list[int]:
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
        skills=frozenset(group.skills) | people_skills(group.people) | permits(group.may),
        speed_factor=group.speed_factor,
        capacity=dict(group.stock),
    )


def _generator_crews(case: Case, scenario: Scenario, places: Places) -> list[Crew]:
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
            capacity={GENERATOR: float(generators.each)} if generators.each else {},
        )
        for number in range(generators.count)
    ]

"""A scenario: what happens, who is there, how it is planned.

What the fields mean to a reader is in `docs/scenarios.md`, made from these
models; `scenario_file.py` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from .damage_settings import Damage
from .fields import Lat, Lon, NotNegative, Part, Positive, Share, Turns, says

Dispatcher = Literal["planner", "list", "first_come"]
Task = Literal["repair", "patrol", "make_safe", "switching"]
TASKS: tuple[Task, ...] = ("repair", "patrol", "make_safe", "switching")
# Skill that only a generator's crew has.
GENERATOR = "generator"


class Patrol(Part):
    """Crews of their own that look for faults nobody has called about."""

    after_h: NotNegative = says("when they set out", 4.0)
    teams: Annotated[int, Field(ge=1, le=500)] = says("how many", 2)
    km_per_h: Positive = says("line that one team looks at; placeholder", 8.0)


class Discovery(Part):
    """How the utility gets to know: the first call, else a patrol or a neighbour."""

    share_first_hour: Share = says("customers who call within an hour of losing supply; placeholder", 0.3)
    median_min: Positive = says("of a caller's log-normal delay; placeholder", 15.0)
    sigma: NotNegative = says("of its logarithm; placeholder", 1.0)
    unnoticed_h: Positive = says("a fault that nobody calls about is noticed after this; placeholder", 6.0)
    patrol: Patrol | None = says("teams that find what nobody calls about", None)


class CrewGroup(Part):
    """Crews alike."""

    count: Annotated[int, Field(ge=0, le=5000)] = says("how many crews")
    name: str = says("shown as name-01, name-02, ...", "crew")
    # In the order given: a set has another order in every process.
    skills: tuple[str, ...] = says("what they can do", ("hv", "lv", "switching", "tree"))
    people: Annotated[int, Field(ge=1, le=20)] = says("in each crew", 3)
    depots: tuple[str, ...] = says("where they are at home, in turn; all depots by default", ())
    starts: tuple[tuple[Lon, Lat], ...] = says(
        "where they stand at the start of their first turn, in turn: staged", ()
    )
    turns: Turns = says("each crew works all of these, hours from the start", ((0.0, 16.0), (24.0, 40.0)))
    arrives_h: NotNegative = says("mutual aid: nothing before this hour", 0.0)
    may: tuple[Task, ...] = says("the only work they may do", TASKS)
    overtime_min: NotNegative = says("how long they may stay after a turn", 120.0)
    speed_factor: Positive = says("on their drives", 1.0)
    stock: Mapping[str, NotNegative] = says(
        "what each crew carries on a turn, by good; what is not named does not run out", {}
    )
    break_after_h: Positive | None = says(
        "hours of a turn, or since the last break, after which a break is due; taken once the job in hand "
        "is over",
        None,
    )
    break_min: Positive = says("length of a break", 30.0)
    rest_h: NotNegative = says("hours from the end of a turn's work to the next turn, at least", 0.0)

    @model_validator(mode="after")
    def _turns_in_order(self) -> CrewGroup:
        last = 0.0
        for begin, end in self.turns:
            if begin < last or end <= begin:
                raise ValueError(f"turns: {begin:g} to {end:g} h is not after the turn before it")
            last = end
        return self

    @property
    def worked_turns(self) -> tuple[tuple[float, float], ...]:
        """Turns with what lies before the arrival cut off."""
        return tuple((max(begin, self.arrives_h), end) for begin, end in self.turns if end > self.arrives_h)


class Generators(Part):
    """Trucks that bring mobile generators; one feeds one transformer until the repair."""

    count: Annotated[int, Field(ge=0, le=500)] = says("trucks")
    each: Annotated[int, Field(ge=1)] | None = says(
        "generators on each truck; without it they do not run out", None
    )
    depots: tuple[str, ...] = says("where they stand, in turn; all depots by default", ())
    from_h: NotNegative = says("from when they may be sent", 0.0)
    setup_min: Positive = says("to connect one; placeholder", 60.0)
    least_customers: Annotated[int, Field(ge=1)] = says("not for fewer", 20)
    most_kw: Positive = says("greatest mean load that one carries", 400.0)


class Closure(Part):
    """A road that cannot be driven, or only slowly: named by area, by street, or by edges."""

    name: str = says("for the report", "closed")
    area: str | None = says("a polygon: WKT, or the name of a file with WKT or GeoJSON", None)
    street: str | None = says("only roads of this name", None)
    edges: tuple[tuple[str, str], ...] = says("pairs of road nodes, both ways: a bridge", ())
    from_h: NotNegative = says("closed from", 0.0)
    to_h: NotNegative | None = says("open again; empty to the end", None)
    slower: Annotated[float, Field(ge=1)] | None = says(
        "not closed, but drives take so many times longer", None
    )

    @model_validator(mode="after")
    def _sound(self) -> Closure:
        if self.area is None and self.street is None and not self.edges:
            raise ValueError("names no area, street or edges")
        if self.to_h is not None and self.to_h <= self.from_h:
            raise ValueError(f"to_h: {self.to_h:g} is not after from_h {self.from_h:g}")
        return self


class Planning(Part):
    """The dispatcher of the scenario and how hard he thinks."""

    dispatcher: Dispatcher = says(
        "`planner` plans again as the board does; `list`: a free crew takes the best weight per minute; "
        "`first_come`: the oldest job",
        "planner",
    )
    work: Annotated[int, Field(ge=1, le=100_000)] = says("search steps of the solver per re-plan", 20)
    every_min: NotNegative = says(
        "shortest time between two re-plans; 0: at every event that brings news", 0.0
    )
    switching: bool = says("whether customers are brought back by switching before the repair", True)
    policy: str | None = says("another policy than the case's: built in, or a file beside the scenario", None)


class Staging(Part):
    """Where to put crews the evening before: searched over sampled storms that are not those of the study."""

    storms: Annotated[int, Field(ge=1, le=500)] = says("how many storms to search on", 12)
    places: tuple[tuple[Lon, Lat], ...] = says(
        "where crews may wait besides the depots; transformers spread over the city without it", ()
    )
    most_per_place: Annotated[int, Field(ge=1)] = says("crews that one place has room for", 8)
    groups: tuple[str, ...] = says("names of the groups that may be placed; all without it", ())


class Scenario(Part):
    """One scenario, without alternatives."""

    name: str = says("shown on the report")
    case: str = says("case folder, relative to this file")
    start: AwareDatetime = says("first moment, with its offset from UTC")
    hours: Annotated[float, Field(gt=0, le=24 * 60)] = says(
        "length; who is out at the end counts as back then, and is reported", 48.0
    )
    drive_factor: Positive = says("on all drives: 1.5 for bad roads", 1.0)
    damage: Damage = says("what breaks", Damage())
    discovery: Discovery = says("how it is heard of", Discovery())
    crews: tuple[CrewGroup, ...] = says("groups of crews alike")
    generators: Generators | None = says("mobile generators", None)
    roads: tuple[Closure, ...] = says("roads closed or slow", ())
    plan: Planning = says("how it is planned", Planning())
    staging: Staging | None = says("put crews where sampled storms say, the evening before", None)

    @property
    def horizon_s(self) -> int:
        """Seconds from start to end."""
        return round(self.hours * 3600)


class Study(BaseModel):
    """A scenario and its alternatives, the base first, each a complete scenario."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    alternatives: Mapping[str, Scenario]

    @property
    def base(self) -> str:
        """Name of the alternative that the others are compared with."""
        return next(iter(self.alternatives))

    @property
    def case_folder(self) -> Path:
        """The case that all alternatives share."""
        return (self.folder / self.alternatives[self.base].case).resolve()

    @property
    def start(self) -> datetime:
        """When the first alternative begins."""
        return self.alternatives[self.base].start

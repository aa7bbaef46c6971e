"""A scenario: what happens, who is there, how it is planned. Read from YAML, all faults at once.

What the fields mean to a reader is in `docs/scenarios.md`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ..errors import Fault, InputFaults, nearest
from ..repair_times import REPAIR_TIMES

Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Dispatcher = Literal["planner", "list", "first_come"]

CAUSES: Mapping[str, Mapping[str, float]] = {
    # Placeholders: which cause a storm damages each component by; not taken from a source.
    "overhead": {"tree": 0.6, "wire down": 0.2, "wind": 0.15, "pole down": 0.05},
    "cable": {"cable": 1.0},
    "transformer": {"transformer": 0.5, "equipment": 0.5},
    "lv_main": {"tree": 0.6, "wire down": 0.4},
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Damage(_Part):
    """How many faults there are, when and where.

    Parameters
    ----------
    faults : expected number in all (the number itself is Poisson).
    by_hour : relative rate in each hour from the start; one figure is a steady rate.
    by_area : relative rate by the customers' area (urban, rural, remote); 1 where not named.
    by_component : share of the faults by component.
    causes : by component, the relative frequency of causes (`dispatch.repair_times`).
    repair_factor : on all times on site.
    """

    faults: NotNegative = 20
    by_hour: tuple[NotNegative, ...] = (1.0,)
    by_area: Mapping[str, NotNegative] = {}
    by_component: Mapping[Literal["overhead", "cable", "transformer", "lv_main"], NotNegative] = {
        "overhead": 0.6,
        "cable": 0.05,
        "transformer": 0.15,
        "lv_main": 0.2,
    }
    causes: Mapping[str, Mapping[str, NotNegative]] = CAUSES
    repair_factor: Positive = 1.0

    @model_validator(mode="after")
    def _known_causes(self) -> Damage:
        for component, causes in self.causes.items():
            for cause in causes:
                if cause not in REPAIR_TIMES:
                    raise ValueError(f"causes.{component}: no cause '{cause}'{nearest(cause, REPAIR_TIMES)}")
        return self


class Discovery(_Part):
    """How the utility gets to know: the first call, else a patrol or a neighbour."""

    share_first_hour: Share = 0.3
    median_min: Positive = 15.0
    sigma: NotNegative = 1.0
    unnoticed_h: Positive = 6.0


class CrewGroup(_Part):
    """Crews alike: `count` of them, each working all `turns` (hours from the start)."""

    count: Annotated[int, Field(ge=0, le=5000)]
    # In the order given: a set has another order in every process.
    skills: tuple[str, ...] = ("hv", "lv", "switching", "tree")
    depots: tuple[str, ...] = ()
    people: Annotated[int, Field(ge=1, le=20)] = 3
    turns: tuple[tuple[NotNegative, NotNegative], ...] = ((0.0, 16.0), (24.0, 40.0))
    overtime_min: NotNegative = 120
    speed_factor: Positive = 1.0
    name: str = "crew"

    @model_validator(mode="after")
    def _turns_in_order(self) -> CrewGroup:
        last = 0.0
        for begin, end in self.turns:
            if begin < last or end <= begin:
                raise ValueError(f"turns: {begin:g} to {end:g} h is not after the turn before it")
            last = end
        return self


class Planning(_Part):
    """The dispatcher of the scenario and how hard he thinks.

    Parameters
    ----------
    dispatcher : `planner` plans again at every event as the board does; `list` is a sorted list
        (a free crew takes the job with the best weight per minute); `first_come` the oldest job.
    work : search steps of the solver per re-plan.
    every_min : shortest time between two re-plans; 0 plans at every event.
    switching : whether customers are brought back by switching before repair.
    """

    dispatcher: Dispatcher = "planner"
    work: Annotated[int, Field(ge=1, le=100_000)] = 20
    every_min: NotNegative = 0
    switching: bool = True


class Scenario(_Part):
    """One scenario, without alternatives."""

    name: str
    case: str
    start: AwareDatetime
    hours: Annotated[float, Field(gt=0, le=24 * 60)] = 48
    drive_factor: Positive = 1.0
    damage: Damage = Damage()
    discovery: Discovery = Discovery()
    crews: tuple[CrewGroup, ...]
    plan: Planning = Planning()

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


def read_study(path: Path) -> Study:
    """Read a scenario file.

    Raises
    ------
    InputFaults
        With every fault of the file, of each alternative too.
    """
    data = _parsed(path)
    patches = data.pop("alternatives", None) or {}
    base_name = str(data.pop("base", "base"))
    faults: list[Fault] = []
    if not isinstance(patches, dict):
        raise InputFaults([Fault(file=path.name, place="alternatives", text="expected names with settings")])
    found: dict[str, Scenario] = {}
    for name, patch in {base_name: {}, **patches}.items():
        where = "" if name == base_name else f"alternatives.{name}"
        scenario = _scenario(path, where, merged(data, patch or {}), faults)
        if scenario is not None:
            found[str(name)] = scenario
    cases = {each.case for each in found.values()}
    if len(cases) > 1:
        faults.append(
            Fault(file=path.name, place="alternatives", text="all alternatives must be of the same case")
        )
    if faults:
        # The base's faults come back with every alternative: once is enough.
        raise InputFaults(list(dict.fromkeys(faults)))
    return Study(folder=path.parent, alternatives=found)


def merged(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `base` with what `patch` says; mappings are merged, all else is replaced."""
    out = dict(base)
    for key, value in patch.items():
        old = out.get(key)
        out[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def _parsed(path: Path) -> dict[str, Any]:
    try:
        data = YAML(typ="safe", pure=True).load(io.StringIO(path.read_text(encoding="utf-8")))
    except (YAMLError, UnicodeDecodeError) as error:
        place = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if place is None else f"line {place + 1}"
        text = str(getattr(error, "problem", error))
        raise InputFaults([Fault(file=path.name, place=where, text=text)]) from None
    if not isinstance(data, dict):
        raise InputFaults(
            [Fault(file=path.name, place="", text="a scenario is a list of 'name: value' lines")]
        )
    return data


def _scenario(path: Path, where: str, data: Mapping[str, Any], faults: list[Fault]) -> Scenario | None:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        base = Scenario.model_fields
        for each in error.errors():
            place = ".".join(str(part) for part in each["loc"])
            text = each["msg"].removeprefix("Value error, ")
            if each["type"] == "extra_forbidden":
                text = f"unknown setting{nearest(str(each['loc'][-1]), base)}"
            full = f"{where}.{place}" if where else place
            faults.append(Fault(file=path.name, place=full, text=text))
        return None

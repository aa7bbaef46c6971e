"""The terms of a roster: shifts, rest, hours, skills. Read from YAML, all faults at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..ground.errors import Fault, InputFaults, nearest
from ..simulate.scenario_file import parsed_yaml

MOST_CREWS = 400


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shift(_Part):
    """A shift that a crew may be given; it may end on the next day.

    Parameters
    ----------
    begin_h, end_h : hours of the day; an end past 24 is on the next day.
    """

    name: str
    begin_h: Annotated[float, Field(ge=0, lt=24)]
    end_h: Annotated[float, Field(gt=0, le=48)]

    @model_validator(mode="after")
    def _sound(self) -> Shift:
        if not 1 <= self.end_h - self.begin_h <= 16:
            raise ValueError(f"'{self.name}' lasts {self.end_h - self.begin_h:g} h; expected 1 to 16")
        return self

    @property
    def hours(self) -> float:
        """How long it is."""
        return self.end_h - self.begin_h

    @property
    def night(self) -> bool:
        """Whether it covers two in the morning."""
        return self.end_h > 26 or self.begin_h <= 2 < self.end_h


class Member(_Part):
    """Crews alike: what they can do and how many there are."""

    name: str
    count: Annotated[int, Field(ge=0, le=MOST_CREWS)]
    skills: tuple[str, ...] = ("hv", "lv", "switching", "tree")


class Terms(_Part):
    """What a roster must keep.

    The figures that are not given are placeholders of a common kind: enter those of the law and of the
    collective agreement that hold for the crews.

    Parameters
    ----------
    days : length of the roster.
    rest_h : between two shifts of a crew.
    week_h : most hours of a crew in any seven days.
    days_in_row : most days of work in a row.
    nights_in_row : most night shifts in a row.
    share : share of the simulated days whose demand must be met in each hour.
    skills : crews with a skill that must be there in every hour with any demand.
    """

    days: Annotated[int, Field(ge=1, le=28)] = 7
    rest_h: Annotated[float, Field(ge=0, le=48)] = 11
    week_h: Annotated[float, Field(gt=0, le=168)] = 48
    days_in_row: Annotated[int, Field(ge=1, le=28)] = 6
    nights_in_row: Annotated[int, Field(ge=1, le=28)] = 4
    share: Annotated[float, Field(gt=0, le=1)] = 0.9
    skills: dict[str, Annotated[int, Field(ge=0, le=MOST_CREWS)]] = {}
    shifts: Annotated[tuple[Shift, ...], Field(min_length=1, max_length=12)] = (
        Shift(name="day", begin_h=7, end_h=15),
        Shift(name="late", begin_h=15, end_h=23),
        Shift(name="night", begin_h=23, end_h=31),
    )
    crews: Annotated[tuple[Member, ...], Field(min_length=1)] = (Member(name="crew", count=30),)

    @model_validator(mode="after")
    def _skills_exist(self) -> Terms:
        known = {skill for member in self.crews for skill in member.skills}
        for skill in self.skills:
            if skill not in known:
                raise ValueError(f"skills: no crew can do '{skill}'{nearest(skill, known)}")
        return self


def read_terms(path: Path) -> Terms:
    """Read the terms of a roster.

    Raises
    ------
    InputFaults
        With every fault of the file.
    """
    data = parsed_yaml(path.read_bytes(), path.name)
    try:
        return Terms.model_validate(data)
    except ValidationError as error:
        faults = []
        for each in error.errors():
            text = each["msg"].removeprefix("Value error, ")
            if each["type"] == "extra_forbidden":
                text = f"unknown setting{nearest(str(each['loc'][-1]), _known(each['loc']))}"
            place = ".".join(str(part) for part in each["loc"])
            faults.append(Fault(file=path.name, place=place, text=text))
        raise InputFaults(faults) from None


def _known(place: tuple[int | str, ...]) -> list[str]:
    groups: dict[str | int, type[BaseModel]] = {"shifts": Shift, "crews": Member}
    return list(groups.get(place[0], Terms).model_fields)

"""A study put together on the page: a scenario's alternatives, changed in a few places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from .damage_settings import Damage
from .fields import NotNegative, Part
from .scenario import CrewGroup, Dispatcher, Scenario, Study

MOST_ALTERNATIVES = 6
MOST_REPLICATIONS = 1000
MOST_CREWS = 500
AID = "aid"
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Aid(Part):
    """Mutual aid that is added as a group of its own."""

    count: Annotated[int, Field(ge=0, le=MOST_CREWS)] = 0
    arrives_h: Annotated[float, Field(ge=0, le=240)] = 6.0


class Closed(Part):
    """A street closed for a time."""

    street: Name
    from_h: NotNegative = 0.0
    to_h: NotNegative | None = None


class Variation(Part):
    """One alternative of the study, out of one of the scenario's.

    Parameters
    ----------
    of : the alternative of the scenario it starts from.
    counts : crews of each group; groups that are not named stay.
    staged : whether crews stand the evening before where the staging search puts them.
    """

    name: Name
    of: Name
    counts: Mapping[str, Annotated[int, Field(ge=0, le=MOST_CREWS)]] = {}
    aid: Aid = Aid()
    dispatcher: Dispatcher = "planner"
    work: Annotated[int, Field(ge=1, le=2000)] = 20
    switching: bool = True
    policy: Annotated[str, Field(max_length=80)] | None = None
    closed: Annotated[tuple[Closed, ...], Field(max_length=20)] = ()
    staged: bool = False


class Order(Part):
    """What the page asks for."""

    scenario: Name
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] = 20
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    crews_for_h: Annotated[float, Field(gt=0, le=240)] | None = None
    certainty: Annotated[float, Field(gt=0, le=1)] = 0.9
    alternatives: Annotated[tuple[Variation, ...], Field(min_length=1, max_length=MOST_ALTERNATIVES)]


def varied(study: Study, variations: Sequence[Variation]) -> dict[str, Any]:
    """The content of a scenario file with the changed alternatives, the first one as its base.

    Raises
    ------
    KeyError
        A variation starts from an alternative that the study has not.
    """
    changed = {each.name: _data(study.alternatives[each.of], each) for each in variations}
    base = next(iter(changed))
    rest = {
        name: {key: value for key, value in data.items() if key not in ("name", "case", "start")}
        for name, data in changed.items()
        if name != base
    }
    return {"base": base, **changed[base], "alternatives": rest}


def _data(scenario: Scenario, variation: Variation) -> dict[str, Any]:
    groups = [
        group.model_copy(update={"count": variation.counts.get(group.name, group.count)})
        for group in scenario.crews
    ]
    if variation.aid.count:
        groups.append(_aid(groups, variation.aid))
    data = scenario.model_dump(mode="json")
    data["crews"] = [group.model_dump(mode="json") for group in groups]
    data["plan"] |= {
        "dispatcher": variation.dispatcher,
        "work": variation.work,
        "switching": variation.switching,
    }
    if variation.policy:
        data["plan"]["policy"] = variation.policy
    data["roads"] += [{"name": each.street, **each.model_dump(mode="json")} for each in variation.closed]
    data["damage"] = _damage(scenario.damage)
    if variation.staged:
        data["staging"] = data["staging"] or {}
    return data


def _aid(groups: Sequence[CrewGroup], aid: Aid) -> CrewGroup:
    """Neighbours work as the largest group does, but switch nothing."""
    like = max(groups, key=lambda group: group.count)
    return like.model_copy(
        update={
            "name": AID,
            "count": aid.count,
            "arrives_h": aid.arrives_h,
            "may": tuple(task for task in like.may if task != "switching"),
            "starts": (),
        }
    )


def _damage(damage: Damage) -> dict[str, Any]:
    """Recorded outages are in the file already: the CSV need not lie beside it."""
    data = damage.model_dump(mode="json")
    if data["replay"]:
        data["replay"]["file"] = None
    return data


def outline(study: Study) -> dict[str, Any]:
    """What the page shows of a scenario before it is varied."""
    base = study.alternatives[study.base]
    return {
        "name": base.name,
        "hours": base.hours,
        "start": base.start.isoformat(),
        "kinds": kinds(base.damage),
        "alternatives": [
            {
                "name": name,
                "groups": [
                    {"name": group.name, "count": group.count, "arrives_h": group.arrives_h}
                    for group in each.crews
                ],
                "dispatcher": each.plan.dispatcher,
                "work": each.plan.work,
                "switching": each.plan.switching,
                "policy": each.plan.policy,
                "closed": [closure.name for closure in each.roads],
                "generators": each.generators.count if each.generators else 0,
                "staged": each.staging is not None,
            }
            for name, each in study.alternatives.items()
        ],
    }


def kinds(damage: Damage) -> list[str]:
    """What happens in a scenario, by the names of its settings."""
    found = ["faults"] if damage.expected_faults else []
    return found + [
        name
        for name in ("wind", "flood", "quake", "heat", "attack", "replay")
        if getattr(damage, name) not in (None, ())
    ]

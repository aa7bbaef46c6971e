"""A study put together on the page: a scenario's alternatives, changed in a few places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from .damage_settings import Damage, TrackPoint, Wind
from .fields import NotNegative, Part
from .scenario import CrewGroup, Dispatcher, Scenario, Study

MOST_ALTERNATIVES = 6
MOST_REPLICATIONS = 1000
MOST_CREWS = 500
AID = "aid"
Shift = Annotated[float, Field(ge=-2000, le=2000)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Aid(Part):
    """Mutual aid that is added as a group of its own."""

    count: Annotated[int, Field(ge=0, le=MOST_CREWS)] = 0
    arrives_h: Annotated[float, Field(ge=0, le=240)] = 6.0


class Closed(Part):
    """A street closed or slowed for a time, whole or between two of its nodes.

    Parameters
    ----------
    edges : pairs of road nodes, both ways; all of the street without them.
    slower : not closed, but drives take so many times longer.
    """

    street: Annotated[str, Field(max_length=80)] = ""
    edges: Annotated[tuple[tuple[Name, Name], ...], Field(max_length=50)] = ()
    slower: Annotated[float, Field(gt=1, le=20)] | None = None
    from_h: NotNegative = 0.0
    to_h: NotNegative | None = None


class Storm(Part):
    """A storm that takes the place of the scenario's own, or comes besides its faults.

    Parameters
    ----------
    radius_km : distance of the greatest wind from the centre.
    """

    track: Annotated[tuple[TrackPoint, ...], Field(min_length=1, max_length=500)]
    max_ms: Annotated[float, Field(gt=0, le=120)]
    radius_km: Annotated[float, Field(gt=0, le=500)]
    south: bool = False


class Variation(Part):
    """One alternative of the study, out of one of the scenario's.

    Parameters
    ----------
    of : the alternative of the scenario it starts from.
    counts : crews of each group; groups that are not named stay.
    staged : whether crews stand the evening before where the staging search puts them.
    shift_km : the storm's track moved to the east and to the north; None where it stays.
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
    shift_km: tuple[Shift, Shift] | None = None


class Order(Part):
    """What the page asks for.

    Parameters
    ----------
    start : of the scenario's first hour, where it is another day.
    storm : of all alternatives; each may move it.
    """

    scenario: Name
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] = 20
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    crews_for_h: Annotated[float, Field(gt=0, le=240)] | None = None
    certainty: Annotated[float, Field(gt=0, le=1)] = 0.9
    start: AwareDatetime | None = None
    storm: Storm | None = None
    alternatives: Annotated[tuple[Variation, ...], Field(min_length=1, max_length=MOST_ALTERNATIVES)]


def varied(study: Study, order: Order) -> dict[str, Any]:
    """The content of a scenario file with the changed alternatives, the first one as its base.

    Raises
    ------
    KeyError
        A variation starts from an alternative that the study has not.
    """
    variations = order.alternatives
    changed = {each.name: _data(study.alternatives[each.of], each, order) for each in variations}
    base = next(iter(changed))
    rest = {
        name: {key: value for key, value in data.items() if key not in ("name", "case", "start")}
        for name, data in changed.items()
        if name != base
    }
    return {"base": base, **changed[base], "alternatives": rest}


def _data(scenario: Scenario, variation: Variation, order: Order) -> dict[str, Any]:
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
    if order.start is not None:
        data["start"] = order.start.isoformat()
    data["roads"] += [_closure(each) for each in variation.closed]
    data["damage"] = _damage(scenario.damage)
    data["damage"]["wind"] = _wind(scenario.damage.wind, order.storm, variation.shift_km)
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


def _closure(closed: Closed) -> dict[str, Any]:
    data = closed.model_dump(mode="json")
    name = closed.street or (f"{closed.edges[0][0]}-{closed.edges[0][1]}" if closed.edges else "")
    # Edges say which part: the name would take the whole street.
    street = None if closed.edges else closed.street
    return {"name": name, **data, "street": street}


def _wind(
    own: Wind | None, storm: Storm | None, shift_km: tuple[float, float] | None
) -> dict[str, Any] | None:
    """The scenario's storm, or the one that takes its place, with what breaks by it as in the scenario."""
    if storm is None and own is None:
        return None
    data = own.model_dump(mode="json") if own is not None else {}
    if storm is not None:
        data |= storm.model_dump(mode="json") | {"shift_km": [0.0, 0.0]}
    if shift_km is not None:
        data["shift_km"] = list(shift_km)
    return data


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
                "storm": _storm_told(each.damage.wind),
            }
            for name, each in study.alternatives.items()
        ],
    }


def _storm_told(wind: Wind | None) -> dict[str, Any] | None:
    """A storm as a map draws it."""
    if wind is None:
        return None
    return {
        "track": [point.model_dump(mode="json") for point in wind.track],
        "max_ms": wind.max_ms,
        "radius_km": wind.radius_km,
        "south": wind.south,
        "shift_km": list(wind.shift_km),
    }


def kinds(damage: Damage) -> list[str]:
    """What happens in a scenario, by the names of its settings."""
    found = ["faults"] if damage.expected_faults else []
    return found + [
        name
        for name in ("wind", "flood", "quake", "heat", "attack", "replay")
        if getattr(damage, name) not in (None, ())
    ]

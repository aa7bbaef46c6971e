"""What only the case can tell about a scenario: whether the places and things that it names are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from geo.areas import read_area
from rules import RulesError
from rules.language.choices import STOCK

from ..ground.errors import Fault, InputFaults, nearest
from .closures import edges_of
from .damage_settings import Region
from .far_away import doubts_of_places
from .happenings import feeder_heads
from .plausible import Doubt, Doubts, doubts_of_values
from .policies import under_policy
from .replays import account_of
from .scenario import Scenario, Study
from .world import World


def check_study(study: Study, world: World, file: str) -> list[str]:
    """Refuse a study whose scenarios do not fit their case, or that nothing on Earth fits.

    Parameters
    ----------
    study : what is asked for.
    world : its case.
    file : what messages call it.

    Returns
    -------
    list of str
        What is possible but rare, as sentences: to be looked at before a study is believed.

    Raises
    ------
    InputFaults
        With every fault of every alternative, each once.
    """
    faults: list[Fault] = []
    asked: list[Fault] = []
    for name, scenario in study.alternatives.items():
        where = "" if name == study.base else f"alternatives.{name}."
        for place, text in _faults(world, scenario):
            _add(faults, Fault(file=file, place=f"{where}{place}", text=text), place)
        for place, text, refused in _doubts(world, scenario):
            fault = Fault(file=file, place=f"{where}{place}", text=text)
            _add(faults if refused else asked, fault, place)
    if faults:
        raise InputFaults(faults)
    return [str(each) for each in asked]


def _add(faults: list[Fault], fault: Fault, place: str) -> None:
    """Note a fault, unless another alternative has the same."""
    if not any(each.place.endswith(place) and each.text == fault.text for each in faults):
        faults.append(fault)


def _doubts(world: World, scenario: Scenario) -> Doubts:
    yield from doubts_of_values(scenario)
    yield from doubts_of_places(world, scenario)
    replay = scenario.damage.replay
    if replay is not None:
        account = account_of(world.elements, replay, scenario.hours)
        if account.lost:
            refused = account.loses_too_much(replay.may_lose)
            more = f"; more than {replay.may_lose:.0%} (may_lose) are left out" if refused else ""
            place = f"damage.replay.{replay.file}" if replay.file else "damage.replay"
            yield Doubt(place, account.text + more, refused)


Found = Iterator[tuple[str, str]]


def _faults(world: World, scenario: Scenario) -> Found:
    yield from _depots(world, scenario)
    yield from _skills(world, scenario)
    yield from _stock(world, scenario)
    yield from _areas(world, scenario)
    yield from _damage(world, scenario)
    yield from _roads(world, scenario)
    try:
        under_policy(world, scenario.plan.policy)
    except (RulesError, OSError) as error:
        yield "plan.policy", str(error)


def _depots(world: World, scenario: Scenario) -> Found:
    known = world.case.depot_by_id
    groups: list[tuple[str, Iterable[str]]] = [
        (f"crews[{at}].depots", group.depots) for at, group in enumerate(scenario.crews)
    ]
    if scenario.generators is not None:
        groups.append(("generators.depots", scenario.generators.depots))
    for place, depots in groups:
        for depot in depots:
            if depot not in known:
                yield place, f"there is no depot '{depot}'{_hint(depot, known)}"
    if not known:
        yield "case", "has no depot: crews have nowhere to start"


def _skills(world: World, scenario: Scenario) -> Found:
    """A skill that no crew of the case has is most likely a slip of the pen."""
    known = {skill for crew in world.case.crews for skill in crew.skills}
    known |= {"hv", "lv", "cable", "live_line", "metering", "tree", "switching"}
    for at, group in enumerate(scenario.crews):
        for skill in group.skills:
            if skill not in known:
                yield f"crews[{at}].skills", f"nobody asks for the skill '{skill}'{_hint(skill, known)}"


def _stock(world: World, scenario: Scenario) -> Found:
    """What is misspelt would never run out."""
    known = dict.fromkeys([*STOCK, *(good for crew in world.case.crews for good in crew.stock or ())])
    for at, group in enumerate(scenario.crews):
        for good in group.stock:
            if good not in known:
                yield f"crews[{at}].stock", f"no job takes any '{good}'{_hint(good, known)}"


def _areas(world: World, scenario: Scenario) -> Found:
    known = sorted(set(map(str, world.elements.area)))
    for area in scenario.damage.by_area:
        if area not in known:
            yield "damage.by_area", f"no customer lives in an area '{area}'{_hint(area, known)}"


def _damage(world: World, scenario: Scenario) -> Found:
    damage = scenario.damage
    for kind in ("flood", "quake"):
        regions: tuple[Region, ...] = getattr(damage, kind)
        for at, region in enumerate(regions):
            if not read_area(region.area).covers(world.elements.lon, world.elements.lat).any():
                yield f"damage.{kind}[{at}].area", "nothing of the grid lies inside"
    known = sorted({feeder.substation for feeder in world.case.grid.feeders})
    for at, attack in enumerate(damage.attack):
        place = f"damage.attack[{at}].substation"
        if attack.substation not in known:
            yield place, f"there is no substation '{attack.substation}'{_hint(attack.substation, known)}"
        elif not feeder_heads(world, attack.substation):
            yield place, f"no customer is fed from '{attack.substation}'"
    yield from _records(world, scenario)


def _records(world: World, scenario: Scenario) -> Found:
    replay = scenario.damage.replay
    if replay is None:
        return
    known = set(world.elements.ids)
    for at, record in enumerate(replay.records):
        if record.element is not None and record.element not in known:
            place = f"{replay.file}: row {at + 2}" if replay.file else f"damage.replay.records[{at}]"
            hint = nearest(record.element, known)
            yield place, f"nothing that can break is called '{record.element}'{hint}"


def _roads(world: World, scenario: Scenario) -> Found:
    roads = world.case.roads
    for at, closure in enumerate(scenario.roads):
        if not edges_of(roads, closure).any():
            names = np.unique(np.asarray(roads.name).astype(str)).tolist()
            hint = nearest(closure.street, names) if closure.street else ""
            yield f"roads[{at}]", f"'{closure.name}' means no road{hint}"


def _hint(name: str, known: Iterable[str]) -> str:
    listed = list(known)
    return nearest(name, listed) or (f"; there are {', '.join(listed[:12])}" if listed else "")

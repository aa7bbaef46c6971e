"""Scenarios that nothing on Earth is like are refused or asked about, field by field, with a sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dispatch.cli import main
from dispatch.ground.errors import InputFaults
from dispatch.simulate.replays import account_of
from dispatch.simulate.scenario_check import check_study
from dispatch.simulate.scenario_file import study_of
from dispatch.simulate.storms import draw_hits
from dispatch.simulate.world import World

GROUP: dict[str, Any] = {"name": "line", "count": 2, "turns": [[0, 16]]}
SOUND: dict[str, Any] = {
    "name": "Storm",
    "case": "case",
    "start": "2026-07-14T06:00:00-04:00",
    "hours": 24,
    "damage": {"faults": 3},
    "crews": [GROUP],
    "plan": {"dispatcher": "list"},
}


def asked(small_folder: Path, small_world: World, **changed: Any) -> list[str]:
    study = study_of(SOUND | changed, small_folder, "s.yaml")
    return check_study(study, small_world, "s.yaml")


def wind(world: World, lon: float | None = None, lat: float | None = None, **more: Any) -> dict[str, Any]:
    """A storm that passes over the grid, or over another place."""
    elements = world.elements
    lon = float(elements.lon.mean()) if lon is None else lon
    lat = float(elements.lat.mean()) if lat is None else lat
    track = [{"h": 0, "lon": lon - 0.2, "lat": lat - 0.1}, {"h": 6, "lon": lon + 0.2, "lat": lat + 0.1}]
    south = bool(elements.lat.mean() < 0)
    return {"wind": {"track": track, "max_ms": 45, "radius_km": 25, "south": south, **more}}


def test_a_sound_scenario_and_a_storm_over_the_grid_raise_no_question(
    small_folder: Path, small_world: World
) -> None:
    assert asked(small_folder, small_world) == []
    assert asked(small_folder, small_world, damage=wind(small_world)) == []


def test_every_shipped_scenario_is_sound(root: Path) -> None:
    for path in sorted((root / "data" / "coquimbo" / "scenarios").glob("*.yaml")):
        assert main(["simulate", str(path), "--check"]) == 0


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"crews": []}, "crews"),
    ({"crews": [GROUP | {"count": 0}]}, "count nobody"),
    ({"crews": [GROUP, GROUP | {"name": "aid", "arrives_h": 60}]}, r"crews\[1\].arrives_h: is hour 60"),
    ({"crews": [GROUP | {"turns": [[0, 60]]}]}, r"turns\[0\]: is 60"),
    ({"crews": [GROUP | {"turns": [[30, 40]]}]}, "never works"),
    ({"crews": [GROUP | {"overtime_min": 5000}]}, "overtime_min"),
    ({"crews": [GROUP | {"speed_factor": 100}]}, "speed_factor"),
    ({"crews": [GROUP | {"break_min": 5000}]}, "break_min"),
    ({"crews": [GROUP | {"rest_h": 500}]}, "rest_h"),
    ({"crews": [GROUP | {"starts": [[121.0, 31.0]]}]}, r"starts\[0\]"),
    ({"crews": [GROUP | {"turns": [[0, float("inf")]]}]}, "finite"),
    ({"hours": float("inf")}, "hours"),
    ({"drive_factor": float("nan")}, "drive_factor"),
    ({"drive_factor": 100}, "drive_factor"),
    ({"start": "0001-01-01T00:00:00Z"}, "start"),
    ({"damage": {"faults": 10**7}}, "things that can break"),
    ({"damage": {"faults": 3, "by_hour": [0, 0]}}, "by_hour"),
    ({"damage": {"faults": 3, "by_component": {}}}, "by_component"),
    ({"damage": {"faults": 3, "repair_factor": 1000}}, "repair_factor"),
    ({"damage": {"faults": 3, "repair_h": {"tree": [5000, 1]}}}, "repair_h"),
    ({"damage": {"heat": {"temperature_c": [104]}}}, "°F is 40 °C"),
    ({"damage": {"attack": [{"substation": "S", "at_h": 30}]}}, "at_h: is hour 30"),
    ({"discovery": {"unnoticed_h": 10_000}}, "unnoticed_h"),
    ({"discovery": {"patrol": {"after_h": 30}}}, "patrol.after_h"),
    ({"discovery": {"patrol": {"km_per_h": 5000}}}, "km_per_h"),
    ({"roads": [{"street": "First Street", "from_h": 30}]}, r"roads\[0\].from_h"),
    ({"roads": [{"street": "First Street", "slower": 1000}]}, "slower"),
    ({"generators": {"count": 1, "from_h": 30}}, "generators.from_h"),
    ({"generators": {"count": 1, "setup_min": 5000}}, "setup_min"),
    ({"staging": {"places": [[10.0, 50.0]]}}, r"staging.places\[0\]"),
]


@pytest.mark.parametrize(("changed", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_what_cannot_be_is_refused(
    small_folder: Path, small_world: World, changed: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputFaults, match=says):
        asked(small_folder, small_world, **changed)


RARE: list[tuple[dict[str, Any], str]] = [
    ({"crews": [GROUP | {"turns": [[0, 20]]}]}, r"turns\[0\]: is 20; above 16 is rare"),
    ({"damage": {"faults": 3, "by_hour": [1] * 60}}, "by_hour"),
    ({"discovery": {"median_min": 400}}, "median_min"),
    ({"start": "2150-01-01T00:00:00Z"}, "start"),
]


@pytest.mark.parametrize(("changed", "says"), RARE, ids=[says for _, says in RARE])
def test_what_is_rare_is_asked_about(
    small_folder: Path, small_world: World, changed: dict[str, Any], says: str
) -> None:
    assert any(re.search(says, each) for each in asked(small_folder, small_world, **changed))


def test_storms_elsewhere_too_strong_or_turning_the_wrong_way_are_refused(
    small_folder: Path, small_world: World
) -> None:
    lon, lat = float(small_world.elements.lon.mean()), float(small_world.elements.lat.mean())
    late = [{"h": h, "lon": lon, "lat": lat} for h in (40, 50)]
    early = [{"h": h, "lon": lon, "lat": lat} for h in (-20, -10)]
    jump = [{"h": 0, "lon": lon - 30, "lat": lat}, {"h": 1, "lon": lon, "lat": lat}]
    for damage, says in (
        (wind(small_world, lon=lat, lat=lon), "lon and lat exchanged"),
        (wind(small_world, lon=-lon), "the other sign of lon"),
        (wind(small_world, lat=-lat), "the other sign of lat"),
        (wind(small_world, lon=121.0, lat=31.0), "comes no nearer than"),
        (wind(small_world, shift_km=[9000, 0]), "comes no nearer than"),
        (wind(small_world, max_ms=150), r"knots \(77 m/s\) or km/h \(42 m/s\)"),
        (wind(small_world, radius_km=5000), "radius_km"),
        (wind(small_world, south=lat > 0), "turns"),
        (wind(small_world, track=late), "it never comes"),
        (wind(small_world, track=early), "before the scenario begins"),
        (wind(small_world, track=jump), "km/h from hour 0 to 1"),
        (wind(small_world, fragility={"overhead": {"median_ms": 1, "beta": 0.3}}), "median_ms"),
    ):
        with pytest.raises(InputFaults, match=says):
            asked(small_folder, small_world, damage=damage)
    (rare,) = asked(small_folder, small_world, damage=wind(small_world, max_ms=90))
    assert "knots" in rare


def records(world: World) -> list[dict[str, Any]]:
    elements = world.elements
    line = elements.ids[0]
    lon, lat = float(elements.lon[0]), float(elements.lat[0])
    return [
        {"at_h": 1, "element": line, "restored_h": 3},
        {"at_h": 2, "element": line},
        {"at_h": 9, "element": line},
        {"at_h": 30, "element": elements.ids[1]},
        {"at_h": 4, "lon": lon + 5, "lat": lat},
        {"at_h": 5, "element": elements.ids[2]},
    ]


def test_every_record_of_a_replay_is_accounted_for(small_folder: Path, small_world: World) -> None:
    replay = {"records": records(small_world), "may_lose": 0.6}
    study = study_of(SOUND | {"damage": {"replay": replay}}, small_folder, "s.yaml")
    scenario = study.alternatives["base"]
    assert scenario.damage.replay is not None
    account = account_of(small_world.elements, scenario.damage.replay, scenario.hours)
    assert [each.fate for each in account.fated] == ["used", "merged", "again", "late", "far", "used"]
    assert len(draw_hits(small_world, scenario, 1, 0)) == 2
    (said,) = check_study(study, small_world, "s.yaml")
    assert "6 records: 2 used, 1 one with an earlier one at the same element, 3 left out" in said
    assert "(row 4)" in said


def test_a_replay_that_loses_too_much_or_lies_in_another_country_is_refused(
    small_folder: Path, small_world: World
) -> None:
    with pytest.raises(InputFaults, match=r"3 left out .*more than 20%"):
        asked(small_folder, small_world, damage={"replay": {"records": records(small_world)}})
    far = [{"at_h": at, "lon": 121.0, "lat": 31.0} for at in range(3)]
    with pytest.raises(InputFaults, match=r"too far from the grid: more than 5 km, up to \d\d,\d+ km"):
        asked(small_folder, small_world, damage={"replay": {"records": far}})

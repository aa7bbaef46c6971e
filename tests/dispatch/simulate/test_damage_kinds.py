"""Every kind of damage on the small case: the right things break, and the same for every alternative."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from dispatch.ground.errors import InputFaults
from dispatch.simulate.closures import edges_of, periods
from dispatch.simulate.happenings import feeder_heads
from dispatch.simulate.scenario import Closure, Scenario, Study
from dispatch.simulate.scenario_check import check_study
from dispatch.simulate.stage import make_stage
from dispatch.simulate.storms import Hit, draw_hits, patrol_s
from dispatch.simulate.world import COMPONENTS, World

WEST, SOUTH = -71.2600, -29.9100
ALL = "POLYGON ((-72.26 -30.91, -70.26 -30.91, -70.26 -28.91, -72.26 -28.91, -72.26 -30.91))"
NOWHERE = "POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))"


def scenario(**fields: Any) -> Scenario:
    given = {
        "name": "x",
        "case": "case",
        "start": datetime(2026, 1, 10, tzinfo=UTC),
        "hours": 30,
        "crews": [{"count": 2, "skills": ["hv", "lv", "cable", "switching", "tree"]}],
    }
    return Scenario.model_validate({**given, **fields})


def hit_names(world: World, given: Scenario, replication: int = 0) -> list[str]:
    return [world.elements.ids[hit.element] for hit in draw_hits(world, given, 1, replication)]


def test_a_storm_that_nothing_can_stand_breaks_every_overhead_line(small_world: World) -> None:
    wind = {
        "track": [
            {"h": 0, "lon": WEST + 0.3, "lat": SOUTH},
            {"h": 5, "lon": WEST + 0.3, "lat": SOUTH + 0.01},
        ],
        "max_ms": 200,
        "fragility": {"overhead": {"median_ms": 1, "beta": 0.1}},
    }
    found = hit_names(small_world, scenario(damage={"wind": wind}))
    overhead = small_world.elements.component == COMPONENTS.index("overhead")
    assert sorted(found) == sorted(np.asarray(small_world.elements.ids)[overhead].tolist())


def test_a_shifted_track_keeps_the_luck_of_the_storm(small_world: World) -> None:
    wind = {"track": [{"h": 0, "lon": WEST + 0.3, "lat": SOUTH}, {"h": 5, "lon": WEST + 0.2, "lat": SOUTH}]}
    strong = {**wind, "max_ms": 80}
    weak, more = (
        {name for n in range(8) for name in hit_names(small_world, scenario(damage={"wind": w}), n)}
        for w in ({**wind, "max_ms": 50}, strong)
    )
    assert weak <= more


def test_an_area_breaks_the_share_that_is_told_and_only_inside(small_world: World) -> None:
    region = {"area": ALL, "share": {"transformer": 1.0}, "spread_h": 2}
    found = draw_hits(small_world, scenario(damage={"quake": [region]}), 1, 0)
    kinds = {COMPONENTS[int(small_world.elements.component[hit.element])] for hit in found}
    assert kinds == {"transformer"}
    assert all(0 <= hit.at_s <= 7200 for hit in found)
    outside = {**region, "area": NOWHERE}
    assert hit_names(small_world, scenario(damage={"flood": [outside]})) == []


def test_an_attack_hits_the_head_of_every_feeder(small_world: World) -> None:
    found = draw_hits(small_world, scenario(damage={"attack": [{"substation": "Harbour", "at_h": 1}]}), 1, 0)
    assert {small_world.elements.ids[hit.element] for hit in found} == {"L1", "L4"}
    assert all(hit.at_s == 3600 and hit.cause == "substation" for hit in found)
    assert len(feeder_heads(small_world, "Harbour")) == 2


def test_heat_breaks_more_at_a_higher_temperature(small_world: World) -> None:
    def total(warm: float) -> int:
        heat = {"temperature_c": [warm], "failures_per_year": 500, "cable_failures_per_km_year": 500}
        return sum(len(hit_names(small_world, scenario(damage={"heat": heat}), n)) for n in range(10))

    assert total(20.0) < total(45.0)


def test_a_replay_puts_each_record_where_it_was_with_its_own_time_on_site(small_world: World) -> None:
    lon, lat = small_world.case.grid.place_of("transformer", "T4")
    records = [
        {"at_h": 1.5, "element": "L2", "cause": "tree on line", "on_site_h": 2.0},
        {"at_h": 2.0, "component": "transformer", "lon": lon, "lat": lat},
    ]
    found = draw_hits(small_world, scenario(damage={"replay": {"records": records}}), 1, 0)
    assert [small_world.elements.ids[hit.element] for hit in found] == ["L2", "T4"]
    assert (found[0].at_s, found[0].repair_s) == (5400, 7200)


def test_kinds_come_together_and_no_element_breaks_twice(small_world: World) -> None:
    damage = {
        "faults": 30,
        "quake": [{"area": ALL, "share": {"overhead": 1.0, "transformer": 1.0}}],
        "attack": [{"substation": "Harbour"}],
    }
    found = hit_names(small_world, scenario(damage=damage))
    assert len(found) == len(set(found)) >= 5


def test_a_closed_street_is_no_way_until_it_opens(small_world: World) -> None:
    street = Closure(name="x", street="Second Street", from_h=2, to_h=5)
    given = scenario(roads=[street.model_dump()])
    assert [at for at, _ in periods(given)] == [0, 7200, 18000]
    meant = edges_of(small_world.case.roads, street)
    assert meant.any()
    assert set(np.asarray(small_world.case.roads.name)[meant].astype(str)) == {"Second Street"}


def test_the_drives_of_a_stage_change_with_the_roads(small_world: World) -> None:
    given = scenario(roads=[{"name": "all", "area": ALL, "from_h": 2, "to_h": 5}])
    hit = Hit(element=0, at_s=0, cause="tree", repair_s=3600, luck=0.5)
    stage = make_stage(small_world, given, [hit])
    job = stage.jobs[-1].location
    home = stage.crews[0].start[0]
    before, shut, after = (stage.travel_at(at).between(home, job) for at in (0, 3 * 3600, 6 * 3600))
    assert before == after < 7200
    assert shut >= 10**7 or home == job


def test_a_patrol_finds_what_nobody_calls_about() -> None:
    habit = scenario(discovery={"patrol": {"after_h": 1, "teams": 2, "km_per_h": 5}}).discovery
    assert patrol_s(0, 0.5, 10.0, habit) == 3600 + 1800
    assert patrol_s(2 * 3600, 0.0, 10.0, habit) == 0
    assert patrol_s(0, 0.5, 10.0, scenario().discovery) is None


def test_aid_comes_when_it_arrives_and_does_only_what_it_may(small_world: World) -> None:
    crews = [
        {"count": 1, "skills": ["hv", "lv", "switching", "tree"], "turns": [[0, 10]]},
        {
            "count": 1,
            "name": "aid",
            "skills": ["hv", "lv", "switching", "tree"],
            "turns": [[0, 10]],
            "arrives_h": 6,
            "may": ["repair"],
        },
    ]
    hit = Hit(element=0, at_s=0, cause="tree", repair_s=3600, luck=0.5)
    stage = make_stage(small_world, scenario(crews=crews), [hit])
    own, aid = (next(c for c in stage.crews if c.id.startswith(name)) for name in ("crew", "aid"))
    assert aid.shift == (6 * 3600, 10 * 3600)
    by_kind = {stage.kinds[job.id]: job for job in stage.jobs}
    assert by_kind["repair"].skills <= aid.skills
    assert all(not job.skills <= aid.skills for kind, job in by_kind.items() if kind == "patrol")
    assert by_kind["repair"].skills <= own.skills


def test_what_the_case_does_not_know_is_named_with_what_it_does(small_world: World, small_folder) -> None:  # type: ignore[no-untyped-def]
    given = scenario(
        crews=[{"count": 1, "depots": ["D9"], "skills": ["hv", "swtching"], "stock": {"poles": 2}}],
        damage={
            "attack": [{"substation": "Harbor"}],
            "quake": [{"area": NOWHERE, "share": {}}],
            "by_area": {"urbn": 2},
            "replay": {"records": [{"at_h": 0, "element": "L99"}]},
        },
        roads=[{"name": "bridge", "street": "Secnd Street"}],
    )
    with pytest.raises(InputFaults) as caught:
        check_study(Study(folder=small_folder, alternatives={"base": given}), small_world, "x.yaml")
    said = str(caught.value)
    for expected in (
        "no depot 'D9'",
        "did you mean 'switching'",
        "did you mean 'pole'",
        "did you mean 'Harbour'",
        "nothing of the grid lies inside",
        "'urbn'",
        "'L99'",
        "did you mean 'Second Street'",
    ):
        assert expected in said

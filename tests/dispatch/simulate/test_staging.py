"""Where crews wait: the search on a case where the answer is plain."""

from __future__ import annotations

import numpy as np

from dispatch.simulate.scenario import Scenario
from dispatch.simulate.staging import _Scene, judged, staged
from dispatch.simulate.world import World


def scene(**changes: object) -> _Scene:
    fields = {
        "known_s": np.array([0.0, 0.0]),
        "stay_s": np.array([600.0, 600.0]),
        "rate": np.array([5.0, 1.0]),
        "able": np.ones((1, 2), dtype=bool),
        "drive_s": np.array([[0.0, 300.0], [300.0, 0.0]]),
        "from_place_s": np.array([[100.0, 100.0], [1000.0, 1000.0]]),
        "end_s": 100_000.0,
    }
    return _Scene(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_placing_costs_what_one_can_count_by_hand() -> None:
    cost = judged(scene(), np.array([0.0]), np.array([0]))
    assert cost == 5 * 700 + 1 * (700 + 300 + 600)


def test_a_place_further_off_costs_more() -> None:
    near, far = (judged(scene(), np.array([0.0]), np.array([place])) for place in (0, 1))
    assert near < far


def test_nobody_does_what_he_is_not_able_to_and_it_counts_as_late() -> None:
    one = judged(scene(able=np.array([[True, False]])), np.array([0.0]), np.array([0]))
    assert one > judged(scene(), np.array([0.0]), np.array([0]))


def test_staging_never_makes_its_own_storms_worse_and_puts_every_crew_somewhere(small_world: World) -> None:
    scenario = Scenario.model_validate(
        {
            "name": "x",
            "case": "case",
            "start": "2026-07-14T06:00:00-04:00",
            "hours": 30,
            "damage": {"faults": 4},
            "crews": [
                {"count": 2, "name": "a", "skills": ["hv", "lv", "cable", "switching", "tree"]},
                {"count": 1, "name": "b", "skills": ["hv", "lv", "cable", "switching", "tree"]},
            ],
            "staging": {"storms": 3, "groups": ["a"], "most_per_place": 1},
        }
    )
    assert scenario.staging is not None
    found, placing = staged(small_world, scenario, scenario.staging, 1)
    assert placing.after <= placing.before
    assert {name: sum(places.values()) for name, places in placing.crews.items()} == {"a": 2, "b": 1}
    assert len(found.crews[0].starts) == 2
    assert found.crews[1].starts == ()
    assert found.staging is None
    assert staged(small_world, scenario, scenario.staging, 1)[0] == found

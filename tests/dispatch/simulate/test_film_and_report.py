"""What is shown of a study: films, plots, the report on paper and in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dispatch.simulate.film import make_film, median_replication
from dispatch.simulate.made_of import MadeOf
from dispatch.simulate.measures import GRID_MIN
from dispatch.simulate.plots import Band, Svg, draw_bands, ticks
from dispatch.simulate.report import Report, page
from dispatch.simulate.report_pdf import report_pdf
from dispatch.simulate.scenario import Scenario, Study
from dispatch.simulate.world import World


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.model_validate(
        {
            "name": "抢修 storm",
            "case": "case",
            "start": "2026-07-14T06:00:00-04:00",
            "hours": 30,
            "damage": {"replay": {"records": [{"at_h": 1, "element": "L1"}, {"at_h": 2, "element": "T3"}]}},
            "crews": [{"count": 2, "skills": ["hv", "lv", "cable", "switching", "tree"], "turns": [[0, 28]]}],
            "plan": {"dispatcher": "list"},
        }
    )


@pytest.fixture(scope="module")
def film(small_world: World, scenario: Scenario) -> dict:  # type: ignore[type-arg]
    return make_film(small_world, scenario, 1, 0)


def test_a_crew_is_never_in_two_places(film: dict) -> None:  # type: ignore[type-arg]
    for crew in film["crews"]:
        last = crew["from_s"]
        for leg in crew["legs"]:
            left, arrive, start, finish = leg["at"]
            assert last <= left <= arrive <= start <= finish <= crew["to_s"]
            last = finish


def test_each_drive_begins_where_the_last_one_ended(film: dict) -> None:  # type: ignore[type-arg]
    def ends(path: list[int]) -> tuple[list[int], list[int]]:
        places = np.cumsum(np.asarray(path).reshape(-1, 2), axis=0)
        return places[0].tolist(), places[-1].tolist()

    driven = 0
    for crew in film["crews"]:
        here = [round(each * 1e5) for each in crew["place"]]
        for leg in crew["legs"]:
            first, last = ends(leg["path"])
            assert first == pytest.approx(here, abs=1)
            here, driven = last, driven + 1
    assert driven >= 2


def test_who_is_dark_in_the_film_is_who_the_curve_counts(film: dict) -> None:  # type: ignore[type-arg]
    for number, out in enumerate(film["curve"]["out"]):
        at = number * GRID_MIN * 60
        dark = sum(a["customers"] for a in film["areas"] if any(b <= at < e for b, e in a["out"]))
        assert dark == out
    assert max(film["curve"]["out"]) > 0


def test_a_film_is_plain_data(film: dict) -> None:  # type: ignore[type-arg]
    assert json.loads(json.dumps(film)) == film
    assert [fault["at_s"] for fault in film["faults"]] == [3600, 7200]


def test_the_median_day_is_the_one_in_the_middle() -> None:
    records = [{"replication": n, "customer_minutes": m} for n, m in enumerate([50.0, 10.0, 30.0, 20.0])]
    assert median_replication(records) == 3


@pytest.mark.parametrize("most", [0.03, 1, 7.2, 99_999, 28_879])
def test_ticks_are_few_and_round(most: float) -> None:
    found = ticks(most)
    assert 4 <= len(found) <= 11
    assert found[0] == 0
    assert found[-1] <= most * (1 + 1e-6)


def test_a_plot_escapes_what_people_write() -> None:
    ink = Svg("a & b")
    draw_bands(ink, [Band(name="<script>", values=np.ones((3, 4)))], 0.5, "hours")
    assert "<script>" not in str(ink)
    assert "&lt;script&gt;" in str(ink)


def report_of(scenario: Scenario, language: str) -> Report:
    def record(number: int, factor: float) -> dict[str, object]:
        return {
            "replication": number,
            "customer_minutes": factor * (100.0 + number),
            "h_to_90": factor * (5.0 + number),
            "something_new": 2.0,
            "curve": [0, 10, 5, 0],
        }

    records = {name: [record(n, factor) for n in range(4)] for name, factor in (("a", 1.0), ("b", 1.2))}
    study = Study(folder=Path(), alternatives={"a": scenario, "b": scenario})
    made = MadeOf(case="c0ffee", policies={}, code="c0de", versions={"gridcrew": "0"})
    return Report(study=study, records=records, seed=7, language=language, made=made)


@pytest.mark.parametrize(("language", "expected"), [("en", "customer-minutes"), ("zh", "停电户")])
def test_the_report_says_all_that_is_needed_to_repeat_it(
    scenario: Scenario, language: str, expected: str
) -> None:
    found = page(report_of(scenario, language))
    for each in (expected, "seed", "c0ffee", "<svg", "something new", "something_new".replace("_", " ")):
        assert each in found
    assert "--replications 4 --seed 7" in found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_on_paper_is_the_same_bytes_each_time(scenario: Scenario, language: str) -> None:
    from dispatch.sheets.fonts import find_font

    if find_font() is None:
        pytest.skip("no font with Chinese letters on this machine")
    first, second = (report_pdf(report_of(scenario, language)) for _ in range(2))
    assert first.startswith(b"%PDF")
    assert first == second

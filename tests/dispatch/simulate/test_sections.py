"""Tables beside a report's main figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.simulate.report import Report, page
from dispatch.simulate.report_pdf import report_pdf
from dispatch.simulate.scenario import Scenario, Study
from dispatch.simulate.sections import sections

KEPT = {"class": "P3", "grade": "ordinary", "area": "urban"}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    records = [{"at_h": hour, "element": f"L{hour}", "restored_h": 2.0 * hour + 1} for hour in (1, 2, 3)]
    return Scenario.model_validate(
        {
            "name": "x",
            "case": "case",
            "start": "2026-07-14T06:00:00-04:00",
            "damage": {"replay": {"records": records}},
            "crews": [{"count": 2}],
        }
    )


def record(number: int, *, told: bool) -> dict[str, object]:
    return {
        "replication": number,
        "customer_minutes": 100.0 + number,
        "h_to_90": 5.0 + number,
        "curve": [0, 10, 5, 0],
        "busy": [0, 2, 1, 0],
        "by_area": {
            "urban": {
                "customer_minutes": 90.0 + number,
                "customer_interruptions": 5.0,
                "energy_not_supplied_kwh": 1.0,
            }
        },
        **{f"promises_by_{group}": {name: {"given": 4, "kept": 3}} for group, name in KEPT.items()},
        "etr": {"told": 3, "error_median_min": -5.0, "error_mean_abs_min": 9.0, "met_share": 1.0}
        if told
        else {},
        "outages": [(3600 * hour, hour + 1.0) for hour in (1, 2, 3)],
    }


def records() -> dict[str, list[dict[str, object]]]:
    return {name: [record(n, told=name == "plan") for n in range(4)] for name in ("plan", "list")}


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("en", ["By area", "Promises kept", "Restoration times told", "How near the replay comes"]),
        ("zh", ["按区域", "承诺履行", "告知的复电时间", "重演与记录的接近程度"]),
    ],
)
def test_every_table_has_a_row_per_figure_and_a_column_per_alternative(
    scenario: Scenario, language: str, titles: list[str]
) -> None:
    found = sections({"plan": scenario, "list": scenario}, records(), language)
    assert [section.title[: len(title)] for section, title in zip(found, titles, strict=True)] == titles
    for section in found:
        assert section.rows[0] == ["", "plan", "list"]
        assert all(len(row) == 3 and row[0] for row in section.rows[1:])
        assert section.note


def test_promises_say_which_share_was_kept_of_how_many(scenario: Scenario) -> None:
    kept = sections({"plan": scenario, "list": scenario}, records(), "en")[1]
    assert kept.rows[1][:2] == ["class: P3", "75.0% (75.0% to 75.0%; of 4.0)"]
    assert [row[0] for row in kept.rows[1:]] == ["class: P3", "customers: ordinary", "area: urban"]


def test_who_tells_no_times_has_a_dash(scenario: Scenario) -> None:
    told = sections({"plan": scenario, "list": scenario}, records(), "en")[2]
    assert all(row[1] != "–" and row[2] == "–" for row in told.rows[1:])


def test_a_replay_is_compared_with_its_record(scenario: Scenario) -> None:
    near = sections({"plan": scenario, "list": scenario}, records(), "en")[3]
    assert near.rows[1][1:] == ["3", "3"]
    assert near.rows[2][1] == "1.00"
    assert near.rows[-1][1] == "1.00"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_shows_them_on_screen_and_on_paper(scenario: Scenario, language: str) -> None:
    study = Study(folder=Path(), alternatives={"plan": scenario, "list": scenario})
    report = Report(study=study, records=records(), seed=1, language=language)
    html = page(report)
    assert all(section.title in html for section in report.sections)
    assert html.count("<svg") == 3
    assert report_pdf(report).startswith(b"%PDF")

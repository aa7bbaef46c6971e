"""A case around any grid: made whole from a seed, valid, and planned end to end."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dispatch.cli import main
from dispatch.ground.day import DayPlan
from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case
from dispatch.intake.from_grid import MadeCase, case_from_grid
from dispatch.intake.made_up import IMPORTANT, customer_counts
from dispatch.intake.schema import SKILLS
from dispatch.planning.main_road import plan_day
from geo import Grid, load_grid
from tests.small_case import write_small_case

CGMES = ("cgmes_example_multivoltage.zip", "cgmes_simbench_1-HVMV-mixed.zip")


@pytest.fixture
def small_grid(tmp_path: Path) -> Path:
    return write_small_case(tmp_path / "small") / "grid"


@pytest.fixture(scope="module")
def ieee123(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> MadeCase:
    folder = tmp_path_factory.mktemp("ieee") / "case"
    return case_from_grid(shared / "data" / "grid_cim" / "IEEE123.xml", folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def all_repairs_planned(day: DayPlan) -> bool:
    planned = {visit.job for route in day.plan.routes for visit in route.visits}
    return {card.id for card in day.cards.values() if card.kind == "repair"} <= planned


def test_a_cim_feeder_is_planned_end_to_end(ieee123: MadeCase) -> None:
    day = plan_day(ieee123.case, work=200, processes=1)
    assert not day.verdict.violations
    assert day.summary.customers_out > 0.5 * day.summary.customers
    assert all_repairs_planned(day)
    assert not day.warnings


@pytest.mark.parametrize("name", CGMES)
def test_cgmes_models_are_planned_end_to_end(shared: Path, tmp_path: Path, name: str) -> None:
    if importlib.util.find_spec("pandapower") is None:
        pytest.skip("pandapower is not installed: CGMES is read through its converter")
    made = case_from_grid(shared / "data" / "grid_cim" / name, tmp_path / "case")
    day = plan_day(made.case, work=50, processes=1)
    assert not day.verdict.violations
    assert all_repairs_planned(day)
    assert made.places == ("nowhere" if "multivoltage" in name else "globe")


def test_the_case_says_what_is_not_real(ieee123: MadeCase) -> None:
    settings = ieee123.case.settings
    assert ieee123.places == "plan"
    assert settings.synthetic is not None
    assert "corridors along the grid, NOT roads" in settings.synthetic
    assert "made up" in settings.synthetic
    assert "laid out at 0, 0" in settings.synthetic
    assert any("NOT roads" in line for line in settings.attribution)


def test_every_transformer_has_customers_and_few_are_important(ieee123: MadeCase) -> None:
    case = ieee123.case
    table = case.customers.table
    assert set(table["transformer"]) == set(case.grid.transformers.ids)
    important = table["industry"].isin([row[0] for row in IMPORTANT])
    assert 1 <= int(important.sum()) <= len(IMPORTANT)


def test_crews_have_every_skill_a_field_crew_may_have(ieee123: MadeCase) -> None:
    skills = frozenset().union(*(crew.skills for crew in ieee123.case.crews))
    assert skills == set(SKILLS) - {"control_room"}


def test_calls_about_every_fault_that_put_somebody_out(ieee123: MadeCase) -> None:
    case = ieee123.case
    assert all(request.received_at <= case.settings.now for request in case.requests)
    out = [request for request in case.requests if "power" in request.words or "电" in request.words]
    assert len(out) >= 7


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(small_grid: Path, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder, seed in zip(folders, (1, 1, 2), strict=True):
        case_from_grid(small_grid, folder, seed=seed)
    first, again, other = (contents(folder) for folder in folders)
    assert first == again
    assert first["requests.csv"] != other["requests.csv"]


def test_a_written_case_reads_back_with_the_same_grid(small_grid: Path, tmp_path: Path) -> None:
    made = case_from_grid(small_grid, tmp_path / "case", customers_per_transformer=5)
    assert made.places == "globe"
    read = load_case(tmp_path / "case")
    assert list(read.grid.switches.ids) == list(load_grid(small_grid).switches.ids)
    assert read.grid.ties == ("TIE-1",)
    assert read.settings.name == "small"
    assert len(read.customers) == pytest.approx(25, abs=3)
    assert not plan_day(read, work=20, processes=1).verdict.violations


def test_customers_follow_the_ratings(small_grid: Path) -> None:
    counts = customer_counts(load_grid(small_grid), 20)
    assert counts.sum() == pytest.approx(100, abs=3)
    assert counts.argmax() == 2
    assert counts.min() >= 1


def test_a_grid_without_ratings_gets_the_same_number_everywhere() -> None:
    grid = Grid.from_tables(
        buses=pd.DataFrame(
            {"id": ["S", "B"], "lon": [8.0, 8.01], "lat": [48.0, 48.0], "kind": ["source", "bus"]}
        ),
        lines=pd.DataFrame({"id": ["L"], "from_bus": ["S"], "to_bus": ["B"]}),
        switches=pd.DataFrame({"id": [], "from_bus": [], "to_bus": []}),
        transformers=pd.DataFrame({"id": ["T1", "T2"], "bus": ["B", "B"]}),
    )
    assert np.array_equal(customer_counts(grid, 7), [7, 7])


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "something").write_text("here")
    bad = tmp_path / "grid.xml"
    bad.write_text("<no>")
    with pytest.raises(InputFaults) as caught:
        case_from_grid(bad, full, customers_per_transformer=0)
    texts = str(caught.value)
    assert "is not empty" in texts
    assert "0 is not between 1 and 10,000" in texts
    assert "grid.xml" in texts
    assert [path.name for path in full.iterdir()] == ["something"]


def test_the_command_makes_a_case_and_refuses_a_time_without_offset(
    small_grid: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "case"
    command = ["case", "from-grid", str(small_grid), "--out", str(out)]
    assert main([*command, "--now", "2026-03-01T10:00:00"]) == 2
    assert "has no offset" in capsys.readouterr().err
    assert not out.exists()
    assert main([*command, "--now", "2026-03-01T10:00:00+08:00", "--seed", "4"]) == 0
    assert "no fault" in capsys.readouterr().out
    assert load_case(out).settings.time_zone == "Etc/GMT-8"

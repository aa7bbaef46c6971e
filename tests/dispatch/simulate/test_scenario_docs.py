"""The page about scenarios names every setting, and the files that come with the demo city are sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.simulate.scenario_docs import settings_tables
from dispatch.simulate.scenario_file import read_study

KINDS = ("normal", "storm", "typhoon", "flood", "quake", "heat", "attack", "replay")


def test_every_setting_is_documented_as_the_models_say(root: Path) -> None:
    page = (root / "docs" / "scenarios.md").read_text(encoding="utf-8")
    written = page.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0]
    assert written.strip() == settings_tables().strip(), "gridcrew simulate --settings"


@pytest.mark.parametrize("name", KINDS)
def test_the_scenarios_of_the_demo_city_are_sound(root: Path, name: str) -> None:
    study = read_study(root / "data" / "coquimbo" / "scenarios" / f"{name}.yaml")
    assert len(study.alternatives) >= 2
    assert (study.case_folder / "settings.yaml").exists()


def test_there_is_a_scenario_of_the_demo_city_for_every_kind_and_no_other(root: Path) -> None:
    assert {path.stem for path in (root / "data" / "coquimbo" / "scenarios").glob("*.yaml")} == set(KINDS)

"""The page about scenarios names every setting, and the files that come with the demo city are sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.simulate.scenario import CrewGroup, Damage, Discovery, Planning, Scenario, read_study


def test_every_setting_is_documented(root: Path) -> None:
    page = (root / "docs" / "scenarios.md").read_text(encoding="utf-8")
    names = {*Damage.model_fields, *Discovery.model_fields, *CrewGroup.model_fields, *Planning.model_fields}
    names |= {name for name in Scenario.model_fields if name not in ("damage", "discovery", "plan")}
    assert {name for name in names if name not in page} == set()


@pytest.mark.parametrize("name", ["normal", "storm"])
def test_the_scenarios_of_the_demo_city_are_sound(root: Path, name: str) -> None:
    study = read_study(root / "data" / "coquimbo" / "scenarios" / f"{name}.yaml")
    assert len(study.alternatives) >= 2
    assert (study.case_folder / "settings.yaml").exists()

"""The small case as a world, with scenarios beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.simulate.world import World, load_world
from tests.small_case import write_small_case

SMALL_STUDY = """\
name: Small storm
base: list
case: case
start: 2026-07-14T06:00:00-04:00
hours: 30
damage: {faults: 4, by_hour: [1, 2, 1]}
crews:
  - {name: all, count: 2, skills: [hv, lv, cable, switching, tree], turns: [[0, 28]]}
plan: {dispatcher: list}
alternatives:
  one crew fewer:
    crews:
      - {name: all, count: 1, skills: [hv, lv, cable, switching, tree], turns: [[0, 28]]}
"""


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small-scenarios")
    write_small_case(folder / "case")
    return folder


@pytest.fixture(scope="session")
def small_world(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    return load_world(small_folder / "case", tmp_path_factory.mktemp("drives"))


@pytest.fixture(scope="module")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A scenario file with two alternatives on the small case; drives are kept beside it."""
    folder = tmp_path_factory.mktemp("small-study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        write_small_case(folder / "case")
        path = folder / "small.yaml"
        path.write_text(SMALL_STUDY, encoding="utf-8")
        yield path

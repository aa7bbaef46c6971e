"""The small case as a world, with scenarios beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.simulate.world import World, load_world
from tests.small_case import write_small_case


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small-scenarios")
    write_small_case(folder / "case")
    return folder


@pytest.fixture(scope="session")
def small_world(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    return load_world(small_folder / "case", tmp_path_factory.mktemp("drives"))

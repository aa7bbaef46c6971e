"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the solver's kernels before a whole suite runs, so that no test's time limit counts it."""
    whole = getattr(config.option, "numprocesses", None) and not config.option.collectonly
    if whole and not hasattr(config, "workerinput"):
        paths = os.pathsep.join([str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        program = ROOT / "tests" / "compile_kernels.py"
        subprocess.run(
            [sys.executable, str(program)], check=False, cwd=ROOT, env=os.environ | {"PYTHONPATH": paths}
        )


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Benchmark problems and real-world files that are not part of the project."""
    folder = Path(os.environ.get("GRIDCREW_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"GRIDCREW_SHARED: no folder {folder}")
    return folder


@pytest.fixture(scope="session")
def coquimbo(root: Path) -> Path:
    """The demo city's case folder."""
    return root / "data" / "coquimbo"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return found

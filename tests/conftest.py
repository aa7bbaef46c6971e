"""What every test may ask for."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
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


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let no collection of garbage look at what imports and collected tests hold, over and over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[int | None]:
    """Let passwords of tests cost less than those of people, and say what those cost.

    Each hash says by itself what it costs, so other processes read it too.
    """
    accounts = sys.modules.get("dispatch.store.accounts")
    if accounts is None:
        yield None
        return
    cost = accounts.COST
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "COST", 2**4)
        patch.setattr(accounts, "NOBODY", accounts.hashed("nobody at all"))
        yield cost


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

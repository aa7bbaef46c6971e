"""The recipes of CONTRIBUTING work, and every step of them is needed.

Each file of `tests/recipes` holds the steps as text to insert, and a check. They are carried
out in a copy: all steps pass the check; without any one of them it fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
RECIPES = {
    file.stem: tomllib.loads(file.read_text("utf-8")) for file in sorted(ROOT.glob("tests/recipes/*.toml"))
}
LEFT_OUT = [(name, at) for name, recipe in RECIPES.items() for at in range(len(recipe["step"]))]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project without what is compiled, to be changed and put back."""
    made = tmp_path_factory.mktemp("recipes")
    left = shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc", "vendor", "*.png", "*.pdf")
    for name in ("dispatch", "rules", "geo", "web", "docs", "data/oberrhein"):
        shutil.copytree(ROOT / name, made / name, ignore=left)
    shutil.copy(ROOT / "mkdocs.yml", made)
    return made


def _python(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=env, capture_output=True, text=True, check=False
    )


def _carry_out(copy: Path, step: dict[str, Any]) -> None:
    file = copy / step["file"]
    if "command" in step:
        done = _python(copy, *step["command"])
        assert done.returncode == 0, done.stderr
    elif anchor := step.get("before") or step.get("after"):
        text = file.read_text(encoding="utf-8")
        assert text.count(anchor) == 1, f"{step['file']} holds {anchor!r} {text.count(anchor)} times"
        both = step["insert"] + anchor if "before" in step else anchor + step["insert"]
        file.write_text(text.replace(anchor, both), encoding="utf-8")
    else:
        file.write_text(step["insert"], encoding="utf-8")


def _put_back(copy: Path, recipe: dict[str, Any]) -> None:
    for step in recipe["step"]:
        if (ROOT / step["file"]).exists():
            shutil.copy(ROOT / step["file"], copy / step["file"])
        else:
            for made in (copy / step["file"]).parent.glob(f"{Path(step['file']).stem}.*"):
                made.unlink()


def _checked(
    copy: Path, recipe: dict[str, Any], without: int | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        for at, step in enumerate(recipe["step"]):
            if at != without:
                _carry_out(copy, step)
        return _python(copy, "-c", recipe["check"]["code"])
    finally:
        _put_back(copy, recipe)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works(name: str, copy: Path) -> None:
    done = _checked(copy, RECIPES[name])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "without"), LEFT_OUT)
def test_a_recipe_without_one_step_fails(name: str, without: int, copy: Path) -> None:
    assert _checked(copy, RECIPES[name], without).returncode != 0


@pytest.mark.parametrize("name", RECIPES)
def test_contributing_names_every_file_of_a_recipe(name: str) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"## {RECIPES[name]['name']}\n" in text
    files = {step["file"].replace("xx", "XX").replace("hello", "NAME") for step in RECIPES[name]["step"]}
    assert [file for file in files if f"`{file}`" not in text] == []

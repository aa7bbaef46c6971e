"""The public names of `dispatch`: all there, loaded late, documented, and used as the documents say."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dispatch

EXAMPLE = re.compile(r"```python\n(.*?)```\n(?:\n```output\n(.*?)```)?", re.S)


@pytest.mark.parametrize("name", dispatch.__all__)
def test_every_public_name_can_be_had_and_says_what_it_is(name: str) -> None:
    assert (getattr(dispatch, name).__doc__ or "").strip()


def test_the_names_for_type_checkers_are_the_names_that_are_loaded(root: Path) -> None:
    tree = ast.parse((root / "dispatch" / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname or alias.name: f".{node.module}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == dispatch._HOME_OF
    assert sorted(seen) == sorted(dispatch.__all__)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'slove'"):
        _ = dispatch.slove


def test_importing_dispatch_and_its_problem_loads_no_solver() -> None:
    code = (
        "import sys, dispatch; dispatch.Problem; print({'numba', 'ortools', 'geopandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("package", ["dispatch", "rules", "geo", "web"])
def test_every_package_says_that_it_is_typed(package: str, root: Path) -> None:
    assert (root / package / "py.typed").exists()


def test_the_recipes_in_python_print_what_they_say(root: Path, tmp_path: Path) -> None:
    names: dict[str, object] = {}
    text = (root / "docs" / "python.md").read_text(encoding="utf-8")
    examples = EXAMPLE.findall(text)
    assert len(examples) >= 12
    with contextlib.chdir(tmp_path):
        (tmp_path / "data").symlink_to(root / "data")
        for code, shown in examples:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(code, "docs/python.md", "exec"), names)
            if shown:
                assert out.getvalue() == shown


def test_every_public_name_is_in_the_document(root: Path) -> None:
    text = (root / "docs" / "python.md").read_text(encoding="utf-8")
    assert [name for name in dispatch.__all__ if f"`{name}`" not in text and f"{name}(" not in text] == []

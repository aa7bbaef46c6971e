"""What the README shows is what the program does."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.cli import COMMANDS

FENCE = re.compile(r"```(\w+)\n(.*?)```", re.S)


@pytest.fixture(scope="module")
def blocks(root: Path) -> list[tuple[str, str]]:
    return FENCE.findall((root / "README.md").read_text(encoding="utf-8"))


def shown_after(blocks: list[tuple[str, str]], code: str) -> str:
    at = next(k for k, (_, text) in enumerate(blocks) if text == code)
    return next(text for kind, text in blocks[at + 1 :] if kind == "output")


def test_the_python_example_prints_what_it_says(blocks: list[tuple[str, str]]) -> None:
    code = next(text for kind, text in blocks if kind == "python")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    assert out.getvalue() == shown_after(blocks, code)


def test_the_rule_that_works_is_in_the_pack(blocks: list[tuple[str, str]], root: Path) -> None:
    rule = next(text for kind, text in blocks if kind == "yaml").strip()
    assert rule in (root / "rules" / "packs" / "cn.yaml").read_text(encoding="utf-8")


def test_the_rule_that_fails_says_what_it_says(blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    code = next(text for kind, text in blocks if kind == "sh" and "rules lint" in text)
    program = f"{sys.executable} -m dispatch.cli"
    script = re.sub(r"^gridcrew", program, code, flags=re.M)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, env=_env()
    )
    assert shown_after(blocks, code).strip() in done.stdout + done.stderr
    assert done.returncode == 1


def test_every_command_is_in_the_readme(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    missing = [name for name in COMMANDS if not re.search(rf"gridcrew {name}|`{name}`", text)]
    assert not missing


def test_every_file_the_documents_point_to_is_there(root: Path) -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", (root / name).read_text(encoding="utf-8")):
            assert (root / target).exists(), f"{name}: {target}"


def _env() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}

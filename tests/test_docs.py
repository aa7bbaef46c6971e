"""The documentation site builds without a dead link, and names what the program has."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.store.projection import HANDLERS
from rules.cli import add_arguments, run


def test_the_site_builds_and_no_link_leads_nowhere(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    commands = (tmp_path / "reference" / "cli.html").read_text(encoding="utf-8")
    assert "gridcrew rules lint" in commands
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "fonts.googleapis" not in page
    assert "cdn" not in page


def test_every_kind_of_event_is_in_the_reference(root: Path) -> None:
    text = (root / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    assert [kind for kind in HANDLERS if f"`{kind}`" not in text] == []


def test_every_document_is_in_the_navigation(root: Path) -> None:
    listed = (root / "mkdocs.yml").read_text(encoding="utf-8")
    pages = (path.relative_to(root / "docs").as_posix() for path in (root / "docs").rglob("*.md"))
    assert [page for page in pages if page not in listed] == []


@pytest.mark.parametrize("name", ["service.md", "service.zh.md", "public.md"])
def test_the_rules_that_pages_name_are_explained(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (root / "docs" / name).read_text(encoding="utf-8")
    commands = re.findall(r"`gridcrew rules (explain [^`]*)`", text)
    assert commands
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    for command in commands:
        assert run(parser.parse_args(command.split())) == 0, command
        assert "→" in capsys.readouterr().out, command

"""A study as one file: repeated on another machine, and refused where a byte has changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dispatch.cli import main


@pytest.fixture(scope="module")
def packed(small_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packed")
    words = ["simulate", str(small_study), "--replications", "2", "--seed", "5", "--quiet"]
    assert main([*words, "--out", str(out)]) == 0
    return out / "study.zip"


def changed(packed: Path, to: Path, name: str, content: bytes | None) -> Path:
    """The package with another content of one file; None leaves the file out."""
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(to, "w") as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        if content is not None:
            new.writestr(name, content)
    return to


def test_a_package_is_repeated_elsewhere_with_the_same_answers(packed: Path, tmp_path: Path) -> None:
    """Another folder, another home, nothing of the first beside it: the answers are the same."""
    there = Path(shutil.copy(packed, tmp_path / "received.zip"))
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "dispatch.cli", "simulate", str(there), "--quiet", "--out", str(out)],
        env={**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "every answer is the same as in the package" in done.stdout
    assert str(packed.parent) not in (out / "scenario.yaml").read_text(encoding="utf-8")
    assert (out / "study.zip").is_file()


def test_a_package_names_no_path_of_the_machine_that_made_it(packed: Path, small_study: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        text = archive.read("scenario.yaml").decode()
        manifest = json.loads(archive.read("manifest.json"))
    assert "case: case" in text
    assert str(small_study.parent) not in text
    assert (manifest["replications"], manifest["seed"]) == (2, 5)
    assert all(len(digest) == 64 for digest in manifest["files"].values())


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("case/crews.csv", b"id\n", "case/crews.csv: is not what was packed"),
        ("scenario.yaml", None, "scenario.yaml: is missing"),
        ("case/more.csv", b"x", "case/more.csv: is not in the manifest"),
        ("manifest.json", b"{}", "says of no study"),
        ("manifest.json", b"[", "says of no study"),
    ],
)
def test_a_package_that_was_changed_is_refused(
    packed: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | None,
    says: str,
) -> None:
    wrong = changed(packed, tmp_path / "wrong.zip", name, content)
    assert main(["simulate", str(wrong), "--check"]) == 2
    assert says in capsys.readouterr().err


def test_a_package_does_not_write_beside_its_folder(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["files"]["../evil.txt"] = "0" * 64
    wrong = changed(packed, tmp_path / "wrong.zip", "manifest.json", json.dumps(manifest).encode())
    out = tmp_path / "out"
    assert main(["simulate", str(wrong), "--out", str(out)]) == 2
    assert not (out / "evil.txt").exists()
    assert not (tmp_path / "evil.txt").exists()


def test_what_is_no_zip_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "no.zip"
    path.write_bytes(b"PK not a zip")
    assert main(["simulate", str(path), "--check"]) == 2
    assert "cannot be unpacked" in capsys.readouterr().err

"""`gridcrew case` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.cli import main
from dispatch.intake.document import case_folder_document
from tests.small_case import write_small_case


def test_a_sound_case_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["case", "check", str(write_small_case(tmp_path / "case"))]) == 0
    said = capsys.readouterr().out
    assert "6 requests, 12 customers, 2 crews, 2 depots, 30 road nodes, 5 transformers; no fault" in said


def test_faults_go_to_the_error_stream_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["case", "check", str(tmp_path / "nowhere")]) == 2
    assert "nowhere: does not exist" in capsys.readouterr().err


def test_a_template_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["case", "template", str(tmp_path / "new"), "--excel", "--chinese"]) == 0
    names = {path.name for path in (tmp_path / "new").rglob("*.*")}
    assert {
        "settings.yaml",
        "crews.csv",
        "customers.csv",
        "depots.csv",
        "requests.csv",
        "requests.xlsx",
        "signs.csv",
        "planned.csv",
        "crews.xlsx",
    } <= names
    assert "settings.yaml" in capsys.readouterr().out


def test_a_template_passes_its_own_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["case", "template", str(tmp_path / "new")]) == 0
    assert main(["case", "check", "--strict", str(tmp_path / "new")]) == 0
    assert "1 requests, 1 customers, 1 crews, 1 depots" in capsys.readouterr().out


def test_the_document_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["case", "document"]) == 0
    assert capsys.readouterr().out == case_folder_document()

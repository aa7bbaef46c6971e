"""`gridcrew case night` beside a running server: in force at once, or waiting for a second person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dispatch.cli import main
from dispatch.store import open_store
from dispatch.store.accounts import Accounts
from tests.dispatch.intake.test_night import MAPPING, changed, moved_tie
from tests.small_case import write_small_case
from tests.web.served import Served


@pytest.fixture
def served(tmp_path: Path) -> Any:
    """A server on last night's case, tonight's export beside it, and tokens of two supervisors."""
    write_small_case(tmp_path / "export")
    (tmp_path / "mapping.yaml").write_text(MAPPING % ", second_person_from_rows: '4'")
    assert main(["case", "import", str(tmp_path / "mapping.yaml"), "--out", str(tmp_path / "case")]) == 0
    url = f"sqlite:///{tmp_path}/day.sqlite"
    book = Accounts(open_store(url))
    book.add("root", "administrator", "never used here at all")
    for name in ("night", "sven"):
        (tmp_path / f"{name}.token").write_text(book.issue_token(name, "supervisor"))
    room = Served(tmp_path, url, token=(tmp_path / "sven.token").read_text())
    yield room
    room.end()


def night(folder: Path, served: Served, *more: str) -> int:
    where = ["--case", str(folder / "case"), "--server", f"http://127.0.0.1:{served.port}"]
    token = ["--token-file", str(folder / "night.token")]
    return main(["case", "night", str(folder / "mapping.yaml"), *where, *token, *more])


def test_tonights_export_comes_into_force_without_a_restart_or_waits_for_a_second_person(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert night(tmp_path, served, "--put-in-force") == 0
    assert "customers: the server has all of it already" in capsys.readouterr().out
    customers = tmp_path / "export" / "customers.csv"
    here = next(line for line in customers.read_text().splitlines() if line.startswith("C11"))
    customers.write_text(customers.read_text() + here.replace("C11", "C77") + "\n")
    moved_tie(tmp_path / "export")
    assert night(tmp_path, served, "--put-in-force") == 0
    said = capsys.readouterr().out
    assert "is in force (1 added)" in said, said
    assert "switches: version" in said
    assert "C77" in served.ask("/api/v1/standing/customers.csv")[1]
    assert "C77" not in (tmp_path / "case" / "customers.csv").read_text()
    assert night(tmp_path, served, "--put-in-force") == 0
    # Seven rows of twelve would go: nobody puts that in force by himself, least of all a program.
    customers.write_text("\n".join(customers.read_text().splitlines()[:7]) + "\n")
    assert night(tmp_path, served, "--put-in-force") == 1
    said = capsys.readouterr().out
    assert "% would be gone" in said, said
    versions = served.ask("/api/v1/standing")[1]["versions"]
    (version,) = (each for each in versions if each["state"] == "waiting")
    token = (tmp_path / "night.token").read_text()
    at = f"/api/v1/standing/versions/{version['number']}/activate"
    assert served.ask(at, {}, token=token)[0] == 409
    assert served.ask(at, {})[0] == 200
    assert "C77" not in served.ask("/api/v1/standing/customers.csv")[1]
    changed(tmp_path / "night.token", token[:4], "none")
    assert night(tmp_path, served) == 2
    assert "the server answers 401" in capsys.readouterr().err

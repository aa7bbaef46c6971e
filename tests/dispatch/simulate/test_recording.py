"""A day of the journal, written down to be replayed."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.cli import main
from dispatch.simulate.scenario_file import read_study
from dispatch.store import Event, open_store

START = datetime.fromisoformat("2026-07-14T06:00:00-04:00")


def event(kind: str, order: str, hour: float, **data: Any) -> Event:
    at = START + timedelta(hours=hour)
    return Event(at=at, actor="x", source="board", kind=kind, subject=order, data=data)


def opened(order: str, hour: float) -> Event:
    since = (START + timedelta(hours=hour)).isoformat()
    return event("order_opened", order, hour + 0.1, since=since, customers=3)


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/day.sqlite"
    store = open_store(url)
    store.record(
        opened("O-L1", 1.0),
        opened("O-T3", 2.0),
        opened("O-BR-1", 3.0),
        opened("O-nowhere", 3.0),
        opened("O-L2", 4.0),
        event("order_moved", "O-L1", 1.5, to="on_site", cause="tree"),
        event("order_moved", "O-L1", 2.25, to="restored"),
        event("order_moved", "O-T3", 3.0, to="on_site"),
        event("order_told", "O-T3", 3.1, cause="equipment failure"),
        event("order_moved", "O-T3", 5.0, to="restored"),
        event("order_moved", "O-BR-1", 6.0, to="restored"),
        event("order_moved", "O-nowhere", 6.0, to="restored"),
        event("order_moved", "O-L1", 9.0, to="ended"),
        opened("O-L1-2", 10.0),
        event("order_moved", "O-L1-2", 11.0, to="restored"),
    )
    store.close()
    return url


def test_a_recorded_day_becomes_a_replay_that_can_be_lived_through(
    small_study: Path, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = small_study.parent / "recorded.csv"
    assert main(["simulate", str(small_study), "--record", database, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "4 outages" in said.out
    assert "O-nowhere" in said.err
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [row["at_h"] for row in rows] == ["1.000", "2.000", "3.000", "10.000"]
    assert [rows[n]["element"] for n in (0, 1, 3)] == ["L1", "T3", "L1"]
    assert [row["cause"] for row in rows] == ["tree", "equipment failure", "", ""]
    assert [row["on_site_h"] for row in rows] == ["0.750", "2.000", "", ""]
    assert [row["restored_h"] for row in rows] == ["2.250", "5.000", "6.000", "11.000"]
    replay = small_study.parent / "replay.yaml"
    text = small_study.read_text(encoding="utf-8")
    replay.write_text(text.replace("{faults: 4, by_hour: [1, 2, 1]}", "{replay: {file: recorded.csv}}"))
    told = read_study(replay).alternatives["list"].damage.replay
    assert told is not None
    assert [each.restored_h for each in told.records] == [2.25, 5.0, 6.0, 11.0]
    words = ["simulate", str(replay), "--replications", "2", "--out", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 0
    assert "How near the replay comes" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

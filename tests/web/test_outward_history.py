"""The history of promises kept: published once, signed, and worked out again from the journal."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dispatch.cli import main
from dispatch.intake import load_case
from dispatch.live import Budget, Desk
from dispatch.outward.history import Keeper, faults, statements
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from tests.web.outward_room import ANA, SECRETS, write_town

KEY = "a secret that the tests know"


class Clock:
    """A clock that somebody sets."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(store: Store, tmp_path: Path, clock: Clock) -> Desk:
    case = load_case(write_town(tmp_path / "case"))
    clock.now = case.settings.now
    desk = open_room(case, store, clock, RoomOptions(budget=Budget(work=100))).desk
    desk.shelf.propose(ANA)
    desk.shelf.publish(1, ANA)
    for order in ("O-FU-1", "W-R4"):
        for state, minutes in (("on_the_way", 5), ("on_site", 20), ("restored", 60)):
            at = clock.now + timedelta(minutes=minutes)
            desk.note("order_moved", order, {"to": state}, ANA, at=at)
    return desk


@pytest.fixture
def folder(desk: Desk, tmp_path: Path, clock: Clock) -> Path:
    clock.now += timedelta(days=9)
    Keeper(desk, tmp_path / "public", KEY).publish()
    return tmp_path / "public"


def test_a_week_says_figures_that_anybody_can_count_in_its_tables(folder: Path) -> None:
    told = statements(folder)
    assert [each["week"] for each in told] == ["2026-w29"]
    rows = list(csv.DictReader((folder / "kept-2026-w29.csv").open(encoding="utf-8", newline="")))
    assert rows
    for what, figures in told[0]["promises"].items():
        own = [row["outcome"] for row in rows if row["what"] == what]
        kept, missed = own.count("kept"), own.count("missed")
        assert (figures["kept"], figures["missed"]) == (kept, missed)
        assert figures["share"] == (round(kept / (kept + missed), 4) if kept + missed else None)
    held = list(csv.DictReader((folder / "etrs-2026-w29.csv").open(encoding="utf-8", newline="")))
    assert told[0]["etrs"]["outages"] == len(held)
    everything = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    assert not [each for each in (*SECRETS, "O-FU", "W-R", "P00", "C09") if each in everything]


def test_the_journal_gives_the_same_figures_long_after(folder: Path, desk: Desk, store: Store) -> None:
    # What is told later of that week changes nothing of what was published.
    desk.note("order_moved", "W-R5", {"to": "on_site"}, ANA, at=desk.clock() - timedelta(days=9))
    assert faults(folder, store) == []


def test_a_week_that_was_published_is_not_written_again(
    folder: Path, desk: Desk, store: Store, clock: Clock
) -> None:
    before = (folder / "kept-2026-w29.json").read_bytes()
    clock.now += timedelta(days=7)
    told = Keeper(desk, folder, KEY).publish()
    assert [each["week"] for each in told] == ["2026-w30", "2026-w29"]
    assert (folder / "kept-2026-w29.json").read_bytes() == before
    assert faults(folder, store) == []
    noted = [each for each in store.events_after(0) if each.data.get("what") == "history_published"]
    assert len(noted) == 2


def test_whatever_is_made_prettier_shows(folder: Path, desk: Desk, store: Store, clock: Clock) -> None:
    clock.now += timedelta(days=7)
    Keeper(desk, folder, KEY).publish()
    table, statement = folder / "kept-2026-w29.csv", folder / "kept-2026-w29.json"
    whole = table.read_bytes()
    table.write_bytes(whole.replace(b"missed", b"kept") + b"x")
    assert any("kept-2026-w29.csv was changed" in each for each in faults(folder))
    table.write_bytes(whole)
    told = json.loads(statement.read_text(encoding="utf-8"))
    told["etrs"]["held"] = 99
    statement.write_text(json.dumps(told), encoding="utf-8")
    found = faults(folder, store)
    assert any("signature" in each for each in found)
    assert any("2026-w30: does not follow" in each for each in found)
    assert any("other figures" in each for each in found)


def test_weeks_before_the_first_start_and_weeks_that_may_still_change_are_not_published(
    desk: Desk, tmp_path: Path, clock: Clock
) -> None:
    assert Keeper(desk, tmp_path / "public", KEY).publish() == []
    clock.now += timedelta(days=6)
    assert Keeper(desk, tmp_path / "public", KEY).publish() == []


def test_the_command_checks_what_was_published(
    folder: Path, store: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["published", str(folder), "--database", str(store.engine.url)]) == 0
    assert "figures as the journal gives" in capsys.readouterr().out
    (folder / "etrs-2026-w29.csv").write_text("better", encoding="utf-8")
    assert main(["published", str(folder)]) == 1
    assert main(["published", str(tmp_path / "nowhere")]) == 2

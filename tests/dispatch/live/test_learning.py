"""Beliefs are learned from the journal, wait for a decision, count at once and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.cli import main
from dispatch.ground.beliefs import USUAL
from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Entry
from dispatch.live.learning import lesson, propose_beliefs
from dispatch.live.standing.edits import take_back
from dispatch.live.standing.versions import StandingRefused
from dispatch.outages import kept_tree
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store, open_store
from tests.dispatch.live.conftest import ANA, Clock
from tests.small_case import write_small_case

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_case(tmp_path / "case")


@pytest.fixture
def lived(folder: Path, tmp_path: Path) -> Desk:
    """A desk at which the service of C07 has been out and was restored."""
    case = load_case(folder)
    clock = Clock(case.settings.now)
    store = open_store(f"sqlite:///{tmp_path / 'day.sqlite'}")
    desk = open_room(case, store, clock, RoomOptions(budget=Budget(work=100))).desk
    desk.calls.log(Entry(received_at=clock(), words="no light, only my flat", customer="C07"), ANA)
    clock.later(5)
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    for order in [row["id"] for row in desk.rows("orders") if row["place"]]:
        for to in ("on_site", "restored"):
            clock.later(5)
            version = next(row["version"] for row in desk.rows("orders") if row["id"] == order)
            desk.work.move_order(order, to, ANA, seen=version)
    return desk


def test_what_was_learned_waits_counts_once_decided_and_can_be_taken_back(lived: Desk) -> None:
    desk, now = lived, lived.clock()
    found = lesson(desk.case, desk.store, now - DAY, now + DAY)
    assert found is not None
    assert found.outages == sum(found.learned.faults.values()) > 0
    number = propose_beliefs(desk, found, "pia", "")
    assert desk.case.beliefs == USUAL
    tree = kept_tree(desk.case)
    desk.standing.activate(number, "sven", "", now)
    assert desk.case.beliefs == found.learned.after != USUAL
    assert kept_tree(desk.case) is not tree
    desk.shelf.propose(ANA)
    with pytest.raises(StandingRefused, match="in force already"):
        propose_beliefs(desk, found, "pia", "")
    take_back(desk, number, ANA, "")
    assert desk.case.beliefs == USUAL
    assert desk.store.differing() == []


def test_a_desk_without_restored_outages_learns_nothing(folder: Path, store: Store) -> None:
    case = load_case(folder)
    assert lesson(case, store, case.settings.now - DAY, case.settings.now) is None


def test_the_command_shows_what_would_change_and_writes_a_file_that_a_case_takes(
    lived: Desk, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until, database = lived.clock().isoformat(), f"sqlite:///{tmp_path / 'day.sqlite'}"
    run: Callable[..., int] = lambda *more: main(["learn", str(folder), "--database", database, *more])  # noqa: E731
    assert run("--until", until, "--out", str(folder / "beliefs.csv")) == 0
    said = capsys.readouterr().out
    assert "calling_share" in said
    assert "in force   learned" in said
    found = lesson(lived.case, lived.store, lived.clock() - DAY, lived.clock())
    assert found is not None
    assert load_case(folder).beliefs == found.learned.after
    assert run("--until", "2019-01-01T00:00:00+00:00") == 1
    assert "nothing to learn from" in capsys.readouterr().out
    for wrong in (["--days", "0"], ["--until", "yesterday"], ["--until", "2019-01-01T00:00:00"]):
        with pytest.raises(SystemExit) as ended:
            run(*wrong)
        assert ended.value.code == 2
    assert main(["learn", str(folder), "--database", f"sqlite:///{tmp_path / 'nowhere.sqlite'}"]) == 2

"""A duty is done again whatever it failed at, and boards know when it is not done."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from dispatch.live import Budget, Desk, Who, workers
from dispatch.live.escalating import escalate_due
from dispatch.live.planner.process import PlannerGone
from dispatch.live.planner.worker import Planner
from dispatch.live.workers import Lookout, Worker, Workers
from dispatch.outages.meters import MeterSettings
from dispatch.room import RoomOptions, open_room
from dispatch.store import DATABASE_ERRORS
from tests.dispatch.live.conftest import Clock
from web.words.language import LANGUAGES, catalogue

NOON = datetime(2026, 7, 14, 12, tzinfo=UTC)
ANA = Who(name="ana")


class Duty(Worker):
    """Fails as often as it is told, and says when it has been done."""

    def __init__(self, errors: list[BaseException]) -> None:
        super().__init__("duty", lambda: NOON)
        self.errors = errors
        self.told: list[str] = []
        self.done = threading.Event()

    def turn(self) -> float:
        if self.errors:
            raise self.errors.pop(0)
        self.done.set()
        return 60.0

    def failed(self, error: BaseException) -> None:
        self.told.append(type(error).__name__)
        raise RuntimeError("nobody to tell")

    def recovered(self) -> None:
        self.told.append("recovered")


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "AGAIN_S", (0.01,))


@pytest.mark.parametrize(
    "error",
    [ValueError("bad"), MemoryError(), SystemExit(3), OSError(28, "No space left on device"), KeyError("x")],
)
def test_a_duty_outlives_whatever_it_fails_at(error: BaseException) -> None:
    duty = Duty([error, error])
    duty.start()
    assert duty.done.wait(30)
    duty.end()
    assert duty.told == [type(error).__name__, type(error).__name__, "recovered"]


def test_a_duty_that_fails_is_in_trouble_until_it_is_done_again() -> None:
    duty = Duty([ValueError("no such table: events")])
    every = Workers([duty])
    assert every.troubles() == (), "not begun yet"
    duty.failures, duty._why = 1, "ValueError: no such table: events"
    release = threading.Event()
    duty.turn = lambda: float(release.wait(30))  # type: ignore[method-assign]
    every.start()
    assert [(each.duty, each.why) for each in every.troubles()] == [("duty", duty._why)]
    release.set()
    every.end()
    assert every.troubles() == ()


@pytest.mark.parametrize(
    ("error", "whole"),
    [
        (OperationalError("select 1", {}, Exception("the database system is shutting down")), False),
        (OSError(28, "No space left on device"), False),
        (PlannerGone("the planner's process ended (status -9)"), False),
        (KeyError("x"), True),
    ],
)
def test_what_an_operator_mends_is_a_line_in_the_log_and_a_fault_of_the_program_is_told_whole(
    error: Exception, whole: bool, caplog: pytest.LogCaptureFixture
) -> None:
    duty = Duty([error])
    duty.start()
    assert duty.done.wait(30)
    duty.end()
    assert "duty failed and is tried again" in caplog.text
    assert ("Traceback" in caplog.text) == whole


def test_a_duty_that_hangs_is_in_trouble() -> None:
    release = threading.Event()

    class Hanging(Worker):
        quiet_s = -1.0

        def turn(self) -> float:
            started.set()
            release.wait(30)
            return 60.0

    started = threading.Event()
    duty = Hanging("hanging", lambda: NOON)
    duty.start()
    assert started.wait(30)
    trouble = Workers([duty]).troubles()
    release.set()
    duty.end()
    assert [(each.duty, each.why, each.since) for each in trouble] == [("hanging", "silent", NOON)]


def test_planning_that_fails_for_any_reason_is_said_and_tried_again(desk: Desk) -> None:
    made, planner = desk.shelf.make_plan, Planner(desk)
    fails = [RuntimeError("dictionary changed size during iteration"), TypeError("a fault of ours")]

    def plan(task, stop=None, on_progress=None):
        if fails:
            raise fails.pop(0)
        return made(task, stop, on_progress)

    desk.shelf.make_plan = plan
    for _ in range(2):
        planner._one_turn()
        assert desk.planner_gone == desk.clock()
    while desk.planner_gone is not None:
        planner._one_turn()
    assert desk.shelf.proposal() is not None
    told = [event.data["what"] for event in desk.store.events_after(0) if event.subject == "planner"]
    assert told == ["planner_gone", "planner_back"]


def test_boards_know_that_nobody_plans_even_when_the_journal_cannot_be_written(desk: Desk) -> None:
    planner = Planner(desk)
    desk.store.engine.dispose()
    lost = desk.store.reading

    def away():
        raise DATABASE_ERRORS[0]("select", {}, Exception("the database system is shutting down"))

    desk.store.reading = desk.store.writing = away  # type: ignore[method-assign, assignment]
    planner._one_turn()
    assert desk.planner_gone == desk.clock()
    assert planner.failures == 1
    desk.store.reading = lost  # type: ignore[method-assign]
    del desk.store.writing
    while desk.planner_gone is not None:
        planner._one_turn()
    assert desk.shelf.proposal() is not None


def test_reminders_go_on_after_the_database_was_away(desk: Desk) -> None:
    escalation = Lookout("escalation", desk.clock, lambda: escalate_due(desk), pause_s=30)
    lost = desk.rows
    desk.rows = lambda table: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    escalation._one_turn()
    assert escalation.failures == 1
    desk.rows = lost  # type: ignore[method-assign]
    escalation._one_turn()
    assert escalation.failures == 0


def test_a_room_knows_the_troubles_of_its_duties(small, store, clock: Clock) -> None:
    room = open_room(small, store, clock, RoomOptions(budget=Budget(work=100)))
    assert room.desk.troubles() == ()
    duties = [worker.name for worker in room.workers.workers]
    assert duties == [
        "planner",
        "escalation",
        "silence",
        "unread",
        "shift_clock",
        "service",
        "days",
        "unattended",
    ]
    assert len(store.hearers) == 1, "the room tells customers what happens"
    room.end()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_duty_that_may_fail_has_words_on_the_boards(small, store, clock: Clock, language: str) -> None:
    meters = MeterSettings(url="http://127.0.0.1:9", token="t")
    options = RoomOptions(budget=Budget(work=100), keep=timedelta(days=90), meters=meters)
    room = open_room(small, store, clock, options)
    words = catalogue(language)
    assert [each.name for each in room.workers.workers if f"strip.trouble.{each.name}" not in words] == []
    room.end()

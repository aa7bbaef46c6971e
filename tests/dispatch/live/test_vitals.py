"""A process that is frozen is told from one that only waits for the processor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from dispatch.live.planner import vitals
from dispatch.live.planner.vitals import Vitals
from tests.web.served import until

SPIN = "print('on', flush=True)\nwhile True: pass"
SLEEP = "import time; print('on', flush=True); time.sleep(600)"
Start = Callable[[str], int]


@pytest.fixture
def start() -> Iterator[Start]:
    begun: list[subprocess.Popen[bytes]] = []

    def begin(code: str) -> int:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        begun.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"on\n"
        return process.pid

    yield begin
    for each in begun:
        each.kill()
        each.wait()
        assert each.stdout is not None
        each.stdout.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "SILENT_S", 0.5)


def starve(pid: int, by: int) -> None:
    """Let a process have only what another one on the same processor leaves, which is nothing."""
    one = {min(os.sched_getaffinity(0))}
    for each in (pid, by):
        os.sched_setaffinity(each, one)
    os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


def heard(pid: int) -> Vitals:
    found = Vitals(pid)
    found.spoke()
    return found


def test_a_process_that_gets_no_processor_is_waited_for(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = start(SPIN)
    starve(pid, start(SPIN))
    found = heard(pid)
    assert until(lambda: found.silent_s > 1.5)
    assert not found.is_frozen()
    # But not for ever.
    monkeypatch.setattr(vitals, "STARVED_S", 1.0)
    assert found.is_frozen()


def test_a_process_that_was_stopped_is_frozen_also_while_it_starts(start: Start) -> None:
    pid = start(SPIN)
    os.kill(pid, signal.SIGSTOP)
    assert until(heard(pid).is_frozen)
    starting = Vitals(pid)
    starting.loads()
    assert until(starting.is_frozen)


def test_a_process_that_waits_for_what_never_comes_is_frozen(start: Start) -> None:
    assert until(heard(start(SLEEP)).is_frozen)


def test_a_process_that_goes_round_in_circles_is_frozen(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "BUSY", 0.01)
    assert until(heard(start(SPIN)).is_frozen)


def test_a_process_that_loads_shows_its_life_by_what_it_uses(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading = Vitals(start(SPIN))
    assert not until(loading.is_frozen, 1.5)
    monkeypatch.setattr(vitals, "START_S", 1.0)
    assert until(loading.is_frozen)


def test_what_was_asked_of_an_idle_process_counts_from_then_on(start: Start) -> None:
    found = heard(start(SLEEP))
    assert until(lambda: found.silent_s > 0.6)
    found.asked()
    assert not found.is_frozen()

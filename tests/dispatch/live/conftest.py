"""A small case, a clock that the test sets, and a desk over an empty store."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dispatch.ground.case import Case
from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Who
from dispatch.store import Store
from tests.dispatch.live.street import write_street
from tests.prepared import empty_store, small_case
from tests.small_case import write_rostered_case

ANA = Who(name="ana")


class Clock:
    """A clock that the test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def later(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return small_case()


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return load_case(write_street(tmp_path_factory.mktemp("street")))


@pytest.fixture(scope="session")
def rostered(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return load_case(write_rostered_case(tmp_path_factory.mktemp("rostered")))


@pytest.fixture
def clock(small: Case) -> Clock:
    return Clock(small.settings.now)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return empty_store(tmp_path / "day.sqlite")


@pytest.fixture
def desk(small: Case, store: Store, clock: Clock) -> Desk:
    return Desk(small, store, clock, Budget(work=300))


@pytest.fixture
def in_force(desk: Desk) -> Desk:
    """A desk with a plan in force."""
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    return desk

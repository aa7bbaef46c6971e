"""A crew that does not read its changed route gets a text message, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.live import Budget, Desk, Who
from dispatch.live.unread import remind_unread
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.outbox import keys_under
from tests.prepared import empty_store
from tests.web.test_phone import case

__all__ = ["case"]
OFFICE = Who(name="ana")


@pytest.fixture
def desk(case: Any, store: Store) -> Desk:
    crews = tuple(replace(each, phone="+56 9 1234 5678") for each in case.crews)
    told = replace(case, crews=crews)
    desk = open_room(told, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    desk.shelf.propose(OFFICE)
    desk.shelf.publish(1, OFFICE)
    return desk


def later(desk: Desk, minutes: float) -> None:
    now = desk.clock() + timedelta(minutes=minutes)
    desk.book.clock = lambda: now


def letters(desk: Desk) -> list[str]:
    with desk.store.reading() as connection:
        return sorted(keys_under(connection, "unread/"))


def busy(desk: Desk) -> str:
    return max(desk.day().plan.routes, key=lambda route: len(route.visits)).crew


def test_a_crew_that_has_not_read_its_route_gets_one_text_message(desk: Desk) -> None:
    assert remind_unread(desk) == 0
    later(desk, desk.case.settings.unread_text_after_min + 1)
    told = remind_unread(desk)
    assert told == len(letters(desk)) >= 1
    assert remind_unread(desk) == 0
    assert len(letters(desk)) == told


def test_what_was_told_takes_no_turn_of_the_writer_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    later(desk, desk.case.settings.unread_text_after_min + 1)
    assert remind_unread(desk) >= 1
    turns: list[str] = []
    writing = desk.store.writing
    monkeypatch.setattr(desk.store, "writing", lambda: (turns.append("taken"), writing())[1])
    assert remind_unread(desk) == 0
    assert turns == []


def test_a_crew_that_has_read_it_is_left_in_peace(desk: Desk) -> None:
    for crew in desk.case.crew_by_id:
        desk.shelf.acknowledge(crew, 1, Who(name=crew, crew=crew))
    later(desk, 60)
    assert remind_unread(desk) == 0


def test_a_plan_that_leaves_the_route_as_it_was_is_no_news(desk: Desk) -> None:
    crew = busy(desk)
    for each in desk.case.crew_by_id:
        desk.shelf.acknowledge(each, 1, Who(name=each, crew=each))
    routes = {route.crew: [visit.job for visit in route.visits] for route in desk.day().plan.routes}
    desk.hands.set_routes(routes, OFFICE, "the same again")
    later(desk, 60)
    assert remind_unread(desk) == 0
    routes[crew] = routes[crew][:-1]
    desk.hands.set_routes(routes, OFFICE, "one less")
    assert remind_unread(desk) == 0
    later(desk, 11)
    assert remind_unread(desk) == 1
    assert len(letters(desk)) == 1


@pytest.fixture
def quiet(case: Any, tmp_path: Path) -> Desk:
    told = replace(case, settings=replace(case.settings, unread_text_after_min=0))
    room = open_room(told, empty_store(tmp_path / "quiet.sqlite"), lambda: case.settings.now, RoomOptions())
    room.desk.shelf.propose(OFFICE)
    room.desk.shelf.publish(1, OFFICE)
    return room.desk


def test_zero_minutes_send_nothing(quiet: Desk) -> None:
    later(quiet, 600)
    assert remind_unread(quiet) == 0

"""Meters are asked by themselves: where it is in doubt which device opened, and behind a finished repair."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dispatch.ground.case import Case
from dispatch.live import Budget, Desk, Entry
from dispatch.live.asking_meters import MeterRounds
from dispatch.outages.meters import HttpMeters, MeterSettings
from dispatch.store import Store
from tests.dispatch.live.conftest import ANA, Clock
from tests.dispatch.outages.meters.test_http import serving


@pytest.fixture
def clock(street: Case) -> Clock:
    return Clock(street.settings.now)


@pytest.fixture
def desk(street: Case, store: Store, clock: Clock) -> Desk:
    """Three homes of one main have called just now, of the other none."""
    desk = Desk(street, store, clock, Budget(work=100))
    for number in (1, 2, 3):
        said = Entry(words="no light", received_at=desk.clock(), customer=f"M2a-{number}")
        desk.calls.log(said, ANA)
        clock.later(1)
    desk.shelf.propose(ANA)
    return desk


def answers(places: Sequence[str], supply: str) -> dict[str, object]:
    return {"answers": [{"place": place, "supply": supply} for place in places]}


def test_the_answer_of_a_meter_settles_which_device_has_opened(desk: Desk) -> None:
    with serving() as head_end:
        rounds = MeterRounds(desk, HttpMeters(MeterSettings(url=head_end.url)))
        places = rounds.next_places()
        assert places
        assert all(not place.startswith("M2a") for place in places)
        head_end.body = answers(places, "off")
        rounds.turn()
    (outage,) = desk.shelf.propose(ANA).outages
    assert (outage.device or outage.fault.place) != "M2a"


def test_a_meter_is_asked_once_in_a_while_and_so_many_a_minute(desk: Desk, clock: Clock) -> None:
    with serving() as head_end:
        rounds = MeterRounds(desk, HttpMeters(MeterSettings(url=head_end.url, per_minute=3, again_min=15)))
        first = rounds.next_places()
        rounds.turn()
        assert 1 <= len(first) <= 3
        assert not set(first) & set(rounds.next_places())
        assert sum(len(each[2]["places"]) for each in head_end.asked) <= 3
        clock.later(16)
        assert set(first) & set(rounds.next_places())


def test_behind_a_repair_that_is_done_meters_find_who_is_still_out(desk: Desk, clock: Clock) -> None:
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    for to in ("on_site", "restored"):
        version = next(each["version"] for each in desk.rows("orders") if each["id"] == "O-M2a")
        desk.work.move_order("O-M2a", to, ANA, seen=version)
    clock.later(2)
    with serving() as head_end:
        rounds = MeterRounds(desk, HttpMeters(MeterSettings(url=head_end.url)))
        places = rounds.next_places()
        assert {place.split("-")[0] for place in places} == {"M2a"}
        head_end.body = answers(places[:1], "off")
        rounds.turn()
        clock.later(1)
    (outage,) = desk.shelf.propose(ANA).outages
    assert (outage.fault.place, outage.still_out is not None) == (places[0], True)


def test_a_head_end_that_is_away_is_a_trouble_and_the_day_goes_on(desk: Desk) -> None:
    with serving() as head_end:
        url = head_end.url
    rounds = MeterRounds(desk, HttpMeters(MeterSettings(url=url, timeout_s=0.5)))
    assert rounds.next_places()
    rounds._one_turn()
    assert rounds.failures == 1
    assert len(desk.shelf.propose(ANA).outages) == 1

"""Weather warnings, and the crews of the hours around now: who is free, who rests, who can be called in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.live import Desk, Refused
from dispatch.live.standing.called import called_in
from dispatch.live.standing.edits import call_in, change_shift, take_back
from dispatch.live.standing.upload import read_sent
from dispatch.live.tonight import called_for, tonight
from dispatch.live.weather import Told, call_off, correct, warn, warning, warnings_now
from dispatch.room import open_room
from dispatch.store import Conflict, Store, open_store
from tests.dispatch.live.conftest import ANA, Clock
from tests.dispatch.store.conftest import *  # noqa: F403

HOUR = timedelta(hours=1)
HEADER = "id,name,depot,shift_start,shift_end,skills,people\n"


def bring(desk: Desk, *rows: tuple[str, float, float]) -> None:
    """Give crews shifts, from and until so many hours from now."""
    now = desk.clock()
    text = HEADER + "".join(
        f"{crew},{crew.title()},D1,{(now + a * HOUR).isoformat()},{(now + b * HOUR).isoformat()},hv;lv,2\n"
        for crew, a, b in rows
    )
    read = read_sent(desk.standing, desk.case, "crews", text.encode(), "crews.csv", whole=False)
    assert read.change is not None, [str(fault) for fault in read.faults]
    number = desk.standing.send("crews", read.change, "crews.csv", "", "pia", now)
    desk.standing.activate(number, "sven", "", now)


def row(desk: Desk, crew: str):
    return next(each for each in tonight(desk).crews if each.crew.id == crew)


def test_a_warning_is_told_corrected_and_called_off_and_each_time_is_a_version(
    desk: Desk, store: Store, clock: Clock
) -> None:
    now = desk.clock()
    told = Told(kind="wind", begins=now + HOUR, ends=now + 9 * HOUR, gust_m_s=28.5, note="from the south")
    first = warn(desk, told, ANA)
    assert (first.version, first.by, first.gust_m_s) == (1, ANA.name, 28.5)
    second = correct(
        desk, first.id, Told(kind="storm", begins=now, ends=now + 9 * HOUR, gust_m_s=33), ANA, seen=1
    )
    assert (second.version, second.kind, second.gust_m_s) == (2, "storm", 33)
    with pytest.raises(Conflict):
        correct(desk, first.id, told, ANA, seen=1)
    assert [each.id for each in warnings_now(desk)] == [first.id]
    call_off(desk, first.id, "passed", ANA, seen=2)
    assert warnings_now(desk) == ()
    assert warning(desk, first.id).over
    assert warn(desk, told, ANA).id != first.id
    assert store.differing() == []


def test_a_warning_shows_two_days_ahead_and_until_it_ends(desk: Desk, clock: Clock) -> None:
    now = desk.clock()
    warn(desk, Told(kind="ice", begins=now + 60 * HOUR, ends=now + 70 * HOUR), ANA)
    assert warnings_now(desk) == ()
    clock.now = now + 13 * HOUR
    assert [each.kind for each in warnings_now(desk)] == ["ice"]
    clock.now = now + 70 * HOUR
    assert warnings_now(desk) == ()


@pytest.mark.parametrize(
    ("a", "b", "code"), [(2, 1, "warning_times"), (-3, -1, "time_past"), (0, 300, "warning_times")]
)
def test_a_warning_whose_times_cannot_be_is_refused(desk: Desk, a: float, b: float, code: str) -> None:
    now = desk.clock()
    with pytest.raises(Refused) as refused:
        warn(desk, Told(kind="wind", begins=now + a * HOUR, ends=now + b * HOUR), ANA)
    assert refused.value.code == code


def test_a_crew_is_on_or_comes_or_rests_and_may_be_called_in_once_it_has_rested(desk: Desk) -> None:
    bring(desk, ("crew-1", -1, 7), ("blue", 14, 22), ("red", -12, -4), ("green", -200, -192))
    now = desk.clock()
    assert row(desk, "crew-1").state == "on"
    assert row(desk, "crew-1").call is None
    blue, red, green = (row(desk, crew) for crew in ("blue", "red", "green"))
    assert (blue.state, red.state, green.state) == ("coming", "off", "off")
    assert red.rested_at == now + 7 * HOUR
    assert blue.call is not None
    assert blue.call.instead is not None
    # A shift of 8 h that begins no more than 5 h early lasts no longer than 13 h.
    assert blue.call.shift.shift_start == now + 9 * HOUR
    assert red.call is not None
    assert red.call.instead is None
    assert (red.call.shift.shift_start, red.call.shift.shift_end) == (now + 7 * HOUR, now + 15 * HOUR)
    assert green.call is not None
    assert green.call.shift.shift_start == now


def test_a_call_that_breaks_the_rest_says_which_and_one_that_keeps_it_can_be_taken_back(desk: Desk) -> None:
    bring(desk, ("blue", 10, 18), ("red", -12, -4))
    now = desk.clock()
    broken = called_for(desk, "red", now + HOUR).broken
    assert [(each.term, each.found, each.limit) for each in broken] == [("rest", 5.0, 11.0)]
    with pytest.raises(Refused) as refused:
        call_in(desk, "red", now + HOUR, ANA, "", until=now + 9 * HOUR)
    assert refused.value.code == "terms"
    number = call_in(desk, "blue", now + 6 * HOUR, ANA, "storm")
    assert row(desk, "blue").shifts[0].shift_start == now + 6 * HOUR
    take_back(desk, number, ANA, "undo")
    assert row(desk, "blue").shifts[0].shift_start == now + 10 * HOUR


def test_crews_that_can_be_called_in_come_first_the_soonest_on_top(desk: Desk) -> None:
    bring(desk, ("crew-1", -1, 7), ("blue", 14, 22), ("red", -12, -4), ("green", -200, -192))
    told = tonight(desk).crews
    can = [each.crew.id for each in told if each.call is not None]
    assert [each.crew.id for each in told][: len(can)] == can
    starts = [each.call.shift.shift_start for each in told if each.call is not None]
    assert starts == sorted(starts)
    assert can.index("green") < can.index("red") < can.index("blue")
    assert told[len(can)].state == "on"


def test_the_next_shift_is_told_who_was_called_in_until_it_is_taken_back_or_over(
    desk: Desk, clock: Clock
) -> None:
    bring(desk, ("blue", 10, 18), ("green", -200, -192), ("red", 12, 20))
    now = desk.clock()
    early = call_in(desk, "blue", now + 6 * HOUR, ANA, "storm")
    call_in(desk, "green", now + HOUR, ANA, "", until=now + 9 * HOUR)
    # A longer shift is no call.
    change_shift(desk, "red", now + 12 * HOUR, (now + 12 * HOUR, now + 21 * HOUR), ANA, "longer")
    told = called_in(desk)
    assert [(each.shift.id, each.instead, each.by, each.note) for each in told] == [
        ("green", None, ANA.name, ""),
        ("blue", now + 10 * HOUR, ANA.name, "storm"),
    ]
    take_back(desk, early, ANA, "undo")
    assert [each.shift.id for each in called_in(desk)] == ["green"]
    clock.now = now + 9 * HOUR
    assert called_in(desk) == ()


def test_a_crew_is_not_called_in_for_hours_that_have_passed(desk: Desk) -> None:
    bring(desk, ("blue", 10, 18))
    with pytest.raises(Refused) as refused:
        call_in(desk, "blue", desk.clock() - 2 * HOUR, ANA, "")
    assert refused.value.code == "time_past"


def test_warnings_are_kept_in_both_kinds_of_database(url: str, clock: Clock, small) -> None:
    store = open_store(url)
    desk = open_room(small, store, clock).desk
    now = desk.clock()
    name = warn(desk, Told(kind="snow", begins=now, ends=now + HOUR), ANA).id
    assert [(each.id, each.version) for each in warnings_now(desk)] == [(name, 1)]
    store.close()

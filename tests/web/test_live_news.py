"""One state for every board: whole, or as what changed since the one that a board holds."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest

from dispatch.live import Budget, Desk, Entry, Who
from dispatch.room import RoomOptions, open_room
from tests.prepared import empty_store, small_case
from web.board.news import GATHER_S, SPREAD_MS, News, difference
from web.board.state import KEYS, state_data

ANA = Who(name="ana")


@pytest.fixture
def desk(tmp_path) -> Desk:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    made = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    made.shelf.propose(ANA)
    made.shelf.publish(1, ANA)
    return made


def applied(state: dict, change: dict) -> dict:
    """What a board makes of a change."""
    assert change["from"] == state["seq"]
    new = dict(state) | {
        name: value for name, value in change.items() if name not in ("from", "rows", "events")
    }
    for name, rows in change["rows"].items():
        known = {row["id"]: row for row in state[name] if row["id"] not in rows["gone"]}
        new[name] = list((known | {row["id"]: row for row in rows["set"]}).values())
    return new


def by_id(state: dict) -> dict:
    return state | {name: {row[key]: row for row in state[name]} for name, key in KEYS.items()}


def test_the_steps_of_a_state_lead_from_one_to_the_next(desk: Desk) -> None:
    news = News(desk, pause=lambda s: None)
    held = json.loads(news.whole().body)
    order = desk.rows("orders")[0]
    desk.work.move_order(order["id"], "on_the_way", ANA, seen=order["version"])
    desk.calls.log(Entry(words="sparks", received_at=desk.clock(), customer="C11"), ANA)
    first = news.since(held["seq"])
    desk.work.crew_is("crew-2", "absent", ANA, reason="ill")
    steps = news.since(held["seq"])
    assert first is not None
    assert steps is not None
    assert len(steps) == len(first) + 1
    for step in steps:
        held = applied(held, json.loads(step.text))
    assert held.pop("spread_ms") == SPREAD_MS
    assert by_id(held) == by_id(json.loads(json.dumps(state_data(desk))))
    assert news.since(held["seq"]) == []


def test_a_step_tells_what_happened_without_words_of_customers(desk: Desk) -> None:
    news = News(desk, pause=lambda s: None)
    before = news.seq()
    desk.shelf.acknowledge("crew-1", 1, ANA)
    (step,) = news.since(before) or []
    told = json.loads(step.text)
    assert [(event["kind"], event["subject"]) for event in told["events"]] == [
        ("plan_acknowledged", "crew-1")
    ]
    assert list(told["rows"]) <= ["crews"]


def test_one_step_is_made_for_everybody_who_waits(desk: Desk) -> None:
    pauses: list[float] = []
    news = News(desk, pause=pauses.append)
    before = news.seq()
    desk.shelf.acknowledge("crew-1", 1, ANA)
    heard = [news.wait(before, 5) for _ in range(3)]
    assert heard[0] is not None
    assert heard[0][0] is heard[1][0] is heard[2][0]
    assert len(pauses) <= 1
    assert news.wait(news.seq(), 0) == []


def test_who_holds_a_state_that_nobody_knows_is_told_to_read_the_whole(desk: Desk) -> None:
    news = News(desk, pause=lambda s: None)
    news.whole()
    assert news.since(news.seq() - 1) is None


def test_what_stays_the_same_is_not_told() -> None:
    rows = {name: [] for name in KEYS}
    one = {"seq": 1, "now": 5, "plan": 1, "unread": ["a"], **rows, "orders": [{"id": "x", "state": "a"}]}
    two = {"seq": 2, "now": 6, "plan": 1, "unread": [], **rows, "orders": [{"id": "y", "state": "a"}]}
    assert difference(one, two) == {
        "from": 1,
        "seq": 2,
        "now": 6,
        "unread": [],
        "rows": {"orders": {"set": [{"id": "y", "state": "a"}], "gone": ["x"]}},
    }


def test_the_clock_of_a_quiet_hour_is_not_that_of_its_last_event(desk: Desk) -> None:
    news, began = News(desk), desk.clock()
    assert json.loads(news.whole().body)["now"] == int(began.timestamp())
    desk.book.clock = lambda: began + timedelta(minutes=7)
    assert json.loads(news.whole().body)["now"] == int(began.timestamp()) + 420


def test_of_the_orders_only_those_that_changed_are_made_again(desk: Desk) -> None:
    before = {row["id"]: row for row in state_data(desk)["orders"]}
    changed, moved = sorted(before)[:2]
    desk.note("order_told", changed, {"note": "gate closed"}, ANA)
    desk.work.move_order(moved, "on_the_way", ANA, seen=before[moved]["version"])
    after = {row["id"]: row for row in state_data(desk)["orders"]}
    assert {id_ for id_ in after if after[id_] is not before[id_]} == {changed, moved}
    assert after[changed]["note"] == "gate closed"
    assert "on_the_way" in after[moved]["steps"]


def test_many_boards_wake_once_for_each_state_and_one_of_them_makes_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = News(desk)
    before = news.seq()
    made: list[int] = []
    monkeypatch.setattr("web.board.news.state_data", lambda desk: made.append(0) or state_data(desk))
    heard: list[list[bytes]] = []

    def board() -> None:
        after, said = before, []
        while after < before + 3:
            steps = news.wait(after, 20) or []
            said += [step.message(discreet=False) for step in steps]
            after = steps[-1].seq if steps else after
        heard.append(said)

    boards = [threading.Thread(target=board) for _ in range(40)]
    for each in boards:
        each.start()
    for number in (1, 2, 3):
        desk.work.crew_is("crew-2", "absent" if number % 2 else "on_shift", ANA)
    for each in boards:
        each.join(30)
    assert len(heard) == 40
    assert all(said == heard[0] for said in heard)
    # The very same bytes, not bytes that are equal: they are made once, however many boards there are.
    assert all(mine is first for said in heard for mine, first in zip(said, heard[0], strict=True))
    assert len(made) <= 3


def test_who_wakes_makes_no_state_of_what_has_happened_since(desk: Desk) -> None:
    news = News(desk, pause=lambda s: None)
    before = news.seq()
    desk.work.crew_is("crew-2", "absent", ANA)
    (first,) = news.wait(before, 5) or []
    desk.work.crew_is("crew-2", "on_shift", ANA)
    assert news.wait(before, 5) == [first]
    assert [step.before for step in news.wait(first.seq, 5) or []] == [first.seq]


def test_news_rest_longer_where_a_state_takes_long_or_many_boards_hear_it(desk: Desk) -> None:
    news = News(desk)
    assert news.gathers_s == GATHER_S
    news._cost_s = 0.2
    assert news.gathers_s == pytest.approx(0.6)
    news._cost_s, news._waiting = 0.0, 400
    assert news.gathers_s == pytest.approx(0.4)


def test_many_boards_ask_for_a_new_proposal_one_after_the_other(desk: Desk) -> None:
    news = News(desk, pause=lambda s: None)
    assert json.loads(news.whole().body)["spread_ms"] == SPREAD_MS
    news._waiting = 150
    desk.work.crew_is("crew-2", "absent", ANA)
    assert json.loads(news.whole().body)["spread_ms"] == 2500
    # Those who were just woken have not gone.
    news._waiting = 0
    desk.work.crew_is("crew-2", "on_shift", ANA)
    assert json.loads(news.whole().body)["spread_ms"] == 2500

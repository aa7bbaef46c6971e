"""Tonight over HTTP and in a browser: the warning on the board, a crew called in and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dispatch.live import Budget, Desk
from dispatch.live.standing.upload import read_sent
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store, small_case
from web.app import create_app

API = "/api/v1"
SECRET = "a long enough one"
HOUR = timedelta(hours=1)
Ask = Callable[..., Any]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    room = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100)))
    for name, role in (("dora", "dispatcher"), ("sven", "supervisor"), ("vic", "viewer")):
        room.accounts.add(name, role, SECRET)
    now = case.settings.now
    rows = (("crew-1", -1, 7), ("blue", 10, 18), ("red", -9, -1))
    text = "id,name,depot,shift_start,shift_end,skills,people\n" + "".join(
        f"{crew},{crew.title()},D1,{(now + a * HOUR).isoformat()},{(now + b * HOUR).isoformat()},hv;lv,2\n"
        for crew, a, b in rows
    )
    read = read_sent(room.desk.standing, case, "crews", text.encode(), "crews.csv", whole=False)
    assert read.change is not None, [str(fault) for fault in read.faults]
    number = room.desk.standing.send("crews", read.change, "crews.csv", "", "pia", now)
    room.desk.standing.activate(number, "sven", "", now)
    return room.desk


@pytest.fixture
def app(desk: Desk) -> Flask:
    app = create_app(desk)
    app.config.update(WTF_CSRF_ENABLED=False, RATE_LIMITS=False)
    return app


@pytest.fixture
def ask(app: Flask, desk: Desk) -> Ask:
    """Ask as a system of a role."""
    book, client = Accounts(desk.store), app.test_client()
    roles = ("viewer", "dispatcher", "supervisor", "intake")
    tokens = {role: book.issue_token(role, role) for role in roles}

    def send(role: str, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {tokens[role]}", **more.pop("headers", {})}
        return client.open(path, method=method, headers=headers, **more)

    return send


def at(desk: Desk, hours: float) -> str:
    return (desk.clock() + hours * HOUR).isoformat()


def test_a_weather_service_warns_corrects_and_ends_a_warning(ask: Ask, desk: Desk) -> None:
    said = {"kind": "wind", "from": at(desk, 1), "until": at(desk, 9), "gust_m_s": 28}
    first = ask("intake", "POST", f"{API}/weather", json=said, headers={"Idempotency-Key": "w1"})
    assert first.status_code == 201, first.text
    assert (
        ask("intake", "POST", f"{API}/weather", json=said, headers={"Idempotency-Key": "w1"}).json
        == first.json
    )
    name = first.json["id"]
    again = ask("intake", "POST", f"{API}/weather/{name}", json=said | {"gust_m_s": 33, "seen": 1})
    assert (again.status_code, again.json["version"]) == (200, 2)
    late = ask("dispatcher", "POST", f"{API}/weather/{name}", json=said | {"seen": 1})
    assert (late.status_code, late.json["error"]["version"]) == (409, 2)
    # Another system, and this one about what the room told itself, may not.
    own = ask("dispatcher", "POST", f"{API}/weather", json=said).json
    for path in (f"{API}/weather/{own['id']}/over", f"{API}/weather/{own['id']}"):
        assert ask("intake", "POST", path, json=said | {"seen": 1}).status_code in (400, 403)
    assert ask("intake", "POST", f"{API}/weather/{own['id']}/over", json={"seen": 1}).status_code == 403
    assert ask("dispatcher", "POST", f"{API}/weather/{own['id']}/over", json={"seen": 1}).json["over"]
    state = ask("viewer", "GET", f"{API}/state").json
    assert [(each["kind"], each["gust_m_s"]) for each in state["weather"]] == [("wind", 33)]
    assert ask("dispatcher", "POST", f"{API}/weather/{name}/over", json={"seen": 2}).json["over"]
    assert ask("viewer", "GET", f"{API}/weather").json == {"warnings": []}


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "sun"}, {"gust_m_s": -1}, {"until": "soon"}, {"from": "2026-07-14T18:30"}, {"note": "x" * 501}],
)
def test_a_warning_that_cannot_be_read_is_refused_with_its_fault(ask: Ask, desk: Desk, wrong: Any) -> None:
    said = {"kind": "wind", "from": at(desk, 1), "until": at(desk, 9)} | wrong
    answer = ask("dispatcher", "POST", f"{API}/weather", json=said)
    assert (answer.status_code, len(answer.json["error"]["faults"])) == (400, 1)


def test_a_viewer_tells_no_warning_and_calls_nobody_in(ask: Ask, desk: Desk) -> None:
    said = {"kind": "wind", "from": at(desk, 1), "until": at(desk, 9)}
    assert ask("viewer", "POST", f"{API}/weather", json=said).status_code == 403
    assert ask("viewer", "POST", f"{API}/crews/blue/call-in", json={"at": at(desk, 6)}).status_code == 403
    assert ask("viewer", "GET", f"{API}/tonight").json["crews"][0]["phone"] is None


def test_a_dispatcher_takes_her_own_call_back_and_nobody_elses(ask: Ask, desk: Desk) -> None:
    tried = ask("dispatcher", "GET", f"{API}/crews/blue/call-in", query_string={"at": at(desk, 6)}).json
    assert tried["allowed"]
    assert tried["broken"] == []
    own = ask("dispatcher", "POST", f"{API}/crews/blue/call-in", json={"at": at(desk, 6)}).json["version"]
    assert ask("dispatcher", "POST", f"{API}/standing/versions/{own}/back", json={}).status_code == 200
    other = ask("supervisor", "POST", f"{API}/crews/blue/call-in", json={"at": at(desk, 6)}).json["version"]
    assert ask("dispatcher", "POST", f"{API}/standing/versions/{other}/back", json={}).status_code == 403


def test_a_broken_rest_is_told_in_a_sentence_and_a_supervisor_may_answer_for_it(ask: Ask, desk: Desk) -> None:
    wanted = {"at": at(desk, 2), "until": at(desk, 8)}
    tried = ask("dispatcher", "GET", f"{API}/crews/red/call-in", query_string=wanted).json
    assert tried["broken"][0]["text"] == "Red would rest 3 h; at least 11 h are due."
    refused = ask("dispatcher", "POST", f"{API}/crews/red/call-in", json=wanted | {"anyway": True})
    assert (refused.status_code, refused.json["error"]["reason"]) == (409, "terms")
    assert "Red would rest 3 h" in refused.json["error"]["text"]
    assert (
        ask("supervisor", "POST", f"{API}/crews/red/call-in", json=wanted | {"anyway": True}).status_code
        == 200
    )


# -- in a browser ------------------------------------------------------------------


@pytest.fixture
def address(app: Flask, serving) -> str:
    app.config["WTF_CSRF_ENABLED"] = True
    return serving(app)


def sign_in(open_page, address: str, name: str, language: str = "en"):
    page = open_page(f"{address}/sign-in?next=/tonight", language=language)
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", SECRET)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/tonight")
    page.locator(".sr-row[data-crew]").first.wait_for()
    return page


def starts(desk: Desk, crew: str) -> list[Any]:
    now = desk.clock()
    return [each.shift_start - now for each in desk.standing.shifts().of(crew, now, now + 24 * HOUR)]


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_one_drag_calls_a_crew_in_and_one_key_takes_it_back(open_page, address: str, desk: Desk) -> None:
    page = sign_in(open_page, address, "dora")
    bar = page.locator("[data-bar=blue]")
    edge, lane = bar.bounding_box(), page.locator("[data-crew=blue] .sr-lane").bounding_box()
    hour = lane["width"] / 24
    x, y = edge["x"] + 12, edge["y"] + edge["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 8 * hour, y, steps=4)
    page.locator(".sr-tip.wrong").get_by_text("would last 16 h").wait_for()
    page.mouse.move(x - 4 * hour, y, steps=4)
    page.locator(".sr-tip").get_by_text("Rest and hours are kept.").wait_for()
    assert starts(desk, "blue") == [10 * HOUR]
    page.mouse.up()
    page.locator("#called").get_by_text("Blue is called in from").wait_for()
    assert starts(desk, "blue") == [6 * HOUR]
    page.keyboard.press("u")
    page.locator("#called").get_by_text("taken back").wait_for()
    assert starts(desk, "blue") == [10 * HOUR]
    assert page.wrong == []


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_second_bar_is_dragged_while_the_first_call_is_still_on_its_way(
    open_page, address: str, desk: Desk
) -> None:
    page = sign_in(open_page, address, "dora")
    waiting: list[Any] = []
    page.route("**/crews/blue/call-in", lambda route: waiting.append(route))  # noqa: PLW0108 (no builtin is taken)
    page.locator("[data-bar=blue]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_timeout(0)
    edge, lane = page.locator("[data-bar=red]").bounding_box(), page.locator(".sr-lane").first.bounding_box()
    x, y = edge["x"] + 12, edge["y"] + edge["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + lane["width"] / 24, y, steps=4)
    waiting[0].continue_()
    page.locator("#called").get_by_text("Blue is called in from").wait_for()
    page.mouse.move(x + 2 * lane["width"] / 24, y, steps=4)
    page.mouse.up()
    page.locator("#called").get_by_text("Red is called in from").wait_for()
    assert starts(desk, "blue") == [9.75 * HOUR]
    assert starts(desk, "red") == [12 * HOUR]
    assert page.locator(".sr-row[data-crew]").first.get_attribute("data-crew") != "crew-1"


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_the_keyboard_and_the_form_do_what_the_drag_does(open_page, address: str, desk: Desk) -> None:
    page = sign_in(open_page, address, "dora")
    page.locator("[data-bar=blue]").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.locator(".sr-tip").get_by_text("Rest and hours are kept.").wait_for()
    page.keyboard.press("Enter")
    page.locator("#called").get_by_text("Blue is called in from").wait_for()
    assert starts(desk, "blue") == [9 * HOUR]

    page.locator("[data-call=red]").press("Enter")
    form = page.locator("#call-in")
    form.get_by_text("Rest and hours are kept.").wait_for()
    form.get_by_label("From", exact=True).fill("2026-07-14T20:30")
    form.get_by_label("From", exact=True).dispatch_event("change")
    form.get_by_text("Red would rest 3 h").wait_for()
    form.get_by_role("button", name="Call in").click()
    form.get_by_text("Not possible").wait_for()
    assert starts(desk, "red") == []
    form.get_by_label("From", exact=True).fill("2026-07-15T04:30")
    form.locator("[name=until]").fill("2026-07-15T12:30")
    page.keyboard.press("Enter")
    page.locator("#called").get_by_text("Red is called in from").wait_for()
    assert starts(desk, "red") == [10 * HOUR]
    assert all("409" in each for each in page.wrong)


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_warning_that_is_typed_in_stands_on_top_of_the_board(open_page, address: str) -> None:
    page = sign_in(open_page, address, "dora", "zh-CN")
    page.get_by_text("登记预警").click()
    page.get_by_label("类型").select_option("wind")
    page.get_by_label("结束").fill("2026-07-15T06:00")
    page.get_by_label("最大阵风（米/秒）").fill("28")
    page.get_by_role("button", name="登记").click()
    page.locator(".warning").get_by_text("大风预警").wait_for()
    page.get_by_text("还没有模拟结果").wait_for()
    page.goto(f"{address}/")
    line = page.locator("#weather")
    line.wait_for(timeout=120_000)
    assert "大风预警" in line.inner_text()
    assert "阵风 28 米/秒（101 公里/时）" in line.inner_text()
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url(f"{address}/tonight")
    assert page.wrong == []

"""The phone page in a phone-sized browser: two taps, no signal, everything sent once and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dispatch.live import answer_call, assessed_damage, field_notes, open_calls
from tests.prepared import small_case
from tests.web.phones import OFFICE, PHONE, PIN, DutyRoom, sent, wait_sent, windows
from tests.web.wire import Wire

TAPS = 200
MOST_FIRST_B, MOST_AGAIN_B = 60_000, 8_000
MAP_IS_KEPT = """async () => {
  const { kept } = await import("/static/phone/queue.js");
  for (let tries = 0; tries < 300; tries++) {
    if (await kept("area")) return true;
    await new Promise((soon) => setTimeout(soon, 100));
  }
  return false;
}"""
# Whether a colour of the page is among the pixels of the map.
HAS_COLOUR = """(name) => {
  const canvas = document.querySelector("canvas.area");
  const told = name.startsWith("#") ? name : getComputedStyle(document.body).getPropertyValue(name).trim();
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(told.slice(at, at + 2), 16));
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4)
    if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 6) return true;
  return false;
}"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small_case()


@pytest.fixture
def room(case: Any, tmp_path: Path) -> Iterator[DutyRoom]:
    room = DutyRoom(case, f"sqlite:///{tmp_path}/day.sqlite")
    room.start()
    yield room
    room.stop()


@pytest.fixture
def phone(browser: Any, room: DutyRoom) -> Iterator[Callable[..., Any]]:
    def open_phone(language: str = "en") -> Any:
        page = opened(room.link(), viewport=PHONE, locale=language, has_touch=True, is_mobile=True)
        page.fill("#pin", PIN)
        page.tap("form .go")
        page.wait_for_selector("article.stop")
        return page

    with windows(browser) as opened:
        yield open_phone


def test_a_state_takes_two_taps_and_reaches_the_desk(phone: Any, room: DutyRoom) -> None:
    page = phone()
    page.tap("#do-on_the_way")
    assert not sent(room)
    page.tap("#do-on_the_way.armed")
    page.wait_for_selector("[data-state='on_the_way']")
    wait_sent(page)
    assert [event.data["to"] for event in sent(room) if event.kind == "job_moved"] == ["on_the_way"]
    assert page.wrong == []


def test_the_page_opens_without_signal_and_sends_later(phone: Any, room: DutyRoom) -> None:
    page = phone()
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.reload()
    page.wait_for_selector("article.stop")
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("article.stop")
    page.tap("#understood")
    page.tap("#do-on_the_way")
    page.tap("#do-on_the_way.armed")
    page.wait_for_selector("#queue[data-waiting='2']")
    assert sent(room) == []
    page.context.set_offline(False)
    wait_sent(page)
    assert [event.kind for event in sent(room)][:2] == ["plan_acknowledged", "job_moved"]
    assert page.wrong == []


def test_200_taps_arrive_in_order_once_through_a_restart(phone: Any, room: DutyRoom) -> None:
    page = phone()
    page.context.set_offline(True)
    page.evaluate(FILL_QUEUE, TAPS)
    # One more by hand: the page counts its queue when it puts something in.
    page.tap("#understood")
    page.wait_for_selector(f"#queue[data-waiting='{TAPS + 1}']")
    lost = drop_answers(page, 2)
    room.stop()
    # Nobody answers at first; then two answers are lost after the server has done its work.
    page.context.set_offline(False)
    page.wait_for_selector(f"#queue.cut[data-waiting='{TAPS + 1}']")
    room.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_sent(page)
    assert lost == [1, 1]
    notes = [event.data["note"] for event in sent(room) if event.kind == "order_told"]
    assert notes == [f"note {nr}" for nr in range(TAPS)]
    assert room.desk.store.differing() == []


def drop_answers(page: Any, most: int) -> list[int]:
    """Let the server do its work, and lose what it answers."""
    playwright = pytest.importorskip("playwright.sync_api")
    lost: list[int] = []

    def handle(route: Any) -> None:
        if len(lost) == most:
            return route.continue_()
        try:
            route.fetch(timeout=4_000)
        except playwright.Error:
            return route.abort()
        lost.append(1)
        return route.abort()

    page.route("**/api/v1/phone/taps", handle)
    return lost


FILL_QUEUE = """async (count) => {
  const opened = await new Promise((resolve) => {
    const asked = indexedDB.open("gridcrew-phone", 1);
    asked.onsuccess = () => resolve(asked.result);
  });
  const read = (name, work) => new Promise((resolve) => {
    const asked = work(opened.transaction(name, "readwrite").objectStore(name));
    asked.onsuccess = () => resolve(asked.result);
  });
  const route = await read("kept", (store) => store.get("route"));
  const { job } = route.stops[0];
  const now = new Date().toISOString();
  const queue = opened.transaction("queue", "readwrite").objectStore("queue");
  for (let nr = 0; nr < count; nr += 1) {
    const tap = { id: `queued-tap-${nr}`, kind: "told", job, note: `note ${nr}`, at: now };
    queue.add({ tap, crew: route.crew.id, state: "waiting" });
  }
  await new Promise((resolve) => { queue.transaction.oncomplete = resolve; });
}"""


def test_a_conflict_is_shown_and_stays_until_it_is_seen(phone: Any, room: DutyRoom) -> None:
    page = phone()
    page.context.set_offline(True)
    page.tap("#do-on_the_way")
    page.tap("#do-on_the_way.armed")
    room.desk.hands.set_routes({}, OFFICE, "everybody comes home")
    page.context.set_offline(False)
    page.wait_for_selector("[data-conflict='gone']")
    page.reload()
    page.wait_for_selector("[data-conflict='gone']")
    page.tap("[data-conflict] .plain")
    page.wait_for_selector("[data-conflict]", state="detached")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_everything_fits_the_phone_and_is_large_enough_for_gloves(phone: Any, language: str) -> None:
    page = phone(language)
    for width in (PHONE["width"], 320):
        page.set_viewport_size({"width": width, "height": PHONE["height"]})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        name = page.locator("header strong")
        assert name.evaluate("(name) => name.scrollWidth <= name.clientWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('button, main a, footer a, label.plain')]"
        ".filter((each) => each.offsetHeight < 48)"
        ".map((each) => each.textContent)"
    )
    assert small == []
    text = page.inner_text("body")
    assert "phone." not in text
    assert page.wrong == []


def test_a_picture_that_takes_long_leaves_a_note_open_that_was_begun_meanwhile(
    phone: Any, room: DutyRoom, tmp_path: Path
) -> None:
    page = phone()
    page.evaluate(
        "() => { const make = createImageBitmap; window.createImageBitmap = (...all) =>"
        " new Promise((go) => (window.develop = () => go(make(...all)))) }"
    )
    Image.new("RGB", (300, 200), "orange").save(tmp_path / "pole.jpg")
    page.set_input_files("#photo", tmp_path / "pole.jpg")
    page.tap("#open-note")
    page.fill("#text-note", "half a word")
    page.evaluate("window.develop()")
    page.wait_for_selector("#said:not(:empty)", state="attached")
    wait_sent(page)
    assert page.input_value("#text-note") == "half a word"
    assert [event.data["what"] for event in sent(room)] == ["photo"]


def test_a_long_press_calls_for_help_says_what_became_of_it_and_shows_the_answer(
    phone: Any, room: DutyRoom
) -> None:
    page = phone()
    page.context.set_offline(True)
    page.locator("#sos").dispatch_event("pointerdown")
    page.wait_for_selector("[data-help-state='unsent']")
    page.locator("#sos").dispatch_event("pointerup")
    assert open_calls(room.desk) == []
    page.context.set_offline(False)
    wait_sent(page)
    page.wait_for_selector("[data-help-state='sent']")
    (call,) = open_calls(room.desk)
    answer_call(room.desk, call["seq"], OFFICE, "Crew 2 is coming")
    page.reload()
    page.wait_for_selector("[data-help-state='answered']")
    assert "Crew 2 is coming" in page.inner_text("#help-state")
    assert page.wrong == []


def test_a_short_touch_of_help_calls_nobody(phone: Any, room: DutyRoom) -> None:
    page = phone()
    page.tap("#sos")
    page.wait_for_selector("#sos-panel")
    page.tap("[data-help='police']")
    page.wait_for_selector("[data-help-state='sent']")
    assert [call["reason"] for call in open_calls(room.desk)] == ["police"]


def test_done_can_be_taken_back_on_the_phone(phone: Any, room: DutyRoom) -> None:
    page = phone()
    page.tap("#open-cannot")
    page.tap("[data-reason='not_mine']")
    page.wait_for_selector("#undo")
    wait_sent(page)
    page.tap("#undo")
    wait_sent(page)
    page.wait_for_selector("#do-on_the_way")
    for _ in range(40):
        states = [event.data["to"] for event in sent(room) if event.kind == "job_moved"]
        if len(states) > 1:
            break
        page.wait_for_timeout(250)
    assert states == ["cannot", ""]
    assert page.wrong == []


def test_the_map_is_drawn_without_signal_with_the_phone_s_own_place_on_it(phone: Any, room: DutyRoom) -> None:
    page = phone()
    address = f"http://127.0.0.1:{room.port}"
    page.context.grant_permissions(["geolocation"], origin=address)
    page.context.set_geolocation({"longitude": -71.255, "latitude": -29.905})
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.reload()
    page.wait_for_selector("article.stop")
    assert page.evaluate(MAP_IS_KEPT)
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("article.stop")
    page.tap("#open-map")
    page.wait_for_selector("canvas.area[data-drawn='1']")
    for colour in ("--road", "--grid", "--way"):
        page.wait_for_function(HAS_COLOUR, arg=colour)
    page.tap("#map-me")
    page.wait_for_function(HAS_COLOUR, arg="#2f7de1")
    assert not [event for event in sent(room) if "lon" in event.data]
    assert page.wrong == []


def test_the_first_page_stays_under_60_kb_and_coming_back_costs_little(browser: Any, room: DutyRoom) -> None:
    """Every byte that the server sends: the page, what it asks for, its worker, all headers."""
    wire = Wire(room.port)
    context = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, is_mobile=True)
    page = context.new_page()
    asked: list[str] = []
    context.on("request", lambda each: asked.append(each.url))
    page.goto(room.link().replace(f":{room.port}/", f":{wire.port}/"), wait_until="networkidle")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    first_b = wire.settled()
    page.fill("#pin", PIN)
    page.tap("form .go")
    page.wait_for_selector("article.stop")
    page.evaluate(MAP_IS_KEPT)
    before_b = wire.settled()
    page.reload()
    page.wait_for_selector("article.stop")
    again_b = wire.settled(quiet_s=1.0) - before_b
    context.close()
    wire.end()
    print(f"first page {first_b} B, coming back {again_b} B")
    assert len(asked) >= 4
    assert first_b < MOST_FIRST_B
    assert again_b < MOST_AGAIN_B


def test_damage_and_a_signature_reach_the_office_as_they_were_entered(phone: Any, room: DutyRoom) -> None:
    page = phone()
    for to in ("on_the_way", "on_site"):
        page.tap(f"#do-{to}")
        page.tap(f"#do-{to}.armed")
        page.wait_for_selector(f"[data-state='{to}']")
    page.tap("#open-damage")
    page.fill("#text-damage", "Pole 3, 12 m; 2 spans")
    # Every choice draws the form again: what was written before stays.
    page.tap("[data-plant='crane']")
    page.tap("#damage-people-more")
    page.tap("[data-minutes='240']")
    assert page.input_value("#text-damage") == "Pole 3, 12 m; 2 spans"
    page.tap("#send-damage")
    page.tap("#open-sign")
    page.tap("#sign-keep")
    assert page.inner_text(".fault")
    page.fill("#text-signer", "Ana Rojas")
    page.locator("canvas.pad").scroll_into_view_if_needed()
    box = page.locator("canvas.pad").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 50, steps=4)
    page.mouse.up()
    page.tap("#sign-keep")
    signed: list[dict[str, Any]] = []
    for _ in range(120):  # the picture is made and sent after the touch
        signed = [note for note in field_notes(room.desk) if note.get("moment") == "signature"]
        if signed:
            break
        page.wait_for_timeout(500)
    (told,) = assessed_damage(room.desk)
    assert (told["what_broke"], told["plant"], told["people"]) == ("Pole 3, 12 m; 2 spans", ["crane"], 3)
    assert [note["signer"] for note in signed] == ["Ana Rojas"]
    assert page.wrong == []


def test_a_code_on_paper_opens_its_stop(phone: Any, room: DutyRoom) -> None:
    page = phone()
    last = room.desk.day().plan
    route = next(each for each in last.routes if each.crew == room.crew)
    order = room.desk.day().cards[route.visits[-1].job].order
    page.goto(f"http://127.0.0.1:{room.port}/phone#stop={order}")
    page.wait_for_selector("article.stop")
    assert order in page.inner_text("article.stop .eyebrow")
    assert page.wrong == []

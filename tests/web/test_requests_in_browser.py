"""A call with words alone: logged, found among the requests, corrected, placed on the map, an order."""

from __future__ import annotations

import re

import pytest

from dispatch.live import Entry, Who
from dispatch.live.request_changes import change_request
from dispatch.store import queries
from tests.small_case import corner
from tests.web.test_live_in_browser import ANA, BEN, ME, Room, room, sit_down

pytestmark = pytest.mark.browser
__all__ = ["room", "sit_down"]
PANEL = "#request"


def row_of(room: Room, words: str):
    return next(row for row in room.desk.rows("requests") if row["words"] == words)


def logged(room: Room, words: str, **told) -> str:
    return room.desk.calls.log(Entry(words=words, received_at=room.desk.clock(), **told), ME).id


def open_request(page, room: Room, id_: str) -> None:
    page.goto(f"{room.address}/requests")
    page.locator(f"#rows tr[data-id={id_}]").click()
    page.locator(f"{PANEL} h2", has_text=id_).wait_for()


def test_a_call_with_words_alone_is_found_corrected_placed_and_becomes_an_order(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    ana.keyboard.press("n")
    ana.fill("#call [name=words]", "it is all dark here")
    ana.press("#call [name=words]", "Enter")
    ana.locator("#call .done", has_text="Logged as").wait_for()
    ana.keyboard.press("Escape")
    ana.locator("#strip a.waiting").click()
    line = ana.locator("#rows tr", has_text="it is all dark here")
    line.wait_for()
    assert "Find out where it is" in line.inner_text()
    line.click()
    ana.locator(f"{PANEL} textarea[name=words]").fill("it is all dark here, and cold")
    ana.select_option(f"{PANEL} [name=kind]", "outage")
    ana.fill(f"{PANEL} [name=phone]", "+56 9 1234 5678")
    ana.click(f"{PANEL} .correct .main")
    ana.locator("#said", has_text="Saved").wait_for()
    ana.locator(".placing canvas").first.wait_for()
    place_in_the_middle(ana)
    ana.locator("#said", has_text="Save to keep the place").wait_for()
    ana.click(f"{PANEL} .correct .main")
    ana.locator(f"{PANEL} .what-next", has_text="The next plan takes it up").wait_for()
    row = row_of(room, "it is all dark here, and cold")
    assert (row["kind"], row["phone"], row["lon"] is not None) == ("outage", "+56 9 1234 5678", True)
    room.desk.shelf.propose(ME)
    ana.reload()
    ana.locator(f"{PANEL} .what-next", has_text=re.compile("comes at|Publish the proposal")).wait_for()
    assert row_of(room, "it is all dark here, and cold")["order_id"]
    ana.locator(f"{PANEL} .past summary").click()
    assert ana.locator(f"{PANEL} .past").inner_text().count("corrected") == 2
    assert room.store.differing() == []


def place_in_the_middle(page) -> None:
    """Click on the map where a customer is near: the small town fills the map."""
    box = page.locator(".placing").bounding_box()
    page.locator(".placing").scroll_into_view_if_needed()
    box = page.locator(".placing").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_whoever_saves_second_keeps_what_was_typed_and_reads_who_was_first(room, sit_down):
    call = logged(room, "it is all dark here")
    ana = sit_down(ANA)
    open_request(ana, room, call)
    change_request(room.desk, call, {"words": "dark"}, Who(name=BEN), seen=1)
    ana.locator(f"{PANEL} textarea[name=words]").fill("dark and cold")
    ana.click(f"{PANEL} .correct .main")
    ana.locator("#said.wrong", has_text="ben").wait_for()
    assert ana.input_value(f"{PANEL} textarea[name=words]") == "dark and cold"
    ana.locator("#said button").click()
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect(ana.locator(f"{PANEL} textarea[name=words]")).to_have_value("dark")


def test_what_says_the_same_is_joined_and_what_is_not_wanted_is_withdrawn(room, sit_down):
    room.publish()
    first = logged(room, "it is all dark here", phone="+56 9 1234 5678")
    second = logged(room, "still dark", phone="0912345678")
    ana = sit_down(ANA)
    open_request(ana, room, second)
    ana.locator(f"{PANEL} .likely button", has_text=first).click()
    ana.locator(f"{PANEL} .what-next", has_text=f"Goes with {first}").wait_for()
    ana.locator(f"{PANEL} .belongs button", has_text="Not a duplicate").click()
    ana.locator(f"{PANEL} .what-next", has_text="Find out where it is").wait_for()
    ana.locator(f"{PANEL} .belongs button", has_text="Withdraw").click()
    ana.locator("#said.wrong", has_text="Say why").wait_for()
    ana.fill(f"{PANEL} [name=reason]", "light is back")
    ana.locator(f"{PANEL} .belongs button", has_text="Withdraw").click()
    ana.locator(f"{PANEL} .what-next", has_text="Withdrawn").wait_for()
    assert queries.request_rows(room.store, [second])[0]["withdrawn"] == 1


def test_a_request_is_linked_to_the_order_that_it_belongs_to(room, sit_down):
    room.publish()
    call = logged(room, "it is all dark here")
    ana = sit_down(ANA)
    open_request(ana, room, call)
    ana.locator(f"{PANEL} .likely button", has_text="O-BR-1").first.click()
    ana.locator(f"{PANEL} .what-next", has_text="O-BR-1").wait_for()
    assert queries.request_rows(room.store, [call])[0]["order_id"] == "O-BR-1"


def test_a_call_that_was_typed_outlives_a_reload_and_is_gone_once_logged(room, sit_down):
    ana = sit_down(ANA)
    ana.keyboard.press("n")
    ana.fill("#call [name=who]", "mia pino")
    ana.locator("#call .found button").first.click()
    ana.locator("#call .known", has_text="Mia Pino").wait_for()
    ana.fill("#call [name=words]", "half a sentence")
    ana.select_option("#call [name=kind]", "metering")
    ana.reload()
    ana.locator("#call .known", has_text="Mia Pino").wait_for()
    assert ana.input_value("#call [name=words]") == "half a sentence"
    assert ana.input_value("#call [name=kind]") == "metering"
    ana.press("#call [name=words]", "Enter")
    ana.locator("#call .done", has_text="Logged as").wait_for()
    row = row_of(room, "half a sentence")
    assert (row["customer"], row["kind"], row["channel"]) == ("C12", "metering", "phone")
    ana.reload()
    ana.wait_for_selector("html[data-ready=complete]")
    assert ana.locator("#call").is_hidden()


def test_a_number_that_called_before_is_known_in_any_spelling(room, sit_down):
    logged(room, "the pole leans", phone="+56 9 7777 6666", address="behind the school")
    ana = sit_down(ANA)
    ana.keyboard.press("n")
    ana.fill("#call [name=who]", "９ ７７７７ ６６６６")
    ana.locator("#call .found button", has_text="the pole leans").click()
    assert ana.input_value("#call [name=who]") == "behind the school"
    assert ana.input_value("#call [name=phone]") == "+56 9 7777 6666"


def test_the_call_form_leaves_the_line_of_danger_free(room, sit_down):
    room.publish()
    lon, lat = corner(3, 2)
    logged(room, "a wire is down and sparks", lon=lon, lat=lat)
    ana = sit_down(ANA)
    ana.locator("#strip .urgent").wait_for()
    ana.keyboard.press("n")
    ana.locator("#call").wait_for()
    strip, form = (ana.locator(name).bounding_box() for name in ("#strip", "#call"))
    assert form["y"] >= strip["y"] + strip["height"]
    assert form["y"] + form["height"] <= 768


def test_a_call_without_words_is_asked_for_them_in_the_readers_language(room, sit_down):
    ana = sit_down(ANA, language="zh-CN")
    ana.keyboard.press("n")
    ana.press("#call [name=words]", "Enter")
    ana.locator("#call-said.wrong", has_text="请填写来电内容").wait_for()


def test_what_the_rules_leave_open_stands_first_with_a_key_for_each_of_the_likeliest_kinds(room, sit_down):
    room.publish()
    odd = logged(room, "qwertz 123", customer="C05")
    logged(room, "it is all dark here")
    ana = sit_down(ANA)
    ana.goto(f"{room.address}/requests")
    first = ana.locator("#rows tr[data-id]").first
    first.locator("button", has_text="Enquiry").wait_for()
    assert odd in first.inner_text()
    kinds = first.locator(".moves button")
    assert kinds.count() == 2
    wanted = kinds.nth(1).inner_text().split()[0]
    ana.keyboard.press("2")
    ana.locator(f"#rows tr[data-id={odd}]", has_text=f"{wanted} ✎").wait_for()
    kind = queries.request_rows(room.store, [odd])[0]["kind"]
    assert kind is not None
    assert not ana.locator("#rows .moves button").count()

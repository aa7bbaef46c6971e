"""What tired hands do: press twice, hold a key, leave the capitals on, read while another answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.live import Entry
from dispatch.store.accounts import Accounts
from tests.web import test_live_in_browser as live
from tests.web.served import until
from tests.web.settling import at_rest, expect
from tests.web.test_live_in_browser import ANA, BEN, ME, SECRET, Room

pytestmark = pytest.mark.browser
room, sit_down = live.room, live.sit_down
CAPITALS = """key => document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, modifierCapsLock: true, cancelable: true }))"""


def opened_proposal(page) -> None:
    page.locator("#strip .proposal").wait_for()
    page.keyboard.press("p")
    page.wait_for_selector(".proposed li")


def another_proposal(room: Room) -> None:
    """The day goes on, and the planner has something else to offer."""
    before = room.desk.plan_number("proposed")
    room.now += timedelta(minutes=20)
    room.desk.calls.log(Entry(words="no light", received_at=room.desk.clock(), customer="C11"), ME)
    room.desk.shelf.propose(ME)
    assert room.desk.plan_number("proposed") != before


def published(room: Room) -> int:
    return sum(event.kind == "plan_published" for event in room.store.events_after(0))


def test_what_was_left_out_of_a_proposal_stays_out_of_the_one_that_replaces_it(room, sit_down):
    room.desk.shelf.propose(ME)
    ana = sit_down(ANA)
    opened_proposal(ana)
    tick = ana.locator(".proposed input").last
    out = tick.get_attribute("value")
    tick.uncheck()
    # Somebody who looks at something else of the panel has their hands off the tick.
    ana.locator("#detail summary").first.click()
    number = room.desk.plan_number("proposed")
    another_proposal(room)
    ana.locator("#detail [role=status]", has_text=f"proposal {number}").wait_for()
    assert not ana.locator(f".proposed input[value='{out}']").is_checked()
    # Whoever was about to press presses on nothing at first.
    assert ana.locator("#detail .main").is_disabled()
    ana.locator("#detail .main:enabled").click()
    ana.wait_for_selector("#detail", state="hidden")
    assert out not in {visit.job for route in room.desk.day().plan.routes for visit in route.visits}


def test_ticks_outlast_news_that_draw_the_panel_anew(room, sit_down):
    room.desk.shelf.propose(ME)
    ana = sit_down(ANA)
    opened_proposal(ana)
    ana.locator(".proposed input").last.uncheck()
    ana.locator("#detail summary").first.click()
    ana.evaluate("import('/static/js/day.js').then((day) => day.tell('board'))")
    at_rest(ana)
    assert not ana.locator(".proposed input").last.is_checked()


def test_whoever_reads_a_proposal_that_another_takes_is_told(room, sit_down):
    room.desk.shelf.propose(ME)
    ana, ben = sit_down(ANA), sit_down(BEN)
    opened_proposal(ana)
    opened_proposal(ben)
    ben.click("#detail .main")
    ana.wait_for_selector("#detail", state="hidden")
    ana.locator("#strip [role=status]", has_text="no longer offered").wait_for()
    assert ben.locator("#strip", has_text="no longer offered").count() == 0


def test_publish_pressed_twice_publishes_once_and_complains_of_nothing(room, sit_down):
    room.desk.shelf.propose(ME)
    ana = sit_down(ANA)
    opened_proposal(ana)
    ana.dblclick("#detail .main")
    ana.wait_for_selector("#detail", state="hidden")
    assert published(room) == 1
    assert ana.locator(".wrong[role=alert]:visible").count() == 0


def test_a_key_that_is_held_sends_one_crew_and_not_to_every_danger(room, sit_down):
    room.publish()
    for customer in ("C11", "C03"):
        room.desk.calls.log(
            Entry(words="A wire is lying on the road", received_at=room.desk.clock(), customer=customer), ME
        )
    ana = sit_down(ANA)
    ana.locator("#strip .divert").wait_for()
    for _ in range(40):
        ana.keyboard.down("d")
        ana.wait_for_timeout(30)
    ana.keyboard.up("d")
    until(lambda: published(room) == 2)
    # Had the key been taken for a second word, that would have been sent by now and be under way.
    ana.evaluate("() => fetch('/api/v1/state').then((answer) => answer.text())")
    at_rest(ana)
    assert len(room.desk.calls.dangers()) == 1
    assert published(room) == 2


def test_keys_do_the_same_with_the_capitals_on(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    ana.evaluate(CAPITALS, "N")
    expect(ana.locator("#call")).to_be_visible()


def test_a_call_sent_twice_is_one_call_and_leaves_the_next_one_alone(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    ana.keyboard.press("n")
    ana.fill("#call [name=words]", "everything went dark")
    for _ in range(3):
        ana.press("#call [name=words]", "Enter")
    ana.locator("#call .done", has_text="Logged as").wait_for()
    assert [row["words"] for row in room.desk.rows("requests")].count("everything went dark") == 1


def test_a_form_sent_twice_is_answered_once(room, open_page):
    Accounts(room.store).add("root", "administrator", SECRET)
    page = open_page(f"{room.address}/sign-in?next=/accounts")
    page.fill("[name=name]", "root")
    page.fill("[name=password]", SECRET)
    page.click("form.card button")
    form = page.locator("form[action='/accounts']")
    form.locator("[name=name]").fill("mia")
    form.locator("[name=role]").select_option("viewer")
    form.locator("button").dblclick()
    page.locator("code.secret").wait_for()
    assert page.locator("main .wrong").count() == 0
    assert "mia" in Accounts(room.store).everybody()


def test_a_page_from_before_another_sign_in_says_so(room, sit_down, open_page):
    room.publish()
    ana = sit_down(ANA)
    # Ben signs in at the same computer, in another tab.
    other = ana.context.new_page()
    other.goto(f"{room.address}/")
    other.click("header.top form button")
    other.fill("[name=name]", BEN)
    other.fill("[name=password]", SECRET)
    other.click("form.card button")
    other.wait_for_selector(live.READY)
    ana.keyboard.press("n")
    ana.fill("#call [name=words]", "everything went dark")
    ana.press("#call [name=words]", "Enter")
    ana.locator("#call-said", has_text="before the last sign-in").wait_for()
    assert ana.input_value("#call [name=words]") == "everything went dark"
    ana.wrong.clear()

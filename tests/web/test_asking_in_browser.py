"""A dispatcher phones neighbours where it is in doubt which device has opened."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Entry, Who
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.dispatch.live.street import write_street
from tests.prepared import empty_store
from tests.web.settling import expect
from web.app import create_app
from web.entrance.directory import Directory

pytestmark = pytest.mark.browser
READY = "html[data-ready=complete]"
SECRET = "a long enough one"
ME = Who(name="test", source="api")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Four homes of one main have called, of the other none; a plan is in force."""
    case = load_case(write_street(tmp_path / "case"))
    desk = open_room(
        case,
        empty_store(tmp_path / "day.sqlite"),
        lambda: case.settings.now,
        RoomOptions(budget=Budget(work=100)),
    ).desk
    for number in (1, 2, 3, 4):
        at = desk.clock() - timedelta(minutes=20 - 4 * number)
        desk.calls.log(Entry(words="no light", received_at=at, customer=f"M2a-{number}"), ME)
    desk.shelf.propose(ME)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ME)
    return desk


def test_neighbours_are_phoned_from_the_board_and_the_outage_follows(desk, serving, open_page):
    book = Accounts(desk.store)
    book.add("ana", "dispatcher", SECRET)
    page = open_page(f"{serving(create_app(desk, accounts_book=Directory(book)))}/sign-in")
    page.fill("[name=name]", "ana")
    page.fill("[name=password]", SECRET)
    page.click("form.card button")
    page.wait_for_selector(READY, timeout=30_000)
    page.goto(f"{page.url.split('#')[0]}#outage=O-M2a")
    page.reload()
    first = page.locator(".neighbours li[data-customer='M2b-1']")
    first.wait_for(timeout=30_000)
    assert "+56 51 300 0001" in first.inner_text()
    expect(page.locator(".neighbours [data-answer='unreached']")).to_have_count(2)
    first.locator("[data-answer='unreached']").click()
    page.locator(".neighbours li[data-customer='M2b-3']").wait_for()
    page.locator(".neighbours li[data-customer='M2b-2'] [data-answer='off']").click()
    page.locator(".neighbours li[data-customer='M2b-2'].dim", has_text="has none").wait_for()
    assert [(row["place"], row["kind"], row["actor"]) for row in desk.rows("signs")] == [
        ("M2b-1", "unreached", "ana"),
        ("M2b-2", "supply_off", "ana"),
    ]
    desk.shelf.propose(ME)
    page.goto(f"{page.url.split('#')[0]}#outage=O-T2")
    page.reload()
    page.locator("#detail h2", has_text="T2").wait_for(timeout=30_000)
    assert page.wrong == []
    assert page.outside == []

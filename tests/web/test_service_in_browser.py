"""The customer's half, each row by the role that does it: appointments, events, talks, connections."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.live import Entry
from dispatch.store.accounts import Accounts
from tests.web.test_live_in_browser import ME, SECRET, Room, room

pytestmark = pytest.mark.browser
__all__ = ["room"]
STAFF = {"mei": "service", "jie": "service", "sup": "supervisor", "dis": "dispatcher"}


@pytest.fixture
def sit(room, open_page):
    """Sign somebody of the customer desk or the duty room in."""
    book = Accounts(room.store)
    for name, role in STAFF.items():
        book.add(name, role, SECRET)
    pages = []

    def come(name: str, path: str, **options):
        page = open_page(f"{room.address}/sign-in", **options)
        page.fill("[name=name]", name)
        page.fill("[name=password]", SECRET)
        page.click("form.card button")
        page.locator("header nav").wait_for()
        page.goto(f"{room.address}{path}")
        pages.append(page)
        return page

    yield come
    for page in pages:
        assert [said for said in page.wrong if "409" not in said] == []
        assert page.outside == []


def asks(room: Room, customer: str) -> str:
    words = "the meter is to be moved"
    return room.desk.calls.log(
        Entry(words=words, received_at=room.desk.clock(), customer=customer, kind="metering"), ME
    ).id


def test_two_clerks_take_the_same_time_and_the_second_gets_fresh_ones(room, sit):
    room.now -= timedelta(hours=2, minutes=25)
    one, other = asks(room, "C12"), asks(room, "C11")
    room.publish()
    mei, jie = sit("mei", f"/appointments?request={one}"), sit("jie", f"/appointments?request={other}")
    mei.locator(".slots button.main").click()
    mei.locator("table.matters", has_text="Agreed").wait_for()
    jie.locator(".slots button.main").click()
    assert "not free any more" in jie.locator("[role=alert]").inner_text()
    fresh = jie.locator(".slots button.main")
    if fresh.count():
        fresh.click()
        jie.locator("table.matters tr", has_text=other).wait_for()
    assert room.store.rebuilt() == room.store.stored()


def test_a_supervisor_guarantees_an_event_and_no_outage_is_planned_on_its_feeder(room, sit):
    sup = sit("sup", "/guarantees")
    sup.locator("summary", has_text="New event").click()
    sup.fill("[name=name]", "Examination")
    sup.fill("[name=begins]", "2026-07-24T08:00")
    sup.fill("[name=ends]", "2026-07-24T18:00")
    sup.fill("[name=feeders]", "BR-1")
    sup.fill("[name=customers]", "C06")
    sup.click("text=Guarantee supply")
    sup.click("table.matters a")
    sup.locator("h1", has_text="Examination").wait_for()
    first = sup.locator("form", has=sup.locator("[name=act][value=check]")).first
    first.locator("[name=note]").fill("hot connector")
    first.locator("button").click()
    sup.locator("q", has_text="hot connector").first.wait_for()
    sup.click("text=Keep crews near")
    sup.locator("li", has_text="not in the plan in force yet").first.wait_for()
    dis = sit("dis", "/planned")
    for name, value in {"id": "P-1", "opened": "RC-1", "start": "2026-07-24T09:00"}.items():
        dis.fill(f"[name={name}]", value)
    dis.fill("[name=end]", "2026-07-24T12:00")
    dis.locator("form.narrow button").click()
    dis.locator(".conflict", has_text="under guarantee for Examination").wait_for()
    assert dis.locator("button", has_text="Announce").count() == 0


def test_a_dispatcher_agrees_on_a_time_with_the_clinic(room, sit):
    dis = sit("dis", "/negotiations", language="zh-CN")
    dis.locator("details summary", has_text="新建计划停电").click()
    dis.fill("[name=plan]", "P-7")
    dis.fill("[name=opened]", "RC-1")
    dis.locator("[name=begins]").first.fill("2026-07-24T09:00")
    dis.locator("[name=ends]").first.fill("2026-07-24T12:00")
    dis.click("text=征询重要用户")
    dis.click("table.matters a")
    dis.locator("summary", has_text="登记").click()
    answer = dis.locator("form", has=dis.locator("[name=act][value=answer]"))
    answer.locator("[name=note]").fill("可以")
    answer.locator("button").click()
    dis.locator("b", has_text="同意").wait_for()
    dis.locator(".acts button.main", has_text="通知").click()
    dis.locator(".page-head b", has_text="已通知").wait_for()
    assert room.store.rebuilt() == room.store.stored()


def test_a_clerk_leads_a_connection_and_cannot_skip_a_step(room, sit):
    mei = sit("mei", "/connections")
    mei.locator("details summary", has_text="New connection").click()
    mei.fill("[name=customer]", "C05")
    mei.fill("[name=voltage_kv]", "10")
    mei.click("text=Begin")
    mei.click("table.matters a")
    mei.locator("tr", has_text="Meter and commissioning").locator("button").click()
    said = mei.locator("[role=alert]").inner_text()
    assert "cannot be finished before" in said
    mei.locator("tr", has_text="Application").locator("button").click()
    mei.fill("[name=reason] >> nth=0", "another place for the transformer")
    mei.click("text=Wait for the customer")
    mei.locator("h2", has_text="The customer's own time").wait_for()


def test_a_supervisor_reads_how_many_kw_are_missing_before_use(room, sit):
    sup = sit("sup", "/shortage")
    sup.fill("[name=kw]", "500")
    sup.fill("[name=begins]", "2026-07-15T17:00")
    sup.fill("[name=ends]", "2026-07-15T21:00")
    sup.click("text=What if")
    assert "kW are missing" in sup.locator(".sums").inner_text()
    sup.fill("[name=reason]", "all there is")
    sup.click("text=Use it and tell customers")
    sup.locator("h1", has_text="S-0001").wait_for()


def test_a_clerk_writes_a_visit_down_with_what_it_found(room, sit):
    mei = sit("mei", "/inspections")
    mei.locator("summary", has_text="Visited").first.click()
    mei.fill("[name=words]", "leaks oil")
    mei.select_option("[name=duty]", "customer")
    mei.locator("form", has=mei.locator("[name=words]")).locator("button").click()
    mei.locator("td.words", has_text="leaks oil").wait_for()
    mei.locator("summary", has_text="Write down").click()
    mei.locator("form.act [name=note]").first.fill("new seal")
    mei.click("button[value=remedy]")
    mei.locator("td", has_text="To be re-inspected").wait_for()

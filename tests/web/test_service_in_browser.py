"""The customer's half, each row by the role that does it: appointments, events, talks, connections."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.live import Entry, Who
from dispatch.store.accounts import Accounts
from tests.small_case import ROSTER
from tests.web.sitting import sitting
from tests.web.test_live_in_browser import ME, SECRET, Room

pytestmark = pytest.mark.browser
STAFF = {"mei": "service", "jie": "service", "sup": "supervisor", "dis": "dispatcher"}


@pytest.fixture
def room(tmp_path: Path):
    """A room whose crews are on again on the days to come."""
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "roster.csv").write_text(ROSTER, encoding="utf-8")
    made = Room(tmp_path)
    made.open()
    yield made
    made.server.close()


@pytest.fixture
def sit(room, open_page):
    """Sign somebody of the customer desk or the duty room in."""
    book = Accounts(room.store)
    for name, role in STAFF.items():
        book.add(name, role, SECRET)
    with sitting(room.address, open_page, SECRET) as come:
        yield come


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
    assert room.store.differing() == []


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
    assert room.store.differing() == []


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


def test_a_supervisor_moves_a_visit_and_keeps_a_day_free_for_the_storm(room, sit):
    sup = sit("sup", "/days")
    sup.click("text=Plan anew")
    first = sup.locator("section.day").first
    first.locator("li").first.wait_for()
    visits = first.locator("li").count()
    first.locator("summary", has_text="Move").first.click()
    form = first.locator("li form").first
    form.locator("[name=reason]").fill("customer is away")
    form.locator("button").click()
    sup.locator("tr", has_text="Moved by hand: customer is away").wait_for()
    assert first.locator("li").count() == visits - 1
    first.locator("summary", has_text="Keep this day free").click()
    closing = first.locator("details.close form")
    closing.locator("[name=reason]").fill("storm")
    closing.locator("button").click()
    sup.locator("section.day.shut", has_text="Kept free").wait_for()
    assert first.locator("li").count() == 0
    assert room.store.differing() == []


def test_a_closed_order_is_drawn_judged_appealed_and_judged_again(room, sit):
    """The manager draws and judges, whoever answers for the order appeals, somebody else decides."""
    at, mei = room.desk.clock(), Who(name="mei")
    for number in range(40):
        request = asks(room, "C06")
        order = f"W-{request}"
        opened = {"place": None, "responsible": "mei"}
        room.desk.note("order_opened", order, opened, mei)
        room.desk.note(
            "order_moved", order, {"to": "closed", "crew": "crew-2"}, mei, key=f"end/{number}", at=at
        )
    sup = sit("sup", "/quality")
    sup.locator("button", has_text="Draw").click()
    row = sup.locator("table.matters tbody tr").first
    row.locator("summary").click()
    row.locator("[name=result]").select_option("faults")
    row.locator("label", has_text="poor record").locator("input").check()
    row.locator("button").click()
    mei_page = sit("mei", "/quality?state=judged")
    own = mei_page.locator("table.matters tbody tr").first
    assert "poor record" in own.inner_text()
    own.locator("summary").click()
    own.locator("[name=reason]").fill("the crew wrote it on paper")
    own.locator("button").click()
    sup.goto(f"{room.address}/quality?state=appealed")
    again = sup.locator("table.matters tbody tr").first
    again.locator("summary").click()
    again.locator("button").click()
    sup.goto(f"{room.address}/quality?state=closed")
    sup.locator("table.matters td", has_text="Good").first.wait_for()
    sup.click("text=Crews and people")
    sup.locator("h2", has_text="People of the office").wait_for()


def test_a_manager_sees_what_is_due_and_hands_a_connection_over(room, sit):
    mei = sit("mei", "/connections")
    mei.locator("details summary", has_text="New connection").click()
    mei.fill("[name=customer]", "C05")
    mei.click("text=Begin")
    jie = sit("jie", "/watch?hours=240", language="zh-CN")
    row = jie.locator("tr", has_text="B-0001")
    row.locator("summary", has_text="移交").click()
    row.locator("[name=to]").select_option("sup")
    row.locator("[name=reason]").fill("休假")
    row.locator("button").click()
    jie.locator("tr", has_text="B-0001").locator("td", has_text="sup").wait_for()


def test_a_clerk_sees_the_fast_lane_of_a_clinic(room, sit):
    room.desk.calls.log(
        Entry(words="second supply", received_at=room.desk.clock(), customer="C06", kind="new_connection"), ME
    )
    room.desk.service.look()
    mei = sit("mei", "/requests")
    mei.locator("#rows tr", has_text="second supply").locator(".fast-lane").wait_for()
    mei.goto(f"{room.address}/urging")
    mei.locator("tr", has_text="second supply").locator("td", has_text="fast lane").wait_for()

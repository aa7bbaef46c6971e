"""The customer desk in a browser, each row by the role that does it, at one desk of one room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dispatch.live import Entry
from dispatch.live.book import PLANNER
from dispatch.store.accounts import Accounts
from tests.web.sitting import sitting
from tests.web.test_live_in_browser import ME, SECRET, Room

pytestmark = pytest.mark.browser
STAFF = {"mei": "service", "lan": "manager", "sup": "supervisor", "dis": "dispatcher"}
Sit = Callable[..., Any]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """One room for all of them: a plan in force, a complaint, a question, a meter."""
    made = Room(tmp_path_factory.mktemp("desk"))
    book = Accounts(made.store)
    for name, role in STAFF.items():
        book.add(name, role, SECRET)
    made.publish()
    # Nobody drives to the danger of the case any more.
    for request in made.desk.calls.dangers():
        offer = made.desk.calls.urgent(request)
        assert offer is not None
        made.desk.calls.divert(request, offer.crews[0].crew, ME, "danger")
    made.open()
    yield made
    made.server.close()


@pytest.fixture
def sit(room: Room, open_page: Sit) -> Iterator[Sit]:
    """Sign somebody in at a page."""
    with sitting(room.address, open_page, SECRET) as come:
        yield come


def asks(room: Room, customer: str, kind: str, words: str) -> str:
    logged = room.desk.calls.log(
        Entry(words=words, received_at=room.desk.clock(), customer=customer, kind=kind), ME
    )
    room.desk.service.heard(logged, words)
    return logged.id


def test_a_clerk_answers_a_complaint_and_only_the_customer_closes_it(room: Room, sit: Sit) -> None:
    id_ = f"K-{asks(room, 'C05', 'complaint', 'the crew was rude')}"
    mei = sit("mei", "/complaints")
    mei.locator("table.matters a", has_text=id_).click()
    contact = mei.locator("form", has=mei.locator("[name=act][value=contact]"))
    contact.locator("[name=note]").fill("rang at ten")
    contact.locator("button").click()
    answer = mei.locator("form", has=mei.locator("[name=act][value=answer]"))
    for name in ("category", "cause", "upheld"):
        answer.locator(f"[name={name}]").select_option(index=1)
    answer.locator("[name=text]").fill("we are sorry")
    answer.locator("button").click()
    mei.locator("b", has_text="answered").first.wait_for()
    mei.locator("button[value=satisfied]").click()
    mei.locator("text=closed").first.wait_for()
    assert mei.locator(".past li").count() >= 4


def test_a_supervisor_supervises_and_whoever_answers_says_what_was_done(room: Room, sit: Sit) -> None:
    request = asks(room, "C08", "enquiry", "what does a second meter cost")
    sup = sit("sup", "/urging", language="zh-CN")
    sup.fill("[name=subject]", request)
    sup.fill("[name=words]", "今天必须答复")
    sup.check("[name=supervision]")
    sup.fill("[name=within_min]", "60")
    sup.click("button.main")
    row = sup.locator("tr", has_text=request)
    row.locator("td", has_text="督办").first.wait_for()
    row.locator("[name=answer]").fill("已电话答复")
    row.locator("button").click()
    sup.locator("tr", has_text=request).locator("td", has_text="已电话答复").wait_for()


def test_a_clerk_hands_a_request_over_whose_panel_says_what_the_desk_owes(room: Room, sit: Sit) -> None:
    request = asks(room, "C11", "enquiry", "when is the office open")
    room.desk.service.urging.urge(request, ME, "ring back")
    mei = sit("mei", f"/requests#id={request}")
    panel = mei.locator("#request")
    panel.locator(".of-desk a", has_text="due").wait_for()
    panel.locator(".owner-part summary").click()
    panel.locator(".owner-part select").select_option("lan")
    why = panel.locator(".owner-part input")
    if why.count():
        why.fill("my shift ends")
    panel.locator(".owner-part button").last.click()
    panel.locator(".owner-part summary b", has_text="lan").wait_for()


def test_a_manager_takes_a_customer_and_says_how_it_wants_to_be_told(room: Room, sit: Sit) -> None:
    lan = sit("lan", "/my-customers?whose=-")
    row = lan.locator("tr", has_text="South Clinic")
    row.locator("summary").click()
    row.locator("[name=to]").select_option("lan")
    row.locator("button").click()
    lan.goto(f"{room.address}/my-customers")
    lan.locator("tr", has_text="South Clinic").locator("a").click()
    lan.select_option("[name=language]", "zh")
    lan.select_option("[name=way]", "voice")
    lan.check("[name=stopped]")
    lan.click("button.main")
    lan.reload()
    assert lan.input_value("[name=language]") == "zh"
    assert lan.input_value("[name=way]") == "voice"
    assert lan.is_checked("[name=stopped]")


def test_a_supervisor_reads_what_an_index_changes_before_it_counts(room: Room, sit: Sit) -> None:
    sup = sit("sup", "/customer-index")
    sup.locator(".acts button").click()
    sup.locator("form.inline button.main").click()
    sup.locator("h2", has_text="counts").wait_for()
    assert sup.locator("form.inline button.main").count() == 0


def test_a_clerk_asks_how_satisfied_a_customer_is(room: Room, sit: Sit) -> None:
    request = asks(room, "C01", "enquiry", "thank you for the quick repair")
    mei = sit("mei", "/quality")
    form = mei.locator("form", has=mei.locator("[name=score]"))
    form.locator("[name=request]").fill(request)
    form.locator("[name=score]").select_option("2")
    form.locator("button").click()
    mei.locator("[role=alert]", has_text="reason").wait_for()
    form.locator("[name=request]").fill(request)
    form.locator("[name=score]").select_option("2")
    form.locator("[name=reason]").fill("came late")
    form.locator("button").click()
    mei.locator("q", has_text="came late").wait_for()


def test_a_clerk_reports_an_interruption(room: Room, sit: Sit) -> None:
    mei = sit("mei", "/supply-reports", language="zh-CN")
    row = mei.locator("table.reports tbody tr").first
    row.locator("summary").click()
    row.locator("[name=cause]").fill("树障")
    row.locator("form button").click()
    mei.locator("td.stage", has_text="报送").first.wait_for()
    mei.locator("td", has_text="树障").wait_for()
    mei.locator("td.stage", has_text="mei").wait_for()


def test_a_supervisor_lets_the_rules_send_the_board_shows_it_and_a_dispatcher_stops_it(
    room: Room, sit: Sit
) -> None:
    sup = sit("sup", "/unattended")
    sup.fill("[name=reason]", "one dispatcher for two rooms")
    sup.click("button.main")
    sup.locator("text=switched on by sup").wait_for()
    request = asks(room, "C12", "metering", "the display is blank")
    room.desk.shelf.propose(PLANNER)
    assert room.desk.service.unattended.look() == 1
    dis = sit("dis", "/")
    dis.locator("#news a.unattended", has_text="1 sent").click()
    dis.locator("tr", has_text=f"W-{request}").locator("td", has_text="in time").wait_for()
    dis.goto(f"{room.address}/shift/handover")
    dis.locator("li", has_text=f"W-{request}").wait_for()
    dis.goto(f"{room.address}/unattended")
    dis.click("text=Stop now")
    dis.locator("text=Stopped by dis").wait_for()
    dis.goto(f"{room.address}/")
    dis.locator("#news").wait_for(state="attached")
    assert dis.locator("a.unattended").count() == 0
    assert room.store.differing() == []

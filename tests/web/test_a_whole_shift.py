"""A whole shift of two crews on one feeder: permit, diversion, help, a road closed, a wrong part, overtime.

One phone dies at 21:00, and paper takes its place; the other works on past midnight.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.live import act_on, all_tickets, draft_tickets, open_calls
from dispatch.live.stock import parts_used, vehicle_now
from dispatch.store.accounts import Accounts
from tests.prepared import small_case
from tests.web.phones import (
    OFFICE,
    PHONE,
    PIN,
    SECRET,
    DutyRoom,
    press,
    sign_in_dispatcher,
    step_on,
    wait_sent,
    watched,
    windows,
)
from tests.web.served import until

ONE, TWO = "crew-1", "crew-2"
NEWS_S = 3.0

pytestmark = pytest.mark.browser


@pytest.fixture
def room(tmp_path: Path) -> Iterator[DutyRoom]:
    case = small_case()
    room = DutyRoom(case, f"sqlite:///{tmp_path}/day.sqlite", threads=12)
    room.start()
    Accounts(room.desk.store).add("ana", "dispatcher", SECRET)
    yield room
    room.stop()


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    with windows(browser) as visit:
        yield visit


def phone_of(room: DutyRoom, opened: Any, crew: str) -> Any:
    """A phone that has signed in and on, and listens for news."""
    page = opened(room.link(crew, hours=2), viewport=PHONE, has_touch=True, is_mobile=True)
    with page.expect_response(lambda answer: "/phone/news" in answer.url):
        page.fill("#pin", PIN)
        page.tap("form .go")
    page.tap("#do-sign-on")
    page.tap("#do-sign-on.armed")
    page.tap("#understood")
    page.locator(".notice.change").wait_for(state="detached")
    wait_sent(page)
    return page


def at(room: DutyRoom, hour: int, minute: int = 0) -> None:
    """Let it be that late: an hour of the evening, or one past midnight."""
    now = room.case.settings.now
    day = now + timedelta(days=1) if hour < 12 else now
    room.later = day.replace(hour=hour, minute=minute) - now


def routes(room: DutyRoom) -> dict[str, list[str]]:
    return {route.crew: [visit.job for visit in route.visits] for route in room.desk.day().plan.routes}


def state(room: DutyRoom, table: str, id_: str) -> str | None:
    return next((row["state"] for row in room.desk.rows(table) if row["id"] == id_), None)


def work_towards(page: Any, state: str) -> None:
    """Do what comes next on this phone until a state is the next thing to press."""
    for _ in range(60):
        if page.query_selector(f"#do-{state}"):
            return
        assert step_on(page), page.inner_text("main")
    raise AssertionError(page.inner_text("main"))


def shown_job(page: Any, order: str) -> None:
    """Look at the stop of an order, as somebody does who scans its code on paper."""
    page.evaluate("(order) => (location.hash = `stop=${order}`)", order)
    page.locator("article.stop .eyebrow", has_text=order).wait_for()


def ticket_act(page: Any, act: str) -> None:
    page.fill("#ticket-by", "Li Wei")
    page.fill("#ticket-second", "Wang Fang")
    page.tap(f"[data-act='{act}']")


def work_under_a_permit(room: DutyRoom, page: Any, job: str) -> None:
    """Issued, read back, permitted; nobody restores while it is open; every step, returned, restored."""
    number = next(each for each in draft_tickets(room.desk, job, OFFICE) if each.startswith("W-"))
    act_on(room.desk, number, "issue", OFFICE, second="ben")
    page.locator("nav.stops button", has_text="Repair").tap()
    page.locator(f"[data-ticket='{number}']").wait_for()
    page.tap(f"[data-ticket='{number}'] .plain")
    ticket_act(page, "read_back")
    assert until(lambda: all_tickets(room.desk)[number].state == "read_back")
    act_on(room.desk, number, "permit", OFFICE, second="ben")
    work_towards(page, "restored")
    press(page, "restored")
    page.wait_for_selector("[data-conflict='permit_open']")
    page.tap("[data-conflict] .plain")
    assert state(room, "jobs", job) != "restored"
    if not page.query_selector("#ticket-by"):
        page.tap(f"[data-ticket='{number}'] .plain")
    for step in all_tickets(room.desk)[number].steps:
        page.locator("[data-act='step']", has_text=f" {step.id}").wait_for()
        ticket_act(page, "step")
    page.locator("[data-act='return']").wait_for()
    ticket_act(page, "return")
    page.locator(f"[data-ticket='{number}']").wait_for(state="detached")
    work_towards(page, "restored")
    press(page, "restored")
    assert until(lambda: state(room, "jobs", job) == "restored")


def divert(room: DutyRoom, page: Any) -> None:
    """A crew's last stop is taken away; its open phone says so by itself, in time."""
    told = routes(room)
    gone = told[TWO].pop()
    room.desk.hands.set_routes(told, OFFICE, "needed at the clinic")
    began = time.monotonic()
    page.locator(".notice.change", has_text="needed at the clinic").wait_for(timeout=15_000)
    assert time.monotonic() - began < NEWS_S
    assert gone not in routes(room)[TWO]
    page.tap("#understood")
    wait_sent(page)


def call_for_help(room: DutyRoom, page: Any, ana: Any) -> None:
    """Held for a second: sent, shown in red, answered, and the answer is on the phone in time."""
    page.locator("#sos").dispatch_event("pointerdown")
    page.locator("[data-help-state='sent']").wait_for()
    page.locator("#sos").dispatch_event("pointerup")
    ana.locator("#strip .fieldcall").wait_for()
    ana.locator("#strip .fieldcall .quiet").click()
    ana.locator("dialog.ask form textarea, dialog.ask form input:not([type=hidden])").first.fill(
        "an ambulance comes"
    )
    ana.locator("dialog.ask form button").first.click()
    began = time.monotonic()
    page.locator("[data-help-state='answered']", has_text="an ambulance comes").wait_for(timeout=15_000)
    assert time.monotonic() - began < NEWS_S
    assert open_calls(room.desk) == []


def close_a_road(room: DutyRoom, page: Any) -> None:
    page.tap("#open-road")
    page.fill("#text-road", "a tree lies across it")
    page.tap(".more form .go")
    said = "a tree lies across it"
    assert until(lambda: said in [r["reason"] for r in room.desk.rows("changes") if r["what"] == "closed"])


def take_the_wrong_part(room: DutyRoom, page: Any, job: str, crew: str) -> None:
    """Said to be impossible, taken back within the minute, done with another part off the vehicle."""
    before = page.get_attribute(".state", "data-state")
    assert until(lambda: state(room, "jobs", job) == before)
    page.tap("#open-cannot")
    page.tap("[data-reason='material']")
    page.tap("#undo")
    assert until(lambda: state(room, "jobs", job) == before)
    page.tap("#open-parts")
    page.tap("#part-more-fuse")
    page.tap("#open-parts")
    work_towards(page, "done")
    press(page, "done")
    assert until(lambda: state(room, "jobs", job) == "done")
    assert parts_used(room.desk.book, room.desk.clock())[vehicle_now(room.desk, crew)]["fuse"] == 1


def die_at_nine(room: DutyRoom, opened: Any, page: Any, crew: str) -> Any:
    """Taps without signal, then no power: paper and telephone; the taps come when the phone lives again."""
    context = page.context
    job = page.evaluate(NEXT_JOB)
    page.locator("nav.stops button", has_text="Metering").tap()
    page.locator("#do-on_the_way").wait_for()
    with page.expect_response(lambda answer: "/phone/route" in answer.url):
        page.reload()
    page.locator("#do-on_the_way").wait_for()
    context.set_offline(True)
    press(page, "on_the_way")
    page.wait_for_selector("#queue[data-waiting='1']")
    page.close()
    root = f"http://127.0.0.1:{room.port}"
    ana = sign_in_dispatcher(room, opened, "ana")
    ana.goto(f"{root}/crews/{crew}/sheet")
    order = room.desk.day().cards[job].order
    paper = ana.inner_text("body")
    assert order in paper
    assert "Permit no." in paper
    printed = ana.request.get(f"{root}/crews/{crew}/sheet.pdf")
    assert (printed.status, printed.body()[:5]) == (200, b"%PDF-")
    at(room, 21, 20)
    for to in ("on_site", "done"):
        room.desk.work.report(job, to, OFFICE, crew=crew)
    context.set_offline(False)
    again = watched(context, f"{root}/phone")
    again.wait_for_selector("[data-conflict='late']")
    assert state(room, "jobs", job) == "done"
    return again


NEXT_JOB = """async () => {
  const { kept } = await import("/static/phone/queue.js");
  const { stops } = await kept("route");
  return stops.find((stop) => !["done", "cannot"].includes(stop.state)).job;
}"""


def work_past_midnight(room: DutyRoom, page: Any, job: str) -> None:
    """In overtime the phone is signed in as long as there is work, though its code has ended."""
    for hour, minute in ((22, 30), (0, 40)):
        at(room, hour, minute)
        page.reload()
        page.wait_for_selector("article.stop")
    page.locator("nav.stops button", has_text="Repair").tap()
    page.locator("#do-done").wait_for()
    press(page, "done")
    assert until(lambda: state(room, "jobs", job) == "done")
    over = [event.at for event in room.desk.store.events_after(0) if event.subject == job][-1]
    assert over > room.case.crew_by_id[ONE].shift_end


def make_a_new_code(room: DutyRoom, opened: Any) -> Any:
    """After the shift the office still makes codes."""
    ana = sign_in_dispatcher(room, opened, "ana")
    ana.goto(f"http://127.0.0.1:{room.port}/phones")
    form = ana.locator(f"form[action='/phones/{ONE}']")
    form.locator("[name=pin]").fill(PIN)
    form.locator("button").click()
    link = ana.locator("input[name=link]").get_attribute("value")
    page = opened(link, viewport=PHONE, has_touch=True, is_mobile=True)
    page.fill("#pin", PIN)
    page.tap("form .go")
    page.locator("nav.stops").wait_for()
    return page


def test_a_whole_shift_of_two_crews_on_one_feeder(room: DutyRoom, opened: Any) -> None:
    ana = sign_in_dispatcher(room, opened, "ana")
    one, two = (phone_of(room, opened, crew) for crew in (ONE, TWO))
    call_for_help(room, two, ana)
    close_a_road(room, two)
    whole = routes(room)
    divert(room, two)
    hazard, last = whole[TWO]
    work_towards(two, "done")
    take_the_wrong_part(room, two, hazard, TWO)

    repair = next(job for job in routes(room)[ONE] if job.endswith("/repair"))
    work_under_a_permit(room, one, repair)

    room.desk.hands.set_routes(routes(room) | {TWO: [last]}, OFFICE, "after all")
    two.locator(".notice.change", has_text="after all").wait_for()
    two.tap("#understood")
    two.locator(".notice.change").wait_for(state="detached")
    at(room, 20, 58)
    two = die_at_nine(room, opened, two, TWO)
    work_past_midnight(room, one, repair)
    new = make_a_new_code(room, opened)

    assert room.desk.store.differing() == []
    keys = [event.key for event in room.desk.store.events_after(0) if event.key]
    assert len(keys) == len(set(keys))
    assert [page.wrong for page in (one, two, new, ana)] == [[]] * 4

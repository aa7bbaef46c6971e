"""Two dispatchers at one desk, each in a browser of their own."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.intake import load_case
from dispatch.live import Budget, Who
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store
from tests.small_case import write_small_case
from tests.web.settling import axe_faults, expect
from web.app import create_app
from web.entrance.directory import Directory

pytestmark = pytest.mark.browser
READY = "html[data-ready=complete]"
SECRET = "a long enough one"
ANA, BEN = "ana", "ben"
ME = Who(name="test", source="api")


class Room:
    """A duty room: a desk, its address, and who sits at it."""

    def __init__(self, folder: Path) -> None:
        case = load_case(write_small_case(folder / "case"))
        self.now = case.settings.now
        self.store = empty_store(folder / "day.sqlite")
        self.desk = open_room(case, self.store, lambda: self.now, RoomOptions(budget=Budget(work=200))).desk
        book = Accounts(self.store)
        for name in (ANA, BEN):
            book.add(name, "dispatcher", SECRET)
        book.add("vic", "viewer", SECRET)
        self.app = create_app(self.desk, accounts_book=Directory(book))
        self.address = ""
        self.server = None

    def open(self, port: int = 0) -> None:
        """Begin to answer browsers."""
        from waitress import create_server

        self.server = create_server(self.app, host="127.0.0.1", port=port, threads=24)
        threading.Thread(target=self.server.run, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.effective_port}"

    def shut(self) -> int:
        """Cut every connection; returns the port."""
        port = self.server.effective_port
        for each in list(self.server._map.values()):
            each.close()
        return port

    def publish(self) -> int:
        """Plan and put the plan in force."""
        self.desk.shelf.propose(ME)
        number = self.desk.plan_number("proposed")
        assert number is not None
        self.desk.shelf.publish(number, ME)
        return number


@pytest.fixture
def room(tmp_path: Path):
    made = Room(tmp_path)
    made.open()
    yield made
    made.server.close()


@pytest.fixture
def sit_down(room, open_page):
    """Sign somebody in and open the board."""
    pages = []

    def sit(name: str, **options):
        page = open_page(f"{room.address}/sign-in", **options)
        page.fill("[name=name]", name)
        page.fill("[name=password]", SECRET)
        page.click("form.card button")
        page.wait_for_selector(READY, timeout=30_000)
        pages.append(page)
        return page

    yield sit
    for page in pages:
        wrong = [said for said in page.wrong if "409" not in said and "403" not in said]
        assert wrong == []
        assert page.outside == []


def planned(room: Room, crew: str | None = None) -> str:
    """A job that a crew drives to."""
    return next(
        visit.job
        for route in room.desk.day().plan.routes
        if route.crew in (crew or route.crew, crew) and route.crew.startswith("crew")
        for visit in route.visits
        if visit.job.endswith(("/repair", "/service"))
    )


def order_state(room: Room, order: str) -> str:
    return next(row["state"] for row in room.desk.rows("orders") if row["id"] == order)


def row_of(job: str) -> str:
    return f'#jobs tr[data-id="{job}"]'


def test_a_logged_call_is_seen_by_the_other_dispatcher(room, sit_down):
    room.publish()
    ana, ben = sit_down(ANA), sit_down(BEN)
    ana.keyboard.press("n")
    ana.fill("#call [name=who]", "alder avenue 8")
    ana.locator("#call .found button").first.click()
    ana.locator("#call .known", has_text="Mia Pino").wait_for()
    expect(ana.locator("#call .known")).to_contain_text("meter shows an error")
    ana.fill("#call [name=words]", "everything went dark")
    ana.press("#call [name=words]", "Enter")
    ben.locator("#strip .waiting").wait_for()
    ana.locator("#call .done", has_text="Logged as").wait_for()
    rows = [row for row in room.desk.rows("requests") if row["words"] == "everything went dark"]
    assert [row["customer"] for row in rows] == ["C12"]
    ana.keyboard.press("Escape")
    expect(ana.locator("#call")).to_be_hidden()


def test_a_call_joins_the_outage_that_is_known(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    ana.keyboard.press("n")
    ana.fill("#call [name=who]", "C09")
    ana.press("#call [name=who]", "Enter")
    ana.locator("#call .found button").first.wait_for()
    ana.locator("#call .found button").first.click()
    known = ana.locator("#call .known")
    known.wait_for()
    expect(known).to_contain_text("≈")
    ana.fill("#call [name=words]", "still no power")
    ana.press("#call [name=words]", "Enter")
    ana.locator("#call .done", has_text="joined to O-BR-1").wait_for()


def test_states_move_in_both_browsers_and_a_conflict_is_said(room, sit_down):
    room.publish()
    ana, ben = sit_down(ANA), sit_down(BEN)
    job = planned(room, "crew-2")
    order = room.desk.work.order_of(job)
    for page in (ana, ben):
        page.click(row_of(job))
        page.wait_for_selector('.moves [data-to="on_the_way"]')
    ana.click('.moves [data-to="on_the_way"]')
    ben.locator(f"{row_of(job)} .s-on_the_way").wait_for()
    assert order_state(room, order) == "on_the_way"
    # A board that has not heard of a change yet is told who made it.
    ben.route("**/api/v1/events*", lambda route: route.abort())
    ben.reload()
    ben.wait_for_selector(READY)
    ben.click(row_of(job))
    ben.wait_for_selector('.moves [data-to="on_site"]')
    ben.route("**/api/v1/state*", lambda route: route.abort())
    seen = next(row["version"] for row in room.desk.rows("orders") if row["id"] == order)
    room.desk.work.move_order(order, "on_site", Who(name="carla", source="board"), seen=seen)
    ben.click('.moves [data-to="on_site"]')
    ben.locator(".states .wrong", has_text="carla").wait_for()
    ben.wrong.clear()


def test_a_proposal_is_accepted_in_part(room, sit_down):
    room.desk.shelf.propose(ME)
    ana = sit_down(ANA)
    line = ana.locator("#strip .proposal")
    line.wait_for()
    assert "moves" in line.inner_text()
    ana.keyboard.press("p")
    ana.wait_for_selector(".proposed li")
    expect(ana.locator("#detail .main")).to_be_enabled()
    ticks = ana.locator(".proposed input")
    many = ticks.count()
    assert many > 1
    kept_out = ticks.nth(many - 1).get_attribute("value")
    ticks.nth(many - 1).uncheck()
    ana.locator("#detail .main").click()
    ana.wait_for_selector("#detail", state="hidden")
    served = {visit.job for route in room.desk.day().plan.routes for visit in route.visits}
    assert kept_out not in served
    assert served
    assert room.desk.plan_number("published") == 1


def test_a_proposal_is_declined_with_a_reason(room, sit_down):
    room.desk.shelf.propose(ME)
    ana = sit_down(ANA)
    ana.locator("#strip .proposal").click()
    ana.fill("#detail [name=reason]", "the road is closed")
    ana.locator("#detail .moves button", has_text="Decline").click()
    ana.locator("#strip .proposal").wait_for(state="detached")
    told = [event.data["reason"] for event in room.store.events_after(0) if event.kind == "plan_declined"]
    assert told == ["the road is closed"]


def middle(page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_job_is_dragged_to_another_crew_and_back_by_undo(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    job = next(
        visit.job
        for route in room.desk.day().plan.routes
        if route.crew == "crew-2"
        for visit in route.visits
        if visit.job.startswith("W-R4")
    )
    ana.keyboard.press("0")
    x, y = middle(ana, f'.tb-job[data-job="{job}"]')
    _, to_y = middle(ana, '[data-crew="crew-1"]')
    ana.mouse.move(x, y)
    ana.mouse.down()
    ana.mouse.move(x + 4, y + 4)
    ana.mouse.move(x + 6, to_y, steps=4)
    ana.locator(".tb-ghost small", has_text="Crew 1").wait_for()
    ana.mouse.up()
    ana.locator("#hand .difference").wait_for()
    ana.fill("#hand [name=reason]", "knows the street")
    ana.locator("#hand .main").click()
    ana.wait_for_selector("#hand", state="hidden")
    crew_of = {visit.job: route.crew for route in room.desk.day().plan.routes for visit in route.visits}
    assert crew_of[job] == "crew-1"
    ana.mouse.move(4, 4)
    ana.keyboard.press("u")
    ana.wait_for_selector("#redo:not([disabled])")
    crew_of = {visit.job: route.crew for route in room.desk.day().plan.routes for visit in route.visits}
    assert crew_of[job] == "crew-2"


def test_a_job_is_moved_by_keys(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    job = next(card.id for card in room.desk.day().cards.values() if card.id.startswith("W-R4"))
    ana.click(row_of(job))
    ana.keyboard.press("m")
    ana.locator("#hand .best button", has_text="Crew 1").click()
    ana.locator("#hand .difference").wait_for()
    assert room.desk.plan_number("published") == 1


def test_danger_that_nobody_has_is_diverted_with_one_key(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    from dispatch.live import Entry

    room.desk.calls.log(
        Entry(words="A wire is lying on the road", received_at=room.desk.clock(), customer="C11"), ME
    )
    room.desk.shelf.propose(ME)
    ana.locator("#strip .divert").wait_for()
    ana.keyboard.press("d")
    ana.locator("#strip .urgent").wait_for(state="detached")
    danger = next(id_ for id_ in room.desk.day().cards if id_.startswith("W-R000007"))
    assert danger in {visit.job for route in room.desk.day().plan.routes for visit in route.visits}


def test_a_lost_connection_is_shown_and_caught_up(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    job = planned(room, "crew-2")
    port = room.shut()
    ana.locator("#link.wrong").wait_for(timeout=30_000)
    order = room.desk.work.order_of(job)
    seen = next(row["version"] for row in room.desk.rows("orders") if row["id"] == order)
    room.desk.work.move_order(order, "on_the_way", ME, seen=seen)
    room.open(port)
    ana.locator(f"{row_of(job)} .s-on_the_way").wait_for(timeout=30_000)
    ana.locator("#link:not(.wrong)").wait_for()
    ana.wrong.clear()


def test_a_crew_is_marked_absent_and_back(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    ana.click('[data-crew="crew-1"]')
    ana.fill("#detail [name=reason]", "ill")
    ana.locator("#detail .moves button", has_text="Absent").click()
    ana.locator(".tb-head.absent").wait_for()
    assert room.desk.rows("crews")[0]["reason"] == "ill"
    ana.locator("#detail .moves button", has_text="Back on shift").click()
    ana.locator(".tb-head.absent").wait_for(state="detached")


def test_who_has_not_read_the_plan_is_named_until_they_have(room, sit_down):
    number = room.publish()
    ana = sit_down(ANA)
    ana.locator("#strip .unread", has_text="2 crews").wait_for()
    room.desk.shelf.acknowledge("crew-1", number, ME)
    ana.locator("#strip .unread", has_text="Crew 2").wait_for()
    room.desk.shelf.acknowledge("crew-2", number, ME)
    ana.locator("#strip .unread").wait_for(state="detached")


def test_who_has_not_read_the_plan_after_three_minutes_is_red(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    ana.locator("#strip .unread:not(.wrong)").wait_for()
    for minutes, colour in ((2, ":not(.wrong)"), (2, ".wrong")):
        room.now += timedelta(minutes=minutes)
        room.desk.note("noted", "clock", {"what": "time passed"}, ME)
        ana.locator(f"#strip .unread{colour}").wait_for()


def test_an_event_is_soon_visible_in_the_other_browser(room, sit_down):
    room.publish()
    ana, ben = sit_down(ANA), sit_down(BEN)
    begun = time.perf_counter()
    for each in (ana, ben):
        each.evaluate("() => fetch('/api/v1/state').then((answer) => answer.text())")
    asked = time.perf_counter() - begun
    took = []
    for job in [each for each in room.desk.day().cards if each.endswith(("/repair", "/service"))][:3]:
        order = room.desk.work.order_of(job)
        seen = next(row["version"] for row in room.desk.rows("orders") if row["id"] == order)
        begun = time.perf_counter()
        room.desk.work.move_order(order, "on_the_way", ME, seen=seen)
        for each in (ana, ben):
            each.locator(f"{row_of(job)} .s-on_the_way").wait_for()
        took.append(time.perf_counter() - begun)
    # 300 ms on a machine of its own (benchmarks/board.py); here others work beside it, as both asking shows.
    assert min(took) < 3 + 5 * asked


def test_a_job_is_split_by_keys_and_put_together_again_by_undo(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    job = planned(room)
    ana.click(row_of(job))
    ana.locator(".road").wait_for()
    ana.keyboard.press("e")
    ana.keyboard.press("1")
    ana.fill("#hand [name=first]", "25")
    ana.locator("#hand .difference b").wait_for()
    ana.locator("#hand button.main:enabled").click()
    ana.locator(row_of(f"{job}.1")).wait_for()
    assert round(room.desk.day().cards[f"{job}.1"].duration_min) == 25
    ana.keyboard.press("Escape")
    ana.keyboard.press("u")
    ana.locator(row_of(f"{job}.1")).wait_for(state="detached")
    assert room.desk.rows("changes") == []
    ana.keyboard.press("U")
    ana.locator(row_of(f"{job}.1")).wait_for()


def test_work_is_added_without_a_call_and_given_to_a_crew(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    ana.keyboard.press("a")
    ana.fill("#hand [name=words]", "look at the pole")
    ana.fill("#hand [name=address]", "Alder Avenue 7")
    ana.select_option("#hand [name=crew]", "crew-1")
    ana.locator("#hand .difference b").wait_for()
    ana.locator("#hand button.main:enabled").click()
    ana.locator("#hand").wait_for(state="hidden")
    added = [card for card in room.desk.day().cards.values() if card.words == ("look at the pole",)]
    assert len(added) == 1
    ana.locator(row_of(added[0].id)).wait_for()


def test_work_is_taken_out_with_a_reason_that_is_kept(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    job = planned(room)
    ana.click(row_of(job))
    ana.locator(".road").wait_for()
    ana.keyboard.press("e")
    ana.keyboard.press("5")
    ana.locator("#hand .difference b").wait_for()
    ana.fill("#hand [name=reason]", "customer withdrew")
    ana.locator("#hand button.main:enabled").click()
    ana.locator("#hand").wait_for(state="hidden")
    (row,) = room.desk.rows("changes")
    assert (row["subject"], row["what"], row["reason"]) == (job, "remove", "customer withdrew")


def test_a_closed_road_is_told_and_over_again(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    ana.click(row_of(planned(room)))
    ana.keyboard.press("x")
    ana.fill("#hand [name=reason]", "tree down")
    ana.locator("#hand .moves button").click()
    ana.locator("#strip .found-line").wait_for()
    assert [row["what"] for row in room.desk.rows("changes")] == ["closed"]
    ana.locator("#strip .found-line").click()
    ana.locator("#hand .link").click()
    ana.locator("#strip .found-line").wait_for(state="detached")


def test_a_viewer_sees_states_and_has_no_buttons(room, sit_down):
    room.publish()
    vic = sit_down("vic")
    vic.click(row_of(planned(room)))
    vic.wait_for_selector(".road")
    assert vic.locator(".moves button").count() == 0
    vic.keyboard.press("n")
    assert vic.locator("#call").is_hidden()


def test_filters_and_the_wall(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    ana.click("#more summary")
    ana.select_option('[data-filter="crew"]', "crew-2")
    shown = ana.evaluate(
        "[...document.querySelectorAll('#jobs tr:not([hidden])')].map((row) => row.dataset.id)"
    )
    crew_of = {visit.job: route.crew for route in room.desk.day().plan.routes for visit in route.visits}
    assert {crew_of.get(job) for job in shown} == {"crew-2"}
    ana.keyboard.press("Escape")
    ana.keyboard.press("w")
    expect(ana.locator("#list")).to_be_hidden()
    ana.keyboard.press("w")
    expect(ana.locator("#list")).to_be_visible()


@pytest.mark.parametrize(("language", "theme"), [("en", "day"), ("zh-CN", "night")])
def test_the_live_board_passes_axe(room, sit_down, language, theme):
    room.publish()
    room.desk.shelf.propose(ME)
    ana = sit_down(ANA, language=language, theme=theme)
    ana.click(row_of(planned(room)))
    ana.wait_for_selector(".road")
    ana.keyboard.press("n")
    assert axe_faults(ana) == []


@pytest.mark.parametrize("path", ["/accounts", "/audit", "/password", "/shift", "/shift/handover"])
def test_the_administrators_pages_pass_axe(room, open_page, path):
    Accounts(room.store).add("root", "administrator", SECRET)
    page = open_page(f"{room.address}/sign-in")
    page.fill("[name=name]", "root")
    page.fill("[name=password]", SECRET)
    with page.expect_navigation():
        page.click("form.card button")
    page.goto(room.address + path)
    assert axe_faults(page) == []


def test_what_the_server_did_not_answer_is_asked_again_and_what_was_typed_is_kept(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    for path in ("plans/proposal", "field/*/seen"):
        ana.route(f"**/api/v1/{path}", lambda route: route.abort())
    crew = next(route.crew for route in room.desk.day().plan.routes if route.visits)
    phone = Who(name=crew, source="phone", crew=crew)
    room.desk.note("noted", crew, {"what": "help", "crew": crew, "job": None, "reason": "police"}, phone)
    ana.locator("#strip .fieldcall .quiet").click()
    ana.fill("dialog.ask input", "the police are on their way")
    ana.locator("dialog.ask form button").click()
    ana.locator("dialog.ask .wrong:not([hidden])").wait_for()
    assert ana.input_value("dialog.ask input") == "the police are on their way"
    ana.unroute("**/api/v1/field/*/seen")
    ana.locator("dialog.ask form button").click()
    ana.locator("dialog.ask").wait_for(state="detached")

    room.desk.hands.set_routes({}, ME, "nobody today")
    with ana.expect_event("requestfailed", lambda each: each.url.endswith("plans/proposal")):
        room.desk.shelf.propose(ME)
    ana.unroute("**/api/v1/plans/proposal")
    room.desk.note("noted", "handover", {"what": "handover", "note": "news"}, ME)
    ana.locator("#strip .proposal").wait_for()
    ana.wrong[:] = [said for said in ana.wrong if "Failed to load resource" not in said]

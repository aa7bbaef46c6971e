"""What the board shows now: figures that follow reports, vehicles, pins, undo after a reload, a calm page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.web import test_live_in_browser as live
from tests.web.settling import at_rest, expect
from tests.web.test_live_in_browser import ANA, BEN, ME, READY, planned, row_of

pytestmark = pytest.mark.browser
room, sit_down = live.room, live.sit_down
# Summed up from the first line on: 0.1 and more is called bad, and means that things jump.
SHIFTS = """() => {
  const name = (node) => node?.id || node?.className || node?.nodeName;
  const told = (each) => ({ value: each.value, of: each.sources.map(({ node }) => name(node)).join(" ") });
  window.shifts = [];
  const seen = new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(told)));
  seen.observe({ type: "layout-shift" });
}"""
PLACES = """() => {
  const place = (id) => {
    const { x, y, width, height } = document.getElementById(id).getBoundingClientRect();
    return [id, [x, y, width, height].map(Math.round).join(" ")];
  };
  return Object.fromEntries(["attention", "strip", "list", "map", "time", "undo", "new-call"].map(place));
}"""


def supply(page) -> str:
    return page.inner_text(".attend.supply")


def out(page) -> int:
    return int(re.sub(r"\D", "", page.inner_text(".attend.supply b")))


def repair(room) -> tuple[str, str]:
    """A repair and its crew."""
    return next(
        (route.crew, visit.job)
        for route in room.desk.day().plan.routes
        for visit in route.visits
        if visit.job.endswith("/repair")
    )


def test_customers_without_supply_follow_a_report(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    expect(ana.locator(".attend.supply")).to_contain_text("half back")
    before = out(ana)
    crew, job = repair(room)
    for to in ("on_site", "safe", "restored"):
        room.desk.work.report(job, to, ME, crew=crew)
    ana.wait_for_function(
        "n => Number(document.querySelector('.attend.supply b').textContent) < n", arg=before
    )
    assert out(ana) < before


def test_nothing_is_said_of_supply_that_no_plan_brings_back(room, sit_down):
    room.publish()
    room.desk.hands.set_routes({}, ME, "nobody today")
    ana = sit_down(ANA)
    assert out(ana) > 0
    assert "back" not in supply(ana)
    assert re.search(r"\d\d:\d\d", supply(ana)) is None


def test_a_crew_called_away_leaves_no_time_of_arrival(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    crew, job = repair(room)
    ana.click(row_of(job))
    ana.locator("#detail .facts", has_text="Arrives").wait_for()
    room.desk.work.crew_is(crew, "absent", ME, reason="ill")
    ana.wait_for_function("() => !document.querySelector('#detail .facts').textContent.includes('Arrives')")
    ana.locator(f'.tb-job.unsure[data-job="{job}"]').wait_for()


def test_the_board_says_that_everybody_on_shift_is_absent(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    assert ana.locator("#strip .duty", has_text="absent").count() == 0
    for crew in ("crew-1", "crew-2"):
        room.desk.work.crew_is(crew, "absent", ME, reason="ill")
    ana.locator("#strip .duty.wrong", has_text="all 2 crews on shift are absent").wait_for()
    room.desk.work.crew_is("crew-1", "on_shift", ME)
    ana.locator("#strip .duty", has_text="absent").wait_for(state="detached")


def test_a_vehicle_is_on_the_map_and_opens_its_crew(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    card = room.desk.day().cards[planned(room)]
    room.now += timedelta(minutes=1)
    room.desk.note("crew_changed", "crew-1", {"lon": card.lon + 0.004, "lat": card.lat + 0.003}, ME)
    ana.wait_for_function("() => window.gridcrewVehicles().length === 1")
    place = ana.evaluate("() => window.gridcrewVehicles()[0]")
    assert place["id"] == "crew-1"
    ana.locator("#map").click(position={"x": place["x"], "y": place["y"]})
    ana.locator("#detail .facts", has_text="Last seen").wait_for()
    assert "by its phone" in ana.inner_text("#detail")
    room.desk.work.crew_is("crew-1", "off", ME)
    ana.wait_for_function("() => window.gridcrewVehicles().length === 0")


def test_a_pin_names_another_crew_and_a_reason_and_shows_its_price(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    job = planned(room)
    own = next(
        route.crew for route in room.desk.day().plan.routes if job in {visit.job for visit in route.visits}
    )
    other = next(crew.id for crew in room.desk.case.crews if crew.id != own)
    ana.click(row_of(job))
    ana.locator("#detail summary", has_text="Pin or forbid").click()
    ana.click("#detail [data-pin]")
    expect(ana.locator("#hand")).to_contain_text("Nothing changes now")
    ana.select_option("#hand [name=crew]", other)
    ana.locator("#hand .difference b").wait_for()
    assert re.fullmatch(r"[+−±][\d\u202f]+", ana.inner_text("#hand .difference b"))
    may = ana.locator("#hand [name=now]").is_enabled()
    ana.fill("#hand [name=reason]", "knows the site")
    ana.click("#hand button.main")
    ana.wait_for_selector("#hand", state="hidden")
    wishes = [(row["job"], row["crew"], row["wish"], row["reason"]) for row in room.desk.rows("wishes")]
    assert wishes == [(job, other, "pin", "knows the site")]
    routes = {route.crew: {v.job for v in route.visits} for route in room.desk.day().plan.routes}
    assert (job in routes.get(other, ())) == may


def change_of(room, what: str) -> list[str]:
    return [row["subject"] for row in room.desk.rows("changes") if row["what"] == what]


def opened(page, job: str, what: str) -> None:
    """Open a form of the menu of changes for a job."""
    page.click(row_of(job))
    page.wait_for_selector("#detail .facts")
    page.keyboard.press("e")
    page.click(f'#hand [data-work="{what}"]')


def applied(page) -> None:
    reason = page.locator("#hand [name=reason]")
    reason.fill("as the customer asked")
    page.click("#hand button.main")
    page.wait_for_selector("#hand", state="hidden")


def test_work_is_timed_by_the_page(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    job = planned(room)
    opened(ana, job, "time")
    ana.fill("#hand [name=from]", "23:30")
    ana.locator("#hand .difference").wait_for()
    applied(ana)
    assert change_of(room, "time") == [job]


def test_work_is_put_together_by_the_page(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    job = next(id_ for id_ in room.desk.day().cards if id_.endswith("/service"))
    opened(ana, job, "merge")
    into = ana.locator("#hand [name=into]")
    services = [
        each for each in into.locator("option").all() if each.get_attribute("value").endswith("/service")
    ]
    into.select_option(services[0].get_attribute("value"))
    ana.fill("#hand [name=minutes]", "50")
    ana.locator("#hand .difference").wait_for()
    applied(ana)
    assert change_of(room, "merge") == [job]
    assert job not in room.desk.day().cards


def test_work_is_taken_out_by_the_page_and_brought_back_after_a_reload(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    job = planned(room)
    opened(ana, job, "remove")
    applied(ana)
    assert change_of(room, "remove") == [job]
    ana.reload()
    ana.wait_for_selector(READY)
    ana.click("#undo")
    ana.wait_for_selector("#redo:enabled")
    assert change_of(room, "remove") == []
    assert job in {visit.job for route in room.desk.day().plan.routes for visit in route.visits}


def test_undo_leaves_alone_what_somebody_else_has_published_since(room, sit_down):
    room.publish()
    ana, ben = sit_down(ANA), sit_down(BEN)
    job = planned(room)
    opened(ana, job, "remove")
    applied(ana)
    expect(ana.locator("#undo")).to_be_enabled()
    opened(ben, planned(room), "remove")
    applied(ben)
    ana.wait_for_selector("#undo:disabled")
    expect(ana.locator("#undo")).to_have_attribute("title", re.compile("Somebody else"))
    expect(ben.locator("#undo")).to_be_enabled()


def test_nothing_jumps_when_a_proposal_comes_is_opened_and_is_published(room, sit_down):
    room.publish()
    ana = sit_down(ANA)
    at_rest(ana)
    ana.evaluate(SHIFTS)
    before = ana.evaluate(PLACES)
    room.now += timedelta(minutes=30)
    room.desk.work.crew_is("crew-1", "absent", ME, reason="ill")
    room.desk.shelf.propose(ME)
    ana.locator("#strip .proposal").wait_for()
    assert ana.evaluate(PLACES) == before
    ana.keyboard.press("p")
    ana.wait_for_selector(".proposed li")
    assert ana.evaluate(PLACES) == before
    ana.click("#detail .main")
    ana.wait_for_selector("#strip .proposal", state="detached")
    ana.wait_for_selector("#detail", state="hidden")
    ana.wait_for_selector(READY)
    assert ana.evaluate(PLACES) == before
    # What moves on the time board is the work itself; boxes of the page stay where they are.
    frames = [each for each in ana.evaluate("() => window.shifts") if "tb-" not in each["of"]]
    assert sum(each["value"] for each in frames) < 0.02, frames

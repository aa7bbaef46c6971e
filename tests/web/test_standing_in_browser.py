"""The next roster by the page, as people bring it in: file, difference, in force, way back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.live import Budget, Desk
from dispatch.live.standing.duty import tell_changes
from dispatch.room import RoomOptions, open_room
from tests.prepared import empty_store, small_case
from tests.web.settling import expect
from web.app import create_app

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECRET = "a long enough one"
HOUR = timedelta(hours=1)


class Clock:
    def __init__(self, case) -> None:
        self.now = case.settings.now

    def __call__(self):
        return self.now


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    room = open_room(case, store, Clock(case), RoomOptions(budget=Budget(work=100)))
    for name, role in (("pia", "planner"), ("sven", "supervisor")):
        room.accounts.add(name, role, SECRET)
    return room.desk


@pytest.fixture
def address(desk: Desk, serving) -> str:
    app = create_app(desk)
    app.config["RATE_LIMITS"] = False
    return serving(app)


def sign_in(open_page, address: str, name: str, language: str = "en"):
    page = open_page(f"{address}/sign-in?next=/standing/crews", language=language)
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", SECRET)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/standing/crews")
    return page


def roster(tmp_path: Path, desk: Desk, *, hours: float = 8, depot: str = "D1") -> Path:
    ends = max(crew.shift_end for crew in desk.case.crews)
    path = tmp_path / "next week.csv"
    path.write_text(
        "id,name,depot,shift_start,shift_end,skills,people\n"
        f"crew-1,Crew 1,{depot},{ends.isoformat()},{(ends + hours * HOUR).isoformat()},hv;lv,3\n"
    )
    return path


def send(page, file: Path) -> None:
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Why").first.fill("next week")
    page.get_by_role("button", name="Check the file").click()


def test_a_roster_is_sent_compared_put_in_force_and_taken_back(
    open_page, address: str, desk: Desk, tmp_path: Path
) -> None:
    pia = sign_in(open_page, address, "pia")
    send(pia, roster(tmp_path, desk, depot="D9"))
    pia.get_by_role("alert").get_by_text("there is no depot 'D9'").wait_for()
    assert desk.standing.versions("crews")[0].made_by == "case"
    send(pia, roster(tmp_path, desk))
    pia.get_by_role("heading", name="What it changes").wait_for()
    row = pia.locator("tr.added").first
    assert "Crew 1" in row.inner_text()
    assert pia.get_by_role("button", name="Put in force").count() == 0
    where = pia.url

    sven = sign_in(open_page, address, "sven")
    sven.get_by_role("link", name="See what it changes").click()
    sven.wait_for_url(where)
    sven.get_by_role("button", name="Put in force").click()
    sven.wait_for_url("**/standing/crews")
    expect(sven.locator("table.roster tbody tr")).to_have_count(3)
    assert len(desk.standing.versions("crews")) == 2
    sven.goto(where)
    sven.get_by_role("button", name="Take this version back").click()
    sven.wait_for_url("**/standing/crews")
    expect(sven.locator("table.roster tbody tr")).to_have_count(2)
    assert pia.wrong == [] or all("422" in each for each in pia.wrong)
    assert sven.wrong == []


def test_the_board_says_that_nobody_is_on_and_leads_to_the_page(open_page, address: str, desk: Desk) -> None:
    sven = sign_in(open_page, address, "sven")
    ends = max(crew.shift_end for crew in desk.case.crews)
    sven.goto(f"{address}/")
    soon = sven.locator("#strip .duty")
    # The first day that is opened in a process compiles.
    soon.wait_for(timeout=120_000)
    assert "From 02:00⁺¹ no crew is on shift." in soon.inner_text()
    before = desk.clock()
    desk.clock.now = ends + timedelta(minutes=5)  # type: ignore[attr-defined]
    tell_changes(desk, before)
    sven.reload()
    soon.get_by_text("No crew has been on shift since 02:00.").wait_for()
    soon.get_by_role("link", name="Bring in the next roster").click()
    sven.wait_for_url("**/standing/crews")
    assert "No crew has been on shift since 02:00." in sven.locator(".duty-line").inner_text()
    sven.get_by_text("Add a shift").click()
    form = sven.locator("form[action$='/shifts/add']")
    form.get_by_label("End").fill("2026-07-15T12:00")
    form.get_by_role("button", name="Add").click()
    sven.get_by_text("1 crew is on shift.").wait_for()
    assert sven.wrong == []

"""The shift page: who is on, what the law says, the plan ahead, the handover, the figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Who
from dispatch.live.labour import LABOUR
from dispatch.live.proposals import routes_of
from dispatch.live.shift import (
    broken_rests,
    crews_on,
    handover,
    note_for_handover,
    plan_ahead,
    shift_figures,
)
from dispatch.live.standing.terms import broken_terms
from dispatch.room import RoomOptions, open_room
from tests.prepared import empty_store
from tests.small_case import write_small_case
from web.app import create_app
from web.day.board import board_data

ANA = Who(name="ana")
HOUR = timedelta(hours=1)
TOMORROW = """\
id,crew,start,end,from,until
late,crew-1,16:00,00:00,2026-07-15,2026-07-15
night,crew-2,18:00,02:00,2026-07-15,2026-07-15
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    folder = write_small_case(tmp_path / "case")
    (folder / "roster.csv").write_text(TOMORROW)
    case = load_case(folder)
    now = [case.settings.now]
    made = open_room(
        case,
        empty_store(tmp_path / "day.sqlite"),
        lambda: now[0],
        RoomOptions(budget=Budget(work=100)),
    ).desk
    made.shelf.propose(ANA)
    made.shelf.publish(made.plan_number("proposed") or 0, ANA)
    made.set_clock = lambda moment: now.__setitem__(0, moment)  # type: ignore[attr-defined]
    return made


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return create_app(desk, demo=True).test_client()


def test_who_is_on_tonight_and_tomorrow_with_the_rest_before(desk: Desk) -> None:
    now = desk.clock()
    tonight = crews_on(desk, now, now + 8 * HOUR, LABOUR["eu"])
    assert [each.crew.id for each in tonight] == ["crew-1", "crew-2"]
    assert [each.rest_h for each in tonight] == [None, None]
    assert {each.state for each in tonight} == {"on_shift"}
    tomorrow = crews_on(desk, now + 24 * HOUR, now + 32 * HOUR, LABOUR["eu"])
    assert [each.rest_h for each in tomorrow] == [16, 16]
    assert {each.state for each in tomorrow} == {"coming"}


def test_nobody_is_on_whom_the_roster_does_not_name(desk: Desk) -> None:
    later = desk.clock() + 72 * HOUR
    assert crews_on(desk, later, later + 8 * HOUR, LABOUR["eu"]) == ()


def test_too_little_rest_too_long_a_day_and_no_break_are_named(desk: Desk) -> None:
    crew = desk.case.crews[0]
    assert broken_rests(crew, 10.5, LABOUR["eu"])[0] == "rest"
    assert "rest" not in broken_rests(crew, 11, LABOUR["eu"])
    long = replace(crew, shift_end=crew.shift_start + 12 * HOUR, overtime_min=120, breaks=())
    assert broken_rests(long, None, LABOUR["eu"]) == ("long_day", "no_break")
    longest = replace(long, overtime_min=0, shift_end=long.shift_start + LABOUR["eu"].day_h * HOUR)
    assert "long_day" not in broken_rests(longest, None, LABOUR["eu"])


def test_shifts_are_held_against_the_terms_of_the_case_where_nobody_names_a_law(
    desk: Desk, client: FlaskClient
) -> None:
    settings = desk.case.settings
    now = desk.clock()
    assert {each.wrong for each in crews_on(desk, now + 24 * HOUR, now + 32 * HOUR)} == {()}
    own = desk.standing.shifts()
    shift = own.between(now + 24 * HOUR, now + 32 * HOUR)[0]
    strict = replace(settings, rest_h=17, shift_h=7, week_h=10, days_in_row=1)
    found = {each.term for each in broken_terms(own, shift, (shift,), strict)}
    assert found == {"rest", "shift", "week", "days"}
    page = client.get("/shift?lang=en").text
    assert f"shifts of at most {settings.shift_h:g} h" in page
    assert "2003/88/EC" not in page
    assert "2003/88/EC" in client.get("/shift?law=eu").text


def test_a_later_shift_is_planned_with_what_is_still_open_then(desk: Desk) -> None:
    begins = desk.clock() + 24 * HOUR
    nothing = plan_ahead(desk, begins, begins + 8 * HOUR, work=100)
    done = {visit.job for route in desk.day().plan.routes for visit in route.visits}
    assert not done & {v.job for route in nothing.plan.routes for v in route.visits}
    jobs = [job for jobs in routes_of(desk.day().plan).values() for job in jobs]
    desk.hands.set_routes({}, ANA, "nobody today")
    later = plan_ahead(desk, begins, begins + 8 * HOUR, work=100)
    planned = {visit.job for route in later.plan.routes for visit in route.visits}
    assert planned
    assert planned <= set(jobs) | set(later.cards)
    assert desk.plan_number("proposed") is None


def test_the_handover_names_what_is_open_late_and_noted(desk: Desk) -> None:
    note_for_handover(desk, "the bridge floods at high tide", ANA)
    told = handover(desk)
    assert {each.order for each in told.orders} == {row["id"] for row in desk.rows("orders")}
    assert [note["note"] for note in told.notes] == ["the bridge floods at high tide"]
    late = sum(len(each.late) for each in told.orders)
    assert late == desk.day().summary.promises_missed


def test_the_board_the_summary_and_the_handover_count_promises_alike(desk: Desk) -> None:
    rows = board_data(desk.day())["jobs"]
    counted = {
        (job["order"], promise["what"]): promise.get("slack_min", -1) < 0
        for job in rows
        for promise in job["promises"]
        if promise["what"] in ("arrive", "restore")
    }
    summary = desk.day().summary
    assert sum(counted.values()) == summary.promises_missed
    assert len(counted) == summary.promises_kept + summary.promises_missed


def test_the_figures_of_a_shift_come_out_of_the_journal(desk: Desk) -> None:
    begins = desk.clock()
    route = next(
        each for each in desk.day().plan.routes if any(v.job.endswith("/repair") for v in each.visits)
    )
    job = next(visit.job for visit in route.visits if visit.job.endswith("/repair"))
    crew = Who(name=route.crew, source="phone")
    for minutes, to in ((0, "on_the_way"), (10, "on_site"), (40, "done")):
        desk.work.report(job, to, crew, crew=route.crew, at=begins + timedelta(minutes=minutes))
    desk.set_clock(begins + HOUR)  # type: ignore[attr-defined]
    found = shift_figures(desk, begins, begins + 8 * HOUR)
    assert (found.drive_min, found.work_min, found.overtime_min) == (10, 30, 0)
    assert found.drive_share == 0.25
    assert found.restored == 1
    outage = desk.day().outage_by_id[desk.work.order_of(job)]
    assert found.customers_back == outage.customers_out
    others = sum(each.customers_out for each in desk.day().outages if each.id != outage.id)
    assert found.customer_minutes == pytest.approx(40 * outage.customers_out + 60 * others)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    "path",
    ["/shift", "/shift?law=cn", "/shift?day=1&hour=16&hours=8&plan=1", "/shift/handover"],
)
def test_the_pages_open_in_both_languages(client: FlaskClient, path: str, language: str) -> None:
    answer = client.get(path, query_string=None, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert "{" not in answer.text.split('<main id="main"')[1].split("</main>")[0]


def test_a_shift_that_is_none_is_a_fault(client: FlaskClient) -> None:
    assert client.get("/shift?hour=31").status_code == 400


def test_a_page_that_was_the_answer_to_a_form_can_be_read_anew_and_in_another_language(
    client: FlaskClient,
) -> None:
    again = client.get("/tonight/weather?lang=zh-CN")
    assert (again.status_code, again.location) == (302, "/tonight?lang=zh-CN")
    deep = client.get("/standing/versions/4/back")
    assert (deep.status_code, deep.location) == (302, "/standing/versions/4")
    assert client.get("/api/v1/weather/x/over").status_code == 405


def test_a_crew_without_a_route_has_a_page_and_no_sheet(client: FlaskClient, desk: Desk) -> None:
    desk.hands.set_routes({}, ANA, "nobody today")
    for file in ("sheet", "sheet.pdf", "route.gpx"):
        answer = client.get(f"/crews/crew-1/{file}")
        assert answer.status_code in (200, 302)
    assert client.get("/crews/crew-1").status_code == 200
    assert client.get("/crews/nobody/sheet").status_code == 404

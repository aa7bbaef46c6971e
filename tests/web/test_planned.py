"""Planned outages on their page: studied without a trace, announced only when somebody says so."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Entry, Who
from dispatch.messages.announcing import announced_plans
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import Accounts
from tests.dispatch.live.street import write_street
from web.app import create_app

PLAN = {
    "id": "P-1",
    "start": "2026-07-24T09:00",
    "end": "2026-07-24T12:00",
    "opened": "BR-2",
    "closed": "",
    "reason": "pole replacement",
}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    case = load_case(write_street(tmp_path / "case"))
    return open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return create_app(desk).test_client()


@pytest.fixture
def dispatcher(store: Store) -> dict[str, str]:
    return bearer(store, "dispatcher")


def bearer(store: Store, role: str, language: str = "en") -> dict[str, str]:
    token = Accounts(store).issue_token(role, role)
    return {"Authorization": f"Bearer {token}", "Accept-Language": language}


def test_a_plan_is_studied_and_nobody_is_told(
    client: FlaskClient, dispatcher: dict[str, str], desk: Desk
) -> None:
    before = desk.store.last_seq()
    page = client.post("/planned", data=PLAN, headers=dispatcher)
    assert page.status_code == 200
    for words in ("pole replacement", "<b>20</b>", "No conflicts", "Harbour 2", "Announce to 20"):
        assert words in page.text
    assert desk.store.last_seq() == before


def test_other_ways_spare_customers_the_outage(client: FlaskClient, dispatcher: dict[str, str]) -> None:
    page = client.post("/planned", data=PLAN | {"opened": "L4"}, headers=dispatcher).text
    assert "Alternatives" in page
    assert "Under voltage: nobody out" in page


def test_an_announced_plan_stands_in_the_way_of_the_next(
    client: FlaskClient, dispatcher: dict[str, str], desk: Desk
) -> None:
    told = client.post("/planned/announce", data=PLAN, headers=dispatcher)
    assert told.status_code == 200
    assert "P-1 is announced" in told.text
    (plan,) = announced_plans(desk)
    assert (plan.id, plan.open_places) == ("P-1", ("BR-2",))
    page = client.post("/planned", data=PLAN | {"id": "P-2"}, headers=dispatcher).text
    assert "Plan P-1 operates BR-2 at the same time" in page


def test_an_outage_under_way_stands_in_the_way(
    client: FlaskClient, dispatcher: dict[str, str], desk: Desk
) -> None:
    for number in (1, 2, 3, 4):
        called = Entry(words="no light", received_at=desk.clock(), customer=f"M5-{number}")
        desk.calls.log(called, Who(name="ana"))
    desk.shelf.propose(Who(name="ana"))
    page = client.post("/planned", data=PLAN, headers=dispatcher).text
    assert "is on the same feeder BR-2: 20 customers out" in page


def test_notice_that_comes_too_late_is_said_and_not_given(
    client: FlaskClient, dispatcher: dict[str, str], desk: Desk
) -> None:
    soon = PLAN | {"start": "2026-07-15T09:00", "end": "2026-07-15T12:00"}
    assert (
        "Too late: the public had to be told by"
        in client.post("/planned", data=soon, headers=dispatcher).text
    )
    told = client.post("/planned/announce", data=soon, headers=dispatcher)
    assert told.status_code == 409
    assert "notice required" in told.text
    assert announced_plans(desk) == ()


def test_a_file_of_plans_is_studied_at_once(client: FlaskClient, dispatcher: dict[str, str]) -> None:
    rows = (
        "id,start,end,open,close,reason\n"
        "P-1,2026-07-24T09:00:00-04:00,2026-07-24T12:00:00-04:00,BR-2,,one\n"
        "P-2,2026-07-24T11:00:00-04:00,2026-07-24T13:00:00-04:00,FU-1,,two\n"
    )
    sent = {"file": (io.BytesIO(rows.encode()), "planned.csv")}
    page = client.post("/planned", data=sent, headers=dispatcher, content_type="multipart/form-data").text
    assert page.count('class="card planned-plan"') == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"opened": "BR-9"}, "unknown device, section or line &#39;BR-9&#39;"),
        ({"opened": "", "id": ""}, "opened: is empty"),
        ({"start": "tomorrow"}, "start: is &#39;tomorrow&#39;"),
        ({"end": "2026-07-24T08:00"}, "must be after its start"),
        ({"reason": "x" * 400}, "reason: is longer than 300"),
        ({"opened": "<script>"}, "&lt;script&gt;"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_and_the_form_is_kept(
    client: FlaskClient, dispatcher: dict[str, str], changed: dict[str, str], message: str
) -> None:
    page = client.post("/planned", data=PLAN | changed, headers=dispatcher)
    assert page.status_code == 422
    assert message in page.text
    assert 'value="2026-07-24T12:00"' in page.text or "end" in changed


def test_planners_study_and_only_dispatchers_tell(client: FlaskClient, store: Store) -> None:
    planner, viewer = bearer(store, "planner", "zh-CN"), bearer(store, "viewer")
    page = client.post("/planned", data=PLAN, headers=planner)
    assert page.status_code == 200
    assert "没有冲突" in page.text
    assert "通知 20 户" not in page.text
    assert client.post("/planned/announce", data=PLAN, headers=planner).status_code == 403
    assert client.get("/planned", headers=viewer).status_code == 403
    assert client.get("/planned").status_code == 302

"""Two tickets over HTTP and by phone: from the plan to the return, and no supply while people work."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from dispatch.live import Desk, Refused, Who, act_on, all_tickets, draft_tickets
from dispatch.store.accounts import Accounts
from tests.web.test_phone import case, client, clock, crew, desk, phone, send, tap

__all__ = ["case", "client", "clock", "crew", "desk", "phone"]
OFFICE = Who(name="ana")


def repair_of(desk: Desk, crew: str) -> str:
    route = next(each for each in desk.day().plan.routes if each.crew == crew)
    return next(v.job for v in route.visits if v.job.endswith("/repair"))


def office(store: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {Accounts(store).issue_token('ana', 'dispatcher')}"}


def permitted(desk: Desk, job: str) -> str:
    """A work permit of a job under which people work."""
    number = next(n for n in draft_tickets(desk, job, OFFICE) if n.startswith("W-"))
    for act, second in (("issue", "ben"), ("read_back", "li"), ("permit", "wang")):
        act_on(desk, number, act, OFFICE, second=second)
    return number


def stop_of(client: FlaskClient, phone: dict[str, str], job: str) -> dict[str, Any]:
    stops = client.get("/api/v1/phone/route", headers=phone).json["stops"]
    found: dict[str, Any] = next(each for each in stops if each["job"] == job)
    return found


def test_supply_is_not_restored_while_a_permit_is_open_behind_the_switch(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job = repair_of(desk, crew)
    number = permitted(desk, job)
    steps = stop_of(client, phone, job)["steps"]
    ticks = [tap(100 + nr, "tick", job=job, step=step["id"]) for nr, step in enumerate(steps)]
    send(client, phone, tap(1, "report", job=job, to="on_site"), *ticks)
    (refused,) = send(client, phone, tap(2, "report", job=job, to="restored"))
    assert (refused["code"], refused["by"]) == ("permit_open", number)
    with pytest.raises(Refused, match="is open behind the switch"):
        desk.work.report(job, "restored", OFFICE, crew=crew)
    for step in all_tickets(desk)[number].steps:
        act_on(desk, number, "step", OFFICE, second="ben", step=step.id)
    act_on(desk, number, "return", OFFICE, second="wang")
    (taken,) = send(client, phone, tap(3, "report", job=job, to="restored"))
    assert taken["status"] == "taken"


def test_a_crew_reads_its_ticket_back_and_ticks_its_steps_on_the_phone(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job = repair_of(desk, crew)
    number = draft_tickets(desk, job, OFFICE)[-1]
    act_on(desk, number, "issue", OFFICE, second="ben")
    told = {"job": job, "ticket": number, "by": "li", "second": "wang"}
    (read,) = send(client, phone, tap(1, "ticket", act="read_back", **told))
    assert read["status"] == "taken"
    act_on(desk, number, "permit", OFFICE, second="ben")
    (step,) = send(client, phone, tap(2, "ticket", act="step", step="1", **told))
    assert step["status"] == "taken"
    (shown,) = [each for each in stop_of(client, phone, job)["tickets"] if each["number"] == number]
    assert (shown["state"], shown["steps"][0]["done"]) == ("working", True)
    act_on(desk, number, "suspend", OFFICE)
    other = next(each.id for each in desk.case.crews if each.id != crew)
    act_on(desk, number, "transfer", OFFICE, second="ben", crew=other)
    (others,) = send(client, phone, tap(3, "ticket", act="read_back", **told))
    assert others["status"] == "conflict"


def test_the_office_drafts_reads_and_lists_tickets_in_both_languages(
    client: FlaskClient, store: Any, desk: Desk, crew: str
) -> None:
    headers = office(store)
    number = permitted(desk, repair_of(desk, crew))
    listed = client.get("/api/v1/tickets", headers=headers).json["tickets"]
    assert [(each["number"], each["state"]) for each in listed] == [(number, "working")]
    assert listed[0]["section"]
    for language, list_word, step_word in (("en", "Two tickets", "Prove dead"), ("zh-CN", "两票", "验电")):
        assert list_word in client.get(f"/tickets?lang={language}", headers=headers).text
        assert step_word in client.get(f"/tickets/{number}?lang={language}", headers=headers).text


def test_the_board_knows_the_sections_that_people_may_be_at_work_in(
    client: FlaskClient, store: Any, desk: Desk, crew: str
) -> None:
    headers = office(store)
    assert client.get("/api/v1/state", headers=headers).json["tickets"] == []
    number = permitted(desk, repair_of(desk, crew))
    (shown,) = client.get("/api/v1/state", headers=headers).json["tickets"]
    assert (shown["number"], shown["state"], shown["crew"]) == (number, "working", crew)
    assert shown["section"]
    assert len(shown["at"]) == 2


def test_a_crew_opens_no_page_of_tickets(client: FlaskClient, phone: dict[str, str]) -> None:
    for path in ("/tickets", "/tickets/W-20260714-001", "/api/v1/tickets"):
        assert client.get(path, headers=phone).status_code in (401, 403, 404)

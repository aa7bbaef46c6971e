"""Back from the field: damage that becomes work, a signature, photos before and after, hours of a shift."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from dispatch.live import Desk, Refused, Who, assessed_damage, confirm_damage, decline_damage, field_notes
from dispatch.live.time_sheet import time_sheet
from dispatch.store import Store
from dispatch.store.accounts import Accounts
from tests.web.test_phone import NOW, case, client, clock, crew, desk, phone, send, tap

__all__ = ["case", "client", "clock", "crew", "desk", "phone"]
OFFICE = Who(name="ana")
BROKEN = "Pole 3, 12 m; 2 spans"


def repair_of(desk: Desk, crew: str) -> str:
    route = next(each for each in desk.day().plan.routes if each.crew == crew)
    return next(v.job for v in route.visits if v.job.endswith("/repair"))


def assessed(job: str, nr: int = 1) -> dict[str, Any]:
    needs = {"people": 4, "plant": ["crane"], "parts": {"pole": 1}, "minutes": 240}
    return tap(nr, "damage", job=job, what_broke=BROKEN, **needs)


def at(minutes: int) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()


def test_assessed_damage_waits_for_the_office_and_becomes_work(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job = repair_of(desk, crew)
    assert send(client, phone, assessed(job))[0]["status"] == "taken"
    (waiting,) = assessed_damage(desk)
    assert (waiting["job"], waiting["what_broke"], waiting["minutes"]) == (job, BROKEN, 240)
    before = desk.day().cards[job].duration_min
    assert desk.day().problem.job_by_id[job].service_s != 240 * 60

    assert confirm_damage(desk, waiting["seq"], OFFICE, minutes=240, crews=2) == job
    assert assessed_damage(desk) == []
    desk.shelf.propose(OFFICE)
    proposal = desk.shelf.proposal()
    assert proposal is not None
    changed = proposal.problem.job_by_id[job]
    assert (changed.service_s, changed.crews_needed) == (240 * 60, 2)
    assert proposal.cards[job].stock["pole"] == 1
    assert desk.day().cards[job].duration_min == before
    with pytest.raises(Refused):
        confirm_damage(desk, waiting["seq"], OFFICE, minutes=60)


def test_damage_that_the_office_declines_changes_nothing(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    send(client, phone, assessed(repair_of(desk, crew)))
    (waiting,) = assessed_damage(desk)
    decline_damage(desk, waiting["seq"], OFFICE, "seen already")
    assert assessed_damage(desk) == []
    assert not [row for row in desk.rows("changes") if row["what"] == "assessed"]


def test_the_office_confirms_on_its_page(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str, store: Store
) -> None:
    send(client, phone, assessed(repair_of(desk, crew)))
    client.application.config["WTF_CSRF_ENABLED"] = False
    Accounts(store).add("eva", "dispatcher", "a long enough one")
    client.post("/sign-in", data={"name": "eva", "password": "a long enough one"})
    for language in ("en", "zh-CN"):
        page = client.get(f"/phones?lang={language}").get_data(as_text=True)
        assert BROKEN in page
        assert ">phone.damage" not in page
        assert " plant.crane" not in page
    (waiting,) = assessed_damage(desk)
    address = f"/phones/damage/{waiting['seq']}"
    assert client.post(address, data={"minutes": "a while", "crews": "1"}).status_code == 400
    assert client.post(address, data={"minutes": "180", "crews": "1"}).status_code == 302
    assert client.post(address, data={"minutes": "180", "crews": "1"}).status_code == 409


@pytest.mark.parametrize(
    "wrong", [{"minutes": 0}, {"people": 0}, {"what_broke": ""}, {"parts": {"pole": -1}}]
)
def test_an_assessment_that_makes_no_sense_is_refused(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str, wrong: dict[str, Any]
) -> None:
    heard = send(client, phone, assessed(repair_of(desk, crew)) | wrong)
    assert heard[0]["code"] == "refused"
    assert assessed_damage(desk) == []


def test_pictures_say_whether_they_show_before_after_or_a_signature(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job = repair_of(desk, crew)
    out = io.BytesIO()
    Image.new("RGB", (64, 24), "white").save(out, "JPEG")
    told = {"job": job, "at": NOW.isoformat(), "moment": "signature", "signer": "Ana Rojas"}
    put = lambda mark, **query: client.put(  # noqa: E731
        f"/api/v1/phone/photos/{mark}", query_string=query, data=out.getvalue(), headers=phone
    )
    assert put("signature-01", **told).status_code == 200
    assert put("picture-0001", job=job, at=NOW.isoformat(), moment="before").status_code == 200
    assert put("picture-0002", job=job, at=NOW.isoformat(), moment="sideways").status_code == 400
    found = {
        (note.get("moment"), note.get("signer")) for note in field_notes(desk) if note["what"] == "photo"
    }
    assert found == {("signature", "Ana Rojas"), ("before", None)}


def test_the_hours_of_a_shift_are_what_the_crew_reported(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job = repair_of(desk, crew)
    send(
        client,
        phone,
        tap(1, "sign_on") | {"at": at(-100)},
        tap(2, "report", job=job, to="on_the_way") | {"at": at(-90)},
        tap(3, "report", job=job, to="on_site") | {"at": at(-70)},
        tap(4, "report", job=job, to="cannot", reason="not_mine") | {"at": at(-40)},
        tap(5, "sign_off") | {"at": at(-10)},
    )
    told = client.get("/api/v1/phone/hours", headers=phone).json
    assert told is not None
    assert told == time_sheet(desk, crew)
    assert (told["drive_min"], told["work_min"], told["minutes"]) == (20, 30, 90)
    assert [row["how"] for row in told["jobs"]] == ["cannot"]


def test_hours_that_nobody_reported_are_not_made_up(desk: Desk, crew: str) -> None:
    told = time_sheet(desk, crew)
    assert (told["on"], told["minutes"], told["jobs"]) == (None, None, [])

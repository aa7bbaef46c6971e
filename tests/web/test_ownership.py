"""Whose a thing is: every role at every object by every route that takes one."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from dispatch.intake import load_case
from dispatch.live import Budget, Desk
from dispatch.live.ownership import steps_of
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import TOKEN_ROLES, Accounts
from tests.prepared import empty_store
from tests.small_case import write_small_case
from web.app import create_app
from web.entrance.access import declared_roles

OFFICE = frozenset({"dispatcher", "supervisor"})
NOBODYS = "O-made-up/repair"
MARKS = (f"tap-{number:06d}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = empty_store(tmp_path_factory.mktemp("own") / "day.sqlite")
    yield store
    store.close()


@pytest.fixture(scope="module")
def app(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = write_small_case(tmp_path_factory.mktemp("case") / "case")
    case = load_case(folder)
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=200))).desk
    app = create_app(desk)
    app.config.update(RATE_LIMITS=False, CASE_FOLDER=folder)
    return app


@pytest.fixture(scope="module")
def desk(app: Flask) -> Desk:
    found: Desk = app.extensions["gridcrew_desk"]
    return found


@pytest.fixture(scope="module")
def routes(app: Flask, desk: Desk, tokens: dict[str, str]) -> dict[str, list[str]]:
    """Each crew's jobs in the plan in force; a crew without work is left out."""
    client = app.test_client()
    client.post("/api/v1/plans/proposal", headers=bearer(tokens["dispatcher"]))
    client.post("/api/v1/plans/1/publish", json={}, headers=bearer(tokens["dispatcher"]))
    found = {route.crew: [visit.job for visit in route.visits] for route in desk.day().plan.routes}
    return {crew: jobs for crew, jobs in found.items() if jobs}


@pytest.fixture(scope="module")
def crews(routes: dict[str, list[str]]) -> tuple[str, str]:
    """The crew that asks, and the one that it is not."""
    mine, other = sorted(routes)[:2]
    return mine, other


@pytest.fixture(scope="module")
def tokens(store: Store) -> dict[str, str]:
    """A token for each role; the crew's is added once it is known which crew has work."""
    book = Accounts(store)
    return {role: book.issue_token(f"a {role}", role) for role in TOKEN_ROLES if role != "crew"}


@pytest.fixture(scope="module")
def all_tokens(store: Store, tokens: dict[str, str], crews: tuple[str, str]) -> dict[str, str]:
    return tokens | {"crew": Accounts(store).issue_token("a phone", "crew", crew=crews[0])}


@pytest.fixture(scope="module")
def client(app: Flask, all_tokens: dict[str, str]) -> FlaskClient:
    return app.test_client()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def events(store: Store) -> int:
    return store.last_seq()


def test_no_role_speaks_of_a_job_that_is_not_its_own(
    client: FlaskClient, store: Store, all_tokens: dict[str, str], routes: Any, crews: tuple[str, str]
) -> None:
    """Job x speaker x role: only the office speaks for any crew, a crew of its own work in its own name."""
    mine, other = crews
    wrong = []
    for role, job, crew in itertools.product(
        all_tokens, (routes[mine][0], routes[other][0], NOBODYS), (mine, other, "crew-nobody")
    ):
        before = events(store)
        answer = client.post(
            f"/api/v1/jobs/{job}/report",
            json={"to": "on_the_way", "crew": crew},
            headers=bearer(all_tokens[role]),
        )
        known = job != NOBODYS and crew != "crew-nobody"
        own = job == routes[mine][0] and crew == mine
        may = (role in OFFICE and known) or (role == "crew" and own)
        expected = range(200, 201) if may else range(400, 500)
        if answer.status_code not in expected or (not may and events(store) != before):
            wrong.append((role, job, crew, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize(
    "path",
    [
        "/crews/{crew}",
        "/crews/{crew}/sheet",
        "/crews/{crew}/sheet.pdf",
        "/crews/{crew}/route.gpx",
        "/crews/{crew}/route.ics",
        "/crews/{crew}/route.geojson",
    ],
)
def test_a_crew_opens_its_own_papers_alone(
    client: FlaskClient, all_tokens: dict[str, str], crews: tuple[str, str], path: str
) -> None:
    found = {
        crew: client.get(path.format(crew=crew), headers=bearer(all_tokens["crew"])).status_code
        for crew in (*crews, "crew-nobody")
    }
    assert found == {crews[0]: 200, crews[1]: 403, "crew-nobody": 403}


def test_a_crew_acknowledges_in_its_own_name_alone(
    client: FlaskClient, all_tokens: dict[str, str], crews: tuple[str, str]
) -> None:
    found = [
        client.post(f"/api/v1/crews/{crew}/acknowledge/1", headers=bearer(all_tokens["crew"])).status_code
        for crew in (*crews, "crew-nobody")
    ]
    assert found == [200, 403, 403]


@pytest.mark.parametrize(
    "tap",
    [
        {"kind": "report", "to": "on_site"},
        {"kind": "report", "to": "cannot", "reason": "no_access"},
        {"kind": "tick", "step": "isolate"},
        {"kind": "told", "note": "a note"},
        {"kind": "help", "reason": "second_crew"},
    ],
    ids=lambda tap: "-".join(str(each) for each in list(tap.values())[:2]),
)
def test_no_tap_reaches_anothers_work(
    client: FlaskClient,
    desk: Desk,
    all_tokens: dict[str, str],
    routes: Any,
    crews: tuple[str, str],
    tap: dict[str, str],
) -> None:
    before = desk.rows("jobs"), desk.rows("ticks"), desk.rows("orders"), desk.rows("changes")
    for job in (routes[crews[1]][-1], NOBODYS):
        (heard,) = say(client, all_tokens["crew"], tap | {"job": job})
        assert heard["status"] == "conflict", (job, heard)
    assert (desk.rows("jobs"), desk.rows("ticks"), desk.rows("orders"), desk.rows("changes")) == before


def test_a_picture_is_kept_with_own_work_alone(
    client: FlaskClient, all_tokens: dict[str, str], routes: Any, crews: tuple[str, str]
) -> None:
    def send(job: str) -> Any:
        at = datetime.now(UTC).isoformat()
        return client.put(
            f"/api/v1/phone/photos/{next(MARKS)}",
            query_string={"job": job, "at": at},
            data=picture(),
            content_type="image/jpeg",
            headers=bearer(all_tokens["crew"]),
        )

    assert send(routes[crews[0]][0]).status_code == 200
    for job in (routes[crews[1]][-1], NOBODYS, ""):
        answer = send(job)
        assert 400 <= answer.status_code < 500, (job, answer.status_code)
    notes = client.get("/api/v1/field", headers=bearer(all_tokens["viewer"])).get_json()["notes"]
    assert {note["job"] for note in notes if note["what"] == "photo"} == {routes[crews[0]][0]}


def test_a_crew_skips_neither_the_place_nor_the_safety_steps(
    client: FlaskClient, desk: Desk, all_tokens: dict[str, str], routes: Any, crews: tuple[str, str]
) -> None:
    job = next((each for jobs in routes.values() for each in jobs if steps_of(desk, each)), None)
    assert job is not None, "the small case has work with safety steps"
    crew = next(crew for crew, jobs in routes.items() if job in jobs)
    token = Accounts(desk.store).issue_token("another phone", "crew", crew=crew)

    def report(to: str) -> Any:
        return client.post(f"/api/v1/jobs/{job}/report", json={"to": to, "crew": crew}, headers=bearer(token))

    assert report("done").get_json()["error"]["reason"] == "not_on_site"
    assert report("on_site").status_code == 200
    for to in ("safe", "done"):
        assert report(to).get_json()["error"]["reason"] == "steps"
    (heard,) = say(client, token, {"kind": "report", "to": "done", "job": job})
    assert (heard["status"], heard["code"]) == ("conflict", "steps")
    from dispatch.briefing.safety import safety_steps

    for step in safety_steps(desk.day().cards[job]):
        (heard,) = say(client, token, {"kind": "tick", "job": job, "step": step.id})
        assert heard["status"] == "taken", step
    assert report("safe").status_code == 200
    assert report("done").status_code == 200


def test_what_nobody_has_made_is_refused_by_every_route(
    app: Flask, client: FlaskClient, store: Store, all_tokens: dict[str, str], crews: tuple[str, str]
) -> None:
    """Ids out of thin air: nothing is written down."""
    mine = crews[0]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("/api/v1/work-orders/O-made-up/state", {"to": "accepted", "seen": 0}),
        ("/api/v1/crews/crew-nobody/state", {"state": "off"}),
        ("/api/v1/wishes", {"job": NOBODYS, "crew": mine, "wish": "pin"}),
        ("/api/v1/wishes", {"job": NOBODYS, "crew": "crew-nobody"}),
        ("/api/v1/plans/999/publish", {}),
        ("/api/v1/plans/999/decline", {}),
        ("/api/v1/plans/routes", {"routes": {"crew-nobody": []}}),
        ("/api/v1/plans/routes", {"routes": {mine: [NOBODYS]}}),
        ("/api/v1/found", {"what": "stuck", "subject": "switch-nobody"}),
        ("/api/v1/found", {"what": "late", "subject": "crew-nobody", "until": "2026-03-02T12:00:00+00:00"}),
        (f"/api/v1/jobs/{NOBODYS}/estimate", {"minutes": 5}),
        ("/api/v1/field/999999/seen", {}),
        ("/api/v1/field/1/seen", {}),
        ("/api/v1/callbacks/R999999", {"answer": "yes"}),
        ("/api/v1/outages/O-made-up/neighbours", {"customer": "C1", "supply": "on"}),
        ("/api/v1/urgent/R999999/divert", {"crew": mine}),
        ("/api/v1/requests", {"words": "no light", "customer": "C-nobody"}),
        ("/api/v1/signs", {"signs": [{"kind": "last_gasp", "place": "nowhere"}]}),
    ]
    before, wrong = events(store), []
    for path, body in calls:
        answer = client.post(path, json=body, headers=bearer(all_tokens["dispatcher"]))
        if not 400 <= answer.status_code < 500:
            wrong.append((path, body, answer.status_code))
    assert wrong == []
    assert events(store) == before


def test_a_new_route_with_a_new_name_in_its_address_is_closed_to_crews(app: Flask) -> None:
    """Every name in the address of a route for crews is somebody's own, or said to be nobody's."""
    from web.entrance.ownership import OPEN, OWN

    roles = declared_roles(app)
    names = {
        name
        for rule in app.url_map.iter_rules()
        if "crew" in (roles[rule.endpoint] or ())
        for name in rule.arguments
    }
    assert names <= OWN.keys() | OPEN


def say(client: FlaskClient, token: str, *taps: dict[str, Any]) -> list[dict[str, Any]]:
    at = datetime.now(UTC).isoformat()
    sent = [{"id": next(MARKS), "at": at, **tap} for tap in taps]
    answer = client.post("/api/v1/phone/taps", json={"sent_at": at, "taps": sent}, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    heard: list[dict[str, Any]] = answer.get_json()["heard"]
    return heard


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "grey").save(out, "JPEG")
    return out.getvalue()

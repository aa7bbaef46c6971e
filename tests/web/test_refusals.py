"""What the desk says no with is said in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from flask.testing import FlaskClient

from dispatch.live import Budget, Refused, Who
from dispatch.live.refusals import TEXTS
from dispatch.room import RoomOptions, open_room
from tests.prepared import empty_store, small_case
from web.app import create_app
from web.words.language import LANGUAGES, catalogue

CHINESE = re.compile("[\u4e00-\u9fff]")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", TEXTS)
def test_every_code_has_a_text_in_both_languages_with_places_that_are_filled(code: str) -> None:
    for language in LANGUAGES:
        text = catalogue(language)[f"refusal.{code}"]
        assert places(text) <= places(TEXTS[code])


def test_a_sentence_of_its_own_is_kept_as_it_is() -> None:
    assert (Refused("the moon is full").code, str(Refused("the moon is full"))) == (
        "other",
        "the moon is full",
    )


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=50))).desk
    desk.shelf.propose(Who(name="ana"))
    desk.shelf.publish(1, Who(name="ana"))
    app = create_app(desk, demo=True)
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def refusal(client: FlaskClient, path: str, body: object, language: str) -> dict[str, str]:
    answer = client.post(f"/api/v1{path}", json=body, headers={"Accept-Language": language})
    assert answer.status_code == 409
    assert answer.json is not None
    found: dict[str, str] = answer.json["error"]
    return found


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/requests", {"words": "no light", "customer": "C99"}, "unknown_customer"),
        ("/plans/77/publish", {}, "unknown_plan"),
        ("/plans/try", {"edits": [{"subject": "X", "what": "remove", "data": {}}]}, "unknown_job"),
        ("/crews/X/state", {"state": "absent"}, "unknown_crew"),
        ("/found", {"what": "stuck", "subject": "X"}, "unknown_device"),
    ],
)
def test_a_refusal_comes_with_its_code_in_the_readers_language(
    client: FlaskClient, path: str, body: object, code: str
) -> None:
    english, chinese = (refusal(client, path, body, each) for each in ("en", "zh-CN"))
    assert english["reason"] == chinese["reason"] == code
    assert not CHINESE.search(english["text"])
    assert CHINESE.search(chinese["text"])


def test_broken_rules_are_named_with_job_and_crew_in_chinese(client: FlaskClient) -> None:
    board = client.get("/api/v1/board").json
    assert board is not None
    meter = next(job["id"] for job in board["jobs"] if job["title"] == "metering")
    state = client.get("/api/v1/state").json
    assert state is not None
    sent = {"routes": {"crew-1": [meter]}, "reason": "x", "seen": state["plan"]}
    said = refusal(client, "/plans/routes", sent, "zh-CN")
    assert said["reason"] == "unsafe"
    assert CHINESE.search(said["text"])
    assert "lacks" not in said["text"]

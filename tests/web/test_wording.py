"""What is wrong with what somebody sent is said in sentences, in both languages, wherever it is read."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from flask.testing import FlaskClient
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

import web
from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store, small_case
from web.app import create_app
from web.words.wording import faults_of

# How the library writes: none of it may reach a reader.
ITS_OWN = re.compile(
    r"should (be|have|match)|Input|Field required|Extra inputs|valid (string|integer|number)|Value error"
)
CHINESE = re.compile("[\u4e00-\u9fff]")


class Everything(BaseModel):
    """A field of every sort that our bodies have."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    text: Annotated[str, Field(min_length=1, max_length=4)] = "x"
    long: Annotated[str, Field(min_length=3)] = "abc"
    code: Annotated[str, Field(pattern="^a$")] = "a"
    choice: Literal["one", "two"] = "one"
    whole: Annotated[int, Field(ge=0, le=9)] = 1
    number: Annotated[float, Field(gt=0, lt=9)] = 1
    yes: bool = True
    moment: AwareDatetime | None = None
    plain: datetime | None = None
    names: Annotated[list[str], Field(min_length=1, max_length=2)] = ["x"]
    by_name: dict[str, int] = {}
    needed: int


WRONG: list[dict[str, Any]] = [
    {"text": ""},
    {"text": "xxxxx"},
    {"text": 5},
    {"long": "x"},
    {"code": "b"},
    {"choice": "three"},
    {"whole": -1},
    {"whole": 10},
    {"whole": "x"},
    {"whole": 1.5},
    {"whole": []},
    {"number": 0},
    {"number": 9},
    {"number": "x"},
    {"number": float("inf")},
    {"yes": "perhaps"},
    {"yes": []},
    {"moment": "2026-01-01T00:00:00"},
    {"moment": "yesterday"},
    {"moment": []},
    {"plain": "2026-13-01"},
    {"names": []},
    {"names": ["a", "b", "c"]},
    {"names": "a"},
    {"names": [1]},
    {"by_name": 5},
    {"by_name": {"a": "x"}},
    {"texts": "x"},
    {"needed": None},
    {},
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("wording")
    case = small_case()
    store = empty_store(folder / "day.sqlite")
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=50))).desk
    app = create_app(desk)
    app.config["TOKEN"] = Accounts(store).issue_token("hotline", "supervisor")
    Accounts(store).add("ana", "dispatcher", "a long enough one")
    app.config.update(WTF_CSRF_ENABLED=False, RATE_LIMITS=False)
    return app


@pytest.mark.parametrize("given", WRONG, ids=str)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_finding_is_a_sentence_of_ours(app: Any, given: dict[str, Any], language: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        app.preprocess_request()
        whole = {"needed": 1, **given} if given else {}
        with pytest.raises(ValidationError) as caught:
            Everything.model_validate(whole)
        for fault in faults_of(caught.value, Everything):
            assert not ITS_OWN.search(fault.text), fault
            assert bool(CHINESE.search(fault.text)) is (language == "zh-CN"), fault


@pytest.fixture
def ana(app: Any) -> FlaskClient:
    client = app.test_client()
    client.post("/sign-in", data={"name": "ana", "password": "a long enough one"})
    return client


def edit(what: str, **data: Any) -> dict[str, Any]:
    return {"subject": "J", "what": what, "data": data}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/v1/requests", {"words": ""}, "报修内容: 不能为空"),
        ("/api/v1/requests", {"words": "x", "lat": 95}, "纬度: 不得大于 90"),
        ("/api/v1/requests", {"words": "x", "custmer": "C1"}, "是否应为“customer”"),
        (
            "/api/v1/plans/try",
            {"edits": [{"subject": "J", "what": "minutes", "data": {"minutes": -1}}]},
            "必须大于 0",
        ),
        (
            "/api/v1/plans/try",
            {"edits": [{"subject": "J", "what": "split", "data": {"minutes": [1]}}]},
            "至少 2 项",
        ),
        ("/api/v1/jobs/J/estimate", {"minutes": "long"}, "必须为数字"),
        ("/api/v1/crews/crew-1/state", {"state": "asleep"}, "必须为以下之一"),
        ("/api/v1/crews/crew-1/state", [], "不是 JSON 对象"),
    ],
)
def test_people_read_the_fields_as_the_page_names_them(
    ana: FlaskClient, path: str, body: Any, said: str
) -> None:
    answer = ana.post(path, json=body, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 400
    assert answer.json is not None
    text = "; ".join(answer.json["error"]["faults"])
    assert said in text
    assert not text.startswith("body")
    assert not ITS_OWN.search(text)


def test_programs_read_the_names_of_the_api(app: Any) -> None:
    headers = {"Authorization": f"Bearer {app.config['TOKEN']}", "Accept-Language": "en"}
    answer = app.test_client().post("/api/v1/requests", json={"words": ""}, headers=headers)
    assert answer.json["error"]["faults"] == ["body: words: must not be empty"]


def test_nobody_passes_the_librarys_words_on() -> None:
    root = Path(web.__file__).parent
    found = [path.name for path in root.rglob("*.py") if re.search(r"""\[["']msg["']\]""", path.read_text())]
    assert found == ["wording.py"]

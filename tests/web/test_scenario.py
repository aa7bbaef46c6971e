"""The pages about scenarios: who may do what, what is refused, and the page in a real browser."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from web.app import create_app
from web.entrance.accounts import MemoryAccounts

SCENARIO = """\
name: 小风暴 Small <storm>
base: list
case: {case}
start: 2026-07-14T06:00:00-04:00
hours: 30
damage: {{faults: 4}}
crews:
  - {{name: all, count: 2, skills: [hv, lv, cable, switching, tree], turns: [[0, 28]]}}
plan: {{dispatcher: list}}
alternatives:
  more crews:
    crews:
      - {{name: all, count: 4, skills: [hv, lv, cable, switching, tree], turns: [[0, 28]]}}
"""
ORDER = {
    "scenario": "small",
    "replications": 2,
    "alternatives": [{"name": "a", "of": "list", "dispatcher": "list"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from tests.small_case import write_small_case

    case = write_small_case(tmp_path / "case")
    (case / "scenarios").mkdir()
    (case / "scenarios" / "small.yaml").write_text(SCENARIO.format(case=".."), encoding="utf-8")
    return case


def application(small_day, folder: Path, tmp_path: Path, **settings):  # type: ignore[no-untyped-def]
    app = create_app(small_day, **settings)
    app.config.update(CASE_FOLDER=folder, STUDIES_FOLDER=tmp_path / "studies", WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def client(small_day, folder, tmp_path):  # type: ignore[no-untyped-def]
    return application(small_day, folder, tmp_path, demo=True).test_client()


def ended(client, id_: str) -> dict[str, object]:  # type: ignore[no-untyped-def]
    end = time.monotonic() + 120
    while True:
        status = client.get(f"/scenarios/{id_}/status").json
        if status["state"] != "running" or time.monotonic() > end:
            return status
        time.sleep(0.05)


def test_the_page_lists_the_scenarios_of_the_case_and_tells_what_they_hold(client) -> None:  # type: ignore[no-untyped-def]
    assert ">small</option>" in client.get("/scenarios").text
    told = client.get("/scenarios/outline/small").json
    assert [each["name"] for each in told["alternatives"]] == ["list", "more crews"]
    assert told["kinds"] == ["faults"]
    assert client.get("/scenarios/outline/../../settings").status_code == 404
    assert client.get("/scenarios/outline/nothing").status_code == 404


def test_a_study_is_run_shown_in_both_languages_and_handed_out(client) -> None:  # type: ignore[no-untyped-def]
    answer = client.post("/scenarios/start", json=ORDER)
    assert answer.status_code == 200
    id_ = answer.json["id"]
    assert client.post("/scenarios/start", json=ORDER).status_code == 409
    status = ended(client, id_)
    assert status["state"] == "done", status
    page = client.get(f"/scenarios/{id_}").text
    assert "customer-minutes" in page
    assert "<storm>" not in page
    assert "停电户" in client.get(f"/scenarios/{id_}?lang=zh-CN").text
    assert client.get(f"/scenarios/{id_}/plot/out.svg").data.startswith(b"<svg xmlns")
    assert client.get(f"/scenarios/{id_}/report.html").headers["Content-Disposition"].startswith("attachment")
    film = next(part for part in page.split('"') if f"/scenarios/{id_}/film/" in part)
    assert client.get(film).status_code == 200
    data = client.get(film.replace("/film/", "/file/"))
    assert json.loads(data.data)["crews"]
    again = client.get(f"/scenarios/{id_}/file/scenario.yaml")
    assert again.status_code == 200
    assert client.get(f"/scenarios/{id_}/file/order.json").status_code == 404
    assert client.post(f"/scenarios/{id_}/remove").status_code == 200
    assert client.get(f"/scenarios/{id_}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"replications": 100_000}, "1000 or less"),
        ({"alternatives": []}, "at least 1"),
        ({"alternatives": ORDER["alternatives"] * 9}, "at most 6"),
        ({"processes": 64}, "is unknown"),
        ({"alternatives": [{"name": "a", "of": "lst"}]}, "did you mean 'list'"),
        ({"alternatives": [{"name": "a", "of": "list", "counts": {"all": 9999}}]}, "500"),
    ],
)
def test_what_goes_beyond_the_limits_is_refused(client, changes, said: str) -> None:  # type: ignore[no-untyped-def]
    answer = client.post("/scenarios/start", json={**ORDER, **changes})
    assert answer.status_code == 400
    assert said in json.dumps(answer.json)


def test_only_planners_start_and_end_studies_and_strangers_see_none(small_day, folder, tmp_path) -> None:  # type: ignore[no-untyped-def]
    book = MemoryAccounts()
    for name, role in (("paula", "planner"), ("dora", "dispatcher"), ("carl", "crew")):
        book.add(name, "a long password", role)
    app = application(small_day, folder, tmp_path, accounts_book=book)

    def signed_in(name: str):  # type: ignore[no-untyped-def]
        found = app.test_client()
        found.post("/sign-in", data={"name": name, "password": "a long password"})
        return found

    assert app.test_client().get("/scenarios").status_code == 302
    assert signed_in("carl").get("/scenarios").status_code == 403
    assert 'id="study"' not in signed_in("dora").get("/scenarios").text
    assert signed_in("dora").post("/scenarios/start", json=ORDER).status_code == 403
    assert 'id="study"' in signed_in("paula").get("/scenarios").text
    assert signed_in("paula").post("/scenarios/start", json={}).status_code == 400


def test_without_a_case_folder_the_page_says_so(small_day) -> None:  # type: ignore[no-untyped-def]
    client = create_app(small_day, demo=True).test_client()
    assert "holds no scenarios" in client.get("/scenarios").text


@pytest.mark.browser
def test_a_planner_varies_runs_and_watches_a_day_in_the_browser(  # type: ignore[no-untyped-def]
    small_day, folder, tmp_path, serving, open_page
) -> None:
    app = application(small_day, folder, tmp_path, demo=True)
    app.config["WTF_CSRF_ENABLED"] = True
    address = serving(app)
    page = open_page(f"{address}/scenarios")
    page.wait_for_selector("#vary td")
    page.click("#add")
    page.fill("#vary tr:first-child td:nth-child(4) input", "third")
    page.fill("#replications", "2")
    page.click("#start")
    page.wait_for_url("**/scenarios/2*")
    page.wait_for_selector(".state.done", timeout=120_000)
    assert page.locator(".compare thead").last.inner_text().strip().split("\t") == [
        "list",
        "more crews",
        "third",
    ]
    page.locator("a[href*='/film/']").first.click()
    page.wait_for_selector("[data-ready]")
    before = page.locator("#film-clock").inner_text()
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator("#film-clock").inner_text() != before
    page.keyboard.press(" ")
    assert page.locator("#play").get_attribute("aria-pressed") == "true"
    assert page.wrong == []
    assert page.outside == []
    if os.environ.get("GRIDCREW_SCREENSHOTS"):
        page.screenshot(path="docs/scenario-film.png")

"""The pages about scenarios: who may do what, what is refused, and the page in a real browser."""

from __future__ import annotations

import io
import json
import os
import re
import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML

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


def track_over(lon: float, lat: float) -> bytes:
    """A storm of HURDAT2 that passes a place from the west, strong enough to break little."""
    rows = ["SH012099,              CALM,     4,"]
    for hour, away in ((0, -1.0), (6, -0.2), (12, 0.4), (18, 1.1)):
        west, south = -(lon + away), -lat
        place = f"{south:.1f}S, {west:.1f}W"
        rows.append(f"20990616, {hour:02d}00,  , HU, {place}, 70, 980, 100,0,0,45,0,0,0,0,0,0,0,0, 20")
    return "\n".join(rows).encode()


def city(client) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    found = re.search(r'data-middle="\[([-.\d]+), ([-.\d]+)\]"', client.get("/scenarios").text)
    assert found is not None
    return float(found[1]), float(found[2])


def test_a_track_is_brought_moved_and_lived_through_with_streets_slowed(client) -> None:  # type: ignore[no-untyped-def]
    lon, lat = city(client)
    file = (io.BytesIO(track_over(lon, lat)), "../calm.txt")
    told = client.post("/scenarios/tracks", data={"file": file}).json
    assert (told["of"], told["storms"][0]["name"]) == (1, "CALM 2099 (SH012099)")
    storm = told["storms"][0]["storm"]
    assert storm["south"] is True
    assert told["storms"][0]["near_km"] < 20
    street = client.get(f"/scenarios/street?lon={lon}&lat={lat}").json
    assert len(street["edge"]) == 2
    varied = {**ORDER["alternatives"][0], "shift_km": [20, -5]}
    varied["closed"] = [{"street": street["street"], "edges": [street["edge"]], "slower": 2}]
    order = {**ORDER, "alternatives": [varied], "storm": storm, "start": "2026-07-01T06:00:00-04:00"}
    answer = client.post("/scenarios/start", json=order)
    assert answer.status_code == 200, answer.json
    id_ = answer.json["id"]
    assert ended(client, id_)["state"] == "done"
    kept = YAML(typ="safe").load(client.get(f"/scenarios/{id_}/file/scenario.yaml").text)
    assert kept["damage"]["wind"]["shift_km"] == [20.0, -5.0]
    assert len(kept["damage"]["wind"]["track"]) == 4
    assert str(kept["start"]).startswith("2026-07-01")
    assert kept["roads"][0]["edges"] == [street["edge"]]
    assert kept["roads"][0]["slower"] == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "expected HURDAT2"),
        (b"name,lon,lat\nx,1,2\n", "expected HURDAT2"),
        (b"\x00\xff\x00", "save it as UTF-8"),
        (b"x" * (8 * 2**20 + 1), "too large"),
    ],
)
def test_a_file_that_is_no_track_is_refused_in_a_sentence(client, body: bytes, said: str) -> None:  # type: ignore[no-untyped-def]
    answer = client.post("/scenarios/tracks", data={"file": (io.BytesIO(body), "x.txt")})
    assert answer.status_code == 400
    assert said in json.dumps(answer.json, ensure_ascii=False)


def test_a_storm_over_another_country_and_a_place_off_the_map_are_refused(client) -> None:  # type: ignore[no-untyped-def]
    lon, lat = city(client)
    file = (io.BytesIO(track_over(lon, lat)), "calm.txt")
    storm = client.post("/scenarios/tracks", data={"file": file}).json["storms"][0]["storm"]
    far = {**storm, "track": [{**each, "lon": 120.0, "lat": 30.0} for each in storm["track"]]}
    answer = client.post("/scenarios/start", json={**ORDER, "storm": far})
    assert answer.status_code == 200 or "km" in json.dumps(answer.json)
    if answer.status_code == 200:
        assert ended(client, answer.json["id"])["state"] == "failed"
    for wrong in ("lon=900&lat=0", "lon=1", "lon=x&lat=1"):
        assert client.get(f"/scenarios/street?{wrong}").status_code == 400
    assert client.post("/scenarios/tracks").status_code == 400


@pytest.fixture
def planners_page(small_day, folder, tmp_path, serving, open_page):  # type: ignore[no-untyped-def]
    """The application, and the page of scenarios in a browser."""
    app = application(small_day, folder, tmp_path, demo=True)
    app.config["WTF_CSRF_ENABLED"] = True
    return app, open_page(f"{serving(app)}/scenarios")


@pytest.mark.browser
def test_a_planner_loads_a_storm_moves_it_and_slows_a_street_in_the_browser(planners_page, tmp_path) -> None:  # type: ignore[no-untyped-def]
    app, page = planners_page
    page.wait_for_selector("#ground[data-ready]")
    page.locator("#ground").scroll_into_view_if_needed()
    ground = page.locator("#ground").bounding_box()
    page.mouse.click(ground["x"] + 60, ground["y"] + 100)
    page.wait_for_function("document.body.textContent.includes('no street there')")
    assert page.locator("#vary .clicked").count() == 0
    # The city is in the middle.
    page.mouse.click(ground["x"] + ground["width"] / 2, ground["y"] + ground["height"] / 2)
    page.wait_for_selector("#vary .clicked")
    lon, lat = city(app.test_client())
    (tmp_path / "calm.txt").write_bytes(track_over(lon, lat))
    page.set_input_files("#track-file", tmp_path / "calm.txt")
    page.wait_for_selector(".track-hold")
    page.locator("#ground").scroll_into_view_if_needed()
    hold = page.locator(".track-hold").bounding_box()
    page.mouse.move(hold["x"] + 11, hold["y"] + 11)
    page.mouse.down()
    page.mouse.move(hold["x"] + 61, hold["y"] - 19, steps=5)
    page.mouse.up()
    east, north = (each.input_value() for each in page.locator("#vary input[min='-2000']").all()[:2])
    assert int(east) > 0 < int(north)
    page.locator("#vary .clicked select").first.select_option("2")
    if os.environ.get("GRIDCREW_SCREENSHOTS"):
        page.screenshot(path="docs/scenario-storm.png", full_page=True)
    page.fill("#replications", "2")
    page.click("#start")
    page.wait_for_url("**/scenarios/2*")
    page.wait_for_selector(".state.done", timeout=120_000)
    kept = YAML(typ="safe").load(page.request.get(f"{page.url}/file/scenario.yaml").text())
    assert kept["damage"]["wind"]["shift_km"] == [float(east), float(north)]
    assert kept["roads"][0]["slower"] == 2
    assert page.wrong == []
    assert page.outside == []


@pytest.mark.browser
def test_a_planner_varies_runs_and_watches_a_day_in_the_browser(planners_page) -> None:  # type: ignore[no-untyped-def]
    _, page = planners_page
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

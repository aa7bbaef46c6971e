"""Pages and data: what they hold, how they are guarded, how they fail."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from web.day.map import packed_lines
from web.server.transfer import HEADERS

PAGES = (
    "/",
    "/outages",
    "/crews",
    "/crews/crew-1",
    "/rulebook",
    "/rulebook/corrections",
    "/api/v1/board",
    "/sign-in",
    "/no-such-page",
)


def data_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return json.loads(answer.data)


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_security_headers(client, path):
    answer = client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_inline_script_or_style(client, path):
    text = client.get(path).get_data(as_text=True)
    if path.startswith("/api/"):
        return
    assert "style=" not in text
    assert " onclick=" not in text
    for part in text.split("<script")[1:]:
        assert "src=" in part.split(">")[0] or 'type="application/json"' in part.split(">")[0]


@pytest.mark.parametrize("path", ["/", "/outages", "/crews", "/rulebook"])
def test_every_page_says_what_is_not_real(client, small_day, path):
    text = client.get(path).get_data(as_text=True)
    assert small_day.case.settings.synthetic in text
    assert "Demo, on this machine only." in text


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("Made up. 纯属虚构。", "Made up.", "纯属虚构。"),
        ("Streets of 城东 are real", "Streets of 城东 are real", "Streets of 城东 are real"),
        ("all made up", "all made up", "all made up"),
    ],
)
def test_statement_in_two_languages_is_shown_in_the_own(demo_app, text, english, chinese):
    from flask import g

    from web.day.screens import own_sentences

    with demo_app.test_request_context():
        g.language = "en"
        assert own_sentences(text) == english
        g.language = "zh-CN"
        assert own_sentences(text) == chinese


def test_board_data_agree_with_the_plan(client, small_day):
    board = data_of(client, "/api/v1/board")
    planned = {visit.job for route in small_day.plan.routes for visit in route.visits}
    assert {job["id"] for job in board["jobs"]} == set(small_day.cards)
    assert {job["id"] for job in board["jobs"] if job["crews"]} == planned
    left_out = {each.job for each in small_day.plan.dropped}
    assert {job["id"] for job in board["jobs"] if job["dropped"] or job["unused"]} == left_out
    assert all(job["kind"] == "switching" for job in board["jobs"] if job["unused"])
    by_id = {job["id"]: job for job in board["jobs"]}
    origin = int(small_day.origin.timestamp())
    for route in small_day.plan.routes:
        for visit in route.visits:
            assert by_id[visit.job]["arrive"] <= origin + visit.arrival_s
            assert by_id[visit.job]["finish"] >= origin + visit.finish_s


def test_crews_never_leave_before_they_are_free(client):
    for crew in data_of(client, "/api/v1/board")["crews"]:
        free = None
        for stop in crew["stops"]:
            assert free is None or stop["leave"] >= free
            assert stop["leave"] <= stop["arrive"] <= stop["start"] <= stop["finish"]
            free = stop["finish"]


def test_curve_falls_from_all_who_are_out(client, small_day):
    curve = data_of(client, "/api/v1/board")["curve"]
    customers = [out for _, out in curve]
    assert customers[0] == sum(block.customers for block in small_day.blocks)
    assert customers == sorted(customers, reverse=True)
    assert [at for at, _ in curve] == sorted(at for at, _ in curve)


def test_board_never_lists_customers(client, small_day):
    text = client.get("/api/v1/board").get_data(as_text=True)
    for name in small_day.case.customers.table["phone"].dropna():
        assert name not in text


def test_every_job_opens_to_its_causes(client, small_day):
    for job, card in small_day.cards.items():
        detail = data_of(client, f"/api/v1/jobs/{job}")
        assert detail["job"]["id"] == job
        if card.order in small_day.order_by_id:
            assert detail["trace"]["steps"]
            assert detail["requests"] or not small_day.order_by_id[card.order].requests


def test_every_outage_and_crew_opens(client, small_day):
    for outage in small_day.outages:
        assert data_of(client, f"/api/v1/outages/{outage.id}")["blocks"]
    for crew in small_day.case.crews:
        assert data_of(client, f"/api/v1/crews/{crew.id}")["id"] == crew.id
        assert client.get(f"/crews/{crew.id}").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/jobs/none", "/api/v1/outages/none", "/api/v1/crews/none"])
def test_unknown_ids_are_404_as_data(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert json.loads(answer.data)["error"]["code"] == 404


def test_drives_follow_the_roads_to_every_stop(client, small_day):
    drives = data_of(client, "/api/v1/map/drives")
    for route in small_day.plan.routes:
        legs = drives.get(route.crew, [])
        assert len(legs) == len(route.visits)
        for leg, visit in zip(legs, route.visits, strict=True):
            node = small_day.nodes[small_day.problem.job_by_id[visit.job].location]
            roads = small_day.case.roads
            assert sum(leg[0::2]) == round(roads.lon[node] * 1e5)
            assert sum(leg[1::2]) == round(roads.lat[node] * 1e5)


def test_unchanged_data_are_not_sent_again(client):
    for path in ("/api/v1/board", "/api/v1/map/roads", "/api/v1/map/grid", "/static/css/base.css"):
        first = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert first.headers["Content-Encoding"] == "gzip"
        again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert again.data == b""
        plain = client.get(path, headers={"Accept-Encoding": "identity"})
        assert plain.data == gzip.decompress(first.data)


def test_static_files_stay_inside_their_folder(client):
    for name in ("../app.py", "..%2fapp.py", "js/../../app.py", "vendor/.stamp"):
        assert client.get(f"/static/{name}").status_code in (404, 308)


def test_faults_show_no_traceback(client):
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert b"There is no such page" in answer.data
    assert b"Traceback" not in answer.data


def test_a_failure_of_ours_is_logged_and_answered_in_plain_words(small_day, caplog):
    from web.app import create_app
    from web.entrance.access import allow

    app = create_app(small_day, demo=True)

    @allow("viewer")
    def broken() -> str:
        raise RuntimeError("inside")

    app.add_url_rule("/broken", "broken", broken)
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert b"inside" not in answer.data
    assert "inside" in caplog.text


def test_input_faults_are_listed(small_day):
    from dispatch.ground.errors import Fault, InputFaults
    from web.app import create_app
    from web.entrance.access import allow

    app = create_app(small_day, demo=True)

    @allow("viewer")
    def faulty() -> str:
        raise InputFaults([Fault(file="a.csv", place="row 2", text="<b>bad</b>")])

    app.add_url_rule("/faulty", "faulty", faulty)
    answer = app.test_client().get("/faulty")
    assert answer.status_code == 400
    assert b"a.csv: row 2: &lt;b&gt;bad&lt;/b&gt;" in answer.data


def test_hostile_words_stay_text(client):
    answer = client.get("/sign-in?next=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert b"<script>alert" not in answer.data


def unpacked(data):
    """Read the format back: per line its two ends and its rank."""
    west, south, step_lon, step_lat, n, m = np.frombuffer(data, "<f8", 6)
    n, m = int(n), int(m)
    body = np.frombuffer(data, "u1", offset=48).astype(np.int64)

    def planes(at, count):
        return body[at : at + count] + 256 * body[at + count : at + 2 * count]

    x, y = np.cumsum(planes(0, n)) % 65536, np.cumsum(planes(2 * n, n)) % 65536
    lengths, ranks = planes(4 * n, m), body[4 * n + 2 * m :]
    assert len(ranks) == m
    lon, lat = west + x * step_lon, south + y * step_lat
    lines, start = [], 0
    for length, rank in zip(lengths, ranks, strict=True):
        for i in range(start, start + length - 1):
            ends = sorted([(lon[i], lat[i]), (lon[i + 1], lat[i + 1])])
            lines.append((*ends[0], *ends[1], rank))
        start += length
    return lines


def test_packed_lines_read_back_within_a_metre():
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-71.4, -71.1, 50), rng.uniform(-30.1, -29.8, 50)
    pairs = np.array([(a, b) for a in range(50) for b in range(a + 1, 50)])
    pairs = pairs[rng.permutation(len(pairs))[:200]]
    rank = rng.integers(0, 3, 200).astype(np.uint8)
    wanted = []
    for (a, b), kind in zip(pairs, rank, strict=True):
        ends = sorted([(lon[a], lat[a]), (lon[b], lat[b])])
        wanted.append((*ends[0], *ends[1], kind))
    found = unpacked(packed_lines(lon, lat, pairs[:, 0], pairs[:, 1], rank))
    assert len(found) == len(wanted)
    for line, other in zip(sorted(found), sorted(wanted), strict=True):
        assert np.allclose(line, other, atol=1e-5)


def test_no_lines_pack_too():
    none = np.empty(0)
    data = packed_lines(none, none, none.astype(np.int64), none.astype(np.int64), none.astype(np.uint8))
    assert len(data) == 48


def test_route_sheet_is_shown_with_its_own_style_and_nothing_else(client, small_day):
    crew = next(route.crew for route in small_day.plan.routes if route.visits)
    answer = client.get(f"/crews/{crew}/sheet")
    assert answer.status_code == 200
    assert "style-src 'sha256-" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert client.get("/crews/none/sheet").status_code == 404


def test_route_sheet_as_pdf(client, small_day):
    crew = next(route.crew for route in small_day.plan.routes if route.visits)
    answer = client.get(f"/crews/{crew}/sheet.pdf?lang=zh-CN")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    client.get("/?lang=en")


def test_planner_says_what_an_earlier_place_would_cost(client, small_day):
    order_of = {job: card.order for job, card in small_day.cards.items()}
    routes = [[visit.job for visit in route.visits] for route in small_day.plan.routes]
    later = [
        jobs[n] for jobs in routes for n in range(1, len(jobs)) if order_of[jobs[n]] != order_of[jobs[0]]
    ]
    for job in later:
        (earlier,) = data_of(client, f"/api/v1/why/{job}")["earlier"]
        assert order_of[earlier["before"]] != order_of[job]
        assert abs(sum(earlier["parts"].values()) - earlier["more"]) <= len(earlier["parts"])
    assert later


def test_planner_says_why_in_both_languages(client, small_day):
    job = next(visit.job for route in small_day.plan.routes for visit in route.visits)
    english = data_of(client, f"/api/v1/why/{job}?lang=en")
    chinese = data_of(client, f"/api/v1/why/{job}?lang=zh-CN")
    assert english["status"] == chinese["status"] == "served"
    assert english["summary"] != chinese["summary"]
    assert english["earlier"] == chinese["earlier"] == []
    assert english["helps"] == chinese["helps"] == []
    assert client.get("/api/v1/why/none").status_code == 404
    client.get("/?lang=en")

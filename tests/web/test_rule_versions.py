"""Sending a policy over the rulebook: checked, compared, decided by a second person, gone back to."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient

from dispatch.live import Budget, Desk
from dispatch.room import RoomOptions, open_room
from dispatch.rulebook.policies import workbook_of
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store, small_case
from web.app import create_app

OWN = "a long enough one"
HERE = "/rulebook/versions"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("rulebook")
    case = small_case()
    store = empty_store(folder / "day.sqlite")
    book = Accounts(store)
    for name, role in (
        ("pia", "planner"),
        ("sue", "supervisor"),
        ("tom", "supervisor"),
        ("dan", "dispatcher"),
        ("vic", "viewer"),
    ):
        book.add(name, role, OWN)
    return open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk


@pytest.fixture(scope="module")
def app(desk: Desk):
    app = create_app(desk)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def signed_in(app, name: str) -> FlaskClient:
    client = app.test_client()
    client.post("/sign-in", data={"name": name, "password": OWN, "next": "/"})
    return client


def send(client: FlaskClient, content: bytes | str, file: str = "mine.yaml", **more: str):
    body = content.encode() if isinstance(content, str) else content
    data = {"note": "because", "policy": (io.BytesIO(body), file)}
    if "cases" in more:
        data["cases"] = (io.BytesIO(more["cases"].encode()), "mine.cases.yaml")
    return client.post(HERE, data=data, content_type="multipart/form-data")


def text_of(desk: Desk, old: str = "", new: str = "") -> str:
    text = desk.case.policy.text
    assert old in text
    return text.replace(old, new) if old else text


def test_a_version_is_sent_looked_at_put_in_force_and_taken_back(app, desk: Desk) -> None:
    pia, sue = signed_in(app, "pia"), signed_in(app, "sue")
    sent = send(pia, text_of(desk, "duration_min: 30 min", "duration_min: 35 min"))
    assert sent.status_code == 302
    where = sent.headers["Location"]
    shown = sue.get(where).get_data(as_text=True)
    assert "28 of 28 cases hold" in shown
    assert "duration" in shown
    assert "35 min" in shown
    assert pia.post(f"{where}/activate").status_code == 403
    assert sue.post(f"{where}/activate", data={"note": "agreed"}).status_code == 302
    assert desk.policies.in_force().version in sue.get("/rulebook").get_data(as_text=True)
    listed = sue.get(HERE).get_data(as_text=True)
    assert "because" in listed
    assert "agreed" in listed
    assert sue.post(f"{HERE}/1/activate", data={"note": "back"}).status_code == 302
    assert desk.policies.number_in_force() == 1


def test_whoever_sent_a_version_cannot_put_it_in_force(app, desk: Desk) -> None:
    sue = signed_in(app, "sue")
    where = send(sue, text_of(desk, "duration_min: 30 min", "duration_min: 40 min")).headers["Location"]
    assert "a second person must decide" in sue.get(where).get_data(as_text=True)
    refused = sue.post(f"{where}/activate")
    assert refused.status_code == 409
    assert "second person" in refused.get_data(as_text=True)
    assert sue.post(f"{where}/decline", data={"note": "no"}).status_code == 302


def test_the_second_of_two_who_decide_at_once_is_shown_what_came_between(app, desk: Desk) -> None:
    pia, sue, tom = (signed_in(app, name) for name in ("pia", "sue", "tom"))
    places = [
        send(pia, text_of(desk, "duration_min: 30 min", f"duration_min: {n} min")).headers["Location"]
        for n in (41, 42)
    ]
    base = {"base": str(desk.policies.number_in_force())}
    shown = f'name="base" value="{base["base"]}"'
    assert all(shown in sue.get(where).get_data(as_text=True) for where in places)
    assert sue.post(f"{places[0]}/activate", data=base).status_code == 302
    refused = tom.post(f"{places[1]}/activate", data=base)
    assert refused.status_code == 409
    assert "in the meantime" in refused.get_data(as_text=True)
    assert places[0].endswith(f"/{desk.policies.number_in_force()}")


def test_only_those_whose_work_it_is_may_send_plan_and_decide(app, desk: Desk) -> None:
    for name in ("dan", "vic"):
        client = signed_in(app, name)
        assert client.get(HERE).status_code == 200
        assert 'type="file"' not in client.get(HERE).get_data(as_text=True)
        assert send(client, text_of(desk)).status_code == 403
        for what in ("activate", "decline", "plan-effect"):
            assert client.post(f"{HERE}/1/{what}").status_code == 403
    assert app.test_client().get(HERE).status_code == 302


def test_faults_are_shown_with_file_line_and_column_and_nothing_is_kept(app, desk: Desk) -> None:
    before = len(desk.policies.versions())
    pia = signed_in(app, "pia")
    answer = send(
        pia,
        text_of(desk, "customers_out: 100..}, then: {class: P2}", "custmers_out: 100..}, then: {class: P2}"),
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "mine.yaml:" in text
    assert "did you mean &#39;customers_out&#39;?" in text
    assert len(desk.policies.versions()) == before


def test_a_chinese_reader_is_told_what_is_wrong_in_chinese(app, desk: Desk) -> None:
    pia = signed_in(app, "pia")
    pia.get("/?lang=zh-CN")
    wrong = text_of(
        desk, "customers_out: 100..}, then: {class: P2}", "custmers_out: 100..}, then: {class: P9}"
    )
    text = send(pia, wrong).get_data(as_text=True)
    assert "未知的事实“custmers_out”；是否应为“customers_out”？" in text
    assert "“class”的值为“P9”，须为以下之一：P1、P2、P3、P4、P5" in text
    assert "did you mean" not in text
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(text_of(desk))))
    book["tables"]["J2"].value = "nowhere"
    book.save(sheets := io.BytesIO())
    text = send(pia, sheets.getvalue(), "mine.xlsx").get_data(as_text=True)
    assert "mine.xlsx:tables!A2" in text
    assert "缺少工作表“nowhere”" in text
    assert "扩展名为“.doc”，应为.yaml或.xlsx" in send(pia, b"x", "mine.doc").get_data(as_text=True)


def test_a_case_that_fails_shows_its_trace(app, desk: Desk) -> None:
    changed = text_of(
        desk, "{if: {kind: hazard}, then: {class: P1}", "{if: {kind: hazard}, then: {class: P2}"
    )
    answer = send(signed_in(app, "pia"), changed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "danger comes before everything" in text
    assert "class: expected P1, got P2" in text
    assert "Class of the work order [order_class]" in text


def test_a_workbook_is_taken_as_well(app, desk: Desk) -> None:
    pia = signed_in(app, "pia")
    book = openpyxl.load_workbook(io.BytesIO(pia.get(f"{HERE}/1/policy.xlsx").data))
    for row in book["promise_clock"].iter_rows():
        for cell in row:
            cell.value = 7 if cell.value == 10 else cell.value
    made = io.BytesIO()
    book.save(made)
    sent = send(pia, made.getvalue(), "mine.xlsx")
    assert sent.status_code == 302
    number = int(sent.headers["Location"].rsplit("/", 1)[1])
    outcome = desk.policies.policy(number).decide("order", {"kind": "outage"}).outcome
    assert outcome["promise_dispatch_min"] == 7
    assert "# Every figure names its source" in pia.get(f"{HERE}/{number}/policy.yaml").get_data(as_text=True)


def swollen() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return made.getvalue()


def with_macro() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("xl/vbaProject.bin", b"macro")
    return made.getvalue()


def with_formula(policy_xlsx: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(policy_xlsx))
    book["promise_clock"]["A2"] = '=HYPERLINK("http://example.org")'
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]\n"


def hostile() -> list[tuple[str, bytes, str]]:
    return [
        ("bomb.yaml", BOMB.encode(), "anchors"),
        ("file.yaml", b"policy: x\ncalendar: /etc/passwd\nstages: {}\n", "unknown calendar"),
        ("big.yaml", b"# " + b"x" * 2_100_000, "at most 2,000,000"),
        ("swollen.xlsx", swollen(), "unpacks to"),
        ("macro.xlsm", with_macro(), "only .xlsx"),
        ("script.py", b"print(1)", "expected .yaml or .xlsx"),
    ]


@pytest.mark.parametrize(
    ("file", "content", "said"), hostile(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_hostile_files_are_refused_over_the_page(
    app, desk: Desk, file: str, content: bytes, said: str
) -> None:
    before = len(desk.policies.versions())
    answer = send(signed_in(app, "pia"), content, file)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert len(desk.policies.versions()) == before


def test_formulas_and_patterns_that_explode_are_refused(app, desk: Desk) -> None:
    pia = signed_in(app, "pia")
    answer = send(pia, with_formula(pia.get(f"{HERE}/1/policy.xlsx").data), "formula.xlsx")
    assert answer.status_code == 422
    assert "formula" in answer.get_data(as_text=True)
    loops = text_of(desk, "words: has @own_words", r'words: "/(a+)+\\1(?=b)/"')
    assert send(pia, loops).status_code == 422


def test_nothing_and_cases_that_are_no_text_are_refused(app, desk: Desk) -> None:
    pia = signed_in(app, "pia")
    assert pia.post(HERE, data={}).status_code == 400
    data = {"policy": (io.BytesIO(b"x"), "x.yaml"), "cases": (io.BytesIO(b"\xff\xfe"), "c.yaml")}
    assert pia.post(HERE, data=data, content_type="multipart/form-data").status_code == 400
    known = send(pia, text_of(desk))
    assert known.status_code == 409
    assert pia.get(f"{HERE}/999").status_code == 404


def test_a_name_is_shown_and_never_becomes_markup(app, desk: Desk) -> None:
    answer = send(signed_in(app, "pia"), "policy: [", "<img src=x onerror=alert(1)>.yaml")
    assert "<img" not in answer.get_data(as_text=True)


def test_sending_needs_the_token_of_the_page(app, desk: Desk) -> None:
    pia = signed_in(app, "pia")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert send(pia, text_of(desk)).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_a_demo_that_does_not_run_checks_but_puts_nothing_in_force(small_day, tmp_path: Path) -> None:
    app = create_app(small_day, demo=True)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    text = small_day.case.policy.text.replace("duration_min: 30 min", "duration_min: 35 min")
    where = send(client, text).headers["Location"]
    shown = client.get(where, headers={"Accept-Language": "zh"}).get_data(as_text=True)
    assert "预计时长" in shown
    assert "静态演示" in shown
    assert client.post(f"{where}/activate").status_code == 409


def test_fairness_has_a_line_for_each_value_and_a_file(client: FlaskClient) -> None:
    shown = client.get("/fairness").get_data(as_text=True)
    assert shown.count('<section class="fair"') == 3
    assert "ordinary" in shown
    assert "公平性" in client.get("/fairness?lang=zh-CN").get_data(as_text=True)
    lines = client.get("/fairness.csv").get_data(as_text=True).splitlines()
    assert lines[0] == "grade,area,class,customers,wait_min,promised_min"
    assert len(lines) > 3

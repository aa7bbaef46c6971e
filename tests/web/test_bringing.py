"""Bring your data over HTTP: what each file is, the try, the files that come out, and whose draft it is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dispatch.cli import main as cli
from dispatch.intake import load_case
from dispatch.intake.mapping.proposing import KINDS
from dispatch.live import Budget, Desk
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store
from tests.small_case import write_small_case
from web.app import create_app
from web.words.language import catalogue

Ask = Callable[..., Any]
CUSTOMERS = "户号,经度,纬度,台区,片区号\n" + "".join(f"C{at:02},-71.26,-29.91,T1,7\n" for at in range(1, 31))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    case = load_case(write_small_case(tmp_path / "case"))
    store = empty_store(tmp_path / "day.sqlite")
    return open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk


@pytest.fixture
def ask(desk: Desk, tmp_path: Path) -> Ask:
    app = create_app(desk)
    app.config.update(WTF_CSRF_ENABLED=False, RATE_LIMITS=False, CASE_FOLDER=tmp_path / "case")
    book, client = Accounts(desk.store), app.test_client()
    roles = {"pia": "planner", "pat": "planner", "dan": "dispatcher", "sven": "supervisor"}
    tokens = {name: book.issue_token(name, role) for name, role in roles.items()}

    def send(name: str, method: str, path: str, **more: Any) -> Any:
        return client.open(path, method=method, headers={"Authorization": f"Bearer {tokens[name]}"}, **more)

    return send


def sent(ask: Ask, **files: str) -> str:
    """Send files; the address of the draft."""
    listed = [(io.BytesIO(text.encode()), name.replace("_", ".")) for name, text in files.items()]
    answer = ask("pia", "POST", "/standing/bring", data={"files": listed})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def form(page: str, **changed: str) -> dict[str, str]:
    """What a browser would send of the form, with some of it changed."""
    found = dict(re.findall(r'<input type="hidden" name="((?:was|kind)\.[^"]+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)</option>', options)
        found[name] = "" if chosen is None else (chosen[1] if chosen[1] is not None else chosen[2])
    return found | changed


def test_a_list_is_looked_at_corrected_tried_and_compared(ask: Ask, desk: Desk) -> None:
    more = CUSTOMERS + "C88,0,0,T1,7\nC99,-71.258,-29.908,t2,7\n合计,32,,,\n"
    at = sent(ask, list_csv=more)
    page = ask("pia", "GET", at).text
    assert '<option value="customers" selected>' in page
    wrong = ask("pia", "POST", at, data=form(page, **{"col.0.area": "片区号", "what": "try"}))
    assert wrong.status_code == 422
    assert "is unknown" in wrong.text
    tried = ask("pia", "POST", at, data=form(page, what="try"))
    assert tried.status_code == 200, tried.text
    assert "row of totals left out" in tried.text
    assert "km from the nearest road" in tried.text
    assert tried.text.count('class="outside" d=') == 1
    assert tried.text.count('<circle class="customer"') == 31
    assert "台区" in ask("pia", "GET", f"{at}/file/mapping.yaml").text
    assert "C88" in ask("pia", "GET", f"{at}/file/list-set-aside.csv").text
    whole = zipfile.ZipFile(io.BytesIO(ask("pia", "GET", f"{at}/file/case.zip").data))
    assert {"customers.csv", "settings.yaml", "grid/buses.csv"} <= set(whole.namelist())
    compared = ask("pia", "POST", f"{at}/compare", data={"rest": "stay"})
    assert compared.status_code == 302, compared.text
    assert "C99" in ask("pia", "GET", compared.location).text
    assert "C99" not in desk.case.customers
    assert ask("sven", "POST", f"{compared.location}/activate", data={}).status_code == 302
    assert "C99" in desk.case.customers


def test_a_draft_is_its_senders_own(ask: Ask) -> None:
    at = sent(ask, list_csv=CUSTOMERS)
    assert ask("pat", "GET", at).status_code == 404
    assert ask("pat", "GET", f"{at}/file/mapping.yaml").status_code == 404
    assert ask("dan", "GET", "/standing/bring").status_code == 403
    assert ask("pia", "GET", f"{at}/file/..%2fdraft.json").status_code == 404


@pytest.mark.parametrize(("name", "said"), [("Master_dss", "OpenDSS"), ("x_xlsx", "x.xlsx")])
def test_what_cannot_be_read_is_a_sentence(ask: Ask, name: str, said: str) -> None:
    answer = ask("pia", "GET", sent(ask, **{name: "clear"}))
    assert answer.status_code == 422
    assert said in answer.text


def test_a_file_is_taken_for_what_a_person_says(ask: Ask) -> None:
    at = sent(ask, list_csv=CUSTOMERS, other_csv="a,b\n1,2\n")
    page = ask("pia", "GET", at).text
    again = ask("pia", "POST", at, data=form(page, **{"kind.1": "depots", "what": "try"}))
    assert '<option value="depots" selected>' in again.text
    assert "tried-title" not in again.text


def test_a_page_in_chinese_says_faults_repairs_and_questions_in_chinese(ask: Ask) -> None:
    bad = CUSTOMERS + "Ｃ98,-71.26,-29.91,T1,7\nC88,0,0,T1,7\n合计,31,,,\n"
    at = sent(ask, list_csv=bad)
    page = ask("pia", "GET", f"{at}?lang=zh-CN").text
    assert "因为其中 100% 的单元格是配变" in page or "未使用：片区号" in page
    tried = ask("pia", "POST", at, data=form(page, what="try"), query_string={"lang": "zh-CN"}).text
    for words in ("合计行已略去", "全角字符按半角读取", "距最近道路"):
        assert words in tried, words
    assert "left out" not in tried
    assert "nearest road" not in tried
    wrong = ask(
        "pia",
        "POST",
        at,
        data=form(page, **{"col.0.area": "片区号", "what": "try"}),
        query_string={"lang": "zh-CN"},
    )
    assert "没有“7”这个取值" in wrong.text
    assert "第 2 行“area”列" in wrong.text


def test_switch_states_of_a_grid_that_is_sent_are_compared_too(ask: Ask, desk: Desk, tmp_path: Path) -> None:
    case = tmp_path / "case"
    switches = case / "grid" / "switches.csv"
    text = switches.read_text().replace("manual,open", "manual,closed")
    switches.write_text(text.replace("RC-1,B2,B3,recloser,manual,closed", "RC-1,B2,B3,recloser,manual,open"))
    assert cli(["grid", str(case / "grid"), "--write", str(tmp_path / "grid.gpkg")]) == 0
    content = (tmp_path / "grid.gpkg").read_bytes()
    more = CUSTOMERS + "C99,-71.258,-29.908,T2,7\n"
    listed = [(io.BytesIO(content), "grid.gpkg"), (io.BytesIO(more.encode()), "list.csv")]
    at = str(ask("pia", "POST", "/standing/bring", data={"files": listed}).location)
    page = ask("pia", "GET", at).text
    tried = ask("pia", "POST", at, data=form(page, what="try"))
    assert tried.status_code == 200, tried.text
    compared = ask("pia", "POST", f"{at}/compare", data={"rest": "stay"})
    assert compared.status_code == 302, compared.text
    waiting = {each.kind: each for each in desk.standing.versions() if each.state == "waiting"}
    assert set(waiting) == {"switches", "customers"}
    assert set(desk.standing.change_of(waiting["switches"].id).put) == {"RC-1", "TIE-1"}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_kind_of_file_has_a_name_on_the_page(language: str) -> None:
    assert {f"bring.kind.{kind}" for kind in KINDS} <= set(catalogue(language))

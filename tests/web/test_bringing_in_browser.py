"""Bring your data by the page: files, corrections, the report with its map, and the change that waits."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from dispatch.intake import load_case
from dispatch.live import Budget, Desk
from dispatch.room import RoomOptions, open_room
from tests.prepared import empty_store
from tests.small_case import write_small_case
from tests.web.settling import expect
from web.app import create_app

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECRET = "a long enough one"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    case = load_case(write_small_case(tmp_path / "case"))
    store = empty_store(tmp_path / "day.sqlite")
    room = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100)))
    for name, role in (("pia", "planner"), ("sven", "supervisor"), ("pat", "planner")):
        room.accounts.add(name, role, SECRET)
    return room.desk


@pytest.fixture
def address(desk: Desk, serving, tmp_path: Path) -> str:
    app = create_app(desk)
    app.config.update(RATE_LIMITS=False, CASE_FOLDER=tmp_path / "case")
    return serving(app)


def sign_in(open_page, address: str, name: str, language: str = "en"):
    page = open_page(f"{address}/sign-in?next=/standing/bring", language=language)
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", SECRET)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/standing/bring")
    return page


def export(path: Path) -> Path:
    """Save a list of customers as another system exports it, with a title, a total and one bad place."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["用户台账"],
        ["户号", "户名", "经度", "纬度", "台区", "片区号"],
        *([f"C{at:02}", f"用户{at}", -71.26, -29.91, "T1", "7"] for at in range(1, 31)),
        ["C88", "李", 0, 0, "T1", "7"],
        ["C99", "新用户", -71.258, -29.908, "t2", "7"],
        ["合计", 32],
    ):
        sheet.append(row)
    book.save(path)
    return path


def test_a_list_is_brought_corrected_tried_and_compared(
    open_page, address: str, desk: Desk, tmp_path: Path
) -> None:
    pia = sign_in(open_page, address, "pia")
    pia.get_by_label("Files").set_input_files(export(tmp_path / "台账.xlsx"))
    pia.get_by_role("button", name="Look at the files").click()
    card = pia.get_by_role("region", name="台账.xlsx")
    card.wait_for()
    assert card.get_by_label("Taken for").input_value() == "customers"
    assert card.get_by_label("台账.xlsx: transformer").input_value() == "台区"
    card.get_by_label("台账.xlsx: area").select_option("片区号")
    pia.get_by_role("button", name="Try the import").click()
    pia.get_by_role("alert").get_by_text("'7' is unknown").first.wait_for()
    card.get_by_label("台账.xlsx: area").select_option("")
    pia.get_by_role("button", name="Try the import").click()
    report = pia.locator("table.report tr").filter(has_text="台账.xlsx")
    report.wait_for()
    text = report.inner_text()
    assert "row of totals left out" in text
    assert "12,020 km" in text or "km from the nearest road" in text
    expect(pia.locator("svg .outside")).to_have_count(1)
    expect(pia.locator("svg circle.customer")).to_have_count(31)
    with pia.expect_download() as told:
        pia.get_by_role("link", name="Mapping file").first.click()
    assert "台区" in Path(told.value.path()).read_text(encoding="utf-8")
    with pia.expect_download() as told:
        pia.get_by_role("link", name="set-aside.csv").click()
    assert "C88" in Path(told.value.path()).read_text(encoding="utf-8")
    draft = pia.url
    pia.get_by_role("button", name="Compare").click()
    pia.get_by_role("heading", name="What it changes").wait_for()
    assert "C99" in pia.locator("table.changes").inner_text()
    assert "C99" not in desk.case.customers
    where = pia.url

    other = sign_in(open_page, address, "pat", "zh-CN")
    assert other.goto(draft).status == 404
    sven = sign_in(open_page, address, "sven")
    sven.goto(where)
    sven.get_by_role("button", name="Put in force").click()
    sven.wait_for_url("**/standing/customers")
    assert "C99" in desk.case.customers


def test_a_script_is_not_run_and_rubbish_is_a_sentence(open_page, address: str, tmp_path: Path) -> None:
    pia = sign_in(open_page, address, "pia", "zh-CN")
    (tmp_path / "Master.dss").write_text("clear\n", encoding="utf-8")
    pia.locator("input[type=file]").set_input_files(tmp_path / "Master.dss")
    pia.get_by_role("button", name="识别文件").click()
    pia.get_by_role("alert").get_by_text("OpenDSS").wait_for()
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    pia.goto(f"{address}/standing/bring")
    pia.locator("input[type=file]").set_input_files(tmp_path / "x.xlsx")
    pia.get_by_role("button", name="识别文件").click()
    pia.get_by_role("alert").get_by_text("x.xlsx").first.wait_for()

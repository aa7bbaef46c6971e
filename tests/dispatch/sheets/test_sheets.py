"""Route sheets: what a crew must find on them, on paper and on the screen."""

from __future__ import annotations

import io
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from shutil import which

import pytest

from dispatch.ground.case import Case
from dispatch.ground.day import DayPlan
from dispatch.sheets import NoFont, Reported, route_sheet, sheet_html, sheet_pdf, sheet_pdfs
from dispatch.sheets.fonts import find_font, letters_of_font, small_font
from dispatch.sheets.paper import Typeface
from dispatch.sheets.words import words_of
from tests.dispatch.sheets.made_day import made_day
from tests.prepared import small_case


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return small_case()


@pytest.fixture(scope="module")
def day(case: Case) -> DayPlan:
    return made_day(case)


@pytest.fixture
def font() -> Path:
    found = find_font()
    if found is None:
        pytest.skip("no font with Chinese letters on this machine")
    return found


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.sheets.find_font", lambda: None)


def text_of(pdf: bytes) -> str:
    if which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine (Debian: apt-get install poppler-utils)")
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


SAID = (
    "Crew 1", "Truck 11", "+56 9 100 0001", "2026-07-14 16:00", "07-15 00:00", "Harbour yard", "Small town",
    "everything in this case is made up", "3 fuse (4 on the vehicle)", "1 meter (0 on the vehicle)",
    "Third Street 40", "South Clinic", "+56 51 200 0006", "gate code 4711", "wire on the road",
    "first-grade important customer", "No power since six", "7, since 18:02", "LATE by 1 h 30",
    "19:30", "20:30", "RC-1, Elm recloser (on site)", "TIE-1, Fourth Street tie (control room)",
    "arrive 18:30", "start 18:31", "finish 19:01", "Break", "19:10, 20 min", "low voltage", "via",
)  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_a_page_says_what_a_crew_needs(day: DayPlan, said: str) -> None:
    assert said in sheet_html(day, "crew-1")


def test_paper_says_the_same_as_the_page(day: DayPlan, font: Path) -> None:
    paper = re.sub(r"\s+", " ", text_of(sheet_pdf(day, "crew-1")))
    missing = [said for said in SAID if said not in paper and said != "via"]
    assert not missing
    assert "李明" in paper
    assert "家里停电了" in paper


def test_the_hazard_comes_before_everything_else_of_a_stop(day: DayPlan) -> None:
    page = sheet_html(day, "crew-1")
    assert page.index("wire on the road") < page.index("Third Street 40")


def test_switching_steps_stand_in_order_each_with_its_box(day: DayPlan) -> None:
    page = sheet_html(day, "crew-1")
    assert page.index("1. <b>OPEN</b> RC-1") < page.index("2. <b>CLOSE</b> TIE-1")


def test_chinese_sheets_have_chinese_words(day: DayPlan, font: Path) -> None:
    page = sheet_html(day, "crew-1", lang="zh-CN")
    for word in ("抢修任务单", "倒闸操作", "断开", "一级重要用户", "熔断器", "危险"):
        assert word in page
    assert 'lang="zh-Hans"' in page
    paper = text_of(sheet_pdf(day, "crew-1", lang="zh"))
    assert "抢修任务单" in paper
    assert "一级重要用户" in paper


def test_every_word_exists_in_both_languages() -> None:
    english, chinese = words_of("en"), words_of("zh")
    assert english.every_word
    assert not re.search(r"[\u4e00-\u9fff]", english.every_word)
    assert len(re.findall(r"[\u4e00-\u9fff]", chinese.every_word)) > 150
    assert words_of("fr") == english


class Balanced(HTMLParser):
    """Fails on tags that are closed in another order than they were opened."""

    void = frozenset({"meta", "hr", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("crew", ["crew-1", "crew-2", "control-room"])
def test_a_page_is_sound_and_needs_no_other_file(day: DayPlan, crew: str) -> None:
    page = Balanced()
    page.feed(sheet_html(day, crew, link="https://dispatch.example/crew"))
    assert page.open == []
    assert page.links == []


def test_what_callers_said_cannot_become_markup(case: Case) -> None:
    page = sheet_html(made_day(case, words=("<script>alert(1)</script>",), access='"><img src=x>'), "crew-1")
    assert "<script>" not in page
    assert "<img" not in page


def test_the_same_plan_gives_the_same_bytes(day: DayPlan, font: Path) -> None:
    assert sheet_pdf(day, "crew-1") == sheet_pdf(day, "crew-1")
    assert sheet_pdfs(day, {"crew-1": None, "crew-2": None})["crew-2"].startswith(b"%PDF")


def test_a_crew_without_stops_gets_a_sheet_that_says_so(day: DayPlan, font: Path) -> None:
    assert "No stop planned." in sheet_html(day, "crew-2")
    assert "No stop planned." in text_of(sheet_pdf(day, "crew-2"))


def test_without_a_chinese_font_plain_text_is_printed(case: Case, no_font: None) -> None:
    day = made_day(case, jobs=1, words=("Sin luz en la Peñuela",))
    assert "Peñuela" in text_of(sheet_pdf(day, "crew-1"))


def test_without_a_chinese_font_chinese_is_refused_with_advice(day: DayPlan, no_font: None) -> None:
    with pytest.raises(
        NoFont, match=r"fonts-noto-cjk or the Python package noto-cjk-sans-jp-regular, or set GRIDCREW_FONT"
    ):
        sheet_pdf(day, "crew-1")


def test_a_font_that_is_not_there_or_no_font_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_font.cache_clear()
    monkeypatch.setenv("GRIDCREW_FONT", str(tmp_path / "none.otf"))
    with pytest.raises(NoFont, match="there is no font file"):
        find_font()
    (tmp_path / "bad.otf").write_bytes(b"no font at all")
    with pytest.raises(NoFont, match="is not a font file"):
        letters_of_font(tmp_path / "bad.otf")
    find_font.cache_clear()


def test_letters_that_no_font_has_are_spelled_out_not_dropped(font: Path) -> None:
    assert Typeface(font).shown("dark \U0001f9ef here") == "dark (U+1F9EF) here"


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_a_stop_longer_than_a_page_runs_on_without_losing_a_line(case: Case, font: Path) -> None:
    steps = made_day(case).cards["J1"].switching * 60
    day = made_day(case, switching=steps, words=tuple(f"call {number}" for number in range(9)))
    pdf = sheet_pdf(day, "crew-1")
    paper = text_of(pdf)
    assert pages_of(pdf) >= 3
    assert all(f"{number}. " in paper for number in range(1, 121))
    assert "and 5 more" in paper


def test_a_very_long_word_stays_on_the_page(case: Case, font: Path) -> None:
    day = made_day(case, address="x" * 500)
    assert text_of(sheet_pdf(day, "crew-1")).count("x") >= 500


def test_the_drives_of_a_sheet_are_those_of_the_roads(day: DayPlan) -> None:
    sheet = route_sheet(day, "crew-1")
    first, second = sheet.stops
    # From n00 to n32: five blocks of 200 m.
    assert first.leg.length_m == pytest.approx(1000)
    assert first.leg.via
    assert second.leg.sketch is not None
    assert sheet.back_at is not None
    assert sheet.back_at > second.finish
    assert sheet.length_m > first.leg.length_m + second.leg.length_m


def test_a_link_to_the_phone_page_is_a_code(day: DayPlan) -> None:
    assert 'aria-label="https://dispatch.example/crew"' in sheet_html(
        day, "crew-1", link="https://dispatch.example/crew"
    )
    assert 'aria-label="geo:-29.906390,-71.253772"' in sheet_html(day, "crew-1")


def test_paper_can_be_read_as_a_file(day: DayPlan, font: Path) -> None:
    assert io.BytesIO(sheet_pdf(day, "crew-1")).read(5) == b"%PDF-"


def test_a_step_of_the_control_room_has_no_drive_no_map_and_no_code(case: Case, font: Path) -> None:
    day = made_day(case, remote=True, kind="switching")
    assert route_sheet(day, "crew-1").stops[0].leg.sketch is None
    assert 'aria-label="geo:-29.906390,-71.253772"' not in sheet_html(day, "crew-1")
    assert "CLOSE" in text_of(sheet_pdf(day, "crew-1"))


def test_no_letter_of_a_sheet_is_missing_in_its_font(
    day: DayPlan, font: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for lang in ("en", "zh"):
        sheet_pdfs(day, {"crew-1": "https://dispatch.example/crew", "crew-2": None}, lang=lang)
    assert "missing" not in caplog.text


def test_one_cut_of_the_font_serves_all_sheets_of_a_day(day: DayPlan, font: Path) -> None:
    small_font.cache_clear()
    for crew in ("crew-1", "crew-2", "control-room"):
        sheet_pdf(day, crew)
    assert small_font.cache_info().misses == 1


def test_each_stop_has_a_code_that_opens_it_on_the_phone(day: DayPlan) -> None:
    crew = next(route.crew for route in day.plan.routes if route.visits)
    stops = route_sheet(day, crew).stops
    page = sheet_html(day, crew, link="https://duty.example/phone/enter#secret")
    for stop in stops:
        assert f"https://duty.example/phone#stop={stop.card.order}" in page
    # The code of a stop never carries what signs a phone in.
    assert page.count("#secret") == 1
    assert "#stop=" not in sheet_html(day, crew)
    assert sheet_pdf(day, crew, link="https://duty.example/phone").startswith(b"%PDF")


def test_a_sheet_printed_in_the_middle_of_the_day_says_what_is_done_and_which_ticket_is_out(
    day: DayPlan,
) -> None:
    first, second = [stop.card.id for stop in route_sheet(day, "crew-1").stops][:2]
    reported = {
        first: Reported(state="done", at=day.origin),
        second: Reported(state="on_site", at=day.origin, tickets=("W-20260714-001",)),
    }
    page = sheet_html(day, "crew-1", reported=reported)
    assert "done 18:30" in page
    assert "Permit no. W-20260714-001" in page
    assert page.count("Leader __") == len(route_sheet(day, "crew-1").stops) - 1
    assert "on site 18:30" in page
    paper = re.sub(r"\s+", " ", text_of(sheet_pdf(day, "crew-1", reported=reported)))
    for said in ("done 18:30", "Permit no. W-20260714-001"):
        assert said in paper


def test_a_sheet_shows_the_section_as_a_line_and_what_foreign_words_mean(day: DayPlan) -> None:
    page = sheet_html(day, "crew-1")
    assert "家里停电了 (means: no supply)" in page
    assert "[TIE-1, open, to Harbour 2]" in page
    assert "No power since six（意为：" in sheet_html(day, "crew-1", lang="zh")

"""The board in a real browser: linked views, keys, languages, no outside requests, access for everybody."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.web.settling import axe_faults, expect

pytestmark = pytest.mark.browser
READY = "html[data-ready=complete]"


@pytest.fixture(scope="module")
def address(serving, demo_app):
    return serving(demo_app)


@pytest.fixture
def board(open_page, address):
    page = open_page(address)
    page.wait_for_selector(READY, timeout=30_000)
    yield page
    assert page.wrong == []
    assert page.outside == []


LISTED = "[...document.querySelectorAll('#jobs tr:not([hidden])')].map((row) => row.dataset.id)"
MARKS = """() => {
  const box = document.getElementById('map').getBoundingClientRect();
  const inside = (m) => m.x > 20 && m.y > 20 && m.x < box.width - 20 && m.y < box.height - 20;
  const place = (m) => ({ x: box.left + m.x, y: box.top + m.y, id: m.id });
  return window.gridcrewMarks().filter(inside).map(place);
}"""
WORDS = """() => [...document.querySelectorAll(
  '#attention, .bar, thead, #legend, nav, .tb-top, #detail dt, #detail summary, #keys'
)].map((box) => box.textContent).join(' ')"""


def selected(page) -> dict[str, str | None]:
    """The job that each of the three views and the details show as selected."""
    return {
        "list": page.evaluate("document.querySelector('#jobs tr.picked')?.dataset.id ?? null"),
        "time": page.evaluate("document.querySelector('.tb-job.picked')?.dataset.job ?? null"),
        "detail": page.evaluate(
            "document.querySelector('#detail:not([hidden]) header p')?.textContent ?? null"
        ),
        "address": page.evaluate("decodeURIComponent(location.hash)"),
    }


def planned_job(small_day) -> str:
    return next(route.visits[0].job for route in small_day.plan.routes if route.visits)


def test_selecting_in_the_list_shows_in_every_view(board, small_day):
    job = planned_job(small_day)
    board.click(f'#jobs tr[data-id="{job}"]')
    found = selected(board)
    assert found["list"] == found["time"] == job
    assert found["detail"].startswith(job)
    assert found["address"] == f"#job={job}"


def test_selecting_on_the_time_board_shows_in_every_view(board, small_day):
    job = planned_job(small_day)
    board.locator(f'.tb-job[data-job="{job}"]').first.dispatch_event("click")
    assert selected(board)["list"] == job
    assert selected(board)["time"] == job


def test_selecting_on_the_map_shows_in_every_view(board, small_day):
    board.keyboard.press("j")
    job = next(card for card in small_day.cards.values() if not card.remote)
    board.click(f'#jobs tr[data-id="{job.id}"]')
    board.keyboard.press("f")
    board.keyboard.press("Escape")
    assert selected(board)["list"] is None
    spot = board.evaluate(MARKS)[-1]
    board.mouse.click(spot["x"], spot["y"])
    found = selected(board)
    assert found["list"] is not None
    assert found["list"] == found["time"] or found["time"] is None


def test_selecting_a_crew_marks_its_jobs(board, small_day):
    route = next(route for route in small_day.plan.routes if len(route.visits) > 1)
    board.click(f'[data-crew="{route.crew}"]')
    near = set(board.evaluate("[...document.querySelectorAll('#jobs tr.near')].map((row) => row.dataset.id)"))
    assert near == {visit.job for visit in route.visits}
    expect(board.locator("#detail .stops li")).to_have_count(len(route.visits))


def test_every_figure_opens_to_the_rule_behind_it(board, small_day):
    board.click(f'#jobs tr[data-id="{planned_job(small_day)}"]')
    board.locator("#detail summary", has_text="Why this class").click()
    board.locator("#detail .trace h4").first.wait_for()
    expect(board.locator("#detail .trace")).to_contain_text(small_day.case.policy.version)


def test_keys_walk_the_list_and_the_route(board, small_day):
    board.keyboard.press("j")
    first = selected(board)["list"]
    board.keyboard.press("j")
    assert selected(board)["list"] != first
    board.keyboard.press("k")
    assert selected(board)["list"] == first
    board.keyboard.press("Escape")
    assert selected(board)["list"] is None
    assert board.locator("#detail").is_hidden()


def test_list_and_time_board_are_walked_without_single_keys(board):
    board.focus("#jobs button[tabindex='0']")
    board.keyboard.press("ArrowDown")
    first = selected(board)["list"]
    board.keyboard.press("ArrowDown")
    assert selected(board)["list"] not in (None, first)
    board.focus(".tb-job[tabindex='0']")
    board.keyboard.press("ArrowRight")
    assert selected(board)["time"] is not None
    assert board.evaluate("document.activeElement.dataset.job") == selected(board)["time"]
    before = selected(board)["time"]
    for key in ("ArrowDown", "ArrowUp"):
        board.keyboard.press(key)
    assert selected(board)["list"] == selected(board)["time"]
    assert before


def test_planner_says_what_comes_first_and_what_the_other_order_would_cost(board, small_day):
    order_of = {job: card.order for job, card in small_day.cards.items()}
    routes = [[visit.job for visit in route.visits] for route in small_day.plan.routes]
    first, later = next(
        (jobs[n - 1], jobs[n])
        for jobs in routes
        for n in range(1, len(jobs))
        if order_of[jobs[n]] != order_of[jobs[n - 1]]
    )
    board.click(f'#jobs tr[data-id="{later}"]')
    board.locator("#detail details.why > summary").click()
    said = board.locator("#detail .findings.order li")
    said.filter(has_text="does this first").wait_for()
    assert re.search(r"(cost|save) [\d\u202f]+( more)? in all|not possible", said.inner_text())
    said.locator("button.link").click()
    assert selected(board)["list"] == first


def test_planner_says_why_this_crew(board, small_day):
    board.click(f'#jobs tr[data-id="{planned_job(small_day)}"]')
    board.locator("#detail summary", has_text="Why this crew").click()
    said = board.locator("#detail details", has_text="Why this crew").locator("p").first
    said.filter(has_text="Crew").wait_for()
    assert not re.search(r"crew-\d|\d s\b", said.inner_text())


def test_help_lists_every_key_that_is_bound(board):
    board.keyboard.press("?")
    expect(board.locator("dialog#keys")).to_be_visible()
    shown = board.evaluate(
        "[...document.querySelectorAll('#keys dt:not(.group)')].map((dt) => dt.textContent)"
    )
    bound = set()
    # The film, the list of callbacks and the page of requests name their own keys on their pages.
    own = {"scenario_film.js", "callbacks.js", "requests.js"}
    for path in Path(__file__).parents[2].joinpath("web/static/js").glob("*.js"):
        if path.name in own:
            continue
        bound |= set(re.findall(r'bind\("([^"]+)"', path.read_text()))
    named = {"".join(key.split()) for key in shown} | {"Escape", ","}
    assert {"".join(key.split()) for key in bound} <= named
    board.keyboard.press("Escape")
    expect(board.locator("dialog#keys")).to_be_hidden()


def test_single_keys_can_be_switched_off(board):
    board.keyboard.press("?")
    board.uncheck("#keys-on")
    board.keyboard.press("Escape")
    board.keyboard.press("j")
    assert selected(board)["list"] is None
    board.click("#help")
    board.check("#keys-on")


def test_keys_do_nothing_while_somebody_types(board):
    board.keyboard.press("/")
    board.keyboard.type("jn")
    assert board.input_value("#filter") == "jn"
    assert selected(board)["list"] is None


def test_filter_by_class_narrows_all_three_views(board, small_day):
    classes = {card.class_ for card in small_day.cards.values()}
    one = sorted(classes)[0]
    board.keyboard.press(one[1])
    shown = board.evaluate(
        "[...document.querySelectorAll('#jobs tr:not([hidden])')].map((row) => row.dataset.id)"
    )
    assert {small_day.cards[job].class_ for job in shown} == {one}
    faded = board.evaluate("[...document.querySelectorAll('.tb-job.off')].map((bar) => bar.dataset.job)")
    assert one not in {small_day.cards[job].class_ for job in faded}
    board.keyboard.press("Escape")
    assert board.locator("#jobs tr:not([hidden])").count() == len(small_day.cards)


def test_language_is_switched_and_the_selection_kept(board, small_day):
    job = planned_job(small_day)
    board.click(f'#jobs tr[data-id="{job}"]')
    with board.expect_navigation():
        board.click('[data-language="zh-CN"]')
    board.wait_for_selector(READY)
    assert board.evaluate("document.documentElement.lang") == "zh-CN"
    assert "调度台" in board.inner_text("nav")
    board.wait_for_selector(f'#jobs tr.picked[data-id="{job}"]')
    with board.expect_navigation():
        board.keyboard.press("l")
    board.wait_for_selector(READY)
    assert board.evaluate("document.documentElement.lang") == "en"


def test_chinese_board_leaves_no_english_words(open_page, address, small_day):
    page = open_page(address, language="zh-CN")
    page.wait_for_selector(READY)
    page.keyboard.press("j")
    text = page.evaluate(WORDS)
    words = set(re.findall(r"[A-Za-z]{3,}", text))
    assert words <= {"Enter", "Esc"}


def test_night_colours_are_kept_over_pages(board, address):
    ground = "getComputedStyle(document.body).backgroundColor"
    day = board.evaluate(ground)
    board.keyboard.press("t")
    night = board.evaluate(ground)
    assert night != day
    board.goto(f"{address}/outages")
    assert board.evaluate(ground) == night


def test_keys_lead_from_page_to_page(board, address):
    for key, path in (("o", "/outages"), ("c", "/crews"), ("r", "/rulebook"), ("b", "/")):
        with board.expect_navigation():
            board.keyboard.press("g")
            board.keyboard.press(key)
        assert board.url == address + path


def test_outage_page_leads_to_the_board(board, address, small_day):
    board.goto(f"{address}/outages")
    with board.expect_navigation():
        board.locator("tbody a").first.click()
    board.wait_for_selector("#detail:not([hidden])")
    board.locator("#jobs tr.near").first.wait_for()


def test_time_board_zooms_around_the_middle_and_back(board):
    width = "document.querySelector('.tb-inner').offsetWidth"
    whole = board.evaluate(width)
    board.keyboard.press("+")
    assert board.evaluate(width) > whole
    board.keyboard.press("0")
    assert board.evaluate(width) == whole


def test_sizes_are_changed_by_keys_and_remembered(board):
    before = board.evaluate("document.getElementById('list').offsetWidth")
    board.focus('[data-size="list"]')
    board.keyboard.press("ArrowLeft")
    after = board.evaluate("document.getElementById('list').offsetWidth")
    assert after == before - 24
    board.reload()
    board.wait_for_selector(READY)
    assert board.evaluate("document.getElementById('list').offsetWidth") == after


@pytest.mark.parametrize("theme", ["day", "night"])
@pytest.mark.parametrize("path", ["/", "/outages", "/crews", "/crews/crew-1", "/rulebook"])
def test_pages_pass_axe(open_page, address, path, theme):
    page = open_page(address + path, theme=theme)
    if path == "/":
        page.wait_for_selector(READY)
        page.keyboard.press("j")
        page.wait_for_selector("#detail summary")
    assert axe_faults(page) == []


def test_a_request_is_tried_on_the_rulebook_and_carried_on(open_page, address):
    page = open_page(f"{address}/rulebook")
    page.fill("textarea[name=words]", "a wire is lying on the road")
    page.click("#try button")
    page.wait_for_selector("#try-result .trace")
    assert "hazard" in page.inner_text("#try-result .outcome")
    page.locator("#try-result button").click()
    page.wait_for_function("() => document.getElementById('try-stage').value === 'order'")
    page.locator("#try-result .outcome", has_text="P1").wait_for()
    assert page.wrong == []
    assert page.outside == []


def test_plan_figures_open_from_the_customers_without_supply(board, small_day):
    board.click(".attend.supply")
    text = board.inner_text("#detail")
    assert "What the plan costs" in text
    assert board.locator("#detail tbody tr").count() == sum(
        cost > 0 for cost in small_day.summary.parts.values()
    )


def test_route_sheet_shows_in_its_own_style(open_page, address, small_day):
    crew = next(route.crew for route in small_day.plan.routes if route.visits)
    page = open_page(f"{address}/crews/{crew}/sheet")
    assert page.evaluate("document.styleSheets.length") == 1
    assert page.wrong == []
    assert page.outside == []


def test_failing_server_is_said(open_page, address):
    page = open_page(f"{address}/outages")
    page.route("**/api/v1/board", lambda route: route.fulfill(status=503, body=""))
    page.goto(address)
    page.wait_for_selector("#attention.wrong")
    assert "does not answer" in page.inner_text("#attention")


@pytest.mark.parametrize(
    ("name", "language", "theme", "size"),
    [("board", "en", "day", (1600, 900)), ("board-zh-night", "zh-CN", "night", (1600, 900))],
)
def test_pictures_of_the_running_board(open_page, demo_city, root, tmp_path, name, language, theme, size):
    page = open_page(demo_city, language=language, theme=theme, size=size)
    page.wait_for_selector(READY, timeout=60_000)
    page.keyboard.press("j")
    page.wait_for_selector("#detail details")
    page.mouse.move(size[0] - 4, size[1] - 4)
    folder = root / "docs" if os.environ.get("GRIDCREW_SCREENSHOTS") else tmp_path
    page.screenshot(path=folder / f"{name}.png")
    assert page.wrong == []
    assert page.outside == []

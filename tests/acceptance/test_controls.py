"""Every link, button, field and key of every page is used once, by somebody who may, and nothing breaks.

What a page offers is collected from the running product, so that a control that nobody thought of
is tried as well. A control that is not tried must stand in `LEFT_OUT` with its reason.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.acceptance.days import Plan, write_case
from tests.acceptance.served import Served, Staff, Talker, until
from tests.web.ports import lasting_port

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1800)]
ROLES = ("supervisor", "dispatcher", "planner", "viewer", "administrator")
# By the words on it: what would end the walk, or leave the product.
LEFT_OUT = {
    r"^(sign out|退出)": "ends the session; its own tests sign out",
    r"^(print|打印)": "opens the system's own window",
    r"everywhere|所有": "ends every session of the person who walks",
}
KEYS = (
    *(
        "?",
        "Escape",
        "t",
        "l",
        "j",
        "k",
        "Enter",
        "[",
        "]",
        "o",
        "c",
        "s",
        "1",
        "0",
        "f",
        "+",
        "-",
        ".",
        "w",
        "w",
    ),
    *(key for opens in "npmeax" for key in (opens, "Escape")),
)
CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary"
# Answers that are a clear word to a person, not a fault: refused as things are, missing or wrong input.
A_WORD = {400, 404, 409, 422, 429}
SETTLED_MS = 250
COLLECT = r"""(controls) => {
  const told = (e) => e.getAttribute("aria-label") || e.innerText || e.getAttribute("title") ||
    e.getAttribute("placeholder") || e.getAttribute("name") || e.id || "";
  const name = (e) => told(e).trim().replace(/\s+/g, " ").slice(0, 60);
  const general = (text) => text.replace(/[A-Z]+-?[A-Z0-9]*[0-9][\w/#.:-]*/g, "#")
    .replace(/[0-9][0-9 .,:]*/g, "#");
  const found = [];
  document.querySelectorAll(controls).forEach((e, at) => {
    if (!e.checkVisibility() || e.closest("[inert]")) return;
    const kind = e.tagName === "INPUT" ? `input ${e.type}` : e.tagName.toLowerCase();
    const href = e.getAttribute("href");
    found.push({ at, kind, name: name(e), general: general(name(e)), href, off: e.disabled });
  });
  return found;
}"""


@dataclass
class Walk:
    """What was met, what was tried, and what went wrong."""

    met: set[tuple[str, str, str]] = field(default_factory=set)
    tried: set[tuple[str, str, str]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def room(coquimbo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("controls")
    server = Served(
        case=write_case(coquimbo, folder, Plan(hours=1)),
        folder=folder / "room",
        database=f"sqlite:///{folder}/day.sqlite",
        port=lasting_port(),
        begins=datetime.fromisoformat("2026-06-18T07:30:00-04:00"),
        speed=1.0,
    )
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def people(room: Served) -> dict[str, Talker]:
    staff = Staff(room)
    found = {role: staff.session(f"{role} one", role) for role in ROLES}
    planned = staff.program("planner's friend", "dispatcher")
    number = until(
        lambda: (planned.get("/api/v1/plans/proposal").data["proposal"] or {}).get("number"),
        240,
        "a proposal",
    )
    assert planned.post(f"/api/v1/plans/{number}/publish", {}).status == 200
    for words in ("no light", "please come, it is dark", "a wire is on the road"):
        planned.post("/api/v1/requests", {"words": words, "channel": "phone", "lon": -71.25, "lat": -29.9})
    return found


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


WALK = Walk()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("role", ROLES)
def test_every_control_that_a_role_meets_can_be_used(
    role: str, language: str, room: Served, people: dict[str, Talker], chrome: Any
) -> None:
    page = seat(chrome, people[role], room, language)
    page.goto("/")
    settle(page)
    waiting, seen = ["/"], set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        waiting += try_page(page, path, role, language)
    page.context.close()
    assert WALK.wrong == []
    assert WALK.met - WALK.tried == set()
    assert not room.faults, room.faults
    assert "Traceback (most recent call last)" not in room.log


def seat(chrome: Any, person: Talker, room: Served, language: str) -> Any:
    """A window in which somebody is signed in, and that notes what goes wrong."""
    context = chrome.new_context(
        viewport={"width": 1366, "height": 768}, locale=language, base_url=room.address, accept_downloads=True
    )
    context.add_cookies(
        [{"name": each.name, "value": each.value, "url": room.address} for each in person.cookies]
    )
    context.add_cookies([{"name": "gridcrew_language", "value": language, "url": room.address}])
    page = context.new_page()
    page.set_default_timeout(8000)
    page.on("pageerror", lambda error: WALK.wrong.append(f"{page.url}: {error}"))
    page.on("response", lambda answer: note(page, answer))
    page.on("dialog", lambda dialog: dialog.dismiss())
    return page


def note(page: Any, answer: Any) -> None:
    refused = answer.status >= 400 and answer.status not in A_WORD
    if refused or (answer.status in A_WORD and answer.request.method == "GET" and answer.status != 409):
        WALK.wrong.append(f"{page.url}: {answer.status} {answer.request.method} {urlsplit(answer.url).path}")


def settle(page: Any) -> None:
    page.wait_for_load_state("load")
    page.wait_for_timeout(SETTLED_MS)


def try_page(page: Any, path: str, role: str, language: str) -> list[str]:
    """Use every control of a page that was not used yet; returns the pages that it leads to."""
    page.goto(f"{path}?lang={language}")
    settle(page)
    found = page.evaluate(COLLECT, CONTROLS)
    links = [each["href"].split("?")[0].split("#")[0] for each in found if each["kind"] == "a"]
    for each in found:
        try_control(page, path, language, each)
    if path == "/" and role in ("dispatcher", "viewer"):
        page.goto(f"/?lang={language}")
        settle(page)
        for key in KEYS:
            page.keyboard.press(key)
            page.wait_for_timeout(SETTLED_MS)
    # Of many pages of one kind (a sheet a crew), one is walked through.
    kinds = {
        re.sub(r"[\w-]*\d[\w-]*", "#", link): link
        for link in links
        if link.startswith("/") and "." not in link
    }
    return list(kinds.values())


def kind_of(path: str) -> str:
    """A path without its numbers and names of crews, orders, requests."""
    return re.sub(r"[\w-]*\d[\w-]*", "#", path)


def try_control(page: Any, path: str, language: str, each: dict[str, Any]) -> None:
    mark = (f"{language} {kind_of(path)}", each["kind"], each["general"])
    if mark in WALK.met:
        return
    WALK.met.add(mark)
    if each["off"] or each["kind"] == "a" or any(re.search(each_, each["name"], re.I) for each_ in LEFT_OUT):
        # Links are followed by the walk itself; what is off cannot be used now.
        WALK.tried.add(mark)
        return
    if urlsplit(page.url).path != path:
        page.goto(f"{path}?lang={language}")
        settle(page)
    element = page.locator(CONTROLS).nth(each["at"])
    if not element.count() or not element.is_visible() or not element.is_enabled():
        page.goto(f"{path}?lang={language}")
        settle(page)
    use(page, element, each)
    WALK.tried.add(mark)
    page.wait_for_timeout(SETTLED_MS)
    if page.locator("dialog[open]").count():
        page.keyboard.press("Escape")


def use(page: Any, element: Any, each: dict[str, Any]) -> None:
    """Do with a control what people do with it."""
    kind = each["kind"]
    if not element.count() or not element.is_visible():
        return  # it came with news that are over
    try:
        if kind in ("button", "summary", "input checkbox", "input radio"):
            element.click(timeout=4000)
        elif kind == "select":
            element.select_option(index=0)
        elif kind == "textarea" or kind in ("input text", "input search", "input password", "input tel"):
            element.fill("7")
        elif kind == "input number":
            element.fill("1")
    except Exception as error:
        text = str(error).splitlines()[0]
        # A list that is drawn anew takes its old rows away; the next walk finds the new ones.
        if not re.search(r"detached|not visible|outside of the viewport|intercepts|Timeout", text):
            WALK.wrong.append(f"{page.url}: {kind} “{each['name']}”: {text}")

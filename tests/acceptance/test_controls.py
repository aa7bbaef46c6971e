"""Every link, button, field and key of every page is used once, by somebody who may, and nothing breaks.

What a page offers is collected from the running product, so that a control that nobody thought of is
tried as well. What is not tried must stand in `controls.LEFT_OUT` with its reason.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dispatch.store.accounts import ROLES
from tests.acceptance.controls import Walk, Walker, keys_of
from tests.acceptance.days import Plan, write_case
from tests.acceptance.served import Served, Staff, Talker, until
from tests.acceptance.windows import PHONE, PIN, chrome
from tests.web.ports import lasting_port

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1800)]
# The administrator is last: the others' accounts are taken apart then.
PEOPLE = (*(role for role in ROLES if role != "administrator"), "administrator")
LANGUAGES = ("en", "zh-CN")
BOARD = {"width": 1366, "height": 768}


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
    planned = staff.program("planner's friend", "dispatcher")
    crew = planned.get("/api/v1/crews").data["crews"][0]["id"]
    found = {role: staff.session(f"{role} one", role, crew if role == "crew" else "") for role in PEOPLE}
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
def browser() -> Iterator[Any]:
    pytest.importorskip("playwright.sync_api")
    with chrome() as browser:
        yield browser


@pytest.fixture(scope="module")
def walk() -> Walk:
    return Walk()


def seat(browser: Any, person: Talker, room: Served, language: str, size: dict[str, int] = BOARD) -> Any:
    """A window in which somebody is signed in."""
    context = browser.new_context(
        viewport=size, locale=language, base_url=room.address, accept_downloads=True
    )
    kept = [{"name": each.name, "value": each.value, "url": room.address} for each in person.cookies]
    context.add_cookies([*kept, {"name": "gridcrew_language", "value": language, "url": room.address}])
    return context.new_page()


@pytest.mark.parametrize("role", PEOPLE)
def test_every_control_that_a_role_meets_can_be_used(
    role: str, room: Served, people: dict[str, Talker], browser: Any, walk: Walk
) -> None:
    # Each role begins in the other language, so that about half of all is used in either.
    first, before = PEOPLE.index(role) % 2, len(walk.wrong)
    for language in (LANGUAGES[first], LANGUAGES[1 - first]):
        began = time.monotonic()
        page = seat(browser, people[role], room, language)
        walker = Walker(page, role, language, walk)
        walker.open("/")
        home = urlsplit(page.url).path
        if home == "/" and language == LANGUAGES[first]:
            walker.press(keys_of(page), home)
        walker.walk_from(home)
        page.context.close()
        print(f"{role}, {language}: {time.monotonic() - began:.0f} s, {len(walk.tried)} of {len(walk.met)}")
    assert not walk.wrong[before:], "\n".join(walk.wrong[before:])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_of_a_crews_phone_can_be_used(
    language: str, room: Served, people: dict[str, Talker], browser: Any, walk: Walk
) -> None:
    desk, before = people["dispatcher"], len(walk.wrong)
    crew = desk.get("/api/v1/crews").data["crews"][LANGUAGES.index(language) + 1]["id"]
    made = desk.form("/phones", f"/phones/{crew}", pin=PIN)
    link = re.search(r"/phone/enter#[A-Za-z0-9_-]+", made.text)
    assert link is not None
    page = seat(browser, desk, room, language, PHONE)
    walker = Walker(page, "crew's phone", language, walk)
    page.goto(link[0])
    page.fill("#pin", PIN)
    page.click("form .go")
    page.wait_for_selector("section.shift")
    walker.walk_page("/phone")
    page.context.close()
    assert not walk.wrong[before:], "\n".join(walk.wrong[before:])


def test_nothing_was_left_unused_and_nothing_broke(room: Served, walk: Walk) -> None:
    pages = Counter(mark.split(" ")[0] for mark in walk.met)
    print(f"{len(walk.met)} controls of {len(pages)} pages: {dict(sorted(pages.items()))}")
    print(f"off wherever they were met: {sorted(walk.only_off)}; left out: {dict(walk.left_out)}")
    assert not walk.never_used, "\n".join(walk.never_used)
    assert walk.met
    assert not room.faults, room.faults
    assert "Traceback (most recent call last)" not in room.log

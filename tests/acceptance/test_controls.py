"""Every link, button, field and key of every page is used once, by somebody who may, and nothing breaks.

What a page offers is collected from the running product, so that a control that nobody thought of is
tried as well. What is not tried must stand in `controls.LEFT_OUT` with its reason.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dispatch.store.accounts import ROLES
from tests.acceptance.controls import Walk, Walker, keys_of
from tests.acceptance.days import Plan, write_case
from tests.acceptance.hands import Hands
from tests.acceptance.served import Served, Staff, Talker, until
from tests.acceptance.windows import PHONE, PIN, chrome
from tests.web.ports import lasting_port

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1800)]
# The administrator is last: the others' accounts are taken apart then.
PEOPLE = (*(role for role in ROLES if role != "administrator"), "administrator")
LANGUAGES = ("en", "zh-CN")
PHONES = "crew's phone"
BOARD = {"width": 1366, "height": 768}
# Walked beside one another: more do not help on a machine of two cores.
WINDOWS = 3


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


def walk_as(role: str, language: str, person: Talker, room: Served, walk: Walk, browser: Any) -> None:
    """Use what somebody of a role meets, in a language."""
    page = seat(browser, person, room, language)
    walker = Walker(page, role, language, walk)
    walker.open("/")
    home = urlsplit(page.url).path
    # Each role presses the keys in the other language, so that about half of all is pressed in either.
    if home == "/" and language == LANGUAGES[PEOPLE.index(role) % 2]:
        walker.press(keys_of(page), home)
    hands = Hands(walker)
    if role == "dispatcher":
        hands.ask_why()
        hands.move_work()
        hands.change_work()
    walker.walk_from(home)
    if role == "dispatcher":
        # After the walk, which opens by itself only what nobody has opened before.
        hands.answer_proposals(lambda: propose_moves(person))
        odd = {"words": "qwertz 123", "channel": "phone", "lon": -71.25, "lat": -29.9}
        hands.sort_out(person.post("/api/v1/requests", odd).data["id"])
    page.context.close()


def propose_moves(person: Talker) -> None:
    """A crew is called away and back again in turn: either moves its visits."""
    crew = max(
        person.get("/api/v1/crews").data["crews"],
        key=lambda each: (each["state"] == "absent", len(each["jobs"]), each["id"]),
    )
    away = crew["state"] == "absent"
    told = {"state": "on_shift"} if away else {"state": "absent", "reason": "ill"}
    person.post(f"/api/v1/crews/{crew['id']}/state", told)
    person.post("/api/v1/plans/proposal", {"free": True})


def walk_phone(language: str, link: str, desk: Talker, room: Served, walk: Walk, browser: Any) -> None:
    """Use what a crew's phone shows, in a language."""
    page = seat(browser, desk, room, language, PHONE)
    walker = Walker(page, PHONES, language, walk)
    page.goto(link)
    page.fill("#pin", PIN)
    page.click("form .go")
    page.wait_for_selector("section.shift")
    walker.walk_page("/phone")
    page.context.close()


@pytest.fixture(scope="module")
def links(people: dict[str, Talker]) -> dict[str, str]:
    """What a crew's phone opens with, by language."""
    desk, found = people["dispatcher"], {}
    crews = [each["id"] for each in desk.get("/api/v1/crews").data["crews"]]
    for language, crew in zip(LANGUAGES, crews[1:], strict=False):
        made = desk.form("/phones", f"/phones/{crew}", pin=PIN)
        link = re.search(r"/phone/enter#[A-Za-z0-9_-]+", made.text)
        assert link is not None, made.text[:500]
        found[language] = link[0]
    return found


@pytest.fixture(scope="module")
def asked_for(request: pytest.FixtureRequest) -> set[tuple[str, str]]:
    """Who is to walk in which language: those whose tests were chosen, everybody without a choice."""
    chosen = (getattr(each, "callspec", None) for each in request.session.items)
    found = {
        (each.params["who"], each.params["language"]) for each in chosen if each and "who" in each.params
    }
    return found or set(product((PHONES, *PEOPLE), LANGUAGES))


@pytest.fixture(scope="module")
def walked(
    room: Served,
    people: dict[str, Talker],
    links: dict[str, str],
    walk: Walk,
    asked_for: set[tuple[str, str]],
) -> Walk:
    """What everybody met and tried, some beside one another, each window in a browser of its own."""
    pytest.importorskip("playwright.sync_api")

    def run(who: str, language: str) -> None:
        began = time.monotonic()
        try:
            with chrome() as browser:
                if who == PHONES:
                    walk_phone(language, links[language], people["dispatcher"], room, walk, browser)
                else:
                    walk_as(who, language, people[who], room, walk, browser)
        except Exception as error:
            walk.wrong.append(f"{who}, {language}: {type(error).__name__}: {error}"[:1000])
        print(
            f"{who}, {language}: {time.monotonic() - began:.0f} s, {len(walk.tried)} of {len(walk.met)}",
            flush=True,
        )

    # Phones first, before the desk takes their codes back.
    for group in ((PHONES, *PEOPLE[:-1]), PEOPLE[-1:]):
        with ThreadPoolExecutor(WINDOWS) as windows:
            turns = [each for each in product(group, LANGUAGES) if each in asked_for]
            list(windows.map(lambda each: run(*each), turns))
    return walk


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", [*PEOPLE, PHONES])
def test_every_control_that_somebody_meets_can_be_used(who: str, language: str, walked: Walk) -> None:
    wrong = [each for each in walked.wrong if each.startswith(f"{who}, {language}")]
    assert not wrong, "\n".join(wrong)


def test_nothing_was_left_unused_and_nothing_broke(room: Served, walked: Walk) -> None:
    pages = Counter(mark.split(" ")[0] for mark in walked.met)
    print(f"{len(walked.met)} controls of {len(pages)} pages: {dict(sorted(pages.items()))}")
    print(f"off wherever they were met: {sorted(walked.only_off)}; left out: {dict(walked.left_out)}")
    assert not walked.never_used, "\n".join(walked.never_used)
    assert walked.met
    assert not room.faults, room.faults
    assert "Traceback (most recent call last)" not in room.log

"""One shift: three crews' phones, one of them without signal half the time, beside two dispatchers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dispatch.intake import load_case
from dispatch.live import due_callbacks
from dispatch.store.accounts import Accounts
from dispatch.store.phones import Phones
from tests.small_case import write_small_case
from tests.web.phones import (
    PHONE,
    PIN,
    SECRET,
    DutyRoom,
    press,
    sent,
    sign_in_dispatcher,
    step_on,
    wait_sent,
    windows,
)
from tests.web.settling import expect

THIRD = (
    "crew-3,Crew 3,D1,2026-07-14T16:00:00-04:00,2026-07-15T02:00:00-04:00,hv;lv;switching;tree;metering,2,"
    "Truck 13,fuse:4;meter:2,,120,+56 9 100 0003\n"
)
CREWS = ("crew-1", "crew-2", "crew-3")

pytestmark = pytest.mark.browser


@pytest.fixture
def room(tmp_path: Path) -> Iterator[DutyRoom]:
    folder = write_small_case(tmp_path / "case")
    with (folder / "crews.csv").open("a") as crews:
        crews.write(THIRD)
    room = DutyRoom(load_case(folder), f"sqlite:///{tmp_path}/day.sqlite", threads=12)
    room.start()
    for name in ("ana", "ben"):
        Accounts(room.desk.store).add(name, "dispatcher", SECRET)
    yield room
    room.stop()


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    with windows(browser) as visit:
        yield visit


def sign_in_phone(room: DutyRoom, opened: Any, crew: str) -> Any:
    now = datetime.now(UTC)
    until = now + timedelta(hours=8)
    code = Phones(room.desk.store).make_link(crew, PIN, until=until, by="ana", now=now)
    address = f"http://127.0.0.1:{room.port}/phone/enter#{code}"
    page = opened(address, viewport=PHONE, has_touch=True, is_mobile=True)
    page.fill("#pin", PIN)
    page.tap("form .go")
    page.wait_for_selector("#do-sign-on")
    page.tap("#do-sign-on")
    page.tap("#do-sign-on.armed")
    page.tap("#understood")
    wait_sent(page)
    return page


def finish(page: Any) -> None:
    for _ in range(120):
        if not step_on(page):
            return
    raise AssertionError(page.inner_text("main"))


def picture(folder: Path) -> Path:
    path = folder / "cable.jpg"
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "S", 2: (29.0, 54.0, 0.0), 3: "W", 4: (71.0, 15.0, 0.0)})
    Image.new("RGB", (1600, 1200), "orange").save(path, "JPEG", exif=exif)
    return path


def into_the_tunnel(page: Any) -> None:
    """Cut the network, and open the page again without it."""
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.reload()
    page.wait_for_selector("article.stop")
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("article.stop")


def work_without_signal(page: Any, folder: Path) -> None:
    """Two states, a picture and a note, in this order."""
    press(page, "on_the_way")
    press(page, "on_site")
    page.set_input_files("#photo-before", picture(folder))
    page.tap("#open-note")
    page.fill("#text-note", "cable is cut")
    page.tap("form .go")
    page.wait_for_selector("#queue.cut")


def told_by(room: DutyRoom, crew: str) -> list[Any]:
    return [event for event in sent(room) if event.actor == f"phone {crew}"]


def what(event: Any) -> Any:
    return event.data.get("to") or event.data.get("what") or event.data.get("note")


def call_the_police(phone: Any, ana: Any, ben: Any) -> None:
    """Both boards show it until one of them has seen to it."""
    phone.tap("#open-help")
    phone.tap("[data-reason='police']")
    ben.locator("#strip .fieldcall").wait_for()
    ben.locator("#strip .fieldcall .quiet").click()
    ben.locator("dialog.ask form button").click()
    ana.locator("#strip .fieldcall").wait_for(state="detached")


def out_of_the_tunnel(room: DutyRoom, crew: str, page: Any) -> None:
    """Everything arrives, once and in order, and happened in that order too."""
    page.context.set_offline(False)
    wait_sent(page)
    told = told_by(room, crew)[2:]
    assert [what(event) for event in told[:4]] == ["on_the_way", "on_site", "photo", "cable is cut"]
    times = [event.at for event in told[:4]]
    assert times == sorted(times)


def ask_all(ana: Any, room: DutyRoom) -> None:
    """Ask every caller by keys: the first says no, the others yes; one answer is taken back on the way."""
    asked = due_callbacks(room.desk)
    assert asked
    ana.goto(f"http://127.0.0.1:{room.port}/callbacks")
    ana.locator("#asked li").first.wait_for()
    order, count = asked[0]["order_id"], len(asked)
    ana.keyboard.press("n")
    ana.locator("#undo").wait_for()
    expect(ana.locator("#asked li")).to_have_count(count - 1)
    ana.keyboard.press("z")
    expect(ana.locator("#asked li")).to_have_count(count)
    for key in ("n", *("y" * (count - 1))):
        ana.keyboard.press(key)
    ana.goto(f"http://127.0.0.1:{room.port}/callbacks")
    ana.locator("#left", has_text="0 to ask").wait_for()
    answers = [row["state"] for row in room.desk.rows("callbacks")]
    assert answers.count("no") == 1
    assert answers.count("yes") >= count - 1
    assert next(row["state"] for row in room.desk.rows("orders") if row["id"] == order) == "accepted"


def test_a_shift_of_three_phones_and_two_dispatchers_to_the_callback(
    room: DutyRoom, opened: Any, tmp_path: Path
) -> None:
    routes = {route.crew: len(route.visits) for route in room.desk.day().plan.routes}
    away, *others = sorted(CREWS, key=lambda crew: -routes.get(crew, 0))
    ana, ben = (sign_in_dispatcher(room, opened, name) for name in ("ana", "ben"))
    ana.locator("#strip .unread").wait_for()
    phones = {crew: sign_in_phone(room, opened, crew) for crew in CREWS}
    ana.locator("#strip .unread").wait_for(state="detached")

    into_the_tunnel(phones[away])
    work_without_signal(phones[away], tmp_path)
    assert [event.kind for event in told_by(room, away)] == ["crew_changed", "plan_acknowledged"]
    if routes.get(others[0]):
        call_the_police(phones[others[0]], ana, ben)
    for crew in others:
        finish(phones[crew])
        wait_sent(phones[crew])
    out_of_the_tunnel(room, away, phones[away])
    finish(phones[away])
    wait_sent(phones[away])
    times = [event.at for event in told_by(room, away)]
    assert times == sorted(times)
    ask_all(ana, room)

    assert room.desk.store.differing() == []
    keys = [event.key for event in sent(room) if event.key]
    assert len(keys) == len(set(keys))
    assert [page.wrong for page in (*phones.values(), ana, ben)] == [[]] * 5

"""Chromium beside the callers and phones: dispatchers' boards, and crews who tap on their page."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.acceptance.served import Served, Talker

PHONE = {"width": 390, "height": 844}
BOARD = {"width": 1366, "height": 768}
PIN = "4711"
MOST_STEPS = 12
TAP_MS = 3000
# What a crew taps, the first that is there.
TO_DO = (
    "[data-conflict] .plain",
    "#do-sign-on",
    "#understood",
    "article .box:not(.done):not([disabled])",
    "article .do > button.go",
)
# What the browser itself writes when the server was away, or said no in words.
OWN_WORDS = re.compile(r"Failed to load resource|net::ERR_|WebSocket|EventSource")


class Windows:
    """Open windows, and what their pages complain of."""

    def __init__(self, browser: Any, server: Served) -> None:
        self.browser, self.server = browser, server
        self.complaints: list[str] = []
        self.boards: list[Any] = []
        self.phones: dict[str, Any] = {}
        self.taps: Counter[str] = Counter()

    def open_board(self, person: Talker, language: str) -> None:
        """A dispatcher's board that stays open through all the days."""
        page = self._window(BOARD, language)
        page.context.add_cookies(
            [{"name": each.name, "value": each.value, "url": self.server.address} for each in person.cookies]
        )
        page.goto(f"/?lang={language}")
        self.boards.append(page)

    def open_phone(self, office: Talker, crew: str, language: str) -> None:
        """A crew's phone, signed in by its link and PIN as people do."""
        made = office.form("/phones", f"/phones/{crew}", pin=PIN)
        link = re.search(r"/phone/enter#[A-Za-z0-9_-]+", made.text)
        assert link is not None, made.text[:500]
        page = self.phones.get(crew) or self._window(PHONE, language, has_touch=True, is_mobile=True)
        page.goto("about:blank")
        page.goto(link[0])
        page.fill("#pin", PIN)
        page.tap("form .go")
        page.wait_for_selector("section.shift, .wait, article.stop")
        self.phones[crew] = page

    def _window(self, size: dict[str, int], language: str, **more: Any) -> Any:
        context = self.browser.new_context(
            viewport=size, locale=language, base_url=self.server.address, **more
        )
        page = context.new_page()
        page.set_default_timeout(30_000)

        def say(text: str) -> None:
            if not OWN_WORDS.search(text):
                self.complaints.append(f"{urlsplit(page.url).path}: {text}"[:300])

        page.on("pageerror", lambda error: say(f"uncaught {error}"))
        page.on("console", lambda message: say(message.text) if message.type == "error" else None)
        page.on("response", self._note)
        return page

    def _note(self, answer: Any) -> None:
        if answer.status >= 500 and answer.status != 503:
            self.complaints.append(f"{answer.status} {urlsplit(answer.url).path}")

    def work(self, on: frozenset[str], office: Talker) -> None:
        """Let each crew that is on shift tap what its page offers first; boards only look."""
        for crew, page in self.phones.items():
            if crew not in on:
                continue
            if page.query_selector("form.sign-in, main > h1"):
                self.open_phone(office, crew, "en")
            for _ in range(MOST_STEPS):
                if not self._tap_next(page):
                    break
        for page in self.boards:
            page.evaluate("1")

    def _tap_next(self, page: Any) -> bool:
        """Tap the first thing to do; False where there is nothing more for now."""
        for what in TO_DO:
            button = page.query_selector(f"main {what}")
            if button is None:
                continue
            mark = button.get_attribute("id")
            self._tap(page, f"#{mark}" if mark else f"main {what}")
            if mark and mark.startswith("do-"):
                self._tap(page, f"#{mark}.armed")
            self.taps[what] += 1
            # A step of the work takes its time.
            return not what.startswith("article .do")
        return False

    def _tap(self, page: Any, what: str) -> None:
        """Tap, unless news have taken it away in the meantime."""
        try:
            page.tap(what, timeout=TAP_MS)
        except Exception as error:
            if "Timeout" not in str(error):
                raise
            self.taps["taken away"] += 1


@contextmanager
def chrome() -> Iterator[Any]:
    """A browser for the time of the days."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()

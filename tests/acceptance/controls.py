"""What a page offers - links, buttons, fields, keys - collected out of it, and how each is used.

A control is known by where it stands and what it does, not by its words: so it is one control in every
language, and of a list of alike rows one is tried.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# By what is known of a control: what would end the walk, or leave the product. Each with its reason.
LEFT_OUT = {
    r"/sign-out": "ends the session of whoever walks; test_sessions signs out",
    r"form (/|)(password|accounts/#/(disable|reset|sign-out))": "locks out people who still have to walk; "
    "test_people does it",
    r"^a (tel:|mailto:|https?:)": "leaves the product",
    r"print": "opens the system's own window",
}
# The same of keys.
KEYS_LEFT_OUT: dict[str, str] = {}
# Answers that are a clear word to a person, not a fault: refused as things are, missing or wrong input.
A_WORD = {400, 403, 404, 409, 413, 415, 422, 429}
ACT_MS = 3000
OPEN_MS = 120_000
MOST_TRIES = 2
SCRIPTS = Path(__file__).parent
COLLECT = (SCRIPTS / "collect.js").read_text("utf-8")
COUNT_ASKS = (SCRIPTS / "count_asks.js").read_text("utf-8")
# Two pictures drawn and no answer outstanding: the page has done what the last act asked of it.
CALM = """async () => {
  const drawn = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  for (let n = 0; n < 60; n += 1) { await drawn(); if (!window.walkAsks) break; }
}"""
CLOSE_MENU = "() => document.querySelectorAll('details.more-pages[open]').forEach((e) => (e.open = false))"
FORGET = "() => { try { localStorage.clear(); sessionStorage.clear(); } catch { /* no page yet */ } }"
NEWS = re.compile(r"detached|not attached|not visible|outside of the viewport|intercepts|Timeout|not enabled")


@dataclass
class Walk:
    """What was met and tried in one room by everybody, and what went wrong."""

    met: dict[str, str] = field(default_factory=dict)
    """By place and control: who met it first."""
    tried: set[str] = field(default_factory=set)
    only_off: set[str] = field(default_factory=set)
    """Off wherever it was met: what cannot be used as things are."""
    left_out: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def never_used(self) -> list[str]:
        """What was met and never tried."""
        left = set(self.met) - self.tried - self.only_off
        return sorted(f"{mark} (met by {self.met[mark]})" for mark in left)


class Walker:
    """Somebody in a window who uses what is there."""

    def __init__(self, page: Any, who: str, language: str, walk: Walk) -> None:
        self.page, self.who, self.language, self.walk = page, who, language, walk
        self.reach: dict[str, tuple[str, ...]] = {}
        self.missed: Counter[str] = Counter()
        page.set_default_timeout(OPEN_MS)
        page.add_init_script(COUNT_ASKS)
        page.on("pageerror", lambda error: self._wrong(str(error)))
        page.on("response", self._note)
        page.on("dialog", lambda dialog: dialog.accept())

    def _wrong(self, text: str) -> None:
        self.walk.wrong.append(f"{self.who}, {self.language}, {urlsplit(self.page.url).path}: {text}"[:400])

    def _note(self, answer: Any) -> None:
        asked = answer.request.method
        if answer.status >= 400 and not (answer.status in A_WORD and asked != "GET"):
            self._wrong(f"{answer.status} {asked} {urlsplit(answer.url).path}")

    # -- pages ---------------------------------------------------------------------

    def walk_from(self, first: str) -> None:
        """Use everything of a page and of the pages that it leads to, one of each kind."""
        waiting, seen = [first], set()
        while waiting:
            path = waiting.pop(0)
            if place_of(path) not in seen:
                seen.add(place_of(path))
                waiting += self.walk_page(path)

    def open(self, path: str) -> None:
        """Open a page in the walk's language."""
        # As somebody opens it who has never been here: the wall's big letters are remembered, and others.
        self.page.evaluate(FORGET)
        self.page.goto(f"{path}?lang={self.language}")
        self.calm()

    def calm(self) -> None:
        """Wait until the page has done what it was asked."""
        for _ in range(3):
            try:
                self.page.evaluate(CALM)
                return
            except Exception as error:
                # A form that was sent has opened another page meanwhile.
                if not re.search(r"context was destroyed|navigat", str(error)):
                    raise
                self.page.wait_for_load_state()

    def walk_page(self, path: str) -> list[str]:
        """Use every control of a page that was not used yet; the pages that it leads to."""
        self.open(path)
        links: dict[str, str] = {}
        chain: list[str] = []
        place = place_of(path)
        open_: Counter[str] = Counter()
        while True:
            new = self._next_new(place, chain, links)
            if new is not None:
                self._use(place, new, chain)
            elif self._closed_what_is_open():
                chain[:] = [step for step in chain if "| dialog " not in step]
            elif (mark := self._left(place, open_)) is not None:
                self.open(path)
                chain[:] = self._go_back_to(place, mark)
                # Everything that this way led to is there again, or is gone.
                open_.update(each for each, way in self.reach.items() if way == self.reach[mark])
                continue
            else:
                return list(links.values())
            if place_of(urlsplit(self.page.url).path) != place:
                here = urlsplit(self.page.url).path
                links.setdefault(place_of(here), here)
                self.open(path)
                chain.clear()

    def _closed_what_is_open(self) -> bool:
        """Close a dialog in which nothing is left to use; False where none is open, or it stays."""
        opened = self.page.locator("dialog[open]").count()
        if opened:
            self.page.keyboard.press("Escape")
            self.calm()
        return bool(opened) and self.page.locator("dialog[open]").count() < opened

    def _left(self, place: str, open_: Counter[str]) -> str | None:
        """Something that was met on this page by this walker, and that is still to be tried."""
        return next(
            (
                mark
                for mark in self.reach
                if mark.startswith((f"{place} ", "* "))
                and mark not in self.walk.tried
                and max(open_[mark], self.missed[mark]) < MOST_TRIES
            ),
            None,
        )

    def _go_back_to(self, place: str, mark: str) -> list[str]:
        """Press again what led to a control."""
        done = []
        for step in self.reach[mark]:
            found = next((each for each in self._collect() if mark_of(place, each) == step), None)
            if found is None or found["off"]:
                break
            self._act(found)
            done.append(step)
        return done

    def _collect(self) -> list[dict[str, Any]]:
        self.calm()
        return list(self.page.evaluate(COLLECT))

    def _next_new(self, place: str, chain: list[str], links: dict[str, str]) -> dict[str, Any] | None:
        """Note what is there; the first thing that nobody has used."""
        new = []
        for each in self._collect():
            mark = mark_of(place, each)
            self.walk.met.setdefault(mark, f"{self.who}, {self.language}")
            if each["href"] and each["href"].startswith("/"):
                path = each["href"].split("?")[0].split("#")[0]
                if "." not in path.rsplit("/", 1)[-1] and not left_out(each["sign"]):
                    links.setdefault(place_of(path), path)
            if mark in self.walk.tried or self.missed[mark] >= MOST_TRIES:
                continue
            reason = left_out(each["sign"])
            if reason is not None:
                self.walk.tried.add(mark)
                self.walk.left_out[reason] += 1
            elif each["off"]:
                self.walk.only_off.add(mark)
            else:
                self.walk.only_off.discard(mark)
                self.reach.setdefault(mark, tuple(chain))
                new.append(each)
        return min(new, key=lambda each: (each["rank"], each["at"]), default=None)

    # -- controls ------------------------------------------------------------------

    def _use(self, place: str, each: dict[str, Any], chain: list[str]) -> None:
        mark = mark_of(place, each)
        if self._act(each):
            self.walk.tried.add(mark)
        else:
            self.missed[mark] += 1
        if each["kind"] != "a":
            chain.append(mark)

    def _act(self, each: dict[str, Any]) -> bool:
        """Do with a control what people do with it; False where it could not be reached."""
        if "more-pages" not in each["sign"]:
            # The menu's list lies over the page until somebody closes it.
            self.page.evaluate(CLOSE_MENU)
        element = self.page.locator(f"[data-walk='{each['at']}']").first
        try:
            self._do(element, each)
        except Exception as error:
            text = str(error).splitlines()[0]
            # A list that is drawn anew takes its old rows away; the next look finds the new ones.
            if not NEWS.search(text):
                self._wrong(f"{each['sign']}: {text}")
            return False
        finally:
            self.calm()
        return True

    def _do(self, element: Any, each: dict[str, Any]) -> None:
        kind = each["kind"]
        if kind == "a":
            self._follow(element, each)
        elif kind in ("select", "textarea") or kind.startswith("input"):
            fill(element, each)
        else:
            element.click(timeout=ACT_MS, no_wait_after=True)

    def _follow(self, element: Any, each: dict[str, Any]) -> None:
        """Look whether a link leads somewhere; the walk opens each kind of page once by itself."""
        href = each["href"]
        if href.startswith("#"):
            element.focus(timeout=ACT_MS)
            element.press("Enter", timeout=ACT_MS)
            return
        way = href if href.startswith("/") else f"{urlsplit(self.page.url).path}{href}"
        answer = self.page.request.get(way, timeout=OPEN_MS)
        if answer.status >= 400:
            self._wrong(f"the link {href}: {answer.status}")

    def press(self, keys: Iterator[str] | list[str], place: str) -> None:
        """Press each key where the page stands; what it opens is closed again."""
        for key in keys:
            mark = f"{place} key {key}"
            self.walk.met.setdefault(mark, f"{self.who}, {self.language}")
            for each in key.split(" "):
                self.page.keyboard.press(each)
            self.calm()
            self.walk.tried.add(mark)
            if place_of(urlsplit(self.page.url).path) != place:
                self.open(place)
            elif key != "Escape":
                self.page.keyboard.press("Escape")


def fill(element: Any, each: dict[str, Any]) -> None:
    """Fill a field with something that fits it."""
    kind = each["type"]
    if each["kind"] == "select":
        options = element.locator("option:not([disabled])").count()
        element.select_option(index=min(1, options - 1), timeout=ACT_MS)
    elif kind in ("checkbox", "radio", "submit", "button", "reset"):
        element.click(timeout=ACT_MS, no_wait_after=True)
    elif kind == "file":
        name = "sent.yaml" if "yaml" in each["file"] else "sent.csv"
        element.set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": b"a,b\n1,2\n"}, timeout=ACT_MS
        )
    elif kind == "number":
        element.fill(each["min"] or each["value"] or "1", timeout=ACT_MS)
    elif kind in ("date", "time", "datetime-local", "range", "color"):
        some = {"date": "2026-06-18", "time": "09:00", "datetime-local": "2026-06-18T09:00"}
        element.fill(each["value"] or some.get(kind, "1"), timeout=ACT_MS)
    else:
        element.fill("7", timeout=ACT_MS)


def mark_of(place: str, each: dict[str, Any]) -> str:
    """What a control is known by; what stands on every page is one everywhere."""
    return f"{'*' if each['shell'] else place} {each['sign']}"


def left_out(sign: str) -> str | None:
    """Why a control is not used; None where it is."""
    return next((reason for words, reason in LEFT_OUT.items() if re.search(words, sign)), None)


def place_of(path: str) -> str:
    """A path without its numbers and names of crews, orders, requests."""
    return re.sub(r"[^/]*\d[^/]*", "#", path)


def keys_of(page: Any) -> list[str]:
    """The keys that the page's own help names, as they are pressed."""
    rows = page.eval_on_selector_all(
        "dl.keys dt:not(.group)",
        "all => all.map((each) => [...each.querySelectorAll('kbd')].map((key) => key.textContent).join(' '))",
    )
    found: list[str] = []
    for row in rows:
        many = re.fullmatch(r"(\d)–(\d)", row)
        found += map(str, range(int(many[1]), int(many[2]) + 1)) if many else [row.replace("Esc", "Escape")]
    return found

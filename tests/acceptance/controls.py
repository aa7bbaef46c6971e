"""What a page offers - links, buttons, fields, keys - collected out of it, and how each is used.

A control is known by where it stands and what it does, not by its words: so it is one control in every
language, and of a list of alike rows one is tried.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# By what is known of a control: what would end the walk, or leave the product. Each with its reason.
LEFT_OUT = {
    r"/sign-out": "ends the session of whoever walks; test_sessions signs out",
    r"form (/|)(password|accounts/#/(disable|reset|sign-out))": "locks out people who still have to walk; "
    "test_people does it",
    r"^a (tel:|geo:|mailto:|https?:)": "leaves the product",
    r"print": "opens the system's own window",
}
# The same of keys.
KEYS_LEFT_OUT: dict[str, str] = {}
# Answers that are a clear word to a person, not a fault: refused as things are, missing or wrong input.
A_WORD = {400, 403, 404, 409, 413, 415, 422, 429}
# A busy server asks to come back: the walk does, as it tries everything more than once.
NOT_NOW = 503
ACT_MS = 3000
OPEN_MS = 120_000
MOST_TRIES = 3
# What `collect.js` calls a button that sends a form.
SENDS = 4
SCRIPTS = Path(__file__).parent
WORDS = Path(__file__).parents[2] / "web" / "i18n"
COLLECT = (SCRIPTS / "collect.js").read_text("utf-8")
COUNT_ASKS = (SCRIPTS / "count_asks.js").read_text("utf-8")
# Two pictures drawn and no answer outstanding: the page has done what the last act asked of it.
CALM = """async () => {
  const drawn = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  for (let n = 0; n < 150; n += 1) { await drawn(); if (!window.walkAsks) break; }
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
    openers: set[str] = field(default_factory=set)
    """What brought up others: each person uses it anew, for to another it may show something else."""
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
        self.cause: dict[str, str | None] = {}
        """What was used when a control came up; None where it stands on the page as it opens."""
        self.at = ""
        self.used: set[str] = set()
        self.sending: set[str] = set()
        self._stirred = True
        self.missed: Counter[str] = Counter()
        page.set_default_timeout(OPEN_MS)
        page.add_init_script(COUNT_ASKS)
        page.on("pageerror", lambda error: self.complain(str(error)))
        page.on("response", self._note)
        page.on("dialog", lambda dialog: dialog.accept())

    def complain(self, text: str) -> None:
        told = f"{self.who}, {self.language}, {urlsplit(self.page.url).path}: {text}"[:400]
        print(told, flush=True)
        self.walk.wrong.append(told)

    def _note(self, answer: Any) -> None:
        asked = answer.request.method
        if answer.status >= 400 and not (
            answer.status in A_WORD and (asked != "GET" or answer.status == 503)
        ):
            self.complain(f"{answer.status} {asked} {urlsplit(answer.url).path}")

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
        self.look(FORGET)
        self._stirred = True
        self.page.goto(f"{path}?lang={self.language}")
        self.calm()

    def calm(self) -> None:
        """Wait until the page has done what it was asked."""
        if self._stirred:
            self.look(CALM)
            self._stirred = False

    def look(self, script: str) -> Any:
        """Ask the page something; asked again where a form that was sent opens another page meanwhile."""
        for _ in range(MOST_TRIES):
            try:
                return self.page.evaluate(script)
            except Exception as error:
                if not re.search(r"context was destroyed|navigat", str(error)):
                    raise
                self.page.wait_for_load_state()
        return self.page.evaluate(script)

    def walk_page(self, path: str) -> list[str]:
        """Use every control of a page that was not used yet; the pages that it leads to."""
        self.open(path)
        links: dict[str, str] = {}
        last: str | None = None
        # Some pages send on: /standing shows its first kind.
        place = place_of(urlsplit(self.page.url).path)
        while True:
            new = self._next_new(place, last, links)
            if place_of(self.at) != place:
                pass
            elif new is not None:
                last = self._use(place, new)
            elif self._closed_what_is_open():
                last = None
            elif (mark := self._left(place)) is not None:
                self.open(path)
                found = self._go_back_to(place, mark)
                last = self._use(place, found) if found is not None else None
                self.missed[mark] += found is None
            else:
                return list(links.values())
            here = urlsplit(self.page.url).path
            if place_of(here) != place or place_of(self.at) != place:
                links.setdefault(place_of(here), here)
                self.open(path)
                last = None

    def _closed_what_is_open(self) -> bool:
        """Close a dialog in which nothing is left to use; False where none is open, or it stays."""
        opened = self.page.locator("dialog[open]").count()
        if opened:
            self.stroke("Escape")
            self.calm()
        return bool(opened) and self.page.locator("dialog[open]").count() < opened

    def _left(self, place: str) -> str | None:
        """Something that was met on this page by this walker, and that is still to be tried."""
        return next(
            (
                mark
                for mark in self.cause
                if mark.startswith((f"{place} ", "* "))
                and mark not in self.walk.only_off
                and not self._is_done(mark)
                and self.missed[mark] < MOST_TRIES
            ),
            None,
        )

    def _is_done(self, mark: str) -> bool:
        return mark in (self.used if mark in self.walk.openers else self.walk.tried)

    def _go_back_to(self, place: str, mark: str) -> dict[str, Any] | None:
        """Use again what led to a control; the control, None where it does not come up again."""
        way = [mark]
        while (before := self.cause.get(way[0])) is not None:
            way.insert(0, before)
        for step in way[:-1]:
            shown = {mark_of(place, each): each for each in self._collect()}
            if mark in shown:
                break
            if step in shown and not shown[step]["off"]:
                self._act(shown[step])
        found = next((each for each in self._collect() if mark_of(place, each) == mark), None)
        return None if found is None or found["off"] else found

    def _collect(self) -> list[dict[str, Any]]:
        self.calm()
        collected = self.look(COLLECT)
        # Of another page, where a form that was sent has opened one only now.
        self.at, found = str(collected["path"]), list(collected["found"])
        for each in found:
            each["sign"] = in_any_language(each["sign"], self.language)
        return found

    def _next_new(self, place: str, last: str | None, links: dict[str, str]) -> dict[str, Any] | None:
        """Note what is there; the first thing that nobody has used."""
        new: dict[str, list[dict[str, Any]]] = {}
        shown = self._collect()
        for each in shown if place_of(self.at) == place else ():
            mark = mark_of(place, each)
            self.walk.met.setdefault(mark, f"{self.who}, {self.language}")
            if each["href"] and each["href"].startswith("/"):
                path = each["href"].split("?")[0].split("#")[0]
                if "." not in path.rsplit("/", 1)[-1] and not left_out(each["sign"]):
                    links.setdefault(place_of(path), path)
            if mark not in self.cause:
                self.cause[mark] = last
                if last is not None and last not in self.sending:
                    self.walk.openers.add(last)
            if self._is_done(mark):
                continue
            reason = left_out(each["sign"])
            if reason is not None:
                self.walk.tried.add(mark)
                self.used.add(mark)
                self.walk.left_out[reason] += 1
            elif each["off"]:
                self.walk.only_off.add(mark)
            elif self.missed[mark] < MOST_TRIES:
                self.walk.only_off.discard(mark)
                new.setdefault(mark, []).append(each)
        # Of alike ones another, where one could not be reached.
        ones = [each[min(self.missed[mark], len(each) - 1)] for mark, each in new.items()]
        return min(ones, key=lambda each: (each["rank"], each["at"]), default=None)

    # -- controls ------------------------------------------------------------------

    def _use(self, place: str, each: dict[str, Any]) -> str:
        """Use a control once; what it is known by."""
        mark = mark_of(place, each)
        if each["rank"] == SENDS:
            self.sending.add(mark)
        # On a busy machine a page takes longer than anybody waits on a quiet one.
        if self._act(each, ACT_MS * (1 + 2 * self.missed[mark])):
            self.walk.tried.add(mark)
            self.used.add(mark)
        else:
            self.missed[mark] += 1
        return mark

    def _act(self, each: dict[str, Any], ms: int = ACT_MS) -> bool:
        """Do with a control what people do with it; False where it could not be reached."""
        if "more-pages" not in each["sign"]:
            # The menu's list lies over the page until somebody closes it.
            self.look(CLOSE_MENU)
        element = self.page.locator(f"[data-walk='{each['at']}']").first
        self._stirred = True
        try:
            self._do(element, each, ms)
        except Exception as error:
            text = str(error).splitlines()[0]
            # A list that is drawn anew takes its old rows away; the next look finds the new ones.
            if not NEWS.search(text):
                self.complain(f"{each['sign']}: {text}")
            return False
        finally:
            self.calm()
        return True

    def _do(self, element: Any, each: dict[str, Any], ms: int) -> None:
        kind = each["kind"]
        if kind == "a":
            self._follow(element, each, ms)
        elif kind in ("select", "textarea") or kind.startswith("input"):
            fill(element, each, ms)
        else:
            element.click(timeout=ms, no_wait_after=True)

    def _follow(self, element: Any, each: dict[str, Any], ms: int) -> None:
        """Look whether a link leads somewhere; the walk opens each kind of page once by itself."""
        href = each["href"]
        if href.startswith("#"):
            element.focus(timeout=ms)
            element.press("Enter", timeout=ms)
            return
        way = href if href.startswith("/") else f"{urlsplit(self.page.url).path}{href}"
        answer = self.page.request.get(way, timeout=OPEN_MS)
        if answer.status >= 400:
            self.complain(f"the link {href}: {answer.status}")
        if "lang=" in href:
            self.page.request.get(f"/?lang={self.language}", timeout=OPEN_MS)

    def press(self, keys: Iterator[str] | list[str], place: str) -> None:
        """Press each key where the page stands; what it opens is closed again."""
        for key in keys:
            mark = f"{place} key {key}"
            self.walk.met.setdefault(mark, f"{self.who}, {self.language}")
            for each in key.split(" "):
                self.stroke(each)
            self.calm()
            self.walk.tried.add(mark)
            if place_of(urlsplit(self.page.url).path) != place:
                self.open(place)
            elif key != "Escape":
                self.stroke("Escape")

    def stroke(self, key: str) -> None:
        """Press a key where the page stands."""
        self._stirred = True
        self.page.keyboard.press(key)

    def use(self, which: str, text: str | None = None) -> bool:
        """Use the first control that a selector finds; whether it was there and could be used.

        Parameters
        ----------
        text : what is filled in, where it is a field that takes any.
        """
        place = place_of(urlsplit(self.page.url).path)
        for _ in range(MOST_TRIES):
            shown = {str(each["at"]): each for each in self._collect()}
            element = self.page.locator(f"{which} >> visible=true").first
            at = element.get_attribute("data-walk", timeout=ACT_MS) if element.count() else None
            each = shown.get(at or "")
            if each is None or not self._act(each | {"fill": text}):
                # News have drawn it anew: looked for again.
                self._stirred = True
                continue
            mark = mark_of(place, each)
            self.walk.met.setdefault(mark, f"{self.who}, {self.language}")
            self.walk.tried.add(mark)
            self.used.add(mark)
            return True
        return False


def fill(element: Any, each: dict[str, Any], ms: int) -> None:
    """Fill a field with something that fits it."""
    kind = each["type"]
    if each.get("fill") is not None:
        element.fill(each["fill"], timeout=ms)
    elif each["kind"] == "select":
        options = element.locator("option:not([disabled])").count()
        element.select_option(index=min(1, options - 1), timeout=ms)
    elif kind in ("checkbox", "radio", "submit", "button", "reset"):
        element.click(timeout=ms, no_wait_after=True)
    elif kind == "file":
        name = "sent.yaml" if "yaml" in each["file"] else "sent.csv"
        element.set_input_files({"name": name, "mimeType": "text/plain", "buffer": b"a,b\n1,2\n"}, timeout=ms)
    elif kind == "number":
        element.fill(each["min"] or each["value"] or "1", timeout=ms)
    elif kind in ("date", "time", "datetime-local", "range", "color"):
        some = {"date": "2026-06-18", "time": "09:00", "datetime-local": "2026-06-18T09:00"}
        element.fill(each["value"] or some.get(kind, "1"), timeout=ms)
    else:
        element.fill("7", timeout=ms)


def mark_of(place: str, each: dict[str, Any]) -> str:
    """What a control is known by; what stands on every page is one everywhere."""
    return f"{'*' if each['shell'] else place} {each['sign']}"


def in_any_language(sign: str, language: str) -> str:
    """A sign with the key of the message that its words are, where a catalogue knows them."""
    return re.sub("‹(.*?)›", lambda found: _key_of(found[1], language), sign)


@cache
def _key_of(words: str, language: str) -> str:
    # "Undo (u)", "Cost: 12 300": the message, then a key or a number.
    for text in (words, re.sub(r"( #)+$| \(\w\)$", "", words)):
        found = next((key for key, shape in _shapes(language) if shape.fullmatch(text)), None)
        if found is not None:
            return found
    return words


@cache
def _shapes(language: str) -> list[tuple[str, re.Pattern[str]]]:
    """What every message looks like on the screen, those without a place to fill first, longest first."""
    known = json.loads((WORDS / f"{language}.json").read_text("utf-8"))
    texts = [(key, general(text)) for key, many in known.items() for text in many.split("|")]
    texts.sort(key=lambda each: ("{" in each[1], -len(re.sub(r"{\w+}", "", each[1])), each[0]))
    filled = [(key, re.sub(r"\\{\w+\\}", ".+", re.escape(text))) for key, text in texts if text]
    return [(key, re.compile(shape)) for key, shape in filled if re.search(r"\w", shape.replace(".+", ""))]


def general(text: str) -> str:
    """A text without its numbers, as `collect.js` has it."""
    return re.sub(r"\s+", " ", re.sub(r"[^\s/?&={}]*[0-9][^\s/?&={}]*", "#", text)).strip()


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

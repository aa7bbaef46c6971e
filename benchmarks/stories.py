"""A dispatcher's and a supervisor's day, step by step, in a browser on the server as it is started.

    python -m benchmarks.stories [--gridcrew COMMAND] [--browser CHROMIUM] [--write docs/stories.md]

Of each step it tells the clicks (a drag is one), the keys pressed, the letters typed, and the seconds
from the first of them to what the step is for, on the machine of the day.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

SECRET = "an evening with a storm"
WAIT_MS = 120_000
READY = "html[data-ready=complete]"
BEGINS, ENDS = "<!-- stories -->", "<!-- end of stories -->"


@dataclass
class Step:
    """What somebody did for a step, and how long it took."""

    who: str
    what: str
    clicks: int = 0
    keys: int = 0
    letters: int = 0
    seconds: float = 0.0
    told: str = ""


@dataclass
class Walk:
    """A page and the steps that are walked on it."""

    page: Page
    who: str
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, what: str) -> Iterator[Step]:
        """Count what is done inside as one step."""
        found = Step(self.who, what)
        self.steps.append(found)
        began = time.monotonic()
        try:
            yield found
        except Exception as error:
            found.told = f"NOT REACHED: {str(error).splitlines()[0][:120]}"
        found.seconds = time.monotonic() - began
        print(f"{found.who}: {what}: {found.seconds:.1f} s {found.told}", file=sys.stderr, flush=True)

    @property
    def now(self) -> Step:
        """The step that is being walked."""
        return self.steps[-1]

    def click(self, selector: str) -> None:
        """Press on something."""
        self.page.locator(selector).first.click(timeout=WAIT_MS)
        self.now.clicks += 1

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        self.now.keys += len(keys)

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.page.locator(selector).first.fill(text, timeout=WAIT_MS)
        self.now.letters += len(text)

    def see(self, selector: str, **how: Any) -> None:
        """Wait for what the step is for."""
        self.page.locator(selector, **how).first.wait_for(timeout=WAIT_MS)


def main(words: list[str] | None = None) -> int:
    """Walk both days; 1 when a step was not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gridcrew", default="gridcrew", help="the command to start")
    parser.add_argument("--browser", default=shutil.which("chromium") or shutil.which("google-chrome"))
    parser.add_argument("--write", type=Path, help="a document whose table is put in place of the old one")
    args = parser.parse_args(words)
    with (
        tempfile.TemporaryDirectory() as home,
        served(args.gridcrew, Path(home)) as (address, password),
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=args.browser, args=["--no-sandbox"])

        def opened() -> Page:
            context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
            context.set_default_timeout(WAIT_MS)
            return context.new_page()

        people(opened(), address, password)
        evening = Walk(opened(), "dispatcher")
        before_the_storm(evening, address)
        in_the_storm(evening)
        steps = evening.steps + supervisor(Walk(opened(), "supervisor"), address)
        browser.close()
    text = table(steps)
    print(text)
    if args.write:
        put_in(args.write, text)
    return int(any(step.told.startswith("NOT") for step in steps))


@contextmanager
def served(command: str, home: Path) -> Iterator[tuple[str, str]]:
    """`gridcrew serve` without a case, as its manual starts it: address and one-time password."""
    log = home / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [command, "serve", "--port", "0", "--database", f"sqlite:///{home}/day.sqlite"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+?:\d+", process.stdout.readline())
        given = re.search(r"one-time password (\S+)", log.read_text(encoding="utf-8"))
        if found is None or given is None:
            raise SystemExit(log.read_text(encoding="utf-8"))
        yield found[0], given[1]
    finally:
        process.terminate()
        process.wait(60)


def people(page: Page, address: str, password: str) -> None:
    """The administrator's first minutes: a password of their own, two accounts."""
    sign_in(page, address, "administrator", password)
    page.fill("input[name=old]", password)
    for name in ("new", "again"):
        page.fill(f"input[name={name}]", SECRET)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "password" not in url, timeout=WAIT_MS)
    for name, role in (("dora", "dispatcher"), ("sven", "supervisor")):
        page.goto(f"{address}/accounts")
        form = page.locator("form", has=page.locator("select[name=role]")).first
        form.locator("input[name=name]").fill(name)
        form.locator("select[name=role]").select_option(role)
        form.locator("button").first.click()
        once = page.locator("code.secret").first.inner_text(timeout=WAIT_MS)
        browser = page.context.browser
        assert browser is not None
        own = browser.new_context().new_page()
        own.set_default_timeout(WAIT_MS)
        sign_in(own, address, name, once)
        own.fill("input[name=old]", once)
        for field_name in ("new", "again"):
            own.fill(f"input[name={field_name}]", SECRET)
        own.keyboard.press("Enter")
        own.wait_for_url(lambda url: "password" not in url, timeout=WAIT_MS)
        own.context.close()


def sign_in(page: Page, address: str, name: str, password: str) -> None:
    """Type name and password."""
    page.goto(f"{address}/sign-in", timeout=WAIT_MS)
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url, timeout=WAIT_MS)


def before_the_storm(walk: Walk, address: str) -> None:
    """The calm hours: a plan, a warning, crews called in."""
    page = walk.page
    page.goto(f"{address}/sign-in", timeout=WAIT_MS)
    with walk.step("sign in; the board is complete"):
        walk.type("input[name=name]", "dora")
        walk.type("input[name=password]", SECRET)
        walk.press("Tab", "Enter")
        page.wait_for_selector(READY, state="attached", timeout=WAIT_MS)
    with walk.step("wait for the first proposal, open it, put it in force"):
        walk.see("#strip .proposal")
        walk.press("p")
        walk.click("#detail button.main")
        walk.see("#jobs .s-dispatched, #timeboard [data-job]")
    with walk.step("tell the wind warning of the weather service"):
        walk.press("g", "n")
        page.wait_for_url("**/tonight", timeout=WAIT_MS)
        walk.click("#tell summary")
        walk.type("#tell [name=until]", "2026-06-19T06:00")
        walk.type("#tell [name=gust]", "28")
        walk.press("Enter")
        walk.see(".warning")
    with walk.step("call two crews in early, one drag each"):
        walk.see("[data-bar]")
        for crew in [each.get_attribute("data-bar") for each in page.locator("[data-bar].coming").all()[-2:]]:
            drag(walk, f"[data-bar='{crew}']", hours=-2)
            walk.see("#called:has(button)", has_text=crew.removeprefix("crew-").lstrip("0") if crew else "")
    with walk.step("back on the board: the warning stands on top"):
        walk.press("g", "b")
        walk.see("#weather a")
        page.wait_for_selector(READY, state="attached", timeout=WAIT_MS)


def in_the_storm(walk: Walk) -> None:
    """Calls, a danger, proposals, bad news from a crew, the handover."""
    page = walk.page
    with walk.step("take a call: a wire on the road; the room knows a danger"):
        walk.press("n")
        walk.type("#call [name=who]", "school 3")
        walk.click("#call .found button")
        walk.type("#call [name=words]", "a wire is lying on the road, it sparks")
        walk.press("Enter")
        walk.see("#call .hazard, #call .done")
        walk.press("Escape")
    with walk.step("send the nearest able crew to it"):
        walk.see("#strip .divert")
        before = page.locator("#strip .urgent").first.inner_text()
        walk.press("d")
        page.wait_for_function(
            "before => document.querySelector('#strip .urgent')?.innerText !== before",
            arg=before,
            timeout=WAIT_MS,
        )
    with walk.step("read the next proposal, leave out one move, publish the rest"):
        walk.see("#strip .proposal")
        walk.press("p")
        title = page.locator("#strip .proposal").first.inner_text()
        if page.locator("#detail .proposed input:visible").count() > 1:
            walk.click("#detail .proposed input:visible >> nth=-1")
        walk.click("#detail button.main")
        page.wait_for_function(
            "title => document.querySelector('#strip .proposal')?.innerText !== title",
            arg=title,
            timeout=WAIT_MS,
        )
    with walk.step("a crew finds the cable burnt: three hours more"):
        walk.click("#jobs tr[data-id$='/repair'] >> nth=0")
        walk.press("e")
        walk.click("#hand [data-work=estimate]")
        walk.type("#hand [name=minutes]", "240")
        walk.press("Enter")
        page.locator("#hand [name=minutes]").wait_for(state="hidden", timeout=WAIT_MS)
    with walk.step("hand over: what is open, late, waiting, who is on"):
        walk.click("nav a[href='/shift']")
        walk.click("a[href='/shift/handover']")
        walk.see(".signatures")


def supervisor(walk: Walk, address: str) -> list[Step]:
    """Why, how the shift went, and what was promised."""
    page = walk.page
    page.goto(f"{address}/sign-in", timeout=WAIT_MS)
    with walk.step("sign in; the board is complete"):
        walk.type("input[name=name]", "sven")
        walk.type("input[name=password]", SECRET)
        walk.press("Tab", "Enter")
        page.wait_for_selector(READY, state="attached", timeout=WAIT_MS)
    with walk.step("why is this second: what its crew does first, what the other order would cost"):
        walk.click("#jobs tr >> nth=1")
        walk.click("#detail details.why > summary")
        walk.see("#detail .findings.order li")
    with walk.step("figures of the shift so far, rest of the crews"):
        walk.click("nav a[href='/shift']")
        walk.see("h2:has-text('figures'), h2:has-text('Figures'), table.narrow")
    with walk.step("who was called in: the version, and what it changed"):
        walk.click(".more-pages summary")
        walk.click("nav a[href='/standing']")
        walk.click(".history tbody a")
        walk.see("h1, h2")
    with walk.step("what was promised and kept"):
        walk.click(".more-pages summary")
        walk.click("nav a[href='/promises']")
        walk.see("h1")
    return walk.steps


def drag(walk: Walk, selector: str, *, hours: float) -> None:
    """Take a bar of the shift row and let it go so many hours later."""
    page, bar = walk.page, walk.page.locator(selector).first
    # The row is drawn anew after each call: what is drawn now is looked at in one go.
    place = """e => { e.scrollIntoView({block: "nearest"}); const [bar, lane] = [e, e.parentElement].map(
        (each) => each.getBoundingClientRect()); return [bar.x, bar.y + bar.height / 2, lane.width]; }"""
    left, middle, lane = bar.evaluate(place)
    x, y = left + 10, middle
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + hours * lane / 24, y, steps=5)
    walk.see(".sr-tip")
    page.mouse.up()
    walk.now.clicks += 1


def table(steps: list[Step]) -> str:
    """The steps as a table of Markdown."""
    rows = ["| who | step | clicks | keys | letters | s |", "|---|---|---|---|---|---|"]
    for each in steps:
        told = f" ({each.told})" if each.told else ""
        figures = f"{each.clicks} | {each.keys} | {each.letters} | {each.seconds:.1f}"
        rows.append(f"| {each.who} | {each.what}{told} | {figures} |")
    return "\n".join(rows)


def put_in(path: Path, text: str) -> None:
    """Put a table in place of the one that a document has."""
    old = path.read_text(encoding="utf-8")
    before, _, rest = old.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    path.write_text(f"{before}{BEGINS}\n{text}\n{ENDS}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

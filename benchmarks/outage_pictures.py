"""The first ten minutes of an outage as six pictures, taken from the running product.

    python -m benchmarks.outage_pictures --out docs/outage-first-minutes.png [--language zh-CN]

A transformer of the demo city with two mains fails. One call; another of the same main, and what the desk
had best ask; a crew leaves for the main; a neighbour on the other main is dark too, and the proposal
takes the crew on to the transformer; its phone shows that; after ten minutes nobody doubts any more. Only
the room's clock is set, and telephone numbers are made up for its people.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image, ImageDraw  # noqa: E402

from dispatch.ground.case import Case, Sign  # noqa: E402
from dispatch.intake import load_case  # noqa: E402
from dispatch.live import Desk, Entry, Who, answered, hear_signs  # noqa: E402
from dispatch.live.questions import questions_now  # noqa: E402
from dispatch.outages import SupplyTree, kept_tree  # noqa: E402
from dispatch.store.accounts import Accounts  # noqa: E402
from tests.acceptance.windows import chrome  # noqa: E402
from tests.web.phones import PHONE, PIN, SECRET, DutyRoom, windows  # noqa: E402

CASE = ROOT / "data" / "coquimbo"
ANA = Who(name="ana")
READY = "html[data-ready=complete]"
GAP, LABEL = 10, 28
COLOURS = 128


class Story:
    """The room, a dispatcher's board, and the transformer that fails."""

    def __init__(self, room: DutyRoom, opened: Any, language: str) -> None:
        self.room, self.opened, self.language = room, opened, language
        self.desk: Desk = room.desk
        tree = kept_tree(room.case)
        node, first, second = transformer_of_two(room.case, tree)
        self.transformer = tree.ids[node]
        self.one, self.other = (callers(room.case, tree, each) for each in (first, second))
        Accounts(self.desk.store).add("ana", "dispatcher", SECRET)
        self.address = f"http://127.0.0.1:{room.port}"
        self.board = opened(f"{self.address}/sign-in", viewport={"width": 1366, "height": 768})
        self.board.fill("[name=name]", "ana")
        self.board.fill("[name=password]", SECRET)
        self.board.click("form.card button")
        self.board.wait_for_selector(READY, timeout=60_000)

    def pictures(self) -> Iterator[bytes]:
        """Six pictures, in order."""
        self._call(self.one[0])
        self._plan()
        self._publish()
        yield self._outage()
        self._after(2)
        self._call(self.one[1])
        self._plan()
        yield self._asking()
        self._publish()
        self._after(3)
        self._call(self.one[2])
        self._plan()
        self._publish()
        crew = next(route.crew for route in self.desk.day().plan.routes if route.visits)
        job = next(route.visits[0].job for route in self.desk.day().plan.routes if route.visits)
        self.desk.shelf.acknowledge(crew, self.desk.plan_number("published") or 0, ANA)
        self.desk.work.report(job, "on_the_way", ANA, crew=crew)
        yield self._outage()
        self._after(5)
        for question in questions_now(self.desk).questions[:1]:
            answered(self.desk, question.outage, question.whom.customer, "off", ANA)
        dark = [Sign(kind="supply_off", place=self.other[-1], at=self.desk.clock())]
        hear_signs(self.desk, dark, ANA)
        self._plan()
        yield self._proposal()
        self._after(6)
        self._publish()
        yield self._phone(crew)
        self._after(10)
        for customer in (*self.other[:3], self.one[3]):
            self._call(customer)
        self._plan()
        self._publish()
        yield self._outage()

    def _after(self, minutes: float) -> None:
        self.room.later = timedelta(minutes=minutes)

    def _call(self, customer: str) -> None:
        said = Entry(words="no light", received_at=self.desk.clock(), customer=customer)
        self.desk.calls.log(said, ANA)

    def _plan(self) -> None:
        self.desk.shelf.propose(ANA)

    def _publish(self) -> None:
        self.desk.shelf.publish(self.desk.plan_number("proposed") or 0, ANA)

    def _outage(self) -> bytes:
        day = self.desk.shelf.proposal() or self.desk.day()
        return self._panel(f"outage={day.outages[0].id}")

    def _proposal(self) -> bytes:
        self._load("")
        self.board.locator("button.proposal").first.click()
        return self._shown()

    def _panel(self, what: str) -> bytes:
        self._load(f"#{what}")
        return self._shown()

    def _load(self, what: str) -> None:
        self.board.goto(f"{self.address}/{what}")
        self.board.reload()
        self.board.wait_for_selector(READY, timeout=60_000)

    def _shown(self) -> bytes:
        self.board.wait_for_selector("#detail *", timeout=60_000)
        self.board.wait_for_timeout(1500)
        return bytes(self.board.locator("#detail").screenshot())

    def _asking(self) -> bytes:
        self.board.goto(f"{self.address}/outages")
        self.board.wait_for_selector("#ask")
        at = self.board.locator("#ask").bounding_box()
        clip = {"x": 0, "y": at["y"] - 12, "width": self.board.viewport_size["width"], "height": 190}
        return bytes(self.board.screenshot(clip=clip, full_page=True))

    def _phone(self, crew: str) -> bytes:
        page = self.opened(
            self.room.link(crew), viewport=PHONE, locale=self.language, has_touch=True, is_mobile=True
        )
        page.fill("#pin", PIN)
        page.tap("form .go")
        page.wait_for_selector("article.stop")
        page.wait_for_timeout(1000)
        return bytes(page.screenshot())


def transformer_of_two(case: Case, tree: SupplyTree) -> tuple[int, int, int]:
    """A transformer with two mains of a dozen customers and more each, some of whom have a telephone."""
    for node, kind in enumerate(tree.kinds):
        mains = [each for each in tree.children.get(node, ()) if tree.kinds[each] == "lv_main"]
        if (
            kind != "transformer"
            or len(mains) != 2
            or any(not 12 <= tree.customers[each] <= 40 for each in mains)
        ):
            continue
        if all(len(callers(case, tree, each)) >= 5 for each in mains):
            return node, mains[0], mains[1]
    raise SystemExit("no transformer of two mains")


def callers(case: Case, tree: SupplyTree, node: int) -> list[str]:
    """Customers beneath a main who have a telephone."""
    table = case.customers.table
    rows = tree.customer_rows_beneath(node)
    return [str(tree.customer_ids[row]) for row in rows if table["phone"].notna().iloc[row]]


def sheet(pictures: Sequence[bytes]) -> Image.Image:
    """Six pictures with their minutes: three panels, the page across, the phone and the last panel."""
    first, asking, way, proposal, phone, last = (
        Image.open(io.BytesIO(taken)).convert("RGB") for taken in pictures
    )
    wide = 3 * first.width + 2 * GAP
    asking = asking.resize((wide, asking.height * wide // asking.width), Image.Resampling.LANCZOS)
    phone = phone.resize((first.width, phone.height * first.width // phone.width), Image.Resampling.LANCZOS)
    second = LABEL + max(first.height, way.height, proposal.height) + GAP
    third = second + LABEL + asking.height + GAP
    found = Image.new("RGB", (wide, third + LABEL + phone.height), "white")
    column = first.width + GAP
    places = (
        (0, 0, first, 0),
        (0, second, asking, 2),
        (column, 0, way, 3),
        (2 * column, 0, proposal, 5),
        (0, third, phone, 6),
        (column, third, last, 10),
    )
    write = ImageDraw.Draw(found)
    for number, (x, y, picture, minutes) in enumerate(places, start=1):
        write.text((x + 2, y + 3), f"{number}   +{minutes} min", fill="black", font_size=17)
        found.paste(picture, (x, y + LABEL))
    return found.quantize(COLOURS)


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description="The first ten minutes of an outage as six pictures.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=Path, help="a folder for the six as they were taken")
    parser.add_argument("--language", default="en")
    given = parser.parse_args()
    case = replace(load_case(CASE), requests=(), signs=())
    # The demo city knows few numbers; these are as made up as its people.
    table = case.customers.table
    table["phone"] = [f"+56 51 2{number % 1_000_000:06d}" for number in range(len(table))]
    with tempfile.TemporaryDirectory() as folder, chrome() as browser, windows(browser) as opened:
        room = DutyRoom(case, f"sqlite:///{folder}/day.sqlite")
        room.start()

        def window(address: str, **options: Any) -> Any:
            return opened(address, **{"locale": given.language, **options})

        try:
            taken = []
            for picture in Story(room, window, given.language).pictures():
                taken.append(picture)
                if given.each:
                    given.each.mkdir(parents=True, exist_ok=True)
                    (given.each / f"{len(taken)}.png").write_bytes(picture)
        finally:
            room.stop()
    sheet(taken).save(given.out, optimize=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

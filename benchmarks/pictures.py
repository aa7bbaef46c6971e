"""Pictures of every page for every role, and what a look at the page's text finds wrong in them.

    python -m benchmarks.pictures --folder /tmp/pictures
    python -m benchmarks.pictures --folder /tmp/pictures --size 1920x1080 --language zh-CN --theme night

A person looks at the pictures: `sheet-*.png` shows four of them at a time. What a program can see is
printed: texts that are cut or raw, pages wider than the window, words of the other language, console errors.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from tests.acceptance.served import Served, Staff, Talker, until  # noqa: E402
from tests.acceptance.windows import chrome  # noqa: E402
from tests.web.ports import lasting_port  # noqa: E402

CASE = ROOT / "data" / "coquimbo"
ROLES = ("supervisor", "administrator", "service", "manager", "planner", "viewer", "dispatcher")
# What the menu does not lead to by itself; the crew's and the order's are found in the room.
BESIDE = ("/phones", "/shift/handover", "/password", "/security", "/outbox", "/tickets", "/fairness")
RULES = ("/rulebook/versions", "/rulebook/versions/1", "/rulebook/corrections", "/no-such-page")
STANDING = tuple(
    f"/standing/{kind}" for kind in ("crews", "roster", "vehicles", "depots", "customers", "switches")
)
READY_MS = 20_000
A_SHEET = 4
LOOK = (Path(__file__).parent / "pictures.js").read_text("utf-8")


def main() -> int:
    """Take the pictures; 1 when a program sees something wrong in one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--size", action="append", help="1366x768, 1920x1080 (default: both)")
    parser.add_argument("--language", action="append", help="en, zh-CN (default: both)")
    parser.add_argument("--theme", action="append", help="day, night (default: both)")
    parser.add_argument("--role", action="append", help="default: all, each page with the first who has it")
    parser.add_argument("--only", help="paths that hold this")
    given = parser.parse_args()
    given.folder.mkdir(parents=True)
    with demo_room(given.folder) as (room, browser):
        wrong = list(pictures(room, browser, given))
    print("\n".join(wrong) or "nothing that a program sees is wrong")
    return 1 if wrong else 0


@contextmanager
def demo_room(folder: Path) -> Iterator[tuple[Served, Any]]:
    """The demo city served out of a folder, and a browser; both end with it."""
    begins = re.search(r"(?m)^now: *(\S+)", (CASE / "settings.yaml").read_text("utf-8"))
    assert begins is not None
    room = Served(
        case=CASE,
        folder=folder / "room",
        database=f"sqlite:///{folder.absolute()}/day.sqlite",
        port=lasting_port(),
        begins=datetime.fromisoformat(begins[1]),
        options=("--time-limit", "5"),
    )
    room.start()
    try:
        with chrome() as browser:
            yield room, browser
    finally:
        room.kill()


def pictures(room: Served, browser: Any, given: argparse.Namespace) -> Iterator[str]:
    """Take every picture; what is wrong in one."""
    staff = Staff(room)
    people = {role: staff.session(f"{role} one", role) for role in given.role or ROLES}
    places = lived_in(room, staff.program("call centre", "dispatcher"))
    ways = product(
        given.size or ("1366x768", "1920x1080"),
        given.language or ("en", "zh-CN"),
        given.theme or ("day", "night"),
    )
    for size, language, theme in ways:
        done: set[str] = set()
        taken: list[Path] = []
        for role, person in people.items():
            page = window(room, browser, person, size, language, theme)
            said = complaints(page)
            for path in pages_of(page, language, places):
                if path in done or (given.only and given.only not in path):
                    continue
                said.clear()
                where, _, selected = path.partition("#")
                answer = page.goto(f"{where}?lang={language}{'#' if selected else ''}{selected}")
                if answer is None or answer.status == 403:
                    continue
                done.add(path)
                if where in ("/", "/outages", "/tonight"):
                    page.wait_for_timeout(2500)
                page.wait_for_timeout(400)
                name = re.sub(r"\W+", "-", f"{size} {language} {theme} {role} {path}").strip("-")
                taken.append(given.folder / f"{name}.png")
                page.screenshot(path=taken[-1])
                found = page.evaluate(LOOK, language) + [each for each in said if "404" not in each]
                yield from (f"{size} {language} {theme} {role} {path}: {each}" for each in found)
            page.context.close()
        sheets(taken, given.folder / f"sheet-{size}-{language}-{theme}")


def lived_in(room: Served, desk: Talker) -> list[str]:
    """A plan in force, calls, a danger, a crew away; the pages of what came of it."""
    asked = lambda: (desk.get("/api/v1/plans/proposal").data["proposal"] or {}).get("number")  # noqa: E731
    number = until(asked, 300, "a proposal")
    desk.post(f"/api/v1/plans/{number}/publish", {})
    told = (
        ("no light in the whole street", {"customer": "C000402"}),
        ("a wire is lying on the road, sparks", {"customer": "C000902"}),
        ("it is dark here, please come", {}),
        ("电线掉在路上", {"lon": -71.25, "lat": -29.9}),
        ("only my flat has no power", {"customer": "C001702", "phone": "+56 51 555 0199"}),
    )
    requests = [
        desk.post("/api/v1/requests", {"words": words, "channel": "phone", **more}) for words, more in told
    ]
    crews = [each["id"] for each in desk.get("/api/v1/crews").data["crews"]]
    desk.post(f"/api/v1/crews/{crews[2]}/state", {"to": "absent", "reason": "ill"})
    board = desk.get("/api/v1/board").data
    busy = next(each["id"] for each in board["crews"] if each["stops"] and not each["desk"])
    desk.post("/api/v1/plans/proposal", {})
    job = next(each for each in board["jobs"] if each["id"].endswith("/repair"))
    return [
        f"/crews/{busy}",
        f"/crews/{busy}/sheet",
        f"/requests#id={requests[0].data['id']}",
        f"/#job={quote(job['id'], safe='')}",
        f"/#outage={quote(board['outages'][0]['id'], safe='')}",
        f"/#crew={busy}",
        "/#plan=figures",
        "/texts/C000402",
    ]


def window(room: Served, browser: Any, person: Talker, size: str, language: str, theme: str) -> Any:
    """A window in which somebody is signed in."""
    width, height = map(int, size.split("x"))
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=language, base_url=room.address
    )
    kept = {each.name: each.value for each in person.cookies}
    kept |= {"gridcrew_language": language, "gridcrew_theme": theme}
    context.add_cookies([{"name": k, "value": v, "url": room.address} for k, v in kept.items()])
    page = context.new_page()
    page.set_default_timeout(READY_MS)
    return page


def complaints(page: Any) -> list[str]:
    """What a page complains of, from now on."""
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def pages_of(page: Any, language: str, places: list[str]) -> list[str]:
    """The pages of somebody's menu, and those beside it."""
    page.goto(f"/?lang={language}")
    links = page.eval_on_selector_all(
        "nav a[href^='/']", "all => all.map((each) => each.getAttribute('href'))"
    )
    return list(dict.fromkeys(["/", *links, *BESIDE, *RULES, *STANDING, *places]))


def sheets(taken: list[Path], name: Path) -> None:
    """Four pictures to a sheet, in their order."""
    for at in range(0, len(taken), A_SHEET):
        some = [Image.open(path) for path in taken[at : at + A_SHEET]]
        width, height = some[0].size
        whole = Image.new("RGB", (2 * width, 2 * height), "#888")
        for n, each in enumerate(some):
            whole.paste(each, (n % 2 * width, n // 2 * height))
        whole.resize((1800, round(1800 * height / width))).save(f"{name}-{at // A_SHEET:02}.png")
        held = ", ".join(path.stem for path in taken[at : at + A_SHEET])
        print(f"{name.name}-{at // A_SHEET:02}: {held}", flush=True)


if __name__ == "__main__":
    if shutil.which("chromium") is None:
        raise SystemExit("no Chromium on this machine (Debian: apt-get install chromium)")
    sys.exit(main())

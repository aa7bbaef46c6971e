"""The pictures of docs/service.md: each row of its table in the running product, in both languages.

    python -m benchmarks.service_pictures                    # writes docs/service/NAME.en.png and NAME.zh.png
    python -m benchmarks.service_pictures --folder /tmp/rows

The demo city with a plan in force; a supervisor lets the rules send, a clerk reports an interruption. Each
page is opened by a role that does its work.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from benchmarks.pictures import demo_room, lived_in, window  # noqa: E402
from tests.acceptance.served import Served, Staff, Talker, until  # noqa: E402

SIZE = "1366x768"
# As large as a page of the documentation shows it.
SHOWN = (1000, 562)
COLOURS = 48
ROWS = {
    "requests": ("service", "/requests"),
    "complaints": ("service", "/complaints"),
    "my-customers": ("manager", "/my-customers?whose=all"),
    "urging": ("supervisor", "/urging"),
    "texts": ("service", "/texts/C129115"),
    "appointments": ("service", "/appointments"),
    "guarantees": ("supervisor", "/guarantees"),
    "negotiations": ("dispatcher", "/negotiations"),
    "connections": ("service", "/connections"),
    "shortage": ("supervisor", "/shortage"),
    "inspections": ("service", "/inspections"),
    "quality": ("supervisor", "/quality"),
    "customer-index": ("supervisor", "/customer-index"),
    "watch": ("manager", "/watch"),
    "supply-reports": ("service", "/supply-reports"),
    "unattended": ("supervisor", "/unattended"),
    "days": ("supervisor", "/days"),
    "performance": ("supervisor", "/performance"),
}
LANGUAGES = {"en": "en", "zh": "zh-CN"}


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "service")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demo_room(Path(folder)) as (room, browser):
        take(room, browser, given.folder)
    return 0


def take(room: Served, browser: Any, folder: Path) -> None:
    """Every row in every language."""
    staff = Staff(room)
    people = {role: staff.session(f"{role} one", role) for role in dict(ROWS.values())}
    lived_in(room, staff.program("call centre", "dispatcher"))
    work(staff.program("head", "supervisor"))
    for short, language in LANGUAGES.items():
        for name, (role, path) in ROWS.items():
            page = window(room, browser, people[role], SIZE, language, "day")
            page.goto(path)
            page.wait_for_timeout(600)
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB").resize(SHOWN)
            picture.quantize(COLOURS).save(folder / f"{name}.{short}.png", optimize=True)
            page.context.close()


def work(head: Talker) -> None:
    """What makes the two youngest pages show life: something sent by the rules, something reported."""
    head.post("/api/v1/unattended", {"reason": "night, one dispatcher for two rooms", "hours": 10})
    # Nothing goes out by itself before somebody was sent to every danger.
    for each in head.get("/api/v1/urgent").data["dangers"]:
        if each["crews"]:
            head.post(
                f"/api/v1/urgent/{quote(each['subject'], safe='')}/divert", {"crew": each["crews"][0]["crew"]}
            )
    customer = {"customer": "C001702", "kind": "metering"}
    head.post("/api/v1/requests", {"words": "the display of the meter is blank", **customer})
    with contextlib.suppress(TimeoutError, AssertionError):
        until(lambda: head.get("/api/v1/unattended").data["sums"]["sent"], 90, "something sent")
    reports = head.get("/api/v1/supply-reports").data["rows"]
    for row in reports[:3]:
        head.post(f"/api/v1/supply-reports/{row['id']}", {"stage": "stop", "cause": "tree 树障"})


if __name__ == "__main__":
    if shutil.which("chromium") is None:
        raise SystemExit("no Chromium on this machine (Debian: apt-get install chromium)")
    sys.exit(main())

"""Write the public's files: whole or not at all, and only what has changed.

Readers are served files. However many there are, they ask the desk nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..ground.case import Case
from ..live import Desk
from .feeds import as_cap, as_eagle_i, as_geojson, as_json, as_outages_csv, as_rss
from .history import Keeper
from .picture import Painter, Picture, PublicOutage
from .sketch import WIDTH, Frame, marks, streets_svg
from .whole import put
from .words import LANGUAGES, NAMES, TAGS, Wording

PAGES = {"en": "index.html", "zh": "zh.html"}
CAP_FILE = re.compile(r"cap-[0-9a-f]{12}\.xml")
# The time on the page is renewed so often, so that a reader sees that somebody is there.
RENEWED = timedelta(minutes=5)
# An alert expires after a day.
ALERT_RENEWED = timedelta(hours=12)
PAUSE_S = 5.0
# Weeks end seldom.
KEPT_EVERY = timedelta(hours=1)
HISTORIES = {"en": "history.html", "zh": "history.zh.html"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSettings:
    """Where the public's files go; there are none without it.

    Parameters
    ----------
    folder : of the files; made where there is none.
    root : address under which the public reads the folder, ending in a slash; in feeds.
    county : fips_code, county and state for `eaglei.csv`.
    """

    folder: Path
    root: str = ""
    county: Mapping[str, str] = field(default_factory=dict)


class Publisher:
    """Keeps the folder as the day is."""

    def __init__(self, desk: Desk, settings: PublicSettings, secret: str) -> None:
        self._desk, self._settings = desk, settings
        self._painter = Painter(desk, secret)
        self._keeper = Keeper(desk, settings.folder, secret)
        self._history: list[dict[str, Any]] = []
        self._kept_at: datetime | None = None
        self._alerts: dict[str, tuple[PublicOutage, datetime]] = {}
        self._last: Picture | None = None
        self._seen: object = None
        self._pages = Environment(
            loader=FileSystemLoader(str(files(__package__) / "pages")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def look(self) -> None:
        """Write what has changed since the last look."""
        now = self._desk.clock().replace(second=0, microsecond=0)
        seen = (self._desk.version, now)
        if seen == self._seen:
            return
        if self._kept_at is None or now - self._kept_at >= KEPT_EVERY:
            self._history, self._kept_at = self._keeper.publish(), now
        picture = self._painter.picture()
        last = self._last
        if last is None or replace(last, as_of=picture.as_of) != picture or now - last.as_of >= RENEWED:
            self._write(picture)
            self._last = picture
        self._seen = seen

    def _write(self, picture: Picture) -> None:
        folder = self._settings.folder
        folder.mkdir(parents=True, exist_ok=True)
        there = {each.id for each in (*picture.outages, *picture.planned)}
        self._alerts = {id_: told for id_, told in self._alerts.items() if id_ in there}
        texts = self._texts(picture)
        for name, text in texts.items():
            put(folder / name, text.encode())
        for old in folder.iterdir():
            if CAP_FILE.fullmatch(old.name) and old.name not in texts:
                with suppress(FileNotFoundError):
                    old.unlink()

    def _texts(self, picture: Picture) -> dict[str, str]:
        """Every file by its name."""
        case, settings = self._desk.case, self._settings
        areas = self._painter.areas(self._desk.case_under(), picture.least).areas if picture.least else ()
        frame = Frame.of(areas[0].box) if areas else None
        sender = re.sub(r"[\s,<&]+", "-", picture.utility.strip()) or "gridcrew"
        texts = {
            "public.css": (files(__package__) / "pages" / "public.css").read_text(encoding="utf-8"),
            "outages.json": as_json(picture),
            "outages.geojson": as_geojson(picture),
            "outages.csv": as_outages_csv(picture),
            "eaglei.csv": as_eagle_i(picture, settings.county),
        }
        if frame is not None:
            texts["streets.svg"] = streets_svg(case.roads, frame)
        for each in (*picture.outages, *picture.planned):
            sent = replace(picture, as_of=self._changed_at(each, picture.as_of))
            texts[f"cap-{each.id}.xml"] = as_cap(sent, each, sender)
        for language in LANGUAGES:
            texts[f"outages.{language}.rss"] = as_rss(picture, language, settings.root)
            texts[HISTORIES[language]] = self._history_page(picture, language)
            # Last, so that what a page leads to is there.
            texts[PAGES[language]] = self._page(picture, case, language, frame)
        return texts

    def _changed_at(self, outage: PublicOutage, now: datetime) -> datetime:
        """When an outage's alert was last renewed: once it says something else, or before it expires."""
        last = self._alerts.get(outage.id)
        if last is None or last[0] != outage or now - last[1] >= ALERT_RENEWED:
            last = self._alerts[outage.id] = (outage, now)
        return last[1]

    def _history_page(self, picture: Picture, language: str) -> str:
        return self._pages.get_template("history.html").render(
            words=Wording(language),
            picture=picture,
            tag=TAGS[language],
            home=PAGES[language],
            weeks=self._history,
            others=[(TAGS[each], HISTORIES[each], NAMES[each]) for each in LANGUAGES if each != language],
        )

    def _page(self, picture: Picture, case: Case, language: str, frame: Frame | None) -> str:
        words = Wording(language)
        marked = [(each.id, area) for each in picture.outages for area in each.areas]
        return self._pages.get_template("page.html").render(
            words=words,
            picture=picture,
            tag=TAGS[language],
            lang=TAGS[language],
            sum=summed(words, picture),
            frame=frame,
            width=WIDTH,
            marks=marks(marked, frame) if frame is not None else [],
            rss=f"outages.{language}.rss",
            history=HISTORIES[language],
            others=[(TAGS[each], PAGES[each], NAMES[each]) for each in LANGUAGES if each != language],
            attribution=case.settings.attribution,
        )


def summed(words: Wording, picture: Picture) -> str:
    """How many customers are out, in a sentence."""
    if picture.out is None:
        return words("out_unknown")
    if picture.out:
        return words("out", out=picture.out, all=picture.customers)
    if picture.small:
        return words("out_few", least=picture.least, all=picture.customers)
    return words("out_none")

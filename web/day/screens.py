"""What every page shows around its content: times, theme, and what of the case is not real."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask, current_app, request

from dispatch.ground.day import DayPlan

from ..words.language import catalogue, current_language
from .current import current_day

THEMES = ("auto", "day", "night")
THEME_COOKIE = "gridcrew_theme"


def dress(app: Flask) -> None:
    """Give templates the case, the theme and the ways to write times and numbers."""
    app.jinja_env.finalize = known_or_nothing
    app.add_template_filter(clock_time, "clock_time")
    app.add_template_filter(clock_second, "clock_second")
    app.add_template_filter(clock_full, "clock_full")
    app.add_template_filter(clock_day, "clock_day")
    app.add_template_filter(day_of_week, "day_of_week")
    app.add_template_filter(datetime.fromisoformat, "moment")
    app.add_template_filter(clock_field, "clock_field")
    app.add_template_filter(clock_hour, "clock_hour")
    app.add_template_filter(whole, "whole")
    app.add_template_filter(own_sentences, "own_sentences")

    @app.context_processor
    def around() -> dict[str, Any]:
        theme = request.cookies.get(THEME_COOKIE, "auto")
        settings, desk = current_day().case.settings, app.extensions.get("gridcrew_desk")
        return {
            "settings": settings,
            "moment": desk.clock().astimezone(settings.zone) if desk else settings.now,
            "theme": theme if theme in THEMES else "auto",
        }


def known_or_nothing(value: object) -> object:
    """What a template writes for a value: what a program calls None or nan reaches no reader."""
    is_unknown = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if is_unknown else value


def clock_time(moment: datetime | None) -> str:
    """Write a moment as the clock of the case shows it, with the date when it is another day."""
    if moment is None:
        return "–"
    settings, desk = current_day().case.settings, current_app.extensions.get("gridcrew_desk")
    # A plan may be of yesterday: today is the desk's.
    now = desk.clock() if desk else settings.now
    local, today = moment.astimezone(settings.zone), now.astimezone(settings.zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if current_language() == "zh-CN":
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local:%d} {MONTHS[local.month - 1]} {local:%H:%M}"


def clock_at(day: DayPlan, second: int) -> str:
    """Write a second of a plan as the clock of its case shows it."""
    return f"{(day.origin + timedelta(seconds=second)).astimezone(day.case.settings.zone):%H:%M}"


def clock_second(second: int | None) -> str:
    """Write seconds since 1970 as `clock_time` does."""
    return "–" if second is None else clock_time(datetime.fromtimestamp(second, UTC))


def clock_full(moment: datetime) -> str:
    """Write a moment with its date and seconds in the zone of the case, as a journal needs it."""
    return f"{moment.astimezone(current_day().case.settings.zone):%Y-%m-%d %H:%M:%S}"


def clock_day(moment: datetime) -> str:
    """Write a moment with its date, to the minute, in the zone of the case."""
    return f"{moment.astimezone(current_day().case.settings.zone):%Y-%m-%d %H:%M}"


def day_of_week(day: str) -> str:
    """Write a day (2026-07-15) shortly, with its weekday."""
    found = date.fromisoformat(day)
    name = catalogue(current_language())[f"weekday.{found.weekday()}"]
    if current_language() == "zh-CN":
        return f"{found.month}月{found.day}日 {name}"
    return f"{name} {found.day} {MONTHS[found.month - 1]}"


def clock_hour(moment: datetime) -> str:
    """Write a moment of a day that is named beside it, to the minute, in the zone of the case."""
    return f"{moment.astimezone(current_day().case.settings.zone):%H:%M}"


def clock_field(moment: datetime) -> str:
    """Write a moment as a form's field for date and time takes it."""
    return f"{moment.astimezone(current_day().case.settings.zone):%Y-%m-%dT%H:%M}"


def own_sentences(text: str) -> str:
    """Of a text that says the same in English and then in Chinese, the part in this page's language."""
    found = BOTH_LANGUAGES.fullmatch(text)
    if found is None:
        return text
    return found["chinese" if current_language() == "zh-CN" else "english"]


BOTH_LANGUAGES = re.compile(
    r"(?P<english>[^\u4e00-\u9fff]+[.!?])\s+(?P<chinese>[\u4e00-\u9fff].*)", re.DOTALL
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def whole(number: float | None) -> str:
    """Write a number without decimals, thousands parted by a thin space."""
    return "–" if number is None else f"{round(number):,}".replace(",", "\u202f")

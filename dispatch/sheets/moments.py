"""Times on a sheet, by the clock of the case's zone."""

from __future__ import annotations

from datetime import datetime

from .sheet import Sheet


def clock(sheet: Sheet, moment: datetime) -> str:
    """Return a time of day; with the date when it is not the plan's day."""
    local = moment.astimezone(sheet.zone)
    same_day = local.date() == sheet.planned_at.astimezone(sheet.zone).date()
    return f"{local:%H:%M}" if same_day else f"{local:%m-%d %H:%M}"


def stamp(sheet: Sheet, moment: datetime) -> str:
    """Return date and time of day."""
    return f"{moment.astimezone(sheet.zone):%Y-%m-%d %H:%M}"

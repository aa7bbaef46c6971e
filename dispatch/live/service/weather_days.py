"""Days on which a storm is expected, by the warnings that are in force: nothing is planned that may wait."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ...store import Event, Store
from ...store.weather_rows import warnings_told

# Warnings of these kinds keep crews for repairs; wind from this gust on (Beaufort 8), or with none said.
STORMY, WIND, GALE_M_S = frozenset({"storm", "ice", "snow"}), "wind", 17.2
BACK = timedelta(days=12)
WORK_BEGINS, WORK_ENDS = time(6), time(20)


def stormy_days(store: Store, zone: ZoneInfo, days: Collection[date]) -> dict[date, str]:
    """Those of some days that a warning lies on, each with the kind of the weather."""
    if not days:
        return {}
    since = datetime.combine(min(days), WORK_BEGINS, zone) - BACK
    with store.reading() as connection:
        told = [event for event, _ in warnings_told(connection, since)]
    found: dict[date, str] = {}
    for event in told:
        if _keeps_crews(event):
            for day in days:
                if _lies_on(event, day, zone):
                    found.setdefault(day, str(event.data["weather"]))
    return found


def _keeps_crews(event: Event) -> bool:
    data = event.data
    if data.get("over"):
        return False
    gust = data.get("gust_m_s")
    return data["weather"] in STORMY or (data["weather"] == WIND and (gust is None or gust >= GALE_M_S))


def _lies_on(event: Event, day: date, zone: ZoneInfo) -> bool:
    begins, ends = (datetime.fromisoformat(event.data[name]) for name in ("from", "until"))
    first, last = (datetime.combine(day, each, zone) for each in (WORK_BEGINS, WORK_ENDS))
    return begins < last and first < ends

"""The clock of a running room: the real one, one that stands, or one that runs fast to try a day out."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo


def fixed(moment: datetime, zone: tzinfo) -> datetime:
    """A moment by a zone's wall clock, with the offset of then instead of the zone.

    Sums and differences of such times count seconds: of times that carry the zone itself Python
    compares the wall clocks, which is an hour wrong across a change to or from daylight saving.

    Parameters
    ----------
    moment : aware.
    zone : the zone of the case.

    Returns
    -------
    datetime
        The same moment.
    """
    local = moment.astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()), fold=0)


def room_clock(
    zone: tzinfo,
    *,
    start: datetime | None = None,
    speed: float = 1.0,
    real_s: Callable[[], float] = time.time,
) -> Callable[[], datetime]:
    """Return a clock for a room.

    Parameters
    ----------
    zone : in which it tells the time.
    start : what it says now; the real time when not given.
    speed : seconds of the room in a real second; 0 lets it stand at `start`.
    real_s : the real clock, seconds since 1970.

    Returns
    -------
    Callable
        Tells the room's time, aware.
    """
    began_s = real_s()
    # In UTC: a day with an hour more or less has as many seconds as it has.
    begins = (start or datetime.fromtimestamp(began_s, zone)).astimezone(UTC)

    def clock() -> datetime:
        return fixed(begins + timedelta(seconds=(real_s() - began_s) * speed), zone)

    def real_clock() -> datetime:
        # Not counted from the start: a clock that is put right is followed.
        return fixed(datetime.fromtimestamp(real_s(), UTC), zone)

    return real_clock if start is None and speed == 1.0 else clock

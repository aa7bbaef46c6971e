"""How long a signed-in browser stays signed in."""

from __future__ import annotations

from flask import session

# A board that is open is in use, for its stream of events is asked for anew every minute.
IDLE_S = 2 * 3600.0
# The longest shift that the law allows, with both handovers.
LONGEST_S = 16 * 3600.0
# Written down no more often than this, so that not every answer carries a cookie.
NOTED_S = 60.0


def begin(now_s: float) -> None:
    """Somebody has signed in."""
    session["began"] = session["seen"] = now_s
    session.permanent = True


def is_good(now_s: float) -> bool:
    """Whether this browser's session goes on; one that is over is emptied."""
    began, seen = session.get("began"), session.get("seen")
    if not isinstance(began, float | int) or not isinstance(seen, float | int):
        begin(now_s)
        return True
    if now_s - seen > IDLE_S or now_s - began > LONGEST_S:
        session.clear()
        return False
    if now_s - seen >= NOTED_S:
        session["seen"] = now_s
    return True

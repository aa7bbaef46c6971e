"""How a crew hears of what happens: by a push in the pocket, or at once while the page is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, jsonify

from dispatch.outward.guard import Forbidden, target_of
from dispatch.push.keys import are_keys
from dispatch.push.news import News
from dispatch.push.pushing import Pushing
from dispatch.store.push_rows import subscribe, unsubscribe

from ..board.seats import Seats, waits_s
from ..entrance.access import allow
from ..entrance.accounts import brought_token
from ..entrance.asker import desk
from ..entrance.bodies import body_as
from ..entrance.door import heard_up_to
from .bodies import Ringing
from .listening import Listening
from .page import now_utc

# Shorter than what proxies bear.
LISTENS_S = 50.0
# Each phone that listens holds a thread; boards have seats of their own.
MOST_PHONES = 100
# When a phone asks again that has found no seat.
NO_SEAT_S = 30

phone_ringing = Blueprint("phone_ringing", __name__)


def pushing() -> Pushing | None:
    """What rings phones; None where the utility has not turned it on."""
    found: Pushing | None = current_app.extensions.get("gridcrew_pushing")
    return found


@phone_ringing.put("/api/v1/phone/push")
@allow("crew")
def ring_here() -> Response:
    """Ring this phone: its place at a push service that the utility allows, and its keys."""
    rings = pushing()
    token = brought_token()
    if rings is None or token is None or g.identity.crew not in desk().case.crew_by_id:
        abort(404)
    given = body_as(Ringing)
    if not are_keys(given.keys.p256dh, given.keys.auth):
        abort(400)
    try:
        target_of(given.endpoint, rings.settings.guard)
    except Forbidden:
        # Which hosts are allowed is nobody's business out there.
        abort(403)
    where = {"endpoint": given.endpoint, "p256dh": given.keys.p256dh, "auth": given.keys.auth}
    subscribe(desk().store, token, g.identity.crew, where, now_utc())
    return jsonify(done=True)


@phone_ringing.delete("/api/v1/phone/push")
@allow("crew")
def ring_no_more() -> Response:
    """Ring this phone no more."""
    unsubscribe(desk().store, brought_token() or "")
    return jsonify(done=True)


@phone_ringing.get("/api/v1/phone/news")
@allow("crew")
def listen() -> Response:
    """What the crew must hear of since `after`: answered as soon as there is something, empty after a while.

    It holds a seat, as a board's stream does, but none of the boards'; without a free one it answers at once.
    """
    crew = g.identity.crew
    if crew not in desk().case.crew_by_id:
        abort(404)
    after, newest = heard_up_to(), desk().store.last_seq()
    if after is None or after > newest:
        # Where a backup was restored, the phone begins anew.
        return jsonify(seq=newest, what=None, n=None, again_s=0)
    seats: Seats = current_app.extensions["gridcrew_phone_seats"]
    seat = seats.take(g.identity.name)
    try:
        heard, news = _next(crew, after, waits_s(seat, LISTENS_S, current_app))
    finally:
        if seat:
            seats.leave(seat)
    told: dict[str, Any] = {"what": None, "n": None} if news is None else news.told
    return jsonify(seq=heard, **told, again_s=0 if seat else NO_SEAT_S)


def _next(crew: str, after: int, waits: Iterator[float]) -> tuple[int, News | None]:
    """Up to which event was looked, and what there is for the crew."""
    listening: Listening = current_app.extensions["gridcrew_listening"]
    for wait_s in waits:
        after, news = listening.wait(crew, after, wait_s)
        if news is not None:
            return after, news
    return after, None

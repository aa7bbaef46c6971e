"""The running day over HTTP: requests, states, proposals, edits by hand, events."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, jsonify, request, stream_with_context

from dispatch.ground.day import DayPlan
from dispatch.live import ANSWERABLE, Comparison, Desk, Entry, Gain, bound_together, kind_of
from dispatch.store import DATABASE_ERRORS

from ..day.current import derived
from ..day.expected import expected_data
from ..day.handwork import edits_of, found_edit
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.accounts import identify
from ..entrance.asker import desk, who
from ..entrance.bodies import (
    Answer,
    CrewState,
    Estimate,
    Found,
    HandApplied,
    HandMade,
    JobReport,
    NewRequest,
    OrderMove,
    Planning,
    Publishing,
    Restocking,
    Wish,
    body_as,
    told,
)
from ..entrance.discretion import sees_customers, shown
from ..entrance.door import heard_up_to
from ..entrance.once import once, sent_key
from ..server.transfer import pack_json, send
from .news import news, told_of
from .seats import Seats, waits_s
from .state import troubles

# A browser asks again after this long, so that a lost connection is noticed on both sides.
STREAM_S = 55.0
BEAT_S = 5.0
# When a browser asks again: after a loss, after a stream that has lasted long enough, without a seat.
LOST_MS, LASTED_MS, NO_SEAT_MS = 1000, 20, 3000
MOST_STREAMS = 200
# From the number of an event on, for as long as there is something to wait for: seconds each time.
Stream = Callable[[int, Iterator[float]], Iterator[str | bytes]]

logger = logging.getLogger("gridcrew.web")
live = Blueprint("live", __name__, url_prefix="/api/v1")


@live.post("/requests")
@allow(*CUSTOMER_DESK, "intake")
@once
def log_request() -> tuple[Response, int]:
    """Write a request down; `Idempotency-Key` makes sending it twice harmless."""
    given = body_as(NewRequest)
    entry = Entry(**{"received_at": desk().clock(), **told(given, "taken_by")})
    told_back = desk().calls.log(entry, who(), sent_key(), given.taken_by)
    desk().service.heard(told_back, given.words)
    logged = asdict(told_back)
    if g.identity.roles == {"intake"}:
        # A system that brings requests learns nothing of customers.
        logged |= {"customer": {}, "earlier": []}
    return jsonify(logged), 200 if logged["known"] else 201


@live.post("/work-orders/<path:order>/state")
@allow("dispatcher", "supervisor")
def move_order(order: str) -> Response:
    """Take a work order on; 409 with who was first when it has changed."""
    given = body_as(OrderMove)
    version = desk().work.move_order(order, given.to, who(), seen=given.seen, **told(given, "to", "seen"))
    return jsonify(version=version)


@live.post("/jobs/<path:job>/report")
@allow("dispatcher", "supervisor", "crew")
@once
def report(job: str) -> Response:
    """What a crew says of a job; a crew speaks for itself only."""
    given = body_as(JobReport)
    if g.identity.crew not in (None, given.crew):
        abort(403)
    desk().work.report(job, given.to, who(), crew=given.crew, key=sent_key(), **told(given, "to", "crew"))
    return jsonify(ok=True)


@live.post("/crews/<path:crew>/state")
@allow("dispatcher", "supervisor")
def crew_state(crew: str) -> Response:
    """A crew is on shift, absent or off."""
    given = body_as(CrewState)
    desk().work.crew_is(crew, given.state, who(), **told(given, "state"))
    return jsonify(ok=True)


@live.post("/crews/<path:crew>/restocked")
@allow("dispatcher", "supervisor", "crew")
def restocked(crew: str) -> Response:
    """A crew has filled its vehicle at the depot: what it had used is there again."""
    if g.identity.crew not in (None, crew):
        abort(403)
    given = body_as(Restocking) if request.get_data() else Restocking()
    desk().work.restocked(crew, who(), key=sent_key(), at=given.at)
    return jsonify(ok=True)


@live.post("/crews/<path:crew>/acknowledge/<int:plan>")
@allow("dispatcher", "supervisor", "crew")
def acknowledge(crew: str, plan: int) -> Response:
    """A crew has read its route."""
    desk().shelf.acknowledge(crew, plan, who())
    return jsonify(ok=True)


@live.post("/wishes")
@allow("dispatcher", "supervisor")
def wish() -> Response:
    """Pin a job to a crew, keep it from one, or take that back."""
    given = body_as(Wish)
    desk().work.wish(given.job, given.crew, given.wish, who(), given.reason)
    return jsonify(ok=True)


@live.get("/expected")
@allow(*OFFICE)
def expected() -> Response:
    """What is expected now otherwise than the plan in force says, as the state tells it too."""
    return send(pack_json(expected_data(desk())))


@live.get("/plans/proposal")
@allow(*OFFICE)
def proposal() -> Response:
    """The proposal that waits for an answer, beside the plan in force; null when there is none."""
    return send(derived().get("proposal.json", lambda _: pack_json({"proposal": _proposal(desk())})))


@live.post("/plans/proposal")
@allow("dispatcher", "supervisor")
def propose() -> Response:
    """Plan again now: with few moves, or `free`ly, where any visit moves for any gain."""
    desk().shelf.propose(who(), freely=(body_as(Planning) if request.get_data() else Planning()).free)
    return proposal()


@live.post("/plans/<int:number>/publish")
@allow("dispatcher", "supervisor")
def publish(number: int) -> Response:
    """Make a proposal the plan in force, whole or in part."""
    given = body_as(Publishing)
    desk().shelf.publish(number, who(), given.accepted)
    return jsonify(published=number)


@live.post("/plans/<int:number>/decline")
@allow("dispatcher", "supervisor")
def decline(number: int) -> Response:
    """Answer a proposal with no."""
    desk().shelf.decline(number, who(), body_as(Answer).reason)
    return jsonify(declined=number)


@live.post("/plans/try")
@allow("dispatcher", "supervisor", "planner")
def try_routes() -> Response:
    """What a plan or work changed by hand would cost and break; nothing is kept."""
    given = body_as(HandMade)
    tried = desk().hands.try_change(given.routes, edits_of(desk(), given))
    broken = [asdict(violation) | {"allowed": violation.code in ANSWERABLE} for violation in tried.broken]
    return jsonify(
        allowed=not tried.unsafe,
        cost=tried.cost,
        parts=dict(tried.parts),
        violations=broken,
        routes={crew: list(jobs) for crew, jobs in tried.routes.items()},
    )


@live.post("/plans/routes")
@allow("dispatcher", "supervisor")
def set_routes() -> Response:
    """Publish what was changed by hand; 409 when another plan came into force since it was made."""
    given = body_as(HandApplied)
    edits = edits_of(desk(), given)
    desk().hands.set_routes(given.routes, who(), given.reason, edits, seen=given.seen)
    return jsonify(published=desk().plan_number("published"), subjects=[each.subject for each in edits])


@live.post("/found")
@allow("dispatcher", "supervisor")
def found() -> Response:
    """What was found out there; the plan in force stays, and a proposal follows."""
    given = body_as(Found)
    edit = found_edit(desk(), given)
    desk().hands.change_standing(edit, who(), given.reason)
    return jsonify(subject=edit.subject)


@live.post("/jobs/<path:job>/estimate")
@allow("dispatcher", "supervisor")
def estimate(job: str) -> Response:
    """A job takes longer, or less long, than was thought; a proposal follows."""
    given = body_as(Estimate)
    desk().work.estimate(job, given.minutes, who(), given.reason)
    return jsonify(ok=True)


@live.get("/events")
@allow(*OFFICE)
def events() -> Response:
    """What happens, as server-sent events, from `after` or the browser's `Last-Event-ID` on.

    With `as=state` a board hears what became of the state that it read (`/state`, whose
    `seq` is `after`): each message applies to the state numbered `from` and makes it the one
    numbered `seq`. A message without `from` says that the whole state is to be read again.
    """
    after = heard_up_to()
    if after is None:
        after = desk().store.last_seq()
    made = (
        partial(_state_stream, discreet=not sees_customers())
        if request.args.get("as") == "state"
        else _event_stream
    )
    response = Response(stream_with_context(_seated(made, after)), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _seated(made: Stream, after: int) -> Iterator[bytes]:
    """A stream that lasts, or, where every seat is taken, one that tells what is new and ends.

    A stream holds a thread. A browser that finds no seat asks again after some seconds, so
    that there are always threads left for those who ask for something.
    """
    seats: Seats = current_app.extensions["gridcrew_seats"]
    seat = seats.take(g.identity.name)
    try:
        again_ms = LOST_MS if seat else NO_SEAT_MS
        yield f"retry: {again_ms}\nid: {after}\nevent: hello\ndata: {{}}\n\n".encode()
        yield from _with_beats(made(after, waits_s(seat, STREAM_S, current_app)))
        if seat:
            yield f"retry: {NO_SEAT_MS if seat.given_up.is_set() else LASTED_MS}\n\n".encode()
    finally:
        if seat:
            seats.leave(seat)


def _with_beats(parts: Iterator[str | bytes]) -> Iterator[bytes]:
    """What there is to say, and a sign of life where there has been nothing for a while."""
    said_s, told = time.monotonic(), "[]"
    looked_s = said_s
    try:
        for part in parts:
            now_s, health = time.monotonic(), json.dumps(troubles(desk()))
            if now_s - looked_s >= BEAT_S:
                looked_s = now_s
                if identify() is None:
                    # Signed out, or shut out, meanwhile: whoever asks again is told so.
                    return
            if part or health != told or now_s - said_s >= BEAT_S:
                said_s, told = now_s, health
                # The duties of the room are no event: when the database is away, none can be written.
                beat = f'event: health\ndata: {{"troubles":{health}}}\n\n'.encode()
                yield (part.encode() if isinstance(part, str) else part) + beat
    except DATABASE_ERRORS:
        # The stream ends; whoever heard it asks again, and is told what is wrong.
        logger.warning("a stream ended: the database cannot be reached")


def _event_stream(after: int, waits_s: Iterator[float]) -> Iterator[str]:
    for wait_s in waits_s:
        found = desk().wait(after, wait_s)
        if not found:
            yield ""
        for event in found:
            after = event.seq or after
            yield f"id: {after}\nevent: change\ndata: {json.dumps(told_of(event), ensure_ascii=False)}\n\n"


def _state_stream(after: int, waits_s: Iterator[float], *, discreet: bool) -> Iterator[str | bytes]:
    found = news()
    for wait_s in waits_s:
        changes = found.wait(after, wait_s)
        if changes is None:
            after = found.seq()
            yield f'id: {after}\nevent: state\ndata: {{"seq":{after}}}\n\n'
        elif not changes:
            yield ""
        else:
            after = changes[-1].seq
            yield b"".join(each.message(discreet=discreet) for each in changes)


def _proposal(source: Desk) -> dict[str, Any] | None:
    proposed = source.shelf.proposal()
    if proposed is None:
        return None
    comparison = source.shelf.comparison(proposed)
    if not comparison.moves:
        # Nothing is worth moving and nothing is new: nobody need read that.
        return None
    number = source.plan_number("proposed") or 0
    parts, why = source.shelf.gains(number)
    compared = _compared(shown(proposed), comparison, parts)
    return {"number": number, **compared, "why": [asdict(each) for each in why]}


def _compared(proposed: DayPlan, comparison: Comparison, parts: Sequence[Gain]) -> dict[str, Any]:
    origin_s = int(proposed.origin.timestamp())
    bound = bound_together(proposed.problem, {move.job for move in comparison.moves})
    moves = [
        {
            "job": move.job,
            "title": proposed.cards[move.job].title if move.job in proposed.cards else move.job,
            "address": proposed.cards[move.job].address if move.job in proposed.cards else "",
            "class": proposed.cards[move.job].class_ if move.job in proposed.cards else "",
            "from_crew": move.from_crew,
            "instead": move.instead,
            "to_crew": move.to_crew,
            "from": None if move.from_s is None else origin_s + move.from_s,
            "to": None if move.to_s is None else origin_s + move.to_s,
            "kind": kind_of(move),
            "with": sorted(bound.get(move.job, frozenset()) - {move.job}),
        }
        for move in comparison.moves
    ]
    return {
        "made_for": origin_s,
        "moves": moves,
        "gains": [asdict(each) for each in parts],
        "parts": dict(comparison.parts),
        "cost": comparison.cost,
        "customer_minutes": comparison.customer_minutes,
    }

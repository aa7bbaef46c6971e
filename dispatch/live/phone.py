"""What a crew's phone says, maybe hours later: written down once, in order, or answered with a conflict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from ..store import Event, queries
from ..store.history import events_of
from .book import Who
from .desk import Desk
from .entries import Entry
from .handmade import Edit
from .ownership import expect_ever_own, expect_own, steps_of, ticked
from .refusals import Refused
from .roadblocks import closed_road
from .tickets import act_on, all_tickets
from .undoing import undo_report

REASONS = frozenset(
    {
        "no_access",
        "unsafe",
        "material",
        "skill",
        "not_found",
        "not_mine",
        "road_closed",
        "switch_stuck",
        "handover",
        "other",
    }
)
# What the desk's refusals are called on a phone; any other is "refused".
CLASHES = frozenset({"moved", "gone", "ended", "not_on_site", "steps", "too_late", "permit_open"})
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that was tapped.

    Parameters
    ----------
    id : the phone's own mark; the same one twice is the same tap.
    kind : one of `KINDS`.
    at : when it was tapped.
    """

    id: str
    kind: str
    at: datetime
    job: str | None = None
    data: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What became of it: taken, known from before, or in conflict with what happened meanwhile.

    `code` says which conflict (ended, moved, gone, order, steps, not_on_site, refused), `by` who or
    which crew.
    """

    id: str
    status: Literal["taken", "known", "conflict"]
    code: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class _Tap:
    """A tap with everything needed to write it down."""

    desk: Desk
    crew: str
    who: Who
    said: Said
    key: str
    order: str | None

    def note(self, kind: str, subject: str, data: Data) -> bool:
        return self.desk.note(kind, subject, data, self.who, key=self.key, at=self.said.at)


class _Clash(Exception):
    def __init__(self, code: str, by: str | None = None) -> None:
        self.code, self.by = code, by
        super().__init__(code)


def hear(desk: Desk, crew: str, said: Said, who: Who) -> Heard:
    """Write down what a crew's phone says.

    A conflict is written down as well: the office sees it, and the same tap
    sent again gets the same answer.
    """
    key = f"phone/{crew}/{said.id}"[:200]
    known = queries.event_with_key(desk.store, key)
    if known is not None:
        return _known(said, known)
    tap = _Tap(
        desk, crew, replace(who, crew=crew), said, key, desk.work.order_of(said.job) if said.job else None
    )
    try:
        new = _written(tap)
    except _Clash as clash:
        if said.kind == "position":
            # A place that must not be kept is not kept as a conflict either.
            return Heard(id=said.id, status="conflict", code=clash.code)
        tap.note("noted", tap.order or crew, _conflict(tap, clash))
        return Heard(id=said.id, status="conflict", code=clash.code, by=clash.by)
    return Heard(id=said.id, status="taken" if new else "known")


def _written(tap: _Tap) -> bool:
    """Write a tap down; what the desk refuses is a clash like any other."""
    try:
        # Whoever calls for help is heard, whosever the job is by now.
        if tap.said.job is not None and tap.said.kind != "help":
            expect_own(tap.desk, tap.said.job, tap.crew)
        return KINDS[tap.said.kind](tap)
    except Refused as refused:
        code = refused.code if refused.code in CLASHES else "refused"
        raise _Clash(code, refused.values.get("by") or refused.values.get("crew")) from refused


def _known(said: Said, event: Event) -> Heard:
    if event.data.get("what") == "conflict":
        return Heard(id=said.id, status="conflict", code=event.data["code"], by=event.data.get("by"))
    return Heard(id=said.id, status="known")


def _conflict(tap: _Tap, clash: _Clash) -> dict[str, Any]:
    said = {"kind": tap.said.kind, "job": tap.said.job, **tap.said.data}
    return {"what": "conflict", "code": clash.code, "by": clash.by, "crew": tap.crew, "said": said}


def _report(tap: _Tap) -> bool:
    """A state; what has to come before it is checked where every crew's report passes."""
    told = {name: value for name, value in tap.said.data.items() if name != "to"}
    _expect_newest(tap)
    before = tap.desk.store.last_seq()
    tap.desk.work.report(
        str(tap.said.job),
        tap.said.data["to"],
        tap.who,
        crew=tap.crew,
        key=tap.key,
        at=tap.said.at,
        **told,
    )
    return tap.desk.store.last_seq() > before


def _expect_newest(tap: _Tap) -> None:
    """Refuse a report older than what the office has entered for this crew, by telephone, meanwhile."""
    last = next(iter(queries.newest_events(tap.desk.store, "job_moved", 1, str(tap.said.job))), None)
    if (
        last is not None
        and last.source != "phone"
        and last.data["crew"] == tap.crew
        and tap.said.at < last.at
    ):
        raise _Clash("late", last.actor)


def _tick(tap: _Tap) -> bool:
    """A box, after all boxes above it."""
    step, steps = tap.said.data["step"], steps_of(tap.desk, str(tap.said.job))
    if step not in steps:
        raise _Clash("steps")
    if not set(steps[: steps.index(step)]) <= ticked(tap.desk, str(tap.said.job)):
        raise _Clash("order")
    return tap.note("step_ticked", str(tap.said.job), {"step": step, "order": tap.order, "crew": tap.crew})


def _told(tap: _Tap) -> bool:
    told = {name: tap.said.data[name] for name in ("cause", "note", "place") if tap.said.data.get(name)}
    if "place" in told and not _is_element(tap, told["place"]):
        raise _Clash("unknown_device")
    return tap.note("order_told", str(tap.order), told)


def _is_element(tap: _Tap, place: str) -> bool:
    grid = tap.desk.case.grid
    return any(place in known for known in (grid.line_at, grid.switch_at, grid.transformer_at))


def _ticket(tap: _Tap) -> bool:
    """An act on a ticket of this crew: read back, a step, suspended, resumed, returned."""
    number, told = tap.said.data["ticket"], dict(tap.said.data)
    held = all_tickets(tap.desk).get(number)
    if held is None or held.crew != tap.crew:
        raise _Clash("refused")
    names = {name: told[name] for name in ("by", "second", "step", "note") if told.get(name)}
    act_on(tap.desk, number, told["act"], tap.who, key=tap.said.id, at=tap.said.at, **names)
    return tap.note(
        "noted", tap.order or tap.crew, {"what": "ticket_tap", "crew": tap.crew, "number": number}
    )


def _undo(tap: _Tap) -> bool:
    """What was reported by mistake within the last minute is taken back."""
    return undo_report(
        tap.desk, tap.crew, tap.said.data["of"], tap.who, key=tap.key, job=str(tap.said.job), at=tap.said.at
    )


def _acknowledge(tap: _Tap) -> bool:
    """The route was read; a plan that never was in force cannot have been."""
    plan = tap.said.data["plan"]
    try:
        return tap.desk.shelf.acknowledge(tap.crew, plan, tap.who, key=tap.key, at=tap.said.at)
    except Refused as refused:
        raise _Clash("refused") from refused


def _refuse(tap: _Tap) -> bool:
    return _noted(tap, "refused", "plan", "note")


def _help(tap: _Tap) -> bool:
    """A call for help; a second crew becomes a job that the planner finds somebody for."""
    if tap.said.data["reason"] == "second_crew" and tap.said.job:
        expect_own(tap.desk, tap.said.job, tap.crew)
        wanted = {"by": tap.crew, "minutes": tap.said.data.get("minutes")}
        data = {"what": "second", "data": wanted, "reason": tap.said.data.get("note") or ""}
        tap.desk.note("changed", tap.said.job, data, tap.who, key=f"{tap.key}/job", at=tap.said.at)
    return _noted(tap, "help", "reason", "note", "minutes", "lon", "lat")


def _noted(tap: _Tap, what: str, *names: str) -> bool:
    told = {name: tap.said.data[name] for name in names if tap.said.data.get(name) is not None}
    data = {"what": what, "crew": tap.crew, "job": tap.said.job, **told}
    return tap.note("noted", tap.order or tap.crew, data)


def _place(tap: _Tap) -> dict[str, Any]:
    """Where the crew stands, else the place of the job it speaks of."""
    place: dict[str, Any] = {n: v for n in ("lon", "lat") if (v := tap.said.data.get(n)) is not None}
    card = tap.desk.day().cards.get(tap.said.job or "")
    return {"lon": card.lon, "lat": card.lat} if not place and card is not None else place


def _road_closed(tap: _Tap) -> bool:
    """The road there is closed: the same change as from the board, so that every drive goes round it."""
    place = _place(tap)
    if len(place) < 2:
        raise _Clash("refused")
    return _stands(tap, closed_road(tap.desk.case, place["lon"], place["lat"]))


def _switch_stuck(tap: _Tap) -> bool:
    return _stands(tap, Edit(subject=tap.said.data["device"], what="stuck", data={}))


def _stands(tap: _Tap, edit: Edit) -> bool:
    reason = tap.said.data.get("note") or ""
    tap.desk.hands.change_standing(edit, tap.who, reason, key=tap.key, at=tap.said.at)
    return True


def _found(tap: _Tap) -> bool:
    """Another fault: a request like any other, at the place where the crew stands."""
    place = _place(tap)
    entry = Entry(words=tap.said.data["note"], received_at=tap.said.at, channel="crew", **place)
    return not tap.desk.calls.log(entry, tap.who, tap.key).known


def _damage(tap: _Tap) -> bool:
    """What it takes to mend what the crew has seen; the office makes work of it."""
    return _noted(tap, "damage", "what_broke", "parts", "people", "plant", "minutes")


def _sign_on(tap: _Tap) -> bool:
    """On shift, with a vehicle that no other crew has out."""
    vehicle = tap.said.data.get("vehicle")
    others = vehicles_out(tap.desk, but=tap.crew)
    if vehicle in others:
        raise _Clash("vehicle", others[vehicle])
    told = {"state": "on_shift"} | ({"vehicle": vehicle} if vehicle else {})
    return tap.note("crew_changed", tap.crew, told)


def signed_on(desk: Desk, row: Mapping[str, Any]) -> bool:
    """Whether a crew is on shift because somebody said so: having read a route is no sign-on."""
    if row["state"] != "on_shift":
        return False
    crew = row["id"]
    return bool(row["vehicle"]) or desk.kept(
        f"signed on {crew}", (), lambda: _said_on(desk, crew), about=(crew,)
    )


def _said_on(desk: Desk, crew: str) -> bool:
    said = events_of(desk.store, [crew], ["crew_changed"])
    return any(event.data.get("state") == "on_shift" for event in said)


def vehicles_out(desk: Desk, *, but: str) -> dict[str, str]:
    """Vehicles that other crews have said they have, by vehicle."""
    return {
        row["vehicle"]: row["id"]
        for row in desk.rows("crews")
        if row["vehicle"] and row["state"] == "on_shift" and row["id"] != but
    }


def _restocked(tap: _Tap) -> bool:
    """The vehicle has been filled at the depot."""
    return tap.desk.work.restocked(tap.crew, tap.who, key=tap.key, at=tap.said.at)


def _sign_off(tap: _Tap) -> bool:
    return tap.note("crew_changed", tap.crew, {"state": "off"})


def _position(tap: _Tap) -> bool:
    """Where a crew is, while it is on shift: what comes late from before or after is not kept."""
    row = tap.desk.row("crews", tap.crew)
    shift = tap.desk.case.crew_by_id[tap.crew]
    over = shift.shift_end + timedelta(minutes=shift.overtime_min)
    if row is None or not signed_on(tap.desk, row) or tap.said.at > over:
        raise _Clash("off_shift")
    return tap.note("crew_changed", tap.crew, {name: tap.said.data[name] for name in ("lon", "lat")})


KINDS: Mapping[str, Callable[[_Tap], bool]] = {
    "report": _report,
    "undo": _undo,
    "ticket": _ticket,
    "tick": _tick,
    "told": _told,
    "acknowledge": _acknowledge,
    "refuse": _refuse,
    "help": _help,
    "found": _found,
    "road_closed": _road_closed,
    "switch_stuck": _switch_stuck,
    "damage": _damage,
    "sign_on": _sign_on,
    "sign_off": _sign_off,
    "restocked": _restocked,
    "position": _position,
}


def hear_photo(desk: Desk, crew: str, said: Said, body: bytes, who: Who) -> Heard:
    """Keep a picture with its event, once; one of work that the crew never had is a conflict."""
    key = f"phone/{crew}/{said.id}"[:200]
    known = queries.event_with_key(desk.store, key)
    if known is not None:
        return _known(said, known)
    order = desk.work.order_of(said.job or "")
    try:
        expect_ever_own(desk, said.job or "", crew)
    except Refused as refused:
        clash = _Clash(refused.code, refused.values.get("crew"))
        tap = _Tap(desk, crew, replace(who, crew=crew), said, key, order)
        tap.note("noted", order or crew, _conflict(tap, clash))
        return Heard(id=said.id, status="conflict", code=clash.code, by=clash.by)
    row = {"id": f"{crew}.{said.id}"[:80], "order_id": order, "job": said.job, "crew": crew, "at": said.at}
    data = {"what": "photo", "crew": crew, "job": said.job, "photo": row["id"], "bytes": len(body)}
    data |= {name: said.data[name] for name in ("moment", "signer") if said.data.get(name)}
    new = desk.note(
        "noted",
        order,
        data,
        who,
        key=key,
        at=said.at,
        also=lambda connection: queries.keep_photo(connection, body=body, **row),
    )
    return Heard(id=said.id, status="taken" if new else "known")

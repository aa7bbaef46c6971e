"""Standing data by API: who is on, shifts, files of the next roster, versions, small edits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, abort, g, jsonify, request
from pydantic import Field

from dispatch.ground.case import CrewShift
from dispatch.ground.errors import InputFaults
from dispatch.live import Desk
from dispatch.live.standing.duty import duty
from dispatch.live.standing.edits import (
    add_shift,
    call_in,
    cancel_shift,
    change_shift,
    edit_crew,
    edit_customer,
    set_switch,
    shift_that_begins,
    take_back,
)
from dispatch.live.standing.upload import MOST_BYTES, read_sent
from dispatch.live.standing.versions import StandingRefused, StandingVersion
from dispatch.live.standing.view import roster_rows, row_changes, warnings_of

from ..entrance.access import OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, Short, When, body_as, query_as, told
from ..entrance.discretion import change_shown, keeps_customers, words_shown
from ..words.language import translate
from .data import KINDS, counts, csv_file, warning_text
from .page import EDITORS, HEADS, KIND, READERS, SENDERS, expect_today

ENDINGS = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
MOST_ROWS = 1000
MOST_DAYS = 62
Note = Annotated[str, Field(max_length=2000)]
Text = Annotated[str, Field(max_length=300)]

standing_api = Blueprint("standing_api", __name__, url_prefix="/api/v1")


class FileSent(Query):
    """Why a file is sent, what becomes of rows that it does not have, whether it counts at once."""

    note: Note = ""
    rest: Literal["stay", "gone"] = "stay"
    at_once: bool = False


class ShiftsWanted(Query):
    """Shifts that run between two moments; without them from now on for three days."""

    since: When | None = None
    until: When | None = None


class Decision(Body):
    """Why."""

    note: Note = ""


class NewShift(Body):
    """A shift that a crew is given."""

    crew: Short
    start: When
    end: When
    note: Note = ""


class ChangedShift(Body):
    """A shift, named by crew and start, that begins or ends at another time."""

    crew: Short
    start: When
    new_start: When | None = None
    new_end: When | None = None
    note: Note = ""


class CancelledShift(Body):
    """A shift, named by crew and start, that does not take place."""

    crew: Short
    start: When
    note: Note = ""


class CallIn(Body):
    """From when a crew is needed early; `until` where it has no shift soon.

    With `anyway` a supervisor answers for breaking the terms of the roster.
    """

    at: When
    until: When | None = None
    note: Note = ""
    anyway: bool = False


class CrewFacts(Body):
    """What a crew is and drives, from the shift that runs on; what is not given stays."""

    name: Short | None = None
    people: Annotated[int, Field(ge=1, le=50)] | None = None
    vehicle: Short | None = None
    phone: Short | None = None
    speed_factor: Annotated[float, Field(gt=0, le=10)] | None = None
    overtime_min: Annotated[float, Field(ge=0, le=1440)] | None = None
    depot: Short | None = None
    skills: Annotated[list[Short], Field(max_length=20)] | None = None
    stock: Annotated[dict[Short, Annotated[float, Field(ge=0, le=1e6)]], Field(max_length=200)] | None = None
    note: Note = ""


class SwitchState(Body):
    """How a switch stands now, or what its normal state is."""

    normal: Literal["open", "closed"] | None = None
    present: Literal["open", "closed"] | None = None
    note: Note = ""


class CustomerFacts(Body):
    """What is to be changed of a customer; what is not given stays."""

    name: Text | None = None
    address: Text | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    transformer: Short | None = None
    phone: Short | None = None
    access: Text | None = None
    industry: Short | None = None
    welfare: bool | None = None
    supply_guarantee: bool | None = None
    own_generator_h: Annotated[float, Field(ge=0, le=10_000)] | None = None
    note: Note = ""


@standing_api.errorhandler(StandingRefused)
def refused(error: StandingRefused) -> tuple[Response, int]:
    """A version that cannot be kept or put in force, in the reader's language."""
    text = translate(f"standing.refused.{error.code}")
    return jsonify(error={"code": 409, "text": text, "faults": [], "reason": error.code}), 409


@standing_api.get("/duty")
@allow(*OFFICE)
def on_duty() -> Response:
    """Who is on shift now, who comes next, from when nobody is and when somebody is again."""
    found = duty(desk())
    return jsonify(
        at=found.at.isoformat(),
        on=[_shift(each) for each in found.on],
        absent=sorted(found.absent),
        next=[_shift(each) for each in found.next],
        nobody=found.nobody,
        nobody_from=_time(found.nobody_from),
        back_at=_time(found.back_at),
    )


@standing_api.get("/shifts")
@allow(*OFFICE)
def shifts() -> Response:
    """Shifts by the roster in force."""
    wanted, found = query_as(ShiftsWanted), desk()
    since = wanted.since or found.clock()
    until = wanted.until or since + timedelta(days=3)
    if until > since + timedelta(days=MOST_DAYS):
        abort(400)
    rows = roster_rows(found, since, until)
    return jsonify(shifts=[_shift(each.shift) | {"state": each.state, "ruled": each.ruled} for each in rows])


@standing_api.post("/shifts")
@allow(*EDITORS)
def new_shift() -> tuple[Response, int]:
    """Give a crew a shift; a dispatcher one that begins today."""
    given = body_as(NewShift)
    expect_today(given.start)
    return jsonify(version=add_shift(desk(), given.crew, given.start, given.end, who(), given.note)), 201


@standing_api.post("/shifts/change")
@allow(*EDITORS)
def changed_shift() -> Response:
    """Move the begin or the end of a shift; a dispatcher one that begins today."""
    given = body_as(ChangedShift)
    expect_today(given.start)
    known = _end_of(given.crew, given.start)
    times = (given.new_start or given.start, given.new_end or known)
    return jsonify(version=change_shift(desk(), given.crew, given.start, times, who(), given.note))


@standing_api.post("/shifts/cancel")
@allow(*EDITORS)
def cancelled_shift() -> Response:
    """Take a shift away; a dispatcher one that begins today."""
    given = body_as(CancelledShift)
    expect_today(given.start)
    return jsonify(version=cancel_shift(desk(), given.crew, given.start, who(), given.note))


@standing_api.post("/crews/<path:crew>/call-in")
@allow(*EDITORS)
def called_in(crew: str) -> Response:
    """Bring a crew in early; rest, hours of a week and days in a row are checked by the roster's terms."""
    given = body_as(CallIn)
    anyway = given.anyway and g.identity.may(frozenset(HEADS))
    number = call_in(desk(), crew, given.at, who(), given.note, until=given.until, anyway=anyway)
    return jsonify(version=number)


@standing_api.post("/crews/<path:crew>/facts")
@allow(*HEADS)
def crew_facts(crew: str) -> Response:
    """Change people, vehicle, stock, skills or depot of a crew, from the shift that runs on."""
    given = body_as(CrewFacts)
    values = told(given, "note")
    if "skills" in values:
        values["skills"] = frozenset(values["skills"])
    return jsonify(version=edit_crew(desk(), crew, values, who(), given.note))


@standing_api.post("/switches/<path:switch>")
@allow(*HEADS)
def switch_state(switch: str) -> Response:
    """Say how a switch stands, or what its normal state is."""
    given = body_as(SwitchState)
    number = set_switch(desk(), switch, who(), given.note, normal=given.normal, present=given.present)
    return jsonify(version=number)


@standing_api.post("/customers/<path:customer>")
@allow(*HEADS)
def customer_facts(customer: str) -> Response:
    """Change one customer."""
    given = body_as(CustomerFacts)
    return jsonify(version=edit_customer(desk(), customer, told(given, "note"), who(), given.note))


@standing_api.get("/standing")
@allow(*READERS)
def overview() -> Response:
    """The versions of crews, shift rules, depots, customers and switches, newest first."""
    return jsonify(
        kinds=list(KINDS), versions=[_version(each) for each in desk().standing.versions()[:MOST_ROWS]]
    )


@standing_api.get(f"/standing/<{KIND}:kind>.csv")
@allow(*READERS)
def as_file(kind: str) -> Response:
    """What is in force of a kind as CSV, to be edited and sent back."""
    found = desk()
    if kind == "customers" and not keeps_customers():
        abort(403)
    return Response(csv_file(found, kind, found.case.settings.zone), mimetype="text/csv")


@standing_api.post(f"/standing/<{KIND}:kind>")
@allow(*SENDERS)
def send_file(kind: str) -> tuple[Response, int]:
    """Send a CSV or Excel file as the body: a roster, rules, depots, customers or switches.

    With a fault nothing is kept and every fault is answered. Otherwise it waits as a version
    that says what it changes; `at_once` puts it in force where the sender may decide.
    """
    wanted, found = query_as(FileSent), desk()
    ending = ENDINGS.get(request.mimetype)
    if ending is None:
        abort(415)
    if wanted.at_once and not g.identity.may(frozenset(HEADS)):
        abort(403)
    content = request.get_data(cache=False)[: MOST_BYTES + 1]
    name = f"{kind}{ending}"
    read = read_sent(found.standing, found.case, kind, content, name, whole=wanted.rest == "gone")
    if read.change is None:
        raise InputFaults(read.faults)
    now, source = found.clock(), who().source
    number = found.standing.send(
        kind, read.change, name, wanted.note, g.identity.name, now, source=source, repairs=read.repairs
    )
    if wanted.at_once:
        found.standing.activate(number, g.identity.name, wanted.note, now, source=source)
    return jsonify(_whole(found, number)), 201


@standing_api.get("/standing/versions/<int:number>")
@allow(*READERS)
def one_version(number: int) -> Response:
    """A version with what it changes and what to mind."""
    return jsonify(_whole(desk(), number))


@standing_api.post("/standing/versions/<int:number>/activate")
@allow(*HEADS)
def put_in_force(number: int) -> Response:
    """Put a waiting version in force; 409 where the same rows were changed in the meantime."""
    note = body_as(Decision).note
    _known(number)
    desk().standing.activate(number, g.identity.name, note, desk().clock(), source=who().source)
    return jsonify(_whole(desk(), number))


@standing_api.post("/standing/versions/<int:number>/decline")
@allow(*HEADS)
def declined(number: int) -> Response:
    """Say no to a waiting version."""
    note = body_as(Decision).note
    _known(number)
    desk().standing.decline(number, g.identity.name, note, desk().clock(), source=who().source)
    return jsonify(_whole(desk(), number))


@standing_api.post("/standing/versions/<int:number>/back")
@allow(*EDITORS)
def taken_back(number: int) -> Response:
    """Make what a version changed as it was before, as a version of its own; dispatchers only own shifts."""
    note, known = body_as(Decision).note, _known(number)
    own = known.kind == "crews" and not known.file and known.made_by == g.identity.name
    if not own and not g.identity.may(frozenset(HEADS)):
        abort(403)
    return jsonify(_whole(desk(), take_back(desk(), number, who(), note)))


def _known(number: int) -> StandingVersion:
    try:
        return desk().standing.version(number)
    except KeyError:
        abort(404)


def _whole(found: Desk, number: int) -> dict[str, Any]:
    known, change = _known(number), found.standing.change_of(number)
    changes = row_changes(found, known.kind, change, known.turn - 1 if known.turn else None)
    waits, zone = known.state == "waiting", found.case.settings.zone
    return _version(known) | {
        "changes": [
            {
                "id": each.id,
                "what": each.what,
                "fields": {name: [before, after] for name, before, after in each.fields},
            }
            for each in (change_shown(known.kind, each) for each in changes[:MOST_ROWS])
        ],
        "count": len(changes),
        "by_what": counts(changes),
        "repairs": list(found.standing.repairs_of(number)),
        "warnings": [warning_text(each, zone) for each in warnings_of(found, known.kind, change)]
        if waits
        else [],
    }


def _version(known: StandingVersion) -> dict[str, Any]:
    return {
        "number": known.id,
        "kind": known.kind,
        "state": known.state,
        "file": known.file,
        "note": words_shown(known.note),
        "made_by": known.made_by,
        "made_at": known.made_at.isoformat(),
        "decided_by": known.decided_by,
        "decided_at": _time(known.decided_at),
    }


def _end_of(crew: str, start: datetime) -> datetime:
    return shift_that_begins(desk(), crew, start).shift_end


def _shift(shift: CrewShift) -> dict[str, Any]:
    return {
        "crew": shift.id,
        "name": shift.name,
        "start": shift.shift_start.isoformat(),
        "end": shift.shift_end.isoformat(),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

"""Tonight: the weather, the faults that are expected, who is on and who can be called in."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from flask import Blueprint, Response, abort, g, jsonify, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.ground.case import CrewShift
from dispatch.live import Desk, Refused
from dispatch.live.standing.duty import duty
from dispatch.live.standing.edits import CallIn
from dispatch.live.tonight import CrewTonight, called_for, tonight
from dispatch.live.weather import (
    KINDS,
    Told,
    WarningKind,
    WeatherWarning,
    call_off,
    correct,
    told_by,
    warn,
    warnings_now,
)
from dispatch.simulate.expected import Expected, newest_expected
from dispatch.store import Conflict

from ..day.handwork import conflict_text, refusal_text, term_text
from ..entrance.access import OFFICE, Role, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, When, Whole, body_as, query_as
from ..entrance.discretion import noted_shown
from ..entrance.door import sent_number
from ..entrance.once import once, sent_key
from ..scenarios.studies import studies
from ..standing.page import EDITORS, HEADS, moment_sent
from ..words.language import translate

TELLERS: tuple[Role, ...] = ("dispatcher", "supervisor", "planner", "administrator")
MOST_NOTE = 500
Note = Annotated[str, Field(max_length=MOST_NOTE)]
Gust = Annotated[float, Field(gt=0, le=120)]

tonight_page = Blueprint("tonight", __name__)
tonight_api = Blueprint("tonight_api", __name__, url_prefix="/api/v1")


class WarningTold(Body):
    """A weather warning: what of, from when until when, the strongest gust in m/s, a note."""

    kind: WarningKind
    first: Annotated[When, Field(alias="from")]
    until: When
    gust_m_s: Gust | None = None
    note: Note = ""


class WarningCorrected(WarningTold):
    """The same anew, by somebody who has seen version `seen`."""

    seen: Whole


class WarningOver(Body):
    """A warning that is called off, by somebody who has seen version `seen`."""

    seen: Whole
    note: Note = ""


class CallTried(Query):
    """From when a crew is wanted, and until when where it has no shift soon; without, for eight hours."""

    at: When
    until: When | None = None


@tonight_page.get("/tonight")
@allow(*OFFICE)
def page() -> str:
    """Show the weather, the expected faults and the shift row."""
    return _page()


@tonight_page.post("/tonight/weather")
@allow(*TELLERS)
def tell() -> Answer | tuple[str, int]:
    """Write a warning down, or correct or call off a known one (`known`, `seen`)."""
    known, over = request.form.get("known", ""), request.form.get("over") == "yes"
    try:
        seen = sent_number("seen") or 0
        if known and over:
            call_off(desk(), known, _note(), who(), seen=seen)
        elif known:
            correct(desk(), known, _told(), who(), seen=seen)
        else:
            warn(desk(), _told(), who())
    except ValueError:
        return _page(refused=translate("tonight.unread")), 400
    except Refused as error:
        return _page(refused=refusal_text(error)), 409
    except Conflict as error:
        return _page(refused=conflict_text(error)), 409
    return redirect(url_for("tonight.page"))


@tonight_api.get("/tonight")
@allow(*OFFICE)
def whole() -> Response:
    """The crews in the hours around now: shifts, rest, work left, from when each can be called in."""
    return jsonify(tonight_data(desk()))


@tonight_api.get("/crews/<path:crew>/call-in")
@allow(*EDITORS)
def tried_call(crew: str) -> Response:
    """What calling a crew in would make of its shifts, and which terms it would break; nothing is changed."""
    wanted = query_as(CallTried)
    found = called_for(desk(), crew, wanted.at, wanted.until)
    return jsonify(_call(found) | {"allowed": not found.broken, "broken": _broken(found)})


@tonight_api.get("/weather")
@allow(*OFFICE, "intake")
def weather() -> Response:
    """The weather warnings in force, and those that begin within two days."""
    return jsonify(warnings=[_warning(noted_shown(each)) for each in warnings_now(desk())])


@tonight_api.post("/weather")
@allow(*TELLERS, "intake")
@once
def new_warning() -> tuple[Response, int]:
    """Tell a weather warning; boards show it at once."""
    made = warn(desk(), _of(body_as(WarningTold)), who(), key=sent_key())
    return jsonify(_warning(made)), 201


@tonight_api.post("/weather/<warning>")
@allow(*TELLERS, "intake")
def corrected(warning: str) -> Response:
    """Tell a warning anew, as its next version; 409 when somebody else did in the meantime."""
    given = body_as(WarningCorrected)
    _expect_own(warning)
    return jsonify(_warning(correct(desk(), warning, _of(given), who(), seen=given.seen)))


@tonight_api.post("/weather/<warning>/over")
@allow(*TELLERS, "intake")
def called_off(warning: str) -> Response:
    """Call a warning off before its time."""
    given = body_as(WarningOver)
    _expect_own(warning)
    return jsonify(_warning(call_off(desk(), warning, given.note, who(), seen=given.seen)))


def _expect_own(warning: str) -> None:
    """A system speaks of the warnings that it has told itself, whoever corrected them since."""
    if g.identity.roles == {"intake"} and told_by(desk(), warning) not in (None, g.identity.name):
        abort(403)


def tonight_data(found: Desk) -> dict[str, Any]:
    """The hours around now, for the shift row."""
    told = tonight(found)
    return {
        "at": told.at.isoformat(),
        "begins": told.begins.isoformat(),
        "ends": told.ends.isoformat(),
        "rest_h": found.case.settings.rest_h,
        "crews": [_crew(each) for each in told.crews],
    }


def _crew(row: CrewTonight) -> dict[str, Any]:
    return {
        "id": row.crew.id,
        "name": row.crew.name,
        "people": row.crew.people,
        "skills": sorted(row.crew.skills),
        "phone": row.crew.phone if g.identity.may(frozenset(EDITORS)) else None,
        "state": row.state,
        "shifts": [_shift(each) for each in row.shifts],
        "rested_at": _time(row.rested_at),
        "jobs": row.jobs,
        "free_at": _time(row.free_at),
        "call": None if row.call is None else _call(row.call),
    }


def _shift(shift: CrewShift) -> dict[str, str]:
    return {"start": shift.shift_start.isoformat(), "end": shift.shift_end.isoformat()}


def _call(found: CallIn) -> dict[str, Any]:
    instead = None if found.instead is None else found.instead.shift_start.isoformat()
    return _shift(found.shift) | {"instead": instead}


def _broken(found: CallIn) -> list[dict[str, Any]]:
    broken = [asdict(each) for each in found.broken]
    return [each | {"text": term_text(found.shift.name, each)} for each in broken]


def _warning(known: WeatherWarning) -> dict[str, Any]:
    return {
        "id": known.id,
        "kind": known.kind,
        "from": known.begins.isoformat(),
        "until": known.ends.isoformat(),
        "gust_m_s": known.gust_m_s,
        "note": known.note,
        "over": known.over,
        "version": known.version,
        "by": known.by,
        "at": known.at.isoformat(),
    }


def _of(given: WarningTold) -> Told:
    return Told(
        kind=given.kind, begins=given.first, ends=given.until, gust_m_s=given.gust_m_s, note=given.note
    )


def _told() -> Told:
    """A warning out of the form.

    Raises
    ------
    ValueError
        Something is missing or cannot be read.
    """
    kind, gust = request.form.get("kind", ""), request.form.get("gust", "").strip()[:12]
    begins, ends = moment_sent("from"), moment_sent("until")
    strongest = float(gust) if gust else None
    if kind not in KINDS or begins is None or ends is None or not 0 < (strongest or 1) <= 120:
        raise ValueError
    return Told(kind=kind, begins=begins, ends=ends, gust_m_s=strongest, note=_note())  # type: ignore[arg-type]


def _note() -> str:
    return request.form.get("note", "").strip()[:MOST_NOTE]


def _page(*, refused: str | None = None) -> str:
    found, known = desk(), studies()
    expected = newest_expected(known) if known is not None else None
    running = known.running() if known is not None else None
    picked = request.args.get("warning")
    warnings = tuple(map(noted_shown, warnings_now(found)))
    return render_template(
        "tonight.html",
        page="tonight",
        refused=refused,
        warnings=warnings,
        picked=next((each for each in warnings if each.id == picked), None),
        kinds=KINDS,
        now=found.clock(),
        duty=duty(found),
        expected=expected,
        bars=_bars(expected) if expected is not None else (),
        running=running,
        has_studies=known is not None,
        told=tonight_data(found)
        | {
            "may": g.identity.may(frozenset(EDITORS)),
            "head": g.identity.may(frozenset(HEADS)),
            "zone": found.case.settings.time_zone,
        },
        may_tell=g.identity.may(frozenset(TELLERS)),
        may_start=g.identity.may(frozenset({"planner"})),
    )


def _bars(expected: Expected) -> list[tuple[int, float, int]]:
    """Hour, faults and height in per cent of the tallest."""
    most = max(expected.by_hour, default=0.0)
    return [
        (hour, count, round(100 * count / most) if most else 0)
        for hour, count in enumerate(expected.by_hour, start=1)
    ]


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

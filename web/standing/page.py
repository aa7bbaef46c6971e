"""Standing data by page: crews and shifts, depots, customers, switches; sent, compared, put in force."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from dispatch.ground.errors import Fault
from dispatch.live import Refused
from dispatch.live.standing.duty import duty
from dispatch.live.standing.edits import add_shift, call_in, cancel_shift, change_shift, take_back
from dispatch.live.standing.upload import ENDINGS, MOST_BYTES, read_sent
from dispatch.live.standing.versions import StandingRefused, StandingVersion
from dispatch.live.standing.view import roster_rows, row_changes, warnings_of

from ..day.handwork import refusal_text
from ..entrance.access import Role, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import moment_in
from ..entrance.discretion import keeps_customers, noted_shown
from ..server.transfer import named
from ..words.language import translate
from .data import KINDS, change_row, counts, csv_file, excel_file, warning_text

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READERS: tuple[Role, ...] = ("dispatcher", "supervisor", "planner", "administrator")
SENDERS: tuple[Role, ...] = ("planner", "supervisor", "administrator")
HEADS: tuple[Role, ...] = ("supervisor", "administrator")
EDITORS: tuple[Role, ...] = ("dispatcher", "supervisor", "administrator")
MOST_ROWS = 400
MOST_FAULTS = 200
MOST_VERSIONS = 60
MOST_NOTE = 2000
DAYS_SHOWN = 3

standing = Blueprint("standing", __name__, url_prefix="/standing")
KIND = "any(crews, roster, depots, customers, switches, beliefs)"


@standing.get("")
@allow(*READERS)
def start() -> Answer:
    """Lead to the crews."""
    return redirect(url_for("standing.page", kind="crews"))


@standing.get(f"/<{KIND}:kind>")
@allow(*READERS)
def page(kind: str) -> str:
    """Show what is in force, its versions, and the form for the next file."""
    return _page(kind)


@standing.post(f"/<{KIND}:kind>")
@allow(*SENDERS)
def send(kind: str) -> Answer | tuple[str, int]:
    """Take a file: kept until somebody decides when nothing is wrong with it."""
    sent = request.files.get("file")
    name = PurePath(sent.filename or "").name if sent else ""
    if sent is None or not name:
        return _page(kind, refused=translate("standing.refused.nothing")), 400
    content = sent.stream.read(MOST_BYTES + 1)
    found = desk()
    whole = request.form.get("rest") == "gone"
    read = read_sent(found.standing, found.case, kind, content, name, whole=whole)
    if read.change is None:
        return _page(kind, file=name, faults=read.faults, repairs=read.repairs), 422
    note = request.form.get("note", "").strip()[:MOST_NOTE]
    try:
        number = found.standing.send(
            kind, read.change, name, note, g.identity.name, found.clock(), repairs=read.repairs
        )
    except StandingRefused as error:
        return _page(kind, refused=translate(f"standing.refused.{error.code}")), 409
    return redirect(url_for("standing.version", number=number))


@standing.get(f"/<{KIND}:kind>/file.<any(csv, xlsx):ending>")
@allow(*READERS)
def download(kind: str, ending: str) -> Response:
    """What is in force as a file to edit."""
    found = desk()
    zone = found.case.settings.zone
    if kind == "customers" and not keeps_customers():
        abort(403)
    if ending == "csv":
        answer = Response(csv_file(found, kind, zone), mimetype="text/csv")
    else:
        answer = Response(excel_file(found, kind, zone), mimetype=WORKBOOK)
    return named(answer, f"{kind}.{ending}")


@standing.get("/versions/<int:number>")
@allow(*READERS)
def version(number: int) -> str:
    """Show what a version changes, row by row, and who decides."""
    return _version_page(_known(number))


@standing.post("/versions/<int:number>/<any(activate, decline, back):what>")
@allow(*HEADS)
def decide(number: int, what: str) -> Answer | tuple[str, int]:
    """Put a version in force, say no to it, or take one back."""
    known, found = _known(number), desk()
    note = request.form.get("note", "").strip()[:MOST_NOTE]
    try:
        if what == "activate":
            found.standing.activate(number, g.identity.name, note, found.clock())
        elif what == "decline":
            found.standing.decline(number, g.identity.name, note, found.clock())
        else:
            take_back(found, number, who(), note)
    except StandingRefused as error:
        return _version_page(known, refused=translate(f"standing.refused.{error.code}")), 409
    return redirect(url_for("standing.page", kind=known.kind))


@standing.post("/shifts/<any(add, change, cancel, call):what>")
@allow(*EDITORS)
def edit_shift(what: str) -> Answer | tuple[str, int]:
    """Change one shift, in force at once; a dispatcher those that begin today."""
    try:
        _edit_shift(what)
    except Refused as error:
        return _page("crews", refused=refusal_text(error)), 409
    return redirect(url_for("standing.page", kind="crews"))


def _edit_shift(what: str) -> None:
    found, crew = desk(), request.form.get("crew", "")
    note = request.form.get("note", "").strip()[:MOST_NOTE]
    first, last, known = moment_sent("start"), moment_sent("end"), moment_sent("known")
    if what == "call":
        if first is None:
            raise Refused("no_shift")
        anyway = request.form.get("anyway") == "yes" and g.identity.may(frozenset(HEADS))
        call_in(found, crew, first, who(), note, until=last, anyway=anyway)
        return
    expect_today(first if what == "add" else known)
    if what == "add" and first is not None and last is not None:
        add_shift(found, crew, first, last, who(), note)
    elif what == "change" and known is not None and first is not None and last is not None:
        change_shift(found, crew, known, (first, last), who(), note)
    elif what == "cancel" and known is not None:
        cancel_shift(found, crew, known, who(), note)
    else:
        raise Refused("no_shift")


def expect_today(start: datetime | None) -> None:
    """Let only supervisor and administrator change shifts of other days.

    Raises
    ------
    Refused
        Somebody else wants to.
    """
    if g.identity.may(frozenset(HEADS)) or start is None:
        return
    found = desk()
    zone = found.case.settings.zone
    if start.astimezone(zone).date() != found.clock().astimezone(zone).date():
        raise Refused("not_today")


def moment_sent(name: str) -> datetime | None:
    """A time out of a form, in the zone of the case where it has none of its own."""
    written = request.form.get(name, "").strip()[:40]
    if not written:
        return None
    try:
        return moment_in(written, desk().case.settings.zone)
    except ValueError:
        raise Refused("no_shift") from None


def _known(number: int) -> StandingVersion:
    try:
        return desk().standing.version(number)
    except KeyError:
        abort(404)


def _page(
    kind: str,
    *,
    refused: str | None = None,
    file: str = "",
    faults: tuple[Fault, ...] = (),
    repairs: tuple[str, ...] = (),
) -> str:
    found, now = desk(), desk().clock()
    rows = (
        roster_rows(found, now - timedelta(hours=1), now + timedelta(days=DAYS_SHOWN))
        if kind == "crews"
        else []
    )
    versions = found.standing.versions(kind)
    part = found.standing.part(kind)
    return render_template(
        "standing.html",
        page="standing",
        kind=kind,
        kinds=KINDS,
        count=len(found.standing.shifts().crews) if kind == "crews" else _count(part),
        versions=tuple(map(noted_shown, versions[:MOST_VERSIONS])),
        more=max(0, len(versions) - MOST_VERSIONS),
        waiting=[each for each in versions if each.state == "waiting"],
        duty=duty(found) if kind == "crews" else None,
        rows=rows,
        picked=next((each for each in rows if each.key == request.args.get("shift")), None),
        crews=found.case.crews,
        may_send=g.identity.may(frozenset(SENDERS)),
        may_edit=g.identity.may(frozenset(EDITORS)),
        may_decide=g.identity.may(frozenset(HEADS)),
        now=now,
        endings=",".join(ENDINGS),
        most_mib=MOST_BYTES // 2**20,
        refused=refused,
        file=file,
        faults=faults[:MOST_FAULTS],
        more_faults=max(0, len(faults) - MOST_FAULTS),
        repairs=repairs,
    )


def _count(part: Any) -> int:
    return len(part.switches) if hasattr(part, "switches") else len(part)


def _version_page(known: StandingVersion, *, refused: str | None = None) -> str:
    found = desk()
    zone, change = found.case.settings.zone, found.standing.change_of(known.id)
    before = known.turn - 1 if known.turn else None
    changes = row_changes(found, known.kind, change, before)
    waits = known.state == "waiting"
    return render_template(
        "standing_version.html",
        page="standing",
        version=noted_shown(known),
        counts=counts(changes),
        rows=[change_row(known.kind, each, zone) for each in changes[:MOST_ROWS]],
        more=max(0, len(changes) - MOST_ROWS),
        warnings=[warning_text(each, zone) for each in warnings_of(found, known.kind, change)]
        if waits
        else [],
        repairs=found.standing.repairs_of(known.id),
        may_decide=g.identity.may(frozenset(HEADS)),
        refused=refused,
    )

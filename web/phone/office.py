"""The office's side of crews' phones: links, PINs, who has read the route, what comes out of the field."""

from __future__ import annotations

import io
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from dispatch.ground.case import CrewShift
from dispatch.live import (
    Refused,
    answer_call,
    assessed_damage,
    confirm_damage,
    decline_damage,
    field_notes,
    open_calls,
)
from dispatch.live.damage import MOST_CREWS
from dispatch.live.escalating import close_answered
from dispatch.live.field_calls import is_signature
from dispatch.planning.drafting import OFFICE_KINDS
from dispatch.sheets import sheet_pdf
from dispatch.store import Conflict, StoreError
from dispatch.store.phones import Phones
from dispatch.store.queries import photo

from ..duty.so_far import reported_so_far
from ..entrance.access import OFFICE, allow
from ..entrance.accounts import log_security
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, body_as
from ..entrance.discretion import row_shown, sees_customers
from ..entrance.door import sent_number
from ..server.transfer import named
from ..words.language import current_language

MOST_SHOWN = 40
MOST_NOTE = 500
MOST_MINUTES = 10_000


class CallSeen(Body):
    """What was done about a call out of the field."""

    note: Annotated[str, Field(max_length=500)] = ""


PAST_THE_SHIFT = timedelta(hours=12)

phone_office = Blueprint("phone_office", __name__)


@phone_office.get("/phones")
@allow("dispatcher", "supervisor")
def page() -> str:
    """Every crew: its link, whether it has read its route, and what it says."""
    return _page()


@phone_office.post("/phones/<crew>")
@allow("dispatcher", "supervisor")
def make(crew: str) -> str | tuple[str, int]:
    """Make a link for a crew's phone; it is shown once."""
    shift = desk().case.crew_by_id.get(crew)
    if shift is None:
        abort(404)
    pin = request.form.get("pin", "")
    try:
        code = Phones(desk().store).make_link(crew, pin, until=_until(shift), by=g.identity.name, now=_now())
    except StoreError:
        return _page(fault="phone.office.pin_fault"), 400
    log_security("phone_link_made", crew)
    link = f"{request.url_root}phone/enter#{code}"
    return _page(made={"crew": crew, "name": shift.name, "link": link, "pin": pin, "image": _image(link)})


def _until(shift: CrewShift) -> datetime:
    """A link ends well after the shift and its overtime, by the clock of the day.

    A phone that signs itself out in the middle of work helps nobody; and after the
    shift the office can make a new one as well.
    """
    now = desk().clock()
    ends = max(now, shift.shift_end + timedelta(minutes=shift.overtime_min)) + PAST_THE_SHIFT
    return _now() + (ends - now)


@phone_office.post("/phones/<crew>/revoke")
@allow("dispatcher", "supervisor")
def revoke(crew: str) -> AnyResponse:
    """Sign a crew's phones out."""
    if crew not in desk().case.crew_by_id:
        abort(404)
    Phones(desk().store).revoke(crew)
    log_security("phone_link_revoked", crew)
    return redirect(url_for("phone_office.page"))


@phone_office.post("/phones/<crew>/sheet.pdf")
@allow("dispatcher", "supervisor")
def sheet(crew: str) -> Response:
    """The route sheet with the link just made as its QR code."""
    link = request.form.get("link", "")
    if crew not in desk().case.crew_by_id or not link.startswith(f"{request.url_root}phone/enter#"):
        abort(400)
    language = "zh" if current_language().startswith("zh") else "en"
    body = sheet_pdf(desk().day(), crew, lang=language, link=link, reported=reported_so_far(desk(), crew))
    response = Response(body, mimetype="application/pdf")
    return named(response, f"{crew}.pdf", inline=True)


@phone_office.get("/api/v1/field")
@allow(*OFFICE)
def field() -> Response:
    """Calls for help, refusals, conflicts and pictures out of the field, newest first."""
    notes = [row_shown(note | {"at": note["at"].isoformat()}) for note in field_notes(desk())]
    calls = [row_shown(call | {"at": call["at"].isoformat()}) for call in open_calls(desk())]
    return jsonify(notes=notes, calls=calls, unread=_unread())


@phone_office.post("/api/v1/field/<int:seq>/seen")
@allow("dispatcher", "supervisor")
def seen(seq: int) -> Response:
    """Somebody has seen to a call for help or a refused route."""
    answer_call(desk(), seq, who(), body_as(CallSeen).note)
    return jsonify(ok=True)


@phone_office.post("/phones/calls/<int:seq>")
@allow("dispatcher", "supervisor")
def seen_here(seq: int) -> AnyResponse:
    """The same from the page."""
    answer_call(desk(), seq, who(), request.form.get("note", "")[:MOST_NOTE])
    return redirect(url_for("phone_office.page"))


@phone_office.post("/phones/calls/<int:seq>/close")
@allow("dispatcher", "supervisor")
def close_here(seq: int) -> AnyResponse:
    """An answer was given: the complaint or enquiry that waited is closed, and nobody is told of it again."""
    waiting = (call for call in open_calls(desk()) if call["seq"] == seq and call["kind"] in OFFICE_KINDS)
    call = next(waiting, None)
    if call is None:
        abort(404)
    note = request.form.get("note", "")[:MOST_NOTE]
    # Whoever was quicker has closed it already; what is left is to take the line away.
    with suppress(Refused, Conflict):
        close_answered(desk(), call["order"], who(), note)
    answer_call(desk(), seq, who(), note)
    return redirect(url_for("phone_office.page"))


@phone_office.post("/phones/damage/<int:seq>")
@allow("dispatcher", "supervisor")
def damage_here(seq: int) -> AnyResponse | tuple[str, int]:
    """Work is made of an assessment out of the field, or nothing comes of it."""
    note = request.form.get("note", "")[:MOST_NOTE]
    try:
        if request.form.get("decide") == "decline":
            decline_damage(desk(), seq, who(), note)
        else:
            minutes, crews = _asked("minutes", MOST_MINUTES), _asked("crews", MOST_CREWS)
            confirm_damage(desk(), seq, who(), minutes=minutes, crews=crews)
    except Refused:
        return _page(fault="phone.damage.gone"), 409
    return redirect(url_for("phone_office.page"))


def _asked(name: str, most: int) -> int:
    found = sent_number(name)
    if found is None or not 1 <= found <= most:
        abort(400)
    return found


@phone_office.get("/api/v1/photos/<id_>")
@allow(*OFFICE)
def picture(id_: str) -> Response:
    """A picture that a crew took; a customer's signature for those alone who speak with customers."""
    if not sees_customers() and is_signature(desk(), id_):
        abort(403)
    body = photo(desk().store, id_)
    if body is None:
        abort(404)
    response = Response(body, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def _page(**values: Any) -> str:
    links = {link.crew: link for link in Phones(desk().store).links(_now())}
    read = {row["id"]: row["acknowledged"] for row in desk().rows("crews")}
    return render_template(
        "phone_office.html",
        page="crews",
        crews=desk().case.crews,
        links=links,
        read=read,
        plan=desk().plan_number("published") or 0,
        notes=field_notes(desk())[:MOST_SHOWN],
        calls=open_calls(desk()),
        damage=assessed_damage(desk()),
        office_kinds=OFFICE_KINDS,
        names={crew.id: crew.name for crew in desk().case.crews},
        **values,
    )


def _unread() -> list[str]:
    """Crews that have not acknowledged the plan in force."""
    plan = desk().plan_number("published") or 0
    read = {row["id"]: row["acknowledged"] for row in desk().rows("crews")}
    routes = {route.crew for route in desk().day().plan.routes if route.visits}
    return sorted(crew for crew in routes & set(desk().case.crew_by_id) if read.get(crew, 0) < plan)


def _image(link: str) -> str:
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="png", scale=6, border=3)
    return "data:image/png;base64," + b64encode(out.getvalue()).decode()


def _now() -> datetime:
    return datetime.fromtimestamp(current_app.config["CLOCK"](), UTC)

"""The page a crew runs its day from, and what its phone sends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, jsonify, render_template, request
from pydantic import TypeAdapter, ValidationError

from dispatch.intake.bounded import bounded
from dispatch.live import Said, Who, crew_route, hear, hear_photo
from dispatch.live.crew_route import ENDED_JOBS
from dispatch.live.time_sheet import time_sheet
from dispatch.push.pushing import Pushing
from dispatch.store.claims import claim_all, mark
from dispatch.store.phones import PROLONGED_BY, Phones
from dispatch.store.push_rows import unsubscribe

from ..day.current import derived
from ..day.route_files import exported
from ..entrance.access import allow, allow_everyone
from ..entrance.accounts import brought_token, log_security
from ..entrance.asker import desk
from ..entrance.bodies import When, body_as
from ..server.transfer import Packed, pack, pack_json, send
from ..static_files import YEAR_S, packed_file
from ..words.language import LANGUAGES, catalogue, current_language
from .area import area_bytes
from .bodies import Batch, Entering, said_of, shot_of
from .bundle import bundle
from .pictures import NoPicture, clean_picture

ENTRY = "phone/phone.js"
STYLE = "phone/phone.css"
ICON = "icon.svg"
# Fetched after the first page stands, and kept from then on.
MAP = "phone/area.js"
MOST_PHOTO_B = 600_000
SHORT = 10  # of a tag, in an address
BINARY = "application/octet-stream"
# What the page says by a code that the day holds.
CODED = (
    "phone.",
    "class.",
    "job_kind.",
    "request_kind.",
    "skill.",
    "stock.",
    "grade.",
    "cause.",
    "element.",
    "plant.",
    "ticket_",
    "tickets.by.",
    "tickets.second.",
    "map.ticket_mark",
    "action.",
)

TIME: TypeAdapter[datetime] = TypeAdapter(When)
MOST_LOOKED = 20_000
STAYS = timedelta(hours=6)  # of a token, counted from the last time its phone had work
ON_THE_WAY = timedelta(seconds=30)  # longer than this no message takes that arrives
phone = Blueprint("phone", __name__)


@phone.get("/phone")
@phone.get("/phone/enter")
@allow_everyone
def page() -> Response:
    """The page without a day in it: the phone keeps it, and fetches the day by itself."""
    words = {key: text for key, text in catalogue(current_language()).items() if key.startswith(CODED)}
    html = render_template(
        "phone.html",
        words=words,
        parts=dict(zip(("script", "style", "icon"), shell(), strict=True)),
        shares=shares_positions(),
        push=push_key(),
    )
    response = send(pack(html.encode(), "text/html"))
    # The phone's own keyboard and camera button need none of these. Its map shows where it is;
    # that place leaves it only where the utility has turned that on.
    response.headers["Permissions-Policy"] = (
        "camera=(), microphone=(), geolocation=(self), payment=(), usb=()"
    )
    return response


def shares_positions() -> bool:
    """Whether the utility has turned on that phones say where they are."""
    return bool(current_app.config.get("SHARE_POSITIONS", False))


def push_key() -> str:
    """The public key by which phones let themselves be rung; empty where the utility has not turned it on."""
    rings: Pushing | None = current_app.extensions.get("gridcrew_pushing")
    return rings.key.public if rings is not None else ""


@phone.get("/phone/app.js")
@allow_everyone
def app_script() -> Response:
    """The page's scripts in one file."""
    return _kept_by_tag(bundle(ENTRY))


@phone.get("/phone/area.js")
@allow_everyone
def map_script() -> Response:
    """The map's scripts, on top of the page's."""
    return _kept_by_tag(bundle(MAP, known=(ENTRY,)))


def _kept_by_tag(script: Packed) -> Response:
    """A file that is asked for by the tag that it has never changes."""
    named = request.args.get("v") == script.tag[:SHORT]
    return send(script, max_age_s=YEAR_S if named else 0, private=False)


def shell() -> tuple[str, ...]:
    """The addresses of what the page is made of, each with its tag: it is fetched once and kept."""
    script = f"/phone/app.js?v={bundle(ENTRY).tag[:SHORT]}"
    return (script, *(f"/static/{name}?v={packed_file(name).tag[:SHORT]}" for name in (STYLE, ICON)))


@phone.get("/phone/sw.js")
@allow_everyone
def worker() -> Response:
    """The service worker, with the version of what it keeps."""
    tags = "".join((*shell(), bundle(MAP, known=(ENTRY,)).tag, packed_file("phone/sw.js").tag))
    texts = "".join(text for code in LANGUAGES for text in catalogue(code).values())
    version = hashlib.blake2b((tags + texts).encode(), digest_size=8).hexdigest()
    words = catalogue(current_language())
    told = {
        "VERSION": version,
        "KEPT": shell(),
        "LATER": ["/phone/area.js"],
        "WORDS": {key: text for key, text in words.items() if key.startswith("phone.push.")},
    }
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in told.items()).encode()
    response = send(pack(head + packed_file("phone/sw.js").body, "text/javascript"))
    response.headers["Service-Worker-Allowed"] = "/phone"
    return response


@phone.get("/phone/manifest.webmanifest")
@allow_everyone
def manifest() -> Response:
    """What makes the page installable."""
    words = catalogue(current_language())
    icon = {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}
    picture = {"src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"}
    data = {
        "name": words["phone.name"],
        "short_name": words["phone.short_name"],
        "lang": current_language(),
        "start_url": "/phone",
        "scope": "/phone",
        "display": "standalone",
        "background_color": "#1f2a33",
        "theme_color": "#1f2a33",
        "icons": [icon, picture],
    }
    response = send(pack_json(data))
    response.mimetype = "application/manifest+json"
    return response


@phone.post("/phone/enter")
@allow_everyone
def enter() -> Response | tuple[Response, int]:
    """Change a link's code and its PIN for a token that outlasts the shift and its overtime.

    The code comes as a bearer token: no other site's form can send one.
    """
    given = body_as(Entering)
    code = request.authorization.token if request.authorization else None
    if not code:
        abort(401)
    entered = Phones(desk().store).enter(code, given.pin, given.device, now_utc())
    log_security(*(("phone_refused",) if entered is None else ("phone_signed_in", entered.crew)))
    if entered is None:
        return jsonify(error={"code": 401, "text": catalogue(current_language())["phone.wrong"]}), 401
    return jsonify(token=entered.token, crew=entered.crew, until=entered.until.isoformat())


@phone.get("/api/v1/phone/route")
@allow("crew")
def route() -> Response:
    """The crew's own day."""
    if g.identity.crew not in desk().case.crew_by_id:
        abort(404)
    found = crew_route(desk(), g.identity.crew)
    if has_work(found):
        _stay_signed_in()
    return send(pack_json(found))


def has_work(found: Mapping[str, Any]) -> bool:
    """Whether a crew has something under way or to come: nobody is signed out in the middle of it."""
    return any(stop["state"] not in ENDED_JOBS for stop in found["stops"])


def _stay_signed_in() -> None:
    """Let the phone's token outlast the work; until it is due again, nothing is asked of the database."""
    token, until = brought_token() or "", now_utc() + STAYS
    looked: dict[str, datetime] = current_app.extensions.setdefault("gridcrew_phones_stay", {})
    mark_ = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
    if mark_ in looked and looked[mark_] >= until - PROLONGED_BY:
        return
    if len(looked) >= MOST_LOOKED:
        looked.clear()
    ends = Phones(desk().store).prolong(token, g.identity.crew, until)
    # One without an end is looked at as seldom as the others.
    looked[mark_] = until if ends is None else ends


@phone.get("/api/v1/phone/route.<any(gpx, ics, geojson):kind>")
@allow("crew")
def route_file(kind: str) -> Response:
    """The crew's own route for another program."""
    if g.identity.crew not in desk().case.crew_by_id:
        abort(404)
    return exported(desk().day(), g.identity.crew, kind)


@phone.get("/api/v1/phone/area")
@allow("crew")
def area() -> Response:
    """The roads and grid lines around the crew's route, packed, for when there is no signal."""
    crew = g.identity.crew
    if crew not in desk().case.crew_by_id:
        abort(404)
    return send(derived().get(("area", crew), lambda day: pack(area_bytes(day, crew), BINARY)))


@phone.get("/api/v1/phone/hours")
@allow("crew")
def hours() -> Response:
    """The hours of the crew's shift."""
    if g.identity.crew not in desk().case.crew_by_id:
        abort(404)
    return jsonify(time_sheet(desk(), g.identity.crew))


@phone.post("/api/v1/phone/taps")
@allow("crew")
def taps() -> Response:
    """What was tapped, in order; each is answered by itself, so that none holds up the rest."""
    batch = body_as(Batch)
    said = [_readable(tap) for tap in batch.taps]
    other = _other_taps(batch.taps)
    said = [None if tap.get("id") in other else each for tap, each in zip(batch.taps, said, strict=True)]
    timed = iter(_in_order([each for each in said if each is not None], batch.sent_at))
    heard = [
        _refused(tap) if each is None else hear(desk(), g.identity.crew, next(timed), _who())
        for tap, each in zip(batch.taps, said, strict=True)
    ]
    if any(each is not None and each.kind == "sign_off" for each in said):
        # Whoever has gone home is not rung; the next sign-on asks for it anew.
        unsubscribe(desk().store, brought_token() or "")
    return jsonify(heard=[each if isinstance(each, dict) else asdict(each) for each in heard])


def _readable(tap: dict[str, Any]) -> Said | None:
    said = said_of(tap)
    if said is None or (said.kind == "position" and not shares_positions()):
        return None
    return said


def _other_taps(taps: Sequence[dict[str, Any]]) -> frozenset[str]:
    """Marks that this crew's phones have used for something else: what is sent now would be swallowed."""
    marks: dict[str, str] = {}
    bodies: dict[str, bytes] = {}
    other = set()
    for tap in taps:
        id_, body = str(tap.get("id")), json.dumps({**tap, "at": None}, sort_keys=True).encode()
        key = marks.setdefault(id_, mark("tap", g.identity.crew, id_))
        if bodies.setdefault(key, body) != body:
            other.add(id_)
    found = claim_all(desk().store, bodies, now_utc())
    return frozenset(id_ for id_, key in marks.items() if key in found) | other


def _refused(tap: dict[str, Any]) -> dict[str, Any]:
    return {"id": tap.get("id"), "status": "conflict", "code": "refused", "by": None}


def _in_order(said: Sequence[Said], sent_at: datetime) -> list[Said]:
    """The same with their times put right: a phone's clock may be wrong, how long ago a tap was is right.

    How long a message takes is not known, so that each is put right by a little more or less than the one
    before; what a phone did one after the other stays in that order all the same.
    """
    wrong = _wrong_by(sent_at)
    at = [each.at + wrong for each in said]
    times = Phones(desk().store).in_order(brought_token() or "", at, desk().clock())
    return [replace(each, at=at) for each, at in zip(said, times, strict=True)]


@phone.put("/api/v1/phone/photos/<id_>")
@allow("crew")
def take_photo(id_: str) -> tuple[Response, int]:
    """A picture that belongs to a job of this crew, as JPEG; 409 where the job is not its own."""
    body = request.get_data(cache=False)
    if len(body) > MOST_PHOTO_B:
        abort(413)
    tap: dict[str, object] = {
        "kind": "told",
        "id": id_,
        "job": request.args.get("job"),
        "at": request.args.get("at"),
    }
    said = said_of(tap)
    shot = shot_of(request.args)
    if said is None or shot is None:
        abort(400)
    try:
        body = bounded(clean_picture, body, _keeps_places(), refuses=NoPicture)
    except NoPicture:
        abort(400)
    (said,) = _in_order([said], _sent_at(said))
    heard = hear_photo(desk(), g.identity.crew, replace(said, data=shot), body, _who())
    return jsonify(asdict(heard)), 409 if heard.status == "conflict" else 200


def _keeps_places() -> bool:
    return bool(current_app.config.get("PHOTO_PLACES", False))


def _wrong_by(sent_at: datetime) -> timedelta:
    """How much a phone's clock is behind; a few seconds are the way of its message, not its clock."""
    behind = desk().clock() - sent_at
    return behind if abs(behind) > ON_THE_WAY else timedelta(0)


def _sent_at(said: Said) -> datetime:
    try:
        return TIME.validate_python(request.args.get("sent_at"))
    except ValidationError:
        return said.at


def _who() -> Who:
    return Who(name=g.identity.name, source="phone", crew=g.identity.crew)


def now_utc() -> datetime:
    """The machine's time, by which tokens end."""
    clock: Callable[[], float] = current_app.config["CLOCK"]
    return datetime.fromtimestamp(clock(), UTC)

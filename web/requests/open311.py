"""Requests by way of Open311 (GeoReport v2): what cities' portals and apps speak.

Reference: Open311, GeoReport v2, https://wiki.open311.org/GeoReport_v2/. JSON alone is spoken.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from flask import Blueprint, Response, abort, g, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException, TooManyRequests

from dispatch.ground.errors import Fault, InputFaults, nearest
from dispatch.live import Entry, Who
from dispatch.live.taking import take
from dispatch.store import pages, queries

from ..entrance.access import allow, allow_everyone
from ..entrance.asker import desk
from ..entrance.bodies import When
from ..entrance.once import once, sent_key
from ..words.language import catalogue, current_language
from ..words.wording import faults_of

SERVICES = (
    "outage",
    "hazard",
    "power_quality",
    "street_light",
    "metering",
    "new_connection",
    "complaint",
    "enquiry",
)
MOST = 500
# GeoReport v2: without dates, requests of the last 90 days.
SHOWN = timedelta(days=90)

open311 = Blueprint("open311", __name__, url_prefix="/open311/v2")


class Posted(BaseModel):
    """What a portal posts; what we have no use for (names, mail, pictures) is not kept."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, allow_inf_nan=False)

    service_code: Annotated[str, Field(max_length=40)]
    description: Annotated[str, Field(max_length=4000)] = ""
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    long: Annotated[float, Field(ge=-180, le=180)] | None = None
    address_string: Annotated[str, Field(max_length=300)] | None = None
    address_id: Annotated[str, Field(max_length=60)] | None = None
    account_id: Annotated[str, Field(max_length=60)] | None = None
    phone: Annotated[str, Field(max_length=60)] | None = None


class Wanted(BaseModel):
    """Which requests a portal asks for."""

    model_config = ConfigDict(extra="ignore")

    service_request_id: Annotated[str, Field(max_length=4000)] | None = None
    service_code: Annotated[str, Field(max_length=200)] | None = None
    start_date: When | None = None
    end_date: When | None = None
    status: Annotated[str, Field(max_length=20)] | None = None


@open311.errorhandler(HTTPException)
def failed(error: HTTPException) -> tuple[Response, int]:
    """Every failure in the form of GeoReport v2."""
    key = f"error.{error.code}"
    words = catalogue(current_language())
    answer, code = _failed(error.code or 500, words.get(key, words["error.other"]))
    if isinstance(error, TooManyRequests) and error.retry_after:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer, code


@open311.errorhandler(InputFaults)
def faulty(error: InputFaults) -> tuple[Response, int]:
    """All faults of what was sent."""
    return _failed(400, *(f"{fault.place}: {fault.text}" for fault in error.faults))


def _failed(code: int, *texts: str) -> tuple[Response, int]:
    return jsonify([{"code": code, "description": text} for text in texts]), code


@open311.get("/services.json")
@allow_everyone
def services() -> Response:
    """What can be asked for."""
    return jsonify([_service(code) for code in SERVICES])


@open311.get("/services/<code>.json")
@allow_everyone
def service(code: str) -> Response:
    """One service: none asks for more than the standard fields."""
    if code not in SERVICES:
        abort(404)
    return jsonify({"service_code": code, "attributes": []})


@open311.post("/requests.json")
@allow("dispatcher", "supervisor", "intake")
@once
def log() -> tuple[Response, int]:
    """Write a request down.

    With an `Idempotency-Key` it is written once per key. Without one, what the
    same system has posted word for word and is still open is the same request.
    """
    given = _read(Posted, request.form)
    entry = _entry(given)
    taken = take(desk(), [(_key(given), entry)], Who(name=g.identity.name, source="api"))[0]
    notice = {"service_request_id": taken.id, "service_notice": "", "account_id": given.account_id}
    return jsonify([notice]), 200 if taken.known else 201


@open311.get("/requests.json")
@allow("dispatcher", "supervisor", "intake")
def requests() -> Response:
    """What became of this system's requests."""
    wanted = _read(Wanted, request.args)
    if wanted.service_request_id:
        ids = wanted.service_request_id.split(",")[:MOST]
        rows = [row for id_ in ids if (row := _own(id_.strip())) is not None]
    else:
        rows = _listed(wanted)
    codes = set((wanted.service_code or "").split(",")) - {""}
    return jsonify([_shown(row) for row in rows if not codes or row["kind"] in codes])


@open311.get("/requests/<id_>.json")
@allow("dispatcher", "supervisor", "intake")
def one(id_: str) -> Response:
    """What became of one request of this system."""
    row = _own(id_)
    if row is None:
        abort(404)
    return jsonify([_shown(row)])


def _read(model: type[Any], given: Any) -> Any:
    try:
        return model.model_validate({name: value for name, value in given.items() if value != ""})
    except ValidationError as error:
        raise InputFaults(faults_of(error, model, "request")) from error


def _entry(given: Posted) -> Entry:
    if given.service_code not in SERVICES:
        hint = nearest(given.service_code, SERVICES)
        raise InputFaults([Fault(file="request", place="service_code", text=f"is unknown{hint}")])
    named = next(
        (each for each in (given.account_id, given.address_id) if each in desk().case.customers), None
    )
    if named is None and given.address_string is None and (given.lat is None or given.long is None):
        text = "give lat and long, an address_string, or a known customer number as account_id"
        raise InputFaults([Fault(file="request", place="address_string", text=text)])
    return Entry(
        words=given.description or given.service_code.replace("_", " "),
        received_at=desk().clock(),
        channel="open311",
        customer=named,
        address=given.address_string,
        lon=given.long if given.lat is not None else None,
        lat=given.lat if given.long is not None else None,
        phone=given.phone,
        kind=given.service_code,
    )


def _key(given: Posted) -> str:
    """The sender's key, or one of the words themselves that is not in use by a closed request."""
    own = f"open311/{g.identity.name}"
    if (sent := sent_key()) is not None:
        return f"open311/{sent}"
    said = json.dumps(given.model_dump(), sort_keys=True, ensure_ascii=False).encode()
    digest = hashlib.blake2b(said, digest_size=16).hexdigest()
    number = 0
    while (event := queries.event_with_key(desk().store, f"{own}/={digest}/{number}")) is not None:
        row = pages.request_row(desk().store, event.subject)
        if row is not None and row["open"]:
            break
        number += 1
    return f"{own}/={digest}/{number}"


def _own(id_: str) -> dict[str, Any] | None:
    return pages.request_row(desk().store, id_, logged_by=g.identity.name)


def _listed(wanted: Wanted) -> list[dict[str, Any]]:
    until = wanted.end_date or datetime.now(UTC) + SHOWN
    since = wanted.start_date or (wanted.end_date or desk().clock()) - SHOWN
    statuses = set((wanted.status or "open,closed").split(","))
    open_ = None if {"open", "closed"} <= statuses else "open" in statuses
    page = pages.requests_page(
        desk().store, most=MOST, open_=open_, since=since, until=until, logged_by=g.identity.name
    )
    return page.rows


def _service(code: str) -> dict[str, Any]:
    words = catalogue(current_language())
    name = words[f"request_kind.{code}"]
    return {
        "service_code": code,
        "service_name": name,
        "description": name,
        "metadata": False,
        "type": "realtime",
        "keywords": code.replace("_", ","),
        "group": "electricity",
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    words = catalogue(current_language())
    kind = row["kind"] or "enquiry"
    order = pages.order_whole(desk().store, row["order_id"]) if row["order_id"] else None
    changed = order["since"] if order else row["received_at"]
    return {
        "service_request_id": row["id"],
        "status": "open" if row["open"] else "closed",
        "status_notes": words[f"state.{order['state']}"] if order else "",
        "service_name": words.get(f"request_kind.{kind}", kind),
        "service_code": kind,
        "description": row["words"],
        "requested_datetime": row["received_at"].isoformat(),
        "updated_datetime": changed.isoformat(),
        "address": row["address"] or "",
        "lat": row["lat"],
        "long": row["lon"],
    }

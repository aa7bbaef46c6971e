"""New connections (业扩报装): the list, one connection with its steps, and the API of both."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Desk
from dispatch.live.service.connections import Wanted
from dispatch.service.connections import KINDS, left_of
from dispatch.service.matters import moment
from dispatch.store.matters import matter_counts, matter_list

from ..api.resources import plain
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, Whole, body_as, query_as
from ..entrance.discretion import row_shown, words_shown
from ..entrance.once import once, sent_key
from .bodies import Named, Note, Why
from .data import facts_of, is_late, matter_of
from .forms import of_form, wrong_of
from .history import history_data

MOST = 200

connections = Blueprint("connections", __name__)


class ConnectionsWanted(Query):
    """Which connections: by where they stand, whose turn it is; late ones alone."""

    state: Literal["open", "done", "withdrawn", "current", "ended"] | None = None
    late: bool = False


class NewConnection(Body):
    """A connection that begins, out of a request or for a customer."""

    kind: Literal[KINDS]  # type: ignore[valid-type]
    words: Annotated[str, Field(max_length=500)] = ""
    request: Named | None = None
    customer: Named | None = None
    voltage_kv: Annotated[float, Field(gt=0, le=1000)] | None = None
    sources: Annotated[int, Field(ge=1, le=20)] | None = None
    industry: Named | None = None
    kw: Annotated[float, Field(gt=0, le=10_000_000)] | None = None


class ConnectionAct(Body):
    """One act on a connection that was read at version `seen`.

    `finish` names the step; `wait` and `withdraw` take the reason; `resume`: the customer has done its part.
    """

    act: Literal["finish", "wait", "resume", "withdraw"]
    seen: Whole
    step: Annotated[str, Field(max_length=40)] = ""
    note: Note = ""
    reason: Why = ""


@connections.get("/connections")
@allow(*OFFICE)
def page() -> str:
    """Connections, those due first on top, and the form of a new one."""
    return _page()


@connections.post("/connections")
@allow(*CUSTOMER_DESK)
def send() -> Answer | tuple[str, int]:
    """Begin a connection, out of the form."""
    wrong = wrong_of(lambda: _begin(of_form(NewConnection)))
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("connections.page"))


@connections.get("/connections/<connection>")
@allow(*OFFICE)
def one(connection: str) -> str:
    """One connection: its steps, whose turn it is, what happened."""
    return _one(connection)


@connections.post("/connections/<connection>")
@allow(*CUSTOMER_DESK)
def send_act(connection: str) -> Answer | tuple[str, int]:
    """One act, out of the page's form."""
    wrong = wrong_of(lambda: _act(connection, of_form(ConnectionAct)))
    if wrong is not None:
        return _one(connection, wrong), 409
    return redirect(url_for("connections.one", connection=connection))


@connections.get("/api/v1/connections")
@allow(*OFFICE)
def listed() -> Response:
    """Connections, those due first on top; then what has ended."""
    return jsonify(connections=[plain(each) for each in _rows(query_as(ConnectionsWanted))])


@connections.get("/api/v1/connections/<connection>")
@allow(*OFFICE)
def whole(connection: str) -> Response:
    """One connection with its steps and the customer's own waiting."""
    return jsonify(plain(_whole(desk(), matter_of("connection", connection))))


@connections.post("/api/v1/connections")
@allow(*CUSTOMER_DESK)
@once
def begin() -> tuple[Response, int]:
    """Begin the process of a connection, out of a request or for a customer."""
    return jsonify(id=_begin(body_as(NewConnection))), 201


@connections.post("/api/v1/connections/<connection>")
@allow(*CUSTOMER_DESK)
def act(connection: str) -> Response:
    """Take a connection one act further; a step before its prerequisite is refused."""
    return jsonify(version=_act(connection, body_as(ConnectionAct)))


def _begin(given: NewConnection) -> str:
    return desk().service.connections.begin(Wanted(**given.model_dump()), who(), sent_key())


def _act(id_: str, given: ConnectionAct) -> int:
    held = desk().service.connections
    if given.act == "finish":
        return held.finish(id_, given.step, given.note, who(), seen=given.seen)
    if given.act == "wait":
        return held.wait(id_, given.reason, who(), seen=given.seen)
    if given.act == "resume":
        return held.resume(id_, given.note, who(), seen=given.seen)
    return held.withdraw(id_, given.reason, who(), seen=given.seen)


def _rows(wanted: ConnectionsWanted) -> list[dict[str, Any]]:
    found = desk()
    late_at = found.clock() if wanted.late else None
    rows = matter_list(found.store, "connection", state=wanted.state or "current", late_at=late_at, most=MOST)
    return [_line(found, row) for row in rows]


def _line(found: Desk, row: dict[str, Any]) -> dict[str, Any]:
    data, facts = row["data"], facts_of(found, row)
    steps = data.get("steps", {})
    shown = {
        **{name: row[name] for name in ("id", "state", "owner", "version", "words", "request", "customer")},
        **{name: row[name] for name in ("opened_at", "due_at", "ended_at")},
        **{name: data.get(name) for name in ("kind", "kw", "voltage_kv", "sources", "turn")},
        **{name: facts.get(name) for name in ("name", "address", "phone")},
        "step": row["place"],
        "done": sum(each["state"] == "done" for each in steps.values()),
        "of": len(steps),
        "late": is_late(row, found.clock()),
    }
    return row_shown(shown)


def _whole(found: Desk, row: dict[str, Any]) -> dict[str, Any]:
    calendar = found.case_under().policy.calendar
    now = found.clock().astimezone(found.case.settings.zone)
    data = row["data"]
    steps = [
        {
            **{"name": name, "state": each["state"], "limit": each["limit"], "by": each.get("by")},
            **{key: moment(each.get(key)) for key in ("started", "due", "done_at")},
            "left": round(left_of(each, now, calendar), 1) if name == row["place"] else None,
        }
        for name, each in data.get("steps", {}).items()
    ]
    return _line(found, row) | {
        "steps": steps,
        "waits": [_wait(each, now) for each in data.get("waits", [])],
        "history": history_data(found, row["id"]),
    }


def _wait(each: dict[str, Any], now: datetime) -> dict[str, Any]:
    begins, ends = moment(each["from"]), moment(each["to"])
    assert begins is not None
    return {
        "begins": begins,
        "ends": ends,
        "why": words_shown(each["why"]),
        "days": ((ends or now) - begins).days,
    }


def _page(wrong: str | None = None) -> str:
    wanted = query_as(ConnectionsWanted)
    return render_template(
        "connections.html",
        page="connections",
        wanted=wanted,
        rows=_rows(wanted),
        counts=matter_counts(desk().store, "connection"),
        kinds=KINDS,
        may=g.identity.may(frozenset(CUSTOMER_DESK)),
        sent=request.form,
        wrong=wrong,
    )


def _one(id_: str, wrong: str | None = None) -> str:
    return render_template(
        "connection.html",
        page="connections",
        told=_whole(desk(), matter_of("connection", id_)),
        now=desk().clock(),
        may=g.identity.may(frozenset(CUSTOMER_DESK)),
        wrong=wrong,
    )

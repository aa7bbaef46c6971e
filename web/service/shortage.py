"""Orderly supply in a shortage (有序用电): what-if before use, the rota, its end; page and API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Desk
from dispatch.service.shortage import Shed
from dispatch.store.matters import matter_counts, matter_list

from ..api.resources import plain
from ..entrance.access import OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, When, Whole, body_as
from ..entrance.discretion import words_shown
from ..entrance.once import once, sent_key
from .bodies import Note, Why
from .data import kept_rows, matter_of
from .forms import of_form, wrong_of
from .history import history_data

MOST = 50
Kw = Annotated[float, Field(gt=0, le=100_000_000)]

shortage = Blueprint("shortage", __name__)


class Asked(Body):
    """A shortage: kW asked, from when until when, at most a day; `reason` where the kW cannot be reached."""

    kw: Kw
    begins: When
    ends: When
    reason: Why = ""


class SheddingAct(Body):
    """The end of a shortage that was read at version `seen`, with the kW measured; or its cancellation."""

    act: Literal["end", "cancel"]
    seen: Whole
    kw: Annotated[float, Field(ge=0, le=100_000_000)] = 0.0
    note: Note = ""
    reason: Why = ""


@shortage.get("/shortage")
@allow(*OFFICE)
def page() -> str:
    """What was used, and the form of a what-if."""
    return _page()


@shortage.post("/shortage")
@allow("dispatcher", "supervisor", "planner")
def try_out() -> str | tuple[str, int]:
    """Show what a shortage would take; nothing is kept and nobody is told."""
    found: list[Shed] = []
    wrong = wrong_of(lambda: found.append(_tried(of_form(Asked, moments=TIMES))))
    return _page(shed=found[0]) if found else (_page(wrong=wrong), 409)


@shortage.post("/shortage/use")
@allow("supervisor")
def use() -> Answer | tuple[str, int]:
    """Use a rota, out of the page's form."""
    made: list[str] = []
    wrong = wrong_of(lambda: made.append(_use(of_form(Asked, moments=TIMES))))
    if wrong is not None:
        return _page(wrong=wrong, shed=_tried(of_form(Asked, moments=TIMES))), 409
    return redirect(url_for("shortage.one", shedding=made[0]))


@shortage.get("/shortage/<shedding>")
@allow(*OFFICE)
def one(shedding: str) -> str:
    """One shortage: turns, who is off when, the order of restoring, what became of it."""
    return _one(shedding)


@shortage.post("/shortage/<shedding>")
@allow("supervisor")
def send_act(shedding: str) -> Answer | tuple[str, int]:
    """End or cancel it, out of the page's form."""
    wrong = wrong_of(lambda: _act(shedding, of_form(SheddingAct)))
    if wrong is not None:
        return _one(shedding, wrong), 409
    return redirect(url_for("shortage.one", shedding=shedding))


@shortage.post("/api/v1/sheddings/what-if")
@allow("dispatcher", "supervisor", "planner")
def what_if() -> Response:
    """What a shortage would take: turns with kW, hours of each part, order of restoring, what is missing."""
    return jsonify(plain(_tried(body_as(Asked)).to_data()))


@shortage.get("/api/v1/sheddings")
@allow(*OFFICE)
def listed() -> Response:
    """Shortages, those under way first."""
    rows, forgotten = kept_rows(matter_list(desk().store, "shedding", most=MOST))
    return jsonify(sheddings=[plain(_line(row)) for row in rows], forgotten=forgotten)


@shortage.get("/api/v1/sheddings/<shedding>")
@allow(*OFFICE)
def whole(shedding: str) -> Response:
    """One shortage with its turns, figures and history."""
    return jsonify(plain(_whole(desk(), matter_of("shedding", shedding, kept=True))))


@shortage.post("/api/v1/sheddings")
@allow("supervisor")
@once
def begin() -> tuple[Response, int]:
    """Use a rota: customers are told. 409 says how many kW are missing where no reason is given."""
    return jsonify(id=_use(body_as(Asked))), 201


@shortage.post("/api/v1/sheddings/<shedding>")
@allow("supervisor")
def act(shedding: str) -> Response:
    """End a shortage with the kW measured, or cancel it."""
    return jsonify(version=_act(shedding, body_as(SheddingAct)))


TIMES = ("begins", "ends")


def _tried(given: Asked) -> Shed:
    return desk().service.shortages.what_if(given.kw, given.begins, given.ends)


def _use(given: Asked) -> str:
    held = desk().service.shortages
    return held.use(given.kw, given.begins, given.ends, who(), given.reason, sent_key())


def _act(id_: str, given: SheddingAct) -> int:
    held = desk().service.shortages
    if given.act == "end":
        return held.end(id_, given.kw, given.note, who(), seen=given.seen)
    return held.cancel(id_, given.reason, who(), seen=given.seen)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    data, now = row["data"], desk().clock()
    begins, ends = (datetime.fromisoformat(data[name]) for name in TIMES)
    return {
        **{name: row[name] for name in ("id", "state", "owner", "version", "ended_at")},
        **{name: data[name] for name in ("asked_kw", "reached_kw", "short_kw")},
        "reason": words_shown(data["reason"]),
        **{"begins": begins, "ends": ends, "measured_kw": data.get("measured_kw")},
        "running": row["state"] == "planned" and begins <= now <= ends,
        "parts": len(data["units"]),
        "customers": sum(each["customers"] for each in data["units"]),
    }


def _whole(found: Desk, row: dict[str, Any]) -> dict[str, Any]:
    data = row["data"]
    by_id = {each["id"]: each for each in data["units"]}
    turns = _turns(data)
    hours = sum(
        by_id[unit]["customers"] * (turn["ends"] - turn["begins"]).total_seconds() / 3600
        for turn in turns
        for unit in turn["units"]
    )
    names = ("units", "hours", "restore", "protected", "report")
    return _line(row) | {
        **{name: data.get(name) for name in names},
        "turns": turns,
        "customer_hours": round(hours),
        "history": history_data(found, row["id"]),
    }


def _turns(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Turns with their times as moments."""
    return [each | {name: datetime.fromisoformat(each[name]) for name in TIMES} for each in data["turns"]]


def _page(wrong: str | None = None, shed: Shed | None = None) -> str:
    rows, forgotten = kept_rows(matter_list(desk().store, "shedding", most=MOST))
    told = None if shed is None else shed.to_data()
    if told is not None:
        told["turns"] = _turns(told)
    return render_template(
        "shortage.html",
        page="shortage",
        rows=[_line(row) for row in rows],
        forgotten=forgotten,
        counts=matter_counts(desk().store, "shedding"),
        shed=told,
        sent=request.form,
        may=g.identity.may(frozenset({"dispatcher", "supervisor", "planner"})),
        head=g.identity.may(frozenset({"supervisor"})),
        wrong=wrong,
    )


def _one(id_: str, wrong: str | None = None) -> str:
    return render_template(
        "shedding.html",
        page="shortage",
        told=_whole(desk(), matter_of("shedding", id_, kept=True)),
        head=g.identity.may(frozenset({"supervisor"})),
        wrong=wrong,
    )

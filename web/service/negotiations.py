"""Planned outages talked about with important customers: times, answers, who was reached; page and API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, abort, g, jsonify, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.ground.errors import DispatchError, InputFaults
from dispatch.live import Desk, Refused
from dispatch.messages.negotiating import give_up, other_times, reached_of, settle, time_of
from dispatch.outages.planned import PlannedOutage
from dispatch.service.negotiations import ANSWERS, WAYS, Time, against
from dispatch.store.matters import matter_counts, matter_list

from ..api.resources import plain
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, When, Whole, body_as, query_as
from ..entrance.discretion import row_shown, sees_customers, words_shown
from ..entrance.once import once, sent_key
from .bodies import Named, Note, Why
from .data import is_late, kept_rows, matter_of
from .forms import names, of_form, wrong_of, zoned
from .history import history_data

MOST = 100
MOST_TIMES = 5
# Who announces planned outages proposes times, settles and gives up.
ANNOUNCING = frozenset({"dispatcher", "supervisor"})

negotiations = Blueprint("negotiations", __name__)


class NegotiationsWanted(Query):
    """Which talks: by where they stand; those that have not ended without it."""

    state: Literal["asking", "announced", "done", "cancelled", "current", "ended"] | None = None


class TalkForm(NegotiationsWanted):
    """The page, with what its form already knows of a plan that was studied."""

    plan: Annotated[str, Field(max_length=120)] = ""
    opened: Annotated[str, Field(max_length=300)] = ""
    closed: Annotated[str, Field(max_length=300)] = ""
    reason: Why = ""
    begins: Annotated[str, Field(max_length=40)] = ""
    ends: Annotated[str, Field(max_length=40)] = ""


class Span(Body):
    """A time that is proposed."""

    begins: When
    ends: When


class NewNegotiation(Body):
    """A planned outage that its important customers are asked about, with one to five times."""

    plan: Named
    reason: Why = ""
    opened: Annotated[tuple[Named, ...], Field(min_length=1, max_length=50)]
    closed: Annotated[tuple[Named, ...], Field(max_length=50)] = ()
    times: Annotated[tuple[Span, ...], Field(min_length=1, max_length=MOST_TIMES)]


class NegotiationAct(Body):
    """One act on a talk that was read at version `seen`.

    `answer` takes what a customer says (`answer`, `option`, `note`, and the `way` it was said), `told` that
    somebody reached a customer. Who may announce: `propose` more times, `settle` one (`option`), `cancel`.
    """

    act: Literal["answer", "told", "propose", "settle", "cancel"]
    seen: Whole
    customer: Annotated[str, Field(max_length=60)] = ""
    answer: Literal[ANSWERS] | None = None  # type: ignore[valid-type]
    way: Literal[WAYS] | None = None  # type: ignore[valid-type]
    option: Whole | None = None
    note: Note = ""
    times: Annotated[tuple[Span, ...], Field(max_length=MOST_TIMES)] = ()
    reason: Why = ""
    despite: Why = ""


@negotiations.get("/negotiations")
@allow(*OFFICE)
def page() -> str:
    """Talks, those due first on top, and the form of a new one."""
    return _page()


@negotiations.post("/negotiations")
@allow("dispatcher", "supervisor")
def send() -> Answer | tuple[str, int]:
    """Begin a talk, out of the form."""
    lists = {name: names(request.form.getlist(name)) for name in ("opened", "closed")}
    wrong = wrong_of(lambda: _begin(of_form(NewNegotiation, times=_times(), **lists)))
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("negotiations.page"))


@negotiations.get("/negotiations/<negotiation>")
@allow(*OFFICE)
def one(negotiation: str) -> str:
    """One talk: its times and what stands against them, answers, who was reached."""
    return _one(negotiation)


@negotiations.post("/negotiations/<negotiation>")
@allow(*CUSTOMER_DESK)
def send_act(negotiation: str) -> Answer | tuple[str, int]:
    """One act, out of the page's form."""
    wrong = wrong_of(lambda: _act(negotiation, of_form(NegotiationAct, times=_times())))
    if wrong is not None:
        return _one(negotiation, wrong), 409
    return redirect(url_for("negotiations.one", negotiation=negotiation))


@negotiations.get("/api/v1/negotiations")
@allow(*OFFICE)
def listed() -> Response:
    """Talks about planned outages, those due first on top."""
    wanted = query_as(NegotiationsWanted)
    found = matter_list(desk().store, "outage_notice", state=wanted.state or "current", most=MOST)
    rows, forgotten = kept_rows(found)
    return jsonify(negotiations=[plain(_line(row)) for row in rows], forgotten=forgotten)


@negotiations.get("/api/v1/negotiations/<negotiation>")
@allow(*OFFICE)
def whole(negotiation: str) -> Response:
    """One talk: times, answers, who was reached by what and who was not, other times worked out."""
    return jsonify(plain(_whole(desk(), matter_of("outage_notice", negotiation, kept=True))))


@negotiations.post("/api/v1/negotiations")
@allow("dispatcher", "supervisor")
@once
def begin() -> tuple[Response, int]:
    """Ask the important customers behind a planned outage about one or several times."""
    return jsonify(id=_begin(body_as(NewNegotiation))), 201


@negotiations.post("/api/v1/negotiations/<negotiation>")
@allow(*CUSTOMER_DESK)
def act(negotiation: str) -> Response:
    """Take a talk one act further."""
    return jsonify(version=_act(negotiation, body_as(NegotiationAct)))


def _times() -> list[dict[str, str]]:
    """Pairs of times out of a form; rows that were left empty are passed over."""
    pairs = zip(request.form.getlist("begins"), request.form.getlist("ends"), strict=False)
    return [{"begins": zoned(one), "ends": zoned(other)} for one, other in pairs if one or other]


def _spans(times: tuple[Span, ...]) -> list[Time]:
    return [(each.begins, each.ends) for each in times]


def _begin(given: NewNegotiation) -> str:
    first = given.times[0]
    plan = PlannedOutage(
        id=given.plan,
        start=first.begins,
        end=first.ends,
        open_places=given.opened,
        close_devices=given.closed,
        reason=given.reason,
    )
    return desk().service.negotiations.begin(plan, _spans(given.times), who(), sent_key())


def _act(id_: str, given: NegotiationAct) -> int:
    talks, about = desk().service.negotiations, {"seen": given.seen}
    if given.act == "answer":
        told = {name: getattr(given, name) for name in ("answer", "option", "note", "way")}
        return talks.answer(id_, given.customer, told, who(), **about)
    if given.act == "told":
        return talks.told(id_, given.customer, given.way or "", who(), **about)
    if not g.identity.may(ANNOUNCING):
        abort(403)
    try:
        return _announced(id_, given)
    except (InputFaults, Refused):
        raise
    except DispatchError as error:
        raise Refused(str(error)) from error


def _announced(id_: str, given: NegotiationAct) -> int:
    if given.act == "propose":
        return desk().service.negotiations.propose(id_, _spans(given.times), who(), seen=given.seen)
    if given.act == "cancel":
        return give_up(desk(), id_, given.reason, who(), seen=given.seen)
    despite = given.despite if g.identity.may(frozenset({"supervisor"})) else ""
    told = {"seen": given.seen, "reason": given.reason, "despite": despite}
    return settle(desk(), id_, given.option or 0, who(), **told)  # type: ignore[arg-type]


def _line(row: dict[str, Any]) -> dict[str, Any]:
    data = row["data"]
    told = data.get("customers", {})
    return {
        **{name: row[name] for name in ("id", "state", "owner", "version", "due_at", "ended_at")},
        **{"plan": data.get("plan"), "reason": words_shown(row["words"]), "agreed": data.get("agreed")},
        "times": [_time(each) for each in data.get("times", [])],
        "asked": len(told),
        "answered": sum(each["answer"] is not None for each in told.values()),
        "late": row["state"] == "asking" and is_late(row, desk().clock()),
    }


def _time(each: dict[str, Any]) -> dict[str, Any]:
    return {"n": each["n"], **{name: datetime.fromisoformat(each[name]) for name in ("begins", "ends")}}


def _whole(found: Desk, row: dict[str, Any]) -> dict[str, Any]:
    line, data = _line(row), row["data"]
    reached = {each.customer: each for each in reached_of(found, row)}
    return line | {
        "times": [
            each | _cost(found, row, each) | {"not_agreed": len(against(row, each["n"]))}
            for each in line["times"]
        ],
        "customers": [_customer(found, id_, told, reached[id_]) for id_, told in data["customers"].items()],
        "reached": sum(each.reached for each in reached.values()),
        "announced": data["announced"],
        "opened": data["opened"],
        "feeders": data["feeders"],
        "others": [
            {"begins": each.begins, "ends": each.ends, "customer_minutes": each.customer_minutes}
            for each in (other_times(found, row) if row["ended_at"] is None else ())
        ],
        "history": history_data(found, row["id"]),
    }


def _cost(found: Desk, row: dict[str, Any], time: dict[str, Any]) -> dict[str, Any]:
    told = time_of(found, row, time["begins"], time["ends"])
    return {
        "customers": told.customers,
        "customer_minutes": round(told.customer_minutes),
        "against": list(told.against),
    }


def _customer(found: Desk, id_: str, told: dict[str, Any], reached: Any) -> dict[str, Any]:
    customers = found.case.customers
    facts = customers.facts(id_) if id_ in customers else {}
    shown = {
        **{name: told.get(name) for name in ("answer", "option", "note", "at", "by")},
        "id": id_,
        "grade": found.service.negotiations.grade_of(id_),
        "name": facts.get("name"),
        "phone": reached.phone,
        "letters": [{"channel": way, "state": state, "at": at} for way, state, at in reached.letters],
        "way": reached.way,
        "reached": reached.reached,
    }
    return shown if sees_customers() else row_shown(shown | {"id": None})


def _page(wrong: str | None = None) -> str:
    wanted = query_as(TalkForm)
    found = matter_list(desk().store, "outage_notice", state=wanted.state or "current", most=MOST)
    rows, forgotten = kept_rows(found)
    return render_template(
        "negotiations.html",
        page="negotiations",
        wanted=wanted,
        rows=[_line(row) for row in rows],
        forgotten=forgotten,
        counts=matter_counts(desk().store, "outage_notice"),
        may=g.identity.may(ANNOUNCING),
        sent=request.form if request.method == "POST" else request.args,
        wrong=wrong,
    )


def _one(id_: str, wrong: str | None = None) -> str:
    return render_template(
        "negotiation.html",
        page="negotiations",
        told=_whole(desk(), matter_of("outage_notice", id_, kept=True)),
        answers=ANSWERS,
        ways=WAYS,
        may=g.identity.may(frozenset(CUSTOMER_DESK)),
        announcing=g.identity.may(ANNOUNCING),
        head=g.identity.may(frozenset({"supervisor"})),
        wrong=wrong,
    )

"""The board and the list of outages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from dispatch.etr.records import EtrReport, etr_report
from dispatch.live import Desk, answered
from dispatch.live.calibration import BeliefReport, belief_report
from dispatch.live.learning import lesson, propose_beliefs
from dispatch.live.questions import AskingList, questions_now
from dispatch.live.signs import Answer as Supply
from dispatch.live.standing.versions import StandingRefused
from dispatch.store import FOLLOWS, STATES

from ..day.board import board_data
from ..day.current import derived
from ..day.expected import outages_now
from ..entrance.access import OFFICE, allow
from ..entrance.asker import who
from ..requests.rows import CHANNELS, kinds_to_choose
from ..standing.page import READERS as STANDING_READERS
from ..standing.page import SENDERS as STANDING_SENDERS
from ..words.language import translate

board = Blueprint("board", __name__)
HELD_DAYS = (1, 30)
ANSWERS: Mapping[str, Supply] = {"on": "on", "off": "off", "unreached": "unreached"}
LEARNED_FROM = timedelta(days=365)


@board.get("/")
@allow(*OFFICE)
def page() -> str:
    """Show the board; its data come by the API."""
    return render_template("board.html", page="board", told=_live_told())


def _live_told() -> dict[str, object] | None:
    """What the page needs to know of the running day before it asks; None for a plan that was only read."""
    if "gridcrew_desk" not in current_app.extensions:
        return None
    return {
        "states": STATES,
        "follows": {state: sorted(following, key=STATES.index) for state, following in FOLLOWS.items()},
        "may": g.identity.may(frozenset({"dispatcher", "supervisor"})),
        "standing": g.identity.may(frozenset(STANDING_READERS)),
        "name": g.identity.name,
        "kinds": kinds_to_choose(),
        "channels": CHANNELS,
    }


@board.get("/outages")
@allow(*OFFICE)
def outages() -> str:
    """List the outages, those with most customers off supply first."""
    return _outages_page()


def _outages_page(refused: str | None = None) -> str:
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    found = derived().get("board", board_data)["outages"] if desk is None else outages_now(desk)
    rows = sorted(found, key=lambda each: (-each["out"], each["id"]))
    return render_template(
        "outages.html",
        page="outages",
        rows=rows,
        asking=_asking(),
        held=_held(),
        believed=_believed(),
        refused=refused,
        may_learn=g.identity.may(frozenset(STANDING_SENDERS)),
    )


def _asking() -> AskingList | None:
    """What the desk had best ask now; nothing without a running day, or for who may not ask."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    if desk is None or not g.identity.may(frozenset({"dispatcher", "supervisor"})):
        return None
    return questions_now(desk)


@board.post("/outages/answer")
@allow("dispatcher", "supervisor")
def answer_question() -> Answer:
    """Write down what a neighbour or a meter said, and go on to the next question."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    given = {name: request.form.get(name, "")[:160] for name in ("outage", "customer", "supply")}
    if desk is None or given["supply"] not in ANSWERS:
        abort(404)
    answered(desk, given["outage"], given["customer"], ANSWERS[given["supply"]], who())
    return redirect(url_for("board.outages") + "#ask")


@board.post("/outages/beliefs")
@allow(*STANDING_SENDERS)
def learn_beliefs() -> Answer | tuple[str, int]:
    """Estimate beliefs from the last year's outages; what differs waits for a decision."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    if desk is None:
        abort(404)
    until = desk.clock() + timedelta(seconds=1)
    found = lesson(desk.case, desk.store, until - LEARNED_FROM, until, tried=False)
    if found is None:
        return _outages_page(translate("belief.none")), 409
    note = translate("belief.learned_note", n=found.outages, days=round(found.learned.days))
    try:
        number = propose_beliefs(desk, found, g.identity.name, note)
    except StandingRefused as error:
        return _outages_page(translate(f"standing.refused.{error.code}")), 409
    return redirect(url_for("standing.version", number=number))


def _believed() -> BeliefReport | None:
    """How what was believed of outages held in the last 30 days; nothing without a running day."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    if desk is None:
        return None
    until = desk.clock() + timedelta(seconds=1)
    begins = until - timedelta(days=max(HELD_DAYS))
    return desk.kept(
        "beliefs held", ("orders", "steps", "requests"), lambda: belief_report(desk, begins, until)
    )


def _held() -> list[tuple[int, EtrReport]]:
    """How estimates held of outages that are over, by days looked back; nothing without a running day."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    if desk is None:
        return []
    until = desk.clock() + timedelta(seconds=1)
    return [(days, etr_report(desk.store, until - timedelta(days=days), until)) for days in HELD_DAYS]

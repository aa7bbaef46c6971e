"""What a watcher asks without an account: whether the server lives, whether it is ready, how it is doing."""

from __future__ import annotations

from threading import Event

from flask import Blueprint, Response, abort, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dispatch.live import Desk
from dispatch.store import DATABASE_ERRORS
from dispatch.store.leader import Leader

from ..entrance.access import allow_everyone, allow_unasked
from ..entrance.accounts import is_loopback
from .measures import Measures

# Whoever comes through a proxy comes from this machine too.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
WATCHERS = frozenset({"administrator", "supervisor", "viewer"})

health = Blueprint("health", __name__)


@health.get("/healthz")
@allow_unasked
def alive() -> Response:
    """The process lives and answers."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
@allow_everyone
def ready() -> tuple[Response, int]:
    """Whether to send people here: the database answers, and the server is not being stopped.

    A planner that is being started again is said, and does not make the server unready:
    boards and phones go on with the plan in force.
    """
    reasons = [name for name, wrong in (("ending", _ending()), ("database", not _database())) if wrong]
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    duties = [each.duty for each in desk.troubles()] if desk is not None else []
    leader: Leader | None = current_app.extensions.get("gridcrew_leader")
    leads = leader.leads if leader is not None else None
    told = {"ready": not reasons, "reasons": reasons, "duties": duties, "leads": leads}
    return jsonify(told), 503 if reasons else 200


@health.get("/metrics")
@allow_everyone
def metrics() -> Response:
    """Figures for Prometheus: for this machine itself, and for systems with a token."""
    here = is_loopback(request.remote_addr) and not any(name in request.headers for name in FORWARDED)
    identity = g.get("identity")
    if not here and not (g.get("by_token") and identity is not None and identity.may(WATCHERS)):
        abort(403)
    measures: Measures = current_app.extensions["gridcrew_measures"]
    return Response(generate_latest(measures.registry), content_type=CONTENT_TYPE_LATEST)


def _ending() -> bool:
    ending: Event | None = current_app.extensions.get("gridcrew_ending")
    return ending is not None and ending.is_set()


def _database() -> bool:
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    if desk is None:
        return True
    try:
        desk.store.last_seq()
    except DATABASE_ERRORS:
        return False
    return True

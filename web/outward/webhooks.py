"""Webhooks on a page for administrators: add, try, pause, new secret, remove; what became of events."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, g, render_template, request

from dispatch.ground.errors import DispatchError
from dispatch.live import Who
from dispatch.outward.catalogue import TYPES
from dispatch.outward.outbound import NoHook, Outbound
from dispatch.store import outward_rows as rows

from ..entrance.access import allow
from ..entrance.asker import desk
from ..entrance.door import sent_number

MOST_SHOWN = 100

webhooks = Blueprint("webhooks", __name__)


def outbound() -> Outbound:
    """The room's events; 404 until the utility has turned them on."""
    found: Outbound | None = current_app.extensions.get("gridcrew_outbound")
    if found is None:
        abort(404)
    return found


@webhooks.get("/webhooks")
@allow("administrator")
def page() -> str:
    """Show them all, and what became of the newest events of each."""
    return _page()


@webhooks.post("/webhooks")
@allow("administrator")
def add() -> str:
    """Add one; its secret is shown once."""
    url, types = request.form.get("url", "").strip(), request.form.getlist("type")
    try:
        id_, secret = outbound().add(url, types, g.identity.name)
    except DispatchError as error:
        return _page(wrong=str(error), url=url)
    _note(id_, "webhook_added")
    return _page(made=(id_, secret))


@webhooks.post("/webhooks/<id_>/<any(test, pause, resume, rotate, remove, again):act>")
@allow("administrator")
def change(id_: str, act: str) -> str:
    """Do something with one."""
    room = outbound()
    try:
        hook = room.hook(id_)
    except NoHook:
        abort(404)
    if act == "test":
        wrong = room.test(hook)
        return _page(tried=(id_, wrong))
    if act == "rotate":
        secret = room.rotate(hook)
        _note(id_, "webhook_rotated")
        return _page(made=(id_, secret))
    if act == "again":
        rows.send_again(desk().store, id_, room.wall(), sent_number("since"))
    else:
        state = {"pause": "paused", "resume": "active", "remove": "removed"}[act]
        rows.change_hook(desk().store, id_, state=state)
    _note(id_, f"webhook_{act}")
    return _page()


def _page(**told: Any) -> str:
    outbound()
    store = desk().store
    hooks = rows.hooks(store)
    return render_template(
        "webhooks.html",
        page="webhooks",
        hooks=hooks,
        types=TYPES,
        counts=rows.counted(store),
        newest={hook["id"]: rows.newest_deliveries(store, hook["id"], MOST_SHOWN) for hook in hooks},
        **{"wrong": None, "made": None, "tried": None, "url": "", **told},
    )


def _note(id_: str, what: str) -> None:
    desk().note("noted", f"webhook {id_}", {"what": what}, Who(name=g.identity.name, source="board"))

"""Critical sites: the administrator's page of groups, and what a group's own token may ask."""

from __future__ import annotations

import re
from typing import Annotated, Any

from flask import Blueprint, Response, abort, current_app, g, jsonify, render_template, request
from pydantic import Field

from dispatch.ground.errors import DispatchError, Fault, InputFaults
from dispatch.live import Who
from dispatch.outward.outbound import NoHook
from dispatch.outward.sites import put_group, supply_of
from dispatch.outward.supplies import Supplies
from dispatch.store import outward_rows as rows
from dispatch.store.accounts import Accounts

from ..entrance.access import allow
from ..entrance.accounts import log_security
from ..entrance.asker import desk
from ..entrance.bodies import Body, body_as
from .webhooks import outbound

ROLE = "site"
NAME = re.compile(r"[\w-]{1,60}")

sites = Blueprint("sites", __name__)


class Subscription(Body):
    """Where a group of sites wants to be told."""

    url: Annotated[str, Field(min_length=1, max_length=500)]


@sites.get("/sites")
@allow("administrator")
def page() -> str:
    """Show the groups."""
    return _page()


@sites.post("/sites")
@allow("administrator")
def save() -> str:
    """Save a group; it gets a new token, which is shown once."""
    name, text = request.form.get("name", "").strip(), request.form.get("customers", "")
    book = Accounts(desk().store)
    others = {each.name for each in book.tokens(_now()) if each.role != ROLE}
    if not NAME.fullmatch(name) or name in others:
        return _page(wrong="name", kept=(name, text))
    try:
        put_group(desk(), name, text.split(), g.identity.name, _now())
    except DispatchError as error:
        return _page(wrong=str(error), kept=(name, text))
    book.revoke(name)
    token = book.issue_token(name, ROLE)
    log_security("token_issued", f"{name}: {ROLE}")
    _note(name, "sites_saved")
    return _page(made=(name, token))


@sites.post("/sites/<name>/remove")
@allow("administrator")
def remove(name: str) -> str:
    """Remove a group with its token and its webhooks."""
    if name not in rows.groups(desk().store):
        abort(404)
    rows.put_group(desk().store, name, (), g.identity.name, _now())
    for hook in rows.hooks(desk().store, sites=name):
        rows.change_hook(desk().store, hook["id"], state="removed")
    Accounts(desk().store).revoke(name)
    _note(name, "sites_removed")
    return _page()


@sites.get("/api/v1/sites")
@allow("site")
def listed() -> Response:
    """Say of every site of the group whether it has power, since when and until when."""
    told = _told()
    return jsonify(sites=[told(each) for each in _own()], asOf=desk().clock().isoformat())


@sites.get("/api/v1/sites/<site>")
@allow("site")
def one(site: str) -> Response:
    """Say of one site whether it has power; a site of another group is as unknown as none."""
    if site not in _own():
        abort(404)
    return jsonify(_told()(site) | {"asOf": desk().clock().isoformat()})


@sites.get("/api/v1/site-webhooks")
@allow("site")
def hooks() -> Response:
    """Name the group's webhooks."""
    found = rows.hooks(desk().store, sites=g.identity.name)
    names = ("id", "url", "state", "failures")
    return jsonify(webhooks=[{name: hook[name] for name in names} for hook in found])


@sites.post("/api/v1/site-webhooks")
@allow("site")
def subscribe() -> tuple[Response, int]:
    """Have changes of the group's sites sent to an address; the secret is told this once."""
    given, _ = body_as(Subscription), _own()
    try:
        id_, secret = outbound().add(given.url, (), f"sites {g.identity.name}", g.identity.name)
    except DispatchError as error:
        raise InputFaults([Fault(file="request", place="url", text=str(error))]) from error
    return jsonify(id=id_, secret=secret), 201


@sites.delete("/api/v1/site-webhooks/<id_>")
@allow("site")
def unsubscribe(id_: str) -> Response:
    """Send nothing there any more."""
    try:
        hook = outbound().hook(id_, g.identity.name)
    except NoHook:
        abort(404)
    rows.change_hook(desk().store, hook["id"], state="removed")
    return jsonify(done=True)


def _own() -> list[str]:
    """The sites of whoever asks; 404 where the group is gone."""
    outbound()
    group = rows.groups(desk().store).get(g.identity.name)
    if group is None:
        abort(404)
    return list(group["customers"])


def _told() -> Any:
    supplies: Supplies | None = current_app.extensions.get("gridcrew_supplies")
    if supplies is None:
        supplies = current_app.extensions["gridcrew_supplies"] = Supplies(desk())
    before = rows.marks(desk().store)[1].get("sites", {})
    return lambda site: supply_of(supplies, site, before.get(site))


def _now() -> Any:
    return outbound().wall()


def _page(**told: Any) -> str:
    outbound()
    return render_template(
        "sites.html",
        page="sites",
        groups=rows.groups(desk().store).values(),
        **{"wrong": None, "made": None, "kept": ("", ""), **told},
    )


def _note(name: str, what: str) -> None:
    desk().note("noted", f"sites {name}", {"what": what}, Who(name=g.identity.name, source="board"))

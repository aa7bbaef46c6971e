"""The administrator's pages: who may sign in, and what the journal says."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, current_app, g, render_template, request

from dispatch.live import Who
from dispatch.store import StoreError, queries
from dispatch.store.accounts import ROLES, TOKEN_ROLES, Accounts
from dispatch.store.security import WHATS, What

from ..entrance.access import allow
from ..entrance.accounts import log_security
from ..entrance.asker import desk
from ..entrance.directory import Directory
from ..entrance.door import asked_number, sent_number
from ..entrance.sessions import LONGEST_S
from .said import told_of

MOST_EVENTS = 200
MOST_LETTERS = 120
MOST_DAYS = 3650
# What the journal says of accounts, as the security log calls it.
AS_LOGGED: Mapping[str, What] = {
    "account added": "account_added",
    "account disabled": "account_disabled",
    "account enabled": "account_enabled",
    "password reset": "password_reset",
    "token issued": "token_issued",
    "token revoked": "token_revoked",
}

people = Blueprint("people", __name__)


@people.get("/accounts")
@allow("administrator")
def accounts() -> str:
    """List the accounts."""
    return _page()


@people.post("/accounts")
@allow("administrator")
def add() -> str:
    """Add an account with a password that its owner must change."""
    name, role = request.form.get("name", "").strip(), request.form.get("role", "")
    crew = request.form.get("crew") or None
    password = secrets.token_urlsafe(12)
    wrong = _wrong_with(name) or _wrong_crew(role, crew)
    if wrong is not None:
        return _page(wrong=wrong)
    try:
        _book().add(name, role, password, crew=crew, once=True)
    except StoreError as error:
        return _page(wrong=str(error))
    _note(name, "account added", role=role, crew=crew)
    return _page(made=(name, password))


def _wrong_with(name: str) -> str | None:
    """What is wrong with the name of a new account; it stands in addresses, so no browser may change it."""
    if not name:
        return "name"
    if len(name) > MOST_LETTERS or "/" in name or not name.strip("."):
        return "sign"
    return "taken" if name in _book().everybody() else None


def _wrong_crew(role: str, crew: str | None) -> str | None:
    """Whether a crew is chosen where there must be one, and only there."""
    if role == "crew" and crew not in {each.id for each in desk().case.crews}:
        return "crew"
    return "no_crew" if crew and role != "crew" else None


@people.post("/accounts/<path:name>/reset")
@allow("administrator")
def reset(name: str) -> str:
    """Give an account a new password that its owner must change."""
    _known(name)
    password = secrets.token_urlsafe(12)
    _book().set_password(name, password, once=True)
    _directory().sessions.end_all(name, _now())
    _note(name, "password reset")
    return _page(made=(name, password))


@people.post("/accounts/<path:name>/<any(enable, disable):what>")
@allow("administrator")
def switch(name: str, what: str) -> str:
    """Keep an account from signing in, or let it in again; nobody shuts himself out."""
    _known(name)
    if name == g.identity.name:
        return _page(wrong="own")
    (_book().enable if what == "enable" else _book().disable)(name)
    _note(name, f"account {what}d")
    return _page()


@people.post("/accounts/tokens")
@allow("administrator")
def issue() -> str:
    """Make a token for a system; it is shown once."""
    name, role = request.form.get("name", "").strip(), request.form.get("role", "")
    taken = {token.name for token in _book().tokens(_now())}
    if _wrong_with(name) or name in taken or role == "crew":
        return _page(wrong="token")
    days = sent_number("days")
    until = _now() + timedelta(days=days) if days and 0 < days <= MOST_DAYS else None
    try:
        token = _book().issue_token(name, role, until=until)
    except StoreError as error:
        return _page(wrong=str(error))
    _note(name, "token issued", role=role)
    return _page(made=(name, token))


@people.post("/accounts/tokens/<path:name>/revoke")
@allow("administrator")
def revoke(name: str) -> str:
    """Take a system's tokens back."""
    if name not in {token.name for token in _book().tokens(_now())}:
        abort(404)
    _book().revoke(name)
    _note(name, "token revoked")
    return _page()


@people.post("/accounts/<path:name>/sign-out")
@allow("administrator")
def end_sessions(name: str) -> str:
    """Sign somebody out everywhere; those who sign in through the provider of the house too."""
    ended = _directory().sessions.end_all(name, _now())
    log_security("sessions_ended", f"{name}: {ended}")
    return _page()


@people.get("/security")
@allow("administrator")
def security() -> str:
    """Show the security log, newest first: who signed in or failed to, and what was looked up."""
    name, what = request.args.get("name", "").strip(), request.args.get("what", "")
    log = _directory().security
    found = log.page(MOST_EVENTS, before=asked_number("before"), name=name, what=what)
    earlier = found[-1].id if len(found) == MOST_EVENTS else None
    return render_template(
        "security.html", page="accounts", rows=found, name=name, what=what, whats=WHATS, earlier=earlier
    )


@people.get("/audit")
@allow("administrator", "supervisor")
def audit() -> str:
    """Show the journal, newest first."""
    subject, actor = request.args.get("subject", "").strip(), request.args.get("actor", "").strip()
    found = queries.journal_page(
        desk().store,
        most=MOST_EVENTS,
        before=asked_number("before"),
        subject=subject,
        actor=actor,
    )
    earlier = found[-1].seq if len(found) == MOST_EVENTS else None
    rows = [(event, told_of(event)) for event in found]
    return render_template(
        "audit.html", page="audit", rows=rows, subject=subject, actor=actor, earlier=earlier
    )


def _book() -> Accounts:
    book = current_app.config["ACCOUNTS"]
    if not isinstance(book, Directory):
        abort(404)
    return book.accounts


def _now() -> datetime:
    return datetime.fromtimestamp(current_app.config["CLOCK"](), UTC)


def _directory() -> Directory:
    _book()
    found: Directory = current_app.config["ACCOUNTS"]
    return found


def _known(name: str) -> None:
    if name not in _book().everybody():
        abort(404)


def _page(*, wrong: str | None = None, made: tuple[str, str] | None = None) -> str:
    crews = [(crew.id, crew.name) for crew in desk().case.crews]
    return render_template(
        "accounts.html",
        page="accounts",
        rows=_book().overview(),
        roles=ROLES,
        tokens=_book().tokens(_now()),
        token_roles=[role for role in TOKEN_ROLES if role not in ("crew", "administrator", "site")],
        crews=crews,
        sessions=_directory().sessions.open_since(_now() - timedelta(seconds=LONGEST_S)),
        wrong=wrong,
        made=made,
        # What was typed into the form for a new account is still there when it could not be added.
        kept=request.form if wrong and request.endpoint == "people.add" else {},
    )


def _note(name: str, what: str, **more: str | None) -> None:
    who = Who(name=g.identity.name, source="board")
    if what in AS_LOGGED:
        log_security(AS_LOGGED[what], name)
    desk().note("noted", name, {"what": what, **{key: each for key, each in more.items() if each}}, who)

"""Signing in and out, and who is asking.

Accounts live behind `AccountBook`; the demo has none, answers to this machine
only and says on every page that it is a demo.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response

from dispatch.store import StoreError
from dispatch.store.accounts import LEAST_LENGTH, checked_length

from . import sessions
from .access import ROLES, Identity, allow, allow_everyone, home_of
from .oidc import signed_in

MOST_FAILURES = 5
LOCKED_S = 900.0
# What a session holds when somebody has signed in: here, or at the provider of the house.
SIGNED_IN = frozenset({"account", "oidc_identity"})
# One slash, and then neither another one nor anything that some browser leaves out or takes for one.
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f]*")
DEMO = Identity(name="demo", roles=frozenset({"dispatcher", "supervisor", "planner", "viewer"}))

accounts = Blueprint("accounts", __name__)


class AccountBook(Protocol):
    """Where accounts are kept."""

    def verify(self, name: str, password: str, now_s: float) -> Identity | None:
        """Return the identity, or None for a wrong pair or a locked account."""

    def find(self, name: str) -> Identity | None:
        """Return an account that may still sign in."""

    def bearer(self, token: str, now_s: float) -> Identity | None:
        """Return whose token a program brings, None for an unknown or revoked one."""

    def set_password(self, name: str, password: str) -> None:
        """Change a password; StoreError when it is too short."""


@dataclass
class MemoryAccounts:
    """Accounts of one process: for tests and for a viewer's board without a database."""

    _hashes: dict[str, str] = field(default_factory=dict)
    _identities: dict[str, Identity] = field(default_factory=dict)
    _failures: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, password: str, *roles: str, crew: str | None = None) -> None:
        """Add or replace an account; the password is kept as a scrypt hash."""
        unknown = set(roles) - ROLES
        if unknown:
            raise ValueError(f"unknown role {sorted(unknown)[0]!r}; expected one of {sorted(ROLES)}")
        self._hashes[name] = generate_password_hash(password, method="scrypt")
        self._identities[name] = Identity(name=name, roles=frozenset(roles), crew=crew)

    def find(self, name: str) -> Identity | None:
        """Return the account of that name."""
        return self._identities.get(name)

    def bearer(self, token: str, now_s: float) -> Identity | None:
        """Know no tokens."""
        return None

    def set_password(self, name: str, password: str) -> None:
        """Change a password; StoreError when it is too short."""
        self._hashes[name] = generate_password_hash(checked_length(password), method="scrypt")
        self._identities[name] = replace(self._identities[name], must_change=False)

    def verify(self, name: str, password: str, now_s: float) -> Identity | None:
        """Check a pair; five failures lock the account for fifteen minutes."""
        failures = [at for at in self._failures.get(name, []) if now_s - at < LOCKED_S]
        if len(failures) >= MOST_FAILURES:
            return None
        # An unknown name costs as much as a known one, so that timing tells nothing.
        known = self._hashes.get(name, _NOBODY)
        if check_password_hash(known, password) and name in self._identities:
            self._failures.pop(name, None)
            return self._identities[name]
        self._failures[name] = [*failures, now_s]
        return None


_NOBODY = generate_password_hash("nobody", method="scrypt")


def identify() -> Identity | None:
    """Who sends this request."""
    if current_app.config["DEMO"]:
        return DEMO if is_loopback(request.remote_addr) else None
    book: AccountBook | None = current_app.config["ACCOUNTS"]
    clock: Callable[[], float] = current_app.config["CLOCK"]
    token = brought_token()
    if book is not None and token is not None:
        g.by_token, g.source = True, "api"
        return book.bearer(token, clock())
    if not (session.keys() & SIGNED_IN) or not sessions.is_good(clock()):
        return None
    name = session.get("account")
    found = book.find(name) if book is not None and isinstance(name, str) else None
    if found is None or session.get("stamp", found.stamp) != found.stamp:
        return signed_in()
    return found


def brought_token() -> str | None:
    """The token that a program brings: as a bearer, or as the `api_key` of Open311."""
    if request.authorization and request.authorization.type == "bearer":
        return request.authorization.token or ""
    if request.path.startswith("/open311/"):
        return request.values.get("api_key")
    return None


def is_loopback(address: str | None) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def own_path(path: str | None) -> str:
    """Return `path` if it stays on this site, else the board.

    Browsers take tabs and line ends out of an address, a backslash for a slash, and `%09` for what it stands
    for once a server has sent it on: only what is left of all that is looked at.
    """
    plain = path or ""
    while (unquoted := unquote(plain)) != plain:
        plain = unquoted
    parts = urlsplit(plain) if OWN_PATH.fullmatch(plain) else None
    if path is None or parts is None or parts.scheme or parts.netloc:
        return url_for("board.page")
    return path


@accounts.get("/sign-in")
@allow_everyone
def sign_in() -> str:
    """Show the form for signing in."""
    return render_template("sign_in.html", next=own_path(request.args.get("next")), failed=False)


@accounts.post("/sign-in")
@allow_everyone
def sign_in_send() -> Response | tuple[str, int]:
    """Sign in, or say that it failed without saying why."""
    book: AccountBook | None = current_app.config["ACCOUNTS"]
    clock: Callable[[], float] = current_app.config["CLOCK"]
    target = own_path(request.form.get("next"))
    who = None
    if book is not None:
        who = book.verify(request.form.get("name", ""), request.form.get("password", ""), clock())
    if who is None:
        return render_template("sign_in.html", next=target, failed=True), 401
    session.clear()
    session["account"], session["stamp"] = who.name, who.stamp
    sessions.begin(clock())
    return redirect(target)


@accounts.post("/sign-out")
@allow_everyone
def sign_out() -> Response:
    """Forget who was signed in."""
    session.clear()
    return redirect(url_for("accounts.sign_in"))


@accounts.get("/password")
@allow("dispatcher", "supervisor", "planner", "crew", "viewer", "administrator")
def password() -> str:
    """Show the form for a new password."""
    return _password_form(None)


@accounts.post("/password")
@allow("dispatcher", "supervisor", "planner", "crew", "viewer", "administrator")
def password_send() -> Response | str:
    """Change the own password; the old one is asked for again."""
    book: AccountBook | None = current_app.config["ACCOUNTS"]
    clock: Callable[[], float] = current_app.config["CLOCK"]
    new = request.form.get("new", "")
    if book is None:
        return _password_form(None)
    if new != request.form.get("again", ""):
        return _password_form("differ")
    if new == request.form.get("old"):
        return _password_form("same")
    if book.verify(g.identity.name, request.form.get("old", ""), clock()) is None:
        return _password_form("old")
    try:
        book.set_password(g.identity.name, new)
    except StoreError:
        return _password_form("short")
    changed = book.find(g.identity.name)
    session["stamp"] = changed.stamp if changed else ""
    return redirect(home_of(g.identity))


def _password_form(wrong: str | None) -> str:
    return render_template("password.html", wrong=wrong, least=LEAST_LENGTH, must=g.identity.must_change)

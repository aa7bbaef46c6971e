"""Signing in and out, and who is asking.

Accounts live behind `AccountBook`; the demo has none, answers to this machine
only and says on every page that it is a demo.
"""

from __future__ import annotations

import ipaddress
import math
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response

from dispatch.store import StoreError
from dispatch.store.accounts import LEAST_LENGTH, TooSoon, checked_length
from dispatch.store.security import What
from dispatch.store.tries import PAIR

from . import sessions
from .access import PEOPLE, ROLES, Identity, allow, allow_everyone, home_of
from .oidc import signed_in

Answer = Response | tuple[str, int] | tuple[str, int, dict[str, str]]
# What a session holds when somebody has signed in: here, or at the provider of the house.
SIGNED_IN = frozenset({"account", "oidc_identity"})
# No page of this site has a longer address.
MOST_PATH = 2000
# So often is an address taken apart that was packed several times over; no page of this site packs one twice.
MOST_UNPACKED = 4
# One slash, and then neither another one nor anything that some browser leaves out or takes for one.
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f]*")
DEMO = Identity(name="demo", roles=frozenset({"dispatcher", "supervisor", "planner", "viewer"}))

accounts = Blueprint("accounts", __name__)


class AccountBook(Protocol):
    """Where accounts are kept, who is signed in with them, and what is said of that."""

    def verify(self, name: str, password: str, now_s: float, address: str) -> Identity | None:
        """Return the identity, or None for a wrong pair; TooSoon when the next try has to wait."""

    def find(self, name: str) -> Identity | None:
        """Return an account that may still sign in."""

    def bearer(self, token: str, now_s: float) -> Identity | None:
        """Return whose token a program brings, None for an unknown or revoked one."""

    def set_password(self, name: str, password: str) -> None:
        """Change a password; StoreError when it is too short."""

    def begin_session(self, name: str, now_s: float, address: str) -> str:
        """Somebody has signed in; returns the mark of the session."""

    def signed_in(self, name: str, mark: str) -> Identity | None:
        """Return the account whose session this is, None for one that was ended."""

    def holds_session(self, name: str, mark: str) -> bool:
        """Whether the session of somebody without an account here goes on."""

    def end_session(self, mark: str, now_s: float) -> None:
        """Somebody has signed out here."""

    def end_sessions(self, name: str, now_s: float, but: str | None = None) -> int:
        """End every session of somebody, but one; returns how many there were."""

    def log(self, what: What, name: str, now_s: float, address: str, note: str = "") -> None:
        """Write down in the security log what happened."""


@dataclass
class MemoryAccounts:
    """Accounts of one process: for tests and for a viewer's board without a database."""

    _hashes: dict[str, str] = field(default_factory=dict)
    _identities: dict[str, Identity] = field(default_factory=dict)
    _failures: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    _sessions: dict[str, str] = field(default_factory=dict)

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

    def verify(self, name: str, password: str, now_s: float, address: str) -> Identity | None:
        """Check a pair; wrong ones make the same address wait longer and longer."""
        failures, until_s = self._failures.get((name, address), (0, now_s))
        if until_s > now_s:
            raise TooSoon(timedelta(seconds=until_s - now_s))
        # An unknown name costs as much as a known one, so that timing tells nothing.
        known = self._hashes.get(name, _NOBODY)
        if check_password_hash(known, password) and name in self._identities:
            self._failures.pop((name, address), None)
            return self._identities[name]
        wait_s = PAIR.wait(failures + 1).total_seconds()
        self._failures[name, address] = (failures + 1, now_s + wait_s)
        return None

    def begin_session(self, name: str, now_s: float, address: str) -> str:
        """Somebody has signed in."""
        mark = secrets.token_urlsafe(24)
        self._sessions[mark] = name
        return mark

    def signed_in(self, name: str, mark: str) -> Identity | None:
        """Return the account whose session this is."""
        return self.find(name) if self.holds_session(name, mark) else None

    def holds_session(self, name: str, mark: str) -> bool:
        """Whether a session goes on."""
        return self._sessions.get(mark) == name

    def end_session(self, mark: str, now_s: float) -> None:
        """Somebody has signed out here."""
        self._sessions.pop(mark, None)

    def end_sessions(self, name: str, now_s: float, but: str | None = None) -> int:
        """End every session of somebody, but one."""
        ended = [mark for mark, owner in self._sessions.items() if owner == name and mark != but]
        for mark in ended:
            del self._sessions[mark]
        return len(ended)

    def log(self, what: What, name: str, now_s: float, address: str, note: str = "") -> None:
        """Keep nothing."""


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
    name, mark = session.get("account"), session.get("mark")
    if book is None or not isinstance(mark, str):
        return None
    if not isinstance(name, str):
        found = signed_in()
        return found if found is not None and book.holds_session(found.name, mark) else None
    found = book.signed_in(name, mark)
    return found if found is not None and session.get("stamp") == found.stamp else None


def enter(book: AccountBook, name: str, now_s: float) -> None:
    """Somebody has signed in with this browser: a session begins that the server knows and can end."""
    session["mark"] = book.begin_session(name, now_s, sender_address())
    sessions.begin(now_s)
    book.log("signed_in", name, now_s, sender_address())


def sender_address() -> str:
    """Where a request comes from."""
    return request.remote_addr or ""


def log_security(what: What, note: str = "", *, name: str | None = None) -> None:
    """Write down in the security log what somebody did; there is none without accounts."""
    book: AccountBook | None = current_app.config["ACCOUNTS"]
    if book is None:
        return
    who = g.identity.name if name is None and g.get("identity") is not None else name or ""
    book.log(what, who, current_app.config["CLOCK"](), sender_address(), note)


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
    plain = (path or "")[: MOST_PATH + 1]
    for _ in range(MOST_UNPACKED):
        plain = unquote(plain)
    if len(path or "") > MOST_PATH or unquote(plain) != plain:
        return url_for("board.page")
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
def sign_in_send() -> Answer:
    """Sign in, or say that it failed without saying why."""
    book: AccountBook | None = current_app.config["ACCOUNTS"]
    clock: Callable[[], float] = current_app.config["CLOCK"]
    target = own_path(request.form.get("next"))
    name = request.form.get("name", "")
    if book is None:
        return _sign_in_again(target)
    try:
        who = book.verify(name, request.form.get("password", ""), clock(), sender_address())
    except TooSoon as error:
        book.log("sign_in_delayed", _as_logged(book, name), clock(), sender_address())
        return _sign_in_again(target, wait_s=math.ceil(error.left.total_seconds()))
    if who is None:
        book.log("sign_in_failed", _as_logged(book, name), clock(), sender_address())
        return _sign_in_again(target)
    session.clear()
    session["account"], session["stamp"] = who.name, who.stamp
    enter(book, who.name, clock())
    # Nobody asked for a page: everybody begins at its own.
    return redirect(home_of(who) if target == "/" else target)


def _sign_in_again(target: str, wait_s: int = 0) -> Answer:
    page = render_template("sign_in.html", next=target, failed=True, wait_s=wait_s)
    return (page, 429, {"Retry-After": str(wait_s)}) if wait_s else (page, 401)


def _as_logged(book: AccountBook, name: str) -> str:
    """A name for the log: where there is no such account, somebody may have typed a password there."""
    return name if book.find(name) is not None else "?"


@accounts.post("/sign-out")
@allow_everyone
def sign_out() -> Response:
    """End this session, on the server too: a copy of its cookie opens nothing any more."""
    book: AccountBook | None = current_app.config["ACCOUNTS"]
    mark = session.get("mark")
    if book is not None and isinstance(mark, str):
        book.end_session(mark, current_app.config["CLOCK"]())
        log_security("signed_out")
    session.clear()
    return redirect(url_for("accounts.sign_in"))


@accounts.post("/sign-out/everywhere")
@allow(*PEOPLE)
def sign_out_everywhere() -> Response:
    """End every session of whoever asks, this one too."""
    book: AccountBook | None = current_app.config["ACCOUNTS"]
    if book is not None:
        ended = book.end_sessions(g.identity.name, current_app.config["CLOCK"]())
        log_security("signed_out_everywhere", str(ended))
    session.clear()
    return redirect(url_for("accounts.sign_in"))


@accounts.get("/password")
@allow(*PEOPLE)
def password() -> str:
    """Show the form for a new password."""
    return _password_form(None)


@accounts.post("/password")
@allow(*PEOPLE)
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
    try:
        right = book.verify(g.identity.name, request.form.get("old", ""), clock(), sender_address())
    except TooSoon:
        right = None
    if right is None:
        log_security("sign_in_failed")
        return _password_form("old")
    try:
        book.set_password(g.identity.name, new)
    except StoreError:
        return _password_form("short")
    # Whoever had the old password is out.
    book.end_sessions(g.identity.name, clock(), but=session.get("mark"))
    log_security("password_changed")
    changed = book.find(g.identity.name)
    session["stamp"] = changed.stamp if changed else ""
    return redirect(home_of(g.identity))


def _password_form(wrong: str | None) -> str:
    return render_template("password.html", wrong=wrong, least=LEAST_LENGTH, must=g.identity.must_change)

"""Who may open what: every route says so, and what says nothing is closed.

A view declares its roles with `allow`; a request for a view that declares none
is refused, so a forgotten declaration locks a page instead of opening it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

# "intake" and "site" are systems', never persons': one brings requests and sees what became of its own, the
# other asks for the supply of its own critical sites.
Role = Literal[
    "dispatcher",
    "supervisor",
    "planner",
    "service",
    "manager",
    "crew",
    "viewer",
    "administrator",
    "intake",
    "site",
]
ROLES: frozenset[str] = frozenset(get_args(Role))
OFFICE: tuple[Role, ...] = (
    *("dispatcher", "supervisor", "planner", "service", "manager"),
    *("viewer", "administrator"),
)
# Who speaks with customers: the customer desk, their managers, and the duty room.
CUSTOMER_DESK: tuple[Role, ...] = ("dispatcher", "supervisor", "service", "manager")
# Whoever signs in with a name: everybody but systems.
PEOPLE: tuple[Role, ...] = (*OFFICE, "crew")
EVERYONE: frozenset[str] = frozenset({"everyone"})
PROGRAMS = ("/api/", "/open311/")
FRONT_PAGE = "board.page"
# Where people begin who do not dispatch.
HOMES = {"service": "service.mine", "manager": "service.customers"}
PASSWORD_PAGES = frozenset({"accounts.password", "accounts.password_send"})

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who is asking: a name, the roles that go with it, and the crew of a crew account.

    With `must_change` the password was given by somebody else: nothing opens
    but the page that changes it.
    """

    name: str
    roles: frozenset[str]
    crew: str | None = None
    must_change: bool = False
    stamp: str = ""

    def may(self, roles: frozenset[str]) -> bool:
        """Whether one of this identity's roles is among `roles`."""
        return bool(self.roles & roles)


def allow(*roles: Role) -> Callable[[View], View]:
    """Declare the roles that may open a view."""
    if not roles:
        raise ValueError("name at least one role")
    return _declare(frozenset(roles))


def allow_everyone(view: View) -> View:
    """Declare a view that is open before signing in."""
    return _declare(EVERYONE)(view)


def allow_unasked(view: View) -> View:
    """Declare a view that is the same for all: nobody is looked up for it, so that it needs no database."""
    marked = allow_everyone(view)
    marked.gridcrew_unasked = True  # type: ignore[attr-defined]
    return marked


def _declare(roles: frozenset[str]) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.gridcrew_roles = roles  # type: ignore[attr-defined]
        return view

    return mark


def declared_roles(app: Flask) -> Mapping[str, frozenset[str] | None]:
    """Roles by endpoint; None where a view forgot to say."""
    return {name: getattr(view, "gridcrew_roles", None) for name, view in app.view_functions.items()}


def guard(
    app: Flask,
    identify: Callable[[], Identity | None],
    owns: Callable[[Identity, Mapping[str, Any]], bool],
) -> None:
    """Check every request against the declaration of its view, then against whose the things are.

    Parameters
    ----------
    identify : says who sends the request.
    owns : whether what an address names is open to somebody.
    """

    @app.before_request
    def check() -> Response | None:
        view = current_app.view_functions.get(request.endpoint or "")
        if getattr(view, "gridcrew_unasked", False):
            g.identity = None
            return None
        g.identity = identify()
        if view is None:
            return None
        roles = getattr(view, "gridcrew_roles", None)
        if roles is None:
            abort(403)
        answer = _verdict(roles, g.identity)
        if answer is None and roles != EVERYONE and not owns(g.identity, request.view_args or {}):
            abort(403)
        return answer


def _verdict(roles: frozenset[str], identity: Identity | None) -> Response | None:
    if roles == EVERYONE:
        return None
    if identity is None:
        if request.path.startswith(PROGRAMS):
            abort(401)
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    # First of all: to a page that is not theirs people come with a one-time password too.
    if identity.must_change and request.endpoint not in PASSWORD_PAGES:
        if request.path.startswith(PROGRAMS):
            abort(403)
        return redirect(url_for("accounts.password"))
    if identity.may(roles):
        return None
    if request.endpoint == FRONT_PAGE and home_of(identity) != request.path and not g.get("by_token"):
        return redirect(home_of(identity))
    abort(403)


def home_of(identity: Identity) -> str:
    """The page that a person begins at: a crew's own route, the customer desk's, for all others the board."""
    if identity.crew is not None and "crew" in identity.roles:
        return url_for("sheets.crew", crew=identity.crew)
    for role, endpoint in HOMES.items():
        if identity.roles == {role} and endpoint in current_app.view_functions:
            return url_for(endpoint)
    return url_for(FRONT_PAGE)

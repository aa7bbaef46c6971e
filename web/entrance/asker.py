"""Who asks, and the running day that is asked: what every route of it begins with."""

from __future__ import annotations

from typing import cast

from flask import abort, current_app, g

from dispatch.live import Desk, Who


def desk() -> Desk:
    """The running day's desk; there is none behind a plan that was only read."""
    found = current_app.extensions.get("gridcrew_desk")
    if found is None:
        abort(404)
    return cast(Desk, found)


def who() -> Who:
    """Who is asking, for the journal."""
    return Who(
        name=g.identity.name,
        source=getattr(g, "source", "board"),
        crew=g.identity.crew,
        system=g.identity.roles == {"intake"},
    )

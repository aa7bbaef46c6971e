"""Pages for what goes wrong: plain words, no traceback, JSON for programs."""

from __future__ import annotations

import errno
import logging
from urllib.parse import quote

from flask import Flask, current_app, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    BadHost,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    SecurityError,
    TooManyRequests,
)
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from dispatch.ground.errors import InputFaults
from dispatch.intake.bounded import AT_ONCE, TooMuch
from dispatch.live import Refused
from dispatch.live.planner.process import PlannerGone
from dispatch.store import DATABASE_ERRORS, UNFIT, Conflict

from .day.handwork import conflict_text, refusal_text
from .entrance.access import PROGRAMS
from .words.language import catalogue, current_language, translate
from .words.wording import shown

# What a disk, or the limit of open files, answers to whoever writes.
DISK = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM),
        *(errno.ENOTDIR, errno.EIO, errno.EMFILE, errno.ENFILE),
    }
)
# Of an address that somebody sends, the log keeps no more.
MOST_LOGGED = 200
AT_THE_DOOR = frozenset({"accounts.sign_in_send", "accounts.sign_out"})
Answer = tuple[str | Response, int] | tuple[str | Response, int, dict[str, str]]
logger = logging.getLogger("gridcrew.web")


def answer_faults(app: Flask) -> None:
    """Register the error pages."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SecurityError, _stranger)
    app.register_error_handler(BadHost, _stranger)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(InputFaults, _input)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Conflict, _conflict)
    for error in DATABASE_ERRORS:
        app.register_error_handler(error, _database)
    app.register_error_handler(UNFIT, _unfit)
    app.register_error_handler(TooMuch, _heavy)
    app.register_error_handler(PlannerGone, _no_planner)
    app.register_error_handler(OSError, _disk)
    app.register_error_handler(Exception, _ours)


def _http(error: Exception) -> Answer:
    assert isinstance(error, HTTPException)
    if isinstance(error, MethodNotAllowed) and request.method == "GET" and not _for_programs():
        return redirect(_page_of_form()), 302
    code = error.code or 500
    key = f"error.{code}" if f"error.{code}" in catalogue(current_language()) else "error.other"
    answer = _answer(code, translate(key), ())
    if isinstance(error, TooManyRequests) and error.retry_after:
        return *answer, {"Retry-After": str(error.retry_after)}
    return answer


def _page_of_form() -> str:
    """The page that a form stands on: who reads its answer anew, or in another language, comes back there."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    path, query = request.path, request.query_string.decode("latin-1")
    while path:
        path = path.rsplit("/", 1)[0]
        try:
            adapter.match(path or "/", method="GET")
        except (NotFound, MethodNotAllowed, RequestRedirect):
            continue
        break
    return f"{quote(path or '/')}?{query}" if query else quote(path or "/")


def _for_programs() -> bool:
    return request.path.startswith(PROGRAMS)


def _stranger(error: Exception) -> Answer:
    # There is no address to build links from, so this answer is text alone.
    return Response(translate("error.host"), status=400, mimetype="text/plain"), 400


def _stale(error: Exception) -> Answer:
    """Sent from a page that was opened before somebody signed in here, or by another site.

    Whoever signs in or out by such a page gets a new one at once. A form without any token is none of ours.
    """
    ours = "csrf_token" in request.form and g.get("identity") is None
    if ours and request.endpoint in AT_THE_DOOR:
        return redirect(url_for("accounts.sign_in", next=request.form.get("next") or None)), 302
    return _answer(400, translate("error.stale"), ())


def _input(error: Exception) -> Answer:
    assert isinstance(error, InputFaults)
    return _answer(400, translate("error.400"), tuple(shown(fault) for fault in error.faults))


def _refused(error: Exception) -> Answer:
    """A change that cannot be made, in the reader's language."""
    assert isinstance(error, Refused)
    return _answer(409, refusal_text(error), (), reason=error.code)


def _conflict(error: Exception) -> Answer:
    """Somebody was first: say who, so that a person can decide."""
    assert isinstance(error, Conflict)
    return _answer(409, conflict_text(error), (), by=error.by, version=error.found)


def _database(error: Exception) -> Answer:
    """The database is away or full: nothing was written, and it can be tried again."""
    logger.warning("the database failed on %s: %s", _asked(), type(error).__name__)
    return *_answer(503, translate("error.503"), ()), {"Retry-After": "5"}


def _unfit(error: Exception) -> Answer:
    """Longer or larger than the database holds: nothing was written."""
    logger.warning("%s sent more than a column holds", _asked())
    return _answer(400, translate("error.400"), ())


def too_much(error: TooMuch) -> str:
    """What to tell the sender of a file that takes too much, in the language of this request."""
    bounds = error.bounds
    return translate(f"bounded.{error.reason}", s=f"{bounds.seconds:g}", mb=bounds.memory_mb, others=AT_ONCE)


def _heavy(error: Exception) -> Answer:
    assert isinstance(error, TooMuch)
    return _answer(503 if error.reason == "busy" else 422, too_much(error), ())


def _no_planner(error: Exception) -> Answer:
    logger.warning("no plan for %s: %s", _asked(), error)
    return *_answer(503, translate("error.planner"), ()), {"Retry-After": "30"}


def _disk(error: Exception) -> Answer:
    """The disk is full, read-only or not this program's: nothing was kept, and somebody must see to it."""
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        # A name longer than any file has names nothing.
        return _http(NotFound())
    if not isinstance(error, OSError) or error.errno not in DISK:
        return _ours(error)
    logger.error("the disk failed on %s: %s", _asked(), error)
    return *_answer(503, translate("error.disk"), ()), {"Retry-After": "60"}


def _ours(error: Exception) -> Answer:
    logger.exception("failed on %s", _asked(), exc_info=error)
    return _answer(500, translate("error.500"), ())


def _asked() -> str:
    """What was asked for, as the log names it."""
    return f"{request.method} {request.path[:MOST_LOGGED]}"


def _answer(code: int, text: str, faults: tuple[str, ...], **more: str | int) -> Answer:
    if _for_programs():
        return jsonify(error={"code": code, "text": text, "faults": list(faults), **more}), code
    return render_template("error.html", code=code, text=text, faults=faults[:50], count=len(faults)), code

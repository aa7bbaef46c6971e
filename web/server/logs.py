"""Logs for people and for programs: one line an event, each with the request it belongs to."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, g, request

from .measures import Measures

HEADER = "X-Request-Id"
# What a proxy in front may call a request; anything else gets a name of ours.
GIVEN = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
LEVELS: Mapping[str, int] = MappingProxyType(
    {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
)
FORMATS = ("text", "json")
log = logging.getLogger("gridcrew.access")
_request: ContextVar[str] = ContextVar("request", default="")


class JsonLines(logging.Formatter):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if name := _request.get():
            told["request"] = name
        told |= getattr(record, "told", {})
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """A line that a person reads."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s%(request)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write one record, with the request at its end."""
        name = _request.get()
        record.request = f" [{name}]" if name else ""
        return super().format(record)


def set_up_logs(level: str, form: str) -> None:
    """Log to standard error; keeping and rotating it is the system's business."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level])
    # They tell every step of theirs at this level.
    for name in ("alembic", "fontTools", "fpdf", "PIL"):
        logging.getLogger(name).setLevel(max(LEVELS[level], logging.WARNING))


def name_requests(app: Flask) -> None:
    """Give every request a name, and count and log its answer."""
    measures = Measures(app)
    app.extensions["gridcrew_measures"] = measures

    @app.before_request
    def begin() -> None:
        given = request.headers.get(HEADER, "")
        g.request_name = given if GIVEN.match(given) else uuid.uuid4().hex[:16]
        g.began_s = time.perf_counter()
        _request.set(g.request_name)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers[HEADER] = g.get("request_name", "")
        measures.note(response)
        if log.isEnabledFor(logging.INFO):
            _say(response)
        return response


def _say(response: Response) -> None:
    took_ms = 1000 * (time.perf_counter() - g.get("began_s", time.perf_counter()))
    identity = g.get("identity")
    told = {
        "method": request.method,
        # The route and not the address: an address may hold a telephone number, or the key of a link.
        "route": request.url_rule.rule if request.url_rule is not None else "unknown",
        "status": response.status_code,
        "ms": round(took_ms, 1),
        "address": request.remote_addr,
        "who": identity.name if identity is not None else None,
    }
    line = f"{told['method']} {told['route']} {told['status']} {told['ms']} ms"
    log.info("%s", line, extra={"told": told})

"""Answer browsers: one process, many threads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from flask import Flask

from .api.routes import WANTED_BY_ALL
from .board.news import News
from .server.limits import Limits, fitting
from .server.running import Server

THREADS = 16
log = logging.getLogger("gridcrew.server")


def serve(
    app: Flask,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    threads: int = THREADS,
    limits: Limits | None = None,
    on_ready: Callable[[str], Any] | None = None,
    on_end: Callable[[], None] = lambda: None,
) -> None:
    """Serve an application until SIGTERM or Ctrl-C, and answer what is under way before returning.

    Parameters
    ----------
    host, port : where to listen; port 0 takes a free one.
    threads : requests answered at once.
    limits : of connections; fewer where the system allows fewer open files.
    on_ready : called with the address once the server listens.
    on_end : called when the word to end has come; cuts short what would keep an answer waiting.

    Raises
    ------
    OSError
        When the port is taken or not allowed.
    """
    # It warns at every moment in which two questions arrive together.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    ending: Event = app.extensions.setdefault("gridcrew_ending", Event())

    def end() -> None:
        ending.set()
        on_end()

    server = Server(
        app,
        host,
        port,
        threads=threads,
        limits=fitting(limits or Limits()),
        most_body_b=app.config.get("MAX_CONTENT_LENGTH") or 64 * 1024 * 1024,
        is_quick=is_quick,
        on_end=end,
    )
    app.extensions["gridcrew_server"] = server
    Thread(target=warm, args=(app,), daemon=True).start()
    if on_ready is not None:
        shown = f"[{host}]" if ":" in host else host
        on_ready(f"http://{shown}:{server.port}/")
    server.run()


def is_quick(path: str) -> bool:
    """Whether a path is answered without the database and in no time: a file, or the sign of life."""
    if path.startswith("/public/"):
        return "." in path
    return path == "/healthz" or path.startswith("/static/")


def warm(app: Flask) -> None:
    """Make what every board asks for, so that the first visitor need not wait for it."""
    found: News | None = app.extensions.get("gridcrew_news")
    with app.app_context():
        for make in ((found.whole,) if found else ()) + WANTED_BY_ALL:
            try:
                make()
            except Exception as error:
                # Whoever asks for it is told; what is missing now is made then.
                log.warning("not made before it was asked for: %s", type(error).__name__)

"""Answer browsers: one process, many threads."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

from flask import Flask
from waitress import create_server

from .api import WANTED_BY_ALL

THREADS = 16
MOST_CONNECTIONS = 1000


def serve(
    app: Flask,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    threads: int = THREADS,
    on_ready: Callable[[str], Any] | None = None,
) -> None:
    """Serve an application until it is interrupted.

    Parameters
    ----------
    host, port : where to listen; port 0 takes a free one.
    threads : requests answered at once.
    on_ready : called with the address once the server listens.

    Raises
    ------
    OSError
        When the port is taken or not allowed.
    """
    # A person's browser holds several connections, and waitress refuses them past 100 unless told.
    server = create_server(
        app,
        host=host,
        port=port,
        threads=threads,
        connection_limit=MOST_CONNECTIONS,
        ident="gridcrew",
        channel_timeout=120,
        max_request_body_size=app.config.get("MAX_CONTENT_LENGTH") or 64 * 1024 * 1024,
    )
    Thread(target=warm, args=(app,), daemon=True).start()
    if on_ready is not None:
        shown = f"[{host}]" if ":" in host else host
        on_ready(f"http://{shown}:{server.effective_port}/")
    try:
        server.run()
    finally:
        server.close()


def warm(app: Flask) -> None:
    """Make what every board asks for, so that the first visitor need not wait for it."""
    with app.app_context():
        for make in WANTED_BY_ALL:
            make()

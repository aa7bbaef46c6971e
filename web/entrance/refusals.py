"""Who is turned away with a token that is none, or where they may not go: a line in the security log.

A flood of such questions must not become a flood of writing: one sender, one place, one line a minute.
"""

from __future__ import annotations

import logging
import threading

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from dispatch.store import DATABASE_ERRORS

from .accounts import brought_token, log_security, sender_address

EVERY_S = 60.0
# So many senders and places are remembered; who floods from more is heard of often enough.
MOST_KEPT = 10_000
MOST_PATH = 200

log = logging.getLogger("gridcrew.security")
Sender = tuple[str, ...]


class Lately:
    """What was written down within the last minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_s: dict[Sender, float] = {}

    def is_new(self, sender: Sender, now_s: float) -> bool:
        """Whether it is worth a line; from now on for a minute it is not."""
        with self._lock:
            before_s = self._at_s.get(sender)
            if before_s is not None and 0 <= now_s - before_s < EVERY_S:
                return False
            if len(self._at_s) >= MOST_KEPT:
                self._at_s = {each: at for each, at in self._at_s.items() if 0 <= now_s - at < EVERY_S}
            if len(self._at_s) >= MOST_KEPT:
                return False
            self._at_s[sender] = now_s
            return True


def note_refusals(app: Flask) -> None:
    """Write down whom the door turned away."""
    lately = Lately()

    @app.after_request
    def note(response: Response) -> Response:
        if response.status_code in (401, 403):
            try:
                _note(response.status_code, lately)
            except DATABASE_ERRORS as error:
                # The answer stands, whether it can be written down or not.
                log.warning("a refusal is not in the security log: %s", type(error).__name__)
        return response


def _note(status: int, lately: Lately) -> None:
    now_s, identity = current_app.config["CLOCK"](), g.get("identity")
    if status == 401 and identity is None and brought_token() is not None:
        if lately.is_new(("token", sender_address()), now_s):
            log_security("token_refused", request.path[:MOST_PATH], name="?")
    elif status == 403 and identity is not None:
        place = request.url_rule.rule if request.url_rule else request.path
        if lately.is_new(("access", identity.name, sender_address(), request.method, place), now_s):
            log_security("access_refused", f"{request.method} {request.path[:MOST_PATH]}")

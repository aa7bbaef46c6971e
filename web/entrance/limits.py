"""How often somebody may ask: a bucket per sender that fills by itself."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from threading import Lock

from flask import Flask, g, request
from werkzeug.exceptions import TooManyRequests

MOST_SENDERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many at once, and so many a minute after that."""

    burst: int
    a_minute: float


# Whoever guesses passwords or PINs; a shift of crews signs on behind one address.
GUESSING = Rate(burst=30, a_minute=20)
# A call centre's system in a storm, and a file again and again.
BRINGING = Rate(burst=300, a_minute=600)
# A board asks for a few things after every event; a phone much less.
ASKING = Rate(burst=600, a_minute=1200)
GUESSES = frozenset({"accounts.sign_in_send", "accounts.password_send", "phone.enter", "oidc.back"})
# Whoever asks whether one customer has supply; many households stand behind one address of a provider.
LOOKING_UP = Rate(burst=20, a_minute=10)
LOOKS_UP = frozenset({"outward_supply.answer"})
# What is read out of a file, the same for everybody.
FREE = ("static_files.", "outward_files.")
BRINGS = frozenset(
    {"live.log_request", "intake_upload.send", "intake_upload.send_file", "open311.log", "signs.hear"}
)


@dataclass
class Buckets:
    """What each sender has left; beyond `most` senders all begin anew."""

    most: int = MOST_SENDERS
    _left: dict[tuple[str, Rate], tuple[float, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait_s(self, sender: str, rate: Rate, now_s: float) -> float:
        """Take one; 0 when there was one, else the seconds until there is."""
        with self._lock:
            left, at = self._left.get((sender, rate), (float(rate.burst), now_s))
            left = min(rate.burst, left + (now_s - at) * rate.a_minute / 60)
            if left < 1:
                return (1 - left) * 60 / rate.a_minute
            if len(self._left) >= self.most and (sender, rate) not in self._left:
                self._left.clear()
            self._left[(sender, rate)] = (left - 1, now_s)
            return 0.0


def limit(app: Flask) -> None:
    """Refuse with 429 whoever asks too often; files are free."""
    buckets = Buckets()

    @app.before_request
    def check() -> None:
        endpoint = request.endpoint or ""
        if not app.config.get("RATE_LIMITS", True) or endpoint.startswith(FREE):
            return
        wait_s = buckets.wait_s(sender(), rate_of(endpoint, request.method), time.monotonic())
        if wait_s > 0:
            raise TooManyRequests(retry_after=math.ceil(wait_s))


def rate_of(endpoint: str, method: str) -> Rate:
    """The rate of a route."""
    if endpoint in GUESSES:
        return GUESSING
    if endpoint in LOOKS_UP:
        return LOOKING_UP
    return BRINGING if endpoint in BRINGS and method == "POST" else ASKING


def sender() -> str:
    """Whoever is known by name, else the address."""
    identity = g.get("identity")
    return f"name {identity.name}" if identity is not None else f"address {request.remote_addr}"

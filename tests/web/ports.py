"""A port that a server keeps through restarts."""

from __future__ import annotations

import socket
from random import SystemRandom

# Below what Linux hands to outgoing connections (32768 and up): while the server is down, no
# connection of the browser can come to sit on it.
FROM, BELOW = 20_000, 32_000


def lasting_port() -> int:
    """A free port of the loopback interface that stays free while nobody listens on it."""
    for port in SystemRandom().sample(range(FROM, BELOW), 100):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port below the outgoing ones")

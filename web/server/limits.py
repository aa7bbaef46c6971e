"""How much the server takes on, and how long it waits for a sender."""

from __future__ import annotations

import resource
from dataclasses import dataclass

# Open files that are not connections: databases, modules, pipes, uploads on disk.
OWN_FILES = 512
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one server holds at most.

    Parameters
    ----------
    connections : open at once; fewer where the system allows fewer files.
    per_address : open at once from one address. Addresses in `trusted` have no limit of their own:
        a proxy in front speaks for everybody.
    head_s : from the first byte of a question (or from connecting) to the end of its headers.
    body_s : from the first byte to the end of the body, and a second more for every `body_b_s` bytes
        that came: a photo over a poor connection may take its time, who sends nothing may not.
    idle_s : a connection without a question is kept so long.
    stuck_s : who takes nothing of an answer for so long is gone.
    queue_s : a question that waited longer for a thread is answered 503.
    """

    connections: int = 4000
    per_address: int = 512
    head_s: float = 15.0
    body_s: float = 30.0
    body_b_s: float = 2000.0
    idle_s: float = 75.0
    stuck_s: float = 60.0
    queue_s: float = 10.0
    trusted: frozenset[str] = LOOPBACK


def fitting(limits: Limits) -> Limits:
    """Raise the limit of open files as far as the system lets us; the limits that fit into it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + OWN_FILES
    if hard == resource.RLIM_INFINITY:
        hard = max(soft, wanted)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard >= wanted:
        return limits
    most = max(hard - OWN_FILES, hard // 2)
    kept = {name: getattr(limits, name) for name in Limits.__dataclass_fields__}
    return Limits(**kept | {"connections": most, "per_address": min(limits.per_address, most)})

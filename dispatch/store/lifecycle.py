"""The states of a work order, from first contact to callback, and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping

STATES = (
    "received",
    "accepted",
    "dispatched",
    "on_the_way",
    "on_site",
    "safe",
    "restored",
    "closed",
    "callback_done",
)
# Beside the straight road: a crew may turn back, a job may be handed over, a closed one reopened.
FOLLOWS: Mapping[str, frozenset[str]] = {
    "received": frozenset({"accepted", "closed"}),
    "accepted": frozenset({"dispatched", "closed"}),
    "dispatched": frozenset({"on_the_way", "on_site", "accepted", "closed"}),
    "on_the_way": frozenset({"on_site", "dispatched", "accepted"}),
    "on_site": frozenset({"safe", "restored", "closed", "accepted"}),
    "safe": frozenset({"restored", "closed", "accepted"}),
    "restored": frozenset({"closed", "accepted"}),
    "closed": frozenset({"callback_done", "accepted"}),
    "callback_done": frozenset({"accepted"}),
}
UNDER_WAY = frozenset({"dispatched", "on_the_way", "on_site", "safe"})
ENDED = frozenset({"closed", "callback_done"})


def may_follow(state: str, following: str) -> bool:
    """Whether a work order in `state` may go to `following`."""
    return following in FOLLOWS.get(state, frozenset())

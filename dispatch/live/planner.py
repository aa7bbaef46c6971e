"""Plans again in the background whenever something happens that a plan depends on."""

from __future__ import annotations

import logging
import threading

from ..errors import DispatchError
from .desk import Desk, Who

log = logging.getLogger("gridcrew.planner")
# What makes a plan old. Publishing and acknowledging do not.
MATTERS = frozenset(
    {
        "request_logged",
        "order_told",
        "job_moved",
        "job_wished",
        "changed",
        "crew_changed",
        "callback_answered",
        "plan_declined",
        "policy_activated",
    }
)
# A burst of calls is planned once, and what must be answered at once (danger) is answered first.
GATHER_S = 0.5
PLANNER = Who(name="planner", source="solver")


class Planner(threading.Thread):
    """Watches a desk and proposes; it never publishes.

    One plan is made at a time. What happens while it is made is looked at
    right after, so a burst of calls costs one more plan and not one per call.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="planner", daemon=True)
        self.desk = desk
        self._ended = threading.Event()
        self._seen = 0

    def run(self) -> None:
        """Plan until `end` is called."""
        while not self._ended.is_set():
            happened = self.desk.wait(self._seen, timeout_s=1.0)
            if not happened:
                continue
            self._seen = max(event.seq or 0 for event in happened)
            if any(event.kind in MATTERS for event in happened) and not self._ended.wait(GATHER_S):
                self._plan()

    def end(self) -> None:
        """Stop after the plan that is being made, which is cut short."""
        self._ended.set()
        self.join(timeout=30)

    def _plan(self) -> None:
        try:
            self.desk.propose(PLANNER, stop=self._ended.is_set)
        except DispatchError:
            # The board goes on with the plan in force; the next event tries again.
            log.exception("no proposal")

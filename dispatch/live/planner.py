"""Plans again in the background whenever something happens that a plan depends on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from ..errors import DispatchError
from ..store import Event
from .desk import Desk, Who
from .planner_process import PlannerGone

log = logging.getLogger("gridcrew.planner")
# What makes a plan old. Publishing and acknowledging do not.
MATTERS = frozenset(
    {
        "request_logged",
        "request_changed",
        "signs_heard",
        "order_told",
        "job_moved",
        "job_wished",
        "changed",
        "crew_changed",
        "callback_answered",
        "plan_declined",
        "policy_activated",
        "standing_activated",
        "shift_changed",
    }
)
# A burst of calls is planned once, and what must be answered at once (danger) is answered first.
GATHER_S = 0.5
# Between two tries when there is nobody to plan: soon, and later and later.
AGAIN_S = (1.0, 5.0, 15.0, 60.0)
LOOK_S = 0.2
PLANNER = Who(name="planner", source="solver")


class Planner(threading.Thread):
    """Watches a desk and proposes; it never publishes.

    One plan is made at a time. What happens meanwhile cuts the search short: what it has
    found is proposed, and the next plan, which knows what happened, begins at once. So a burst
    of calls costs one more plan and not one per call. Plans with a given work are not cut.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="planner", daemon=True)
        self.desk = desk
        self._ended = threading.Event()
        self._seen = 0
        self._due = False
        self._failures = 0

    def run(self) -> None:
        """Plan until `end` is called."""
        while not self._ended.is_set():
            self._hear(1.0)
            if self._due and not self._ended.wait(self._pause_s()):
                self._hear(0.0)
                self._plan()

    def end(self) -> None:
        """Stop after the plan that is being made, which is cut short."""
        self._ended.set()
        self.join(timeout=30)

    def _hear(self, timeout_s: float) -> None:
        happened = self.desk.wait(self._seen, timeout_s)
        if happened:
            self._seen = max(event.seq or 0 for event in happened)
            self._due = self._due or matters(happened)

    def _pause_s(self) -> float:
        return AGAIN_S[min(self._failures, len(AGAIN_S)) - 1] if self._failures else GATHER_S

    def _plan(self) -> None:
        try:
            self.desk.propose(PLANNER, stop=Outdated(self.desk, self._seen, self._ended.is_set))
        except PlannerGone as error:
            self._failures += 1
            log.warning("%s; the plan in force stays, and it is tried again", error)
            if not self._ended.is_set():
                self.desk.planner_is(gone=True, who=PLANNER, why=str(error))
            return
        except DispatchError:
            # The board goes on with the plan in force; the next event tries again.
            log.exception("no proposal")
        self._due, self._failures = False, 0
        self.desk.planner_is(gone=False, who=PLANNER)


class Outdated:
    """Whether something has happened since that a plan depends on, looked at now and then.

    Parameters
    ----------
    seen : number of the newest event that the plan knows.
    ended : whether to stop in any case.
    """

    def __init__(self, desk: Desk, seen: int, ended: Callable[[], bool]) -> None:
        self._desk, self._seen, self._ended = desk, seen, ended
        self._found, self._look_at_s = False, 0.0

    def __call__(self) -> bool:
        """Whether to stop the search."""
        if self._ended() or self._found:
            return True
        now_s = time.monotonic()
        if self._desk.budget.work is None and now_s >= self._look_at_s:
            self._look_at_s = now_s + LOOK_S
            self._found = matters(self._desk.wait(self._seen, 0))
        return self._found


def matters(happened: Iterable[Event]) -> bool:
    """Whether what happened makes a plan old."""
    return any(event.kind in MATTERS for event in happened)

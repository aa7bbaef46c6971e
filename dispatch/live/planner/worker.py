"""Plans again in the background whenever something happens that a plan depends on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from ...solver.ready import is_compiled_for_replans
from ...store import Event
from ..book import PLANNER
from ..desk import Desk
from ..workers import Trouble, Worker

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
        "restocked",
        "callback_answered",
        "plan_declined",
        "policy_activated",
        "standing_activated",
        "shift_changed",
    }
)
# A burst of calls is planned once, and what must be answered at once (danger) is answered first.
GATHER_S = 0.5
LOOK_S = 0.2
# A planner's process that starts anew within this time is no news for a board.
SAID_AFTER_S = 3.0


class Planner(Worker):
    """Watches a desk and proposes; it never publishes.

    One plan is made at a time. What happens meanwhile cuts the search short: what it has
    found is proposed, and the next plan, which knows what happened, begins at once. So a burst
    of calls costs one more plan and not one per call. Plans with a given work are not cut.

    Whatever a plan fails at (the planner's process died, the database is away, a fault of the
    program) is said on every board, and it is tried again.
    """

    # Opening a large day and a plan that is made in this process show no sign of life meanwhile.
    quiet_s = 900.0

    def __init__(self, desk: Desk) -> None:
        super().__init__("planner", desk.clock)
        self.desk = desk
        self._seen = 0
        self._due = False
        # Whether the last plan followed the rule, because the solver was not compiled yet.
        self._by_rule = False

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with planning now: a process that takes its time to start anew, too."""
        found = super().trouble
        starting_s = getattr(self.desk.shelf.make_plan, "starting_anew_s", None)
        if found is not None or starting_s is None or starting_s < SAID_AFTER_S:
            return found
        if self.ended.is_set() or not self.leads():
            return None
        return Trouble(duty=self.name, since=self._well_at, why="starts anew")

    def turn(self) -> float:
        """Hear what happened, and plan when it matters."""
        self._hear(1.0)
        if self._by_rule and is_compiled_for_replans():
            self._by_rule, self._due = False, True
        if self._due and not self.ended.wait(GATHER_S):
            self._hear(0.0)
            self.beat()
            self._by_rule = self.desk.budget.work is None and not is_compiled_for_replans()
            self.desk.shelf.propose(PLANNER, stop=Outdated(self.desk, self._seen, self.ended.is_set))
            self._due = False
        return 0.0

    def failed(self, error: BaseException) -> None:
        """Tell every board that the plan is no longer kept up to date."""
        if not self.ended.is_set():
            self.desk.planner_is(gone=True, who=PLANNER, why=str(error)[:200])

    def recovered(self) -> None:
        """Tell every board that it is again."""
        if not self._due:
            self.desk.planner_is(gone=False, who=PLANNER)

    def _hear(self, timeout_s: float) -> None:
        happened = self.desk.wait(self._seen, timeout_s)
        if happened:
            self._seen = max(event.seq or 0 for event in happened)
            self._due = self._due or matters(happened)


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
    """Whether what happened makes a plan old; where the rules sent a part of one, the rest is still open."""
    return any(
        event.kind in MATTERS or (event.kind == "plan_published" and "unattended" in event.data)
        for event in happened
    )

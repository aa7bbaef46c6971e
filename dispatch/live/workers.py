"""Duties of a room that are done again and again while it is open, and begun anew whatever they fail at.

A database that restarts, a full disk, a process that was killed: none of them may end a
duty, and none may go unseen. Every worker keeps its pulse here; boards show whose is missing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..ground.errors import DispatchError
from ..store import DATABASE_ERRORS

log = logging.getLogger("gridcrew.workers")
# Between two tries of a duty that fails: soon, and later and later, but never a minute.
AGAIN_S = (1.0, 2.0, 5.0, 15.0, 30.0)
GOODBYE_S = 30.0
# The database is away, the disk is full, a process was killed, a day has no plan: no fault of the program.
OUTSIDE = (*DATABASE_ERRORS, DispatchError, OSError, MemoryError)
# Between two looks at whether this process leads by now.
FOLLOWING_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A duty that is not being done.

    Parameters
    ----------
    duty : name of the worker.
    since : when it last was well, by the room's clock.
    why : the last error in short, or "silent" when it hangs.
    """

    duty: str
    since: datetime
    why: str


class Worker(threading.Thread):
    """Does a duty turn by turn until `end` is called.

    Parameters
    ----------
    name : of the duty, as boards and logs call it.
    clock : the room's clock, for people.

    Attributes
    ----------
    quiet_s : seconds that a turn may take without a `beat` before it counts as hanging.
    leads : whether this process is the one that does the duty; another server does it otherwise.
    """

    quiet_s = 60.0

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        super().__init__(name=name, daemon=True)
        self.ended = threading.Event()
        self.failures = 0
        self._clock = clock
        self._well_at = clock()
        self._why = ""
        self._beat_s: float | None = None
        self.leads: Callable[[], bool] = lambda: True

    def turn(self) -> float:
        """Do the duty once; returns the seconds until the next turn."""
        raise NotImplementedError

    def failed(self, error: BaseException) -> None:
        """Say that a turn failed, where somebody must know at once; may fail itself."""

    def recovered(self) -> None:
        """Say that a turn went well after one that failed; may fail itself."""

    def beat(self) -> None:
        """Show that the turn goes on."""
        self._beat_s = time.monotonic()

    def run(self) -> None:
        """Take turns, whatever happens in one."""
        while not self.ended.is_set():
            if not self.leads():
                self._wait_for_lead()
                continue
            self.beat()
            pause_s = self._one_turn()
            self._beat_s = None
            self.ended.wait(pause_s)

    def end(self) -> None:
        """Stop after the turn that is being taken."""
        self.ended.set()
        if self.is_alive():
            self.join(timeout=GOODBYE_S)

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with this duty now; None while it is done."""
        if self.ended.is_set() or self.ident is None:
            return None
        beat_s = self._beat_s
        if not self.is_alive() or (beat_s is not None and time.monotonic() - beat_s > self.quiet_s):
            return Trouble(duty=self.name, since=self._well_at, why="silent")
        return Trouble(duty=self.name, since=self._well_at, why=self._why) if self.failures else None

    def _wait_for_lead(self) -> None:
        """Nothing is wrong here while another server does the duty."""
        self.failures, self._why, self._well_at = 0, "", self._clock()
        self.ended.wait(FOLLOWING_S)

    def _one_turn(self) -> float:
        try:
            pause_s = self.turn()
            if self.failures:
                self.recovered()
        except BaseException as error:  # a worker outlives everything, an exit of its thread too
            if self.ended.is_set():
                # What it was at was cut short.
                return 0.0
            self._note_failure(error)
            return AGAIN_S[min(self.failures, len(AGAIN_S)) - 1]
        self.failures, self._why, self._well_at = 0, "", self._clock()
        return pause_s

    def _note_failure(self, error: BaseException) -> None:
        self.failures += 1
        self._why = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:200]
        # The whole of a fault of our own, once; of what an operator mends and of what goes on, a line.
        if self.failures > 1:
            log.warning("%s failed %d times in a row: %s", self.name, self.failures, self._why)
        elif isinstance(error, OUTSIDE):
            log.warning("%s failed and is tried again: %s", self.name, self._why)
        else:
            log.warning("%s failed and is tried again", self.name, exc_info=error)
        try:
            self.failed(error)
        except Exception as second:
            log.warning("%s: nobody could be told: %s", self.name, type(second).__name__)


class Lookout(Worker):
    """Looks again and again whether something is due.

    Parameters
    ----------
    look : looks once.
    pause_s : seconds between two looks.
    """

    def __init__(
        self, name: str, clock: Callable[[], datetime], look: Callable[[], object], pause_s: float
    ) -> None:
        super().__init__(name, clock)
        self._look, self._pause_s = look, pause_s

    def turn(self) -> float:
        """Look once."""
        self._look()
        return self._pause_s


class Workers:
    """All duties of a room, begun and ended together.

    Parameters
    ----------
    leads : whether this process does them; where several servers share a database, one does.
    """

    def __init__(self, workers: Sequence[Worker], leads: Callable[[], bool] = lambda: True) -> None:
        self.workers = tuple(workers)
        for worker in self.workers:
            worker.leads = leads

    def start(self) -> None:
        """Begin every duty."""
        for worker in self.workers:
            worker.start()

    def hurry(self) -> None:
        """Let no duty begin another turn, without waiting for the turns that are taken."""
        for worker in self.workers:
            worker.ended.set()

    def end(self) -> None:
        """End all: told at once, waited for one by one."""
        self.hurry()
        for worker in self.workers:
            worker.end()

    def troubles(self) -> tuple[Trouble, ...]:
        """The duties that are not being done now."""
        found = (worker.trouble for worker in self.workers)
        return tuple(each for each in found if each is not None)

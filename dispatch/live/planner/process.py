"""The planner in a process of its own, behind the server in the line for the processor.

A search of twenty seconds, and the seconds of opening a large day before it, then take
nothing from the threads that answer boards and phones.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from ...files.unchecked import told as told_of
from ...ground.case import Case
from ...ground.errors import DispatchError
from ...solver import Progress
from .lifeline import Lifeline, hang_on
from .packing import STANDING, packed, standing, unpacked
from .task import Planned, PlanTask, plan_task
from .vitals import SILENT_S, START_S, Vitals

log = logging.getLogger("gridcrew.planner")
# Below the server's own priority; 19 would starve beside anything else on the machine.
NICE = 10
LOOK_S = 0.1
GOODBYE_S = 2.0
# Below what the server gives questions under way when it ends.
PATIENCE_S = 12.0
STOP = b""
# The process says so often that it lives, whatever it is at.
BEAT_S = 1.0
# What a task may take beyond its search; the first one after an installation compiles for minutes.
LONGEST_S = 45.0
FIRST_LONGEST_S = 900.0


@dataclass(frozen=True, slots=True)
class Parts:
    """Standing parts of the case that are others from now on, by name."""

    changed: Mapping[str, Any]


class PlannerGone(DispatchError):
    """The planner's process died or froze at a task; the next task finds a new one."""


class _Died(PlannerGone):
    """It ended by itself, or somebody ended it."""


class PlannerProcess:
    """Plans tasks as `plan_task` does, somewhere else.

    Parameters
    ----------
    case : whose customers, roads and grid the tasks are about.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._lock = threading.Lock()
        self._waiting: list[object] = []
        self._process: BaseProcess | None = None
        self._wire: Connection | None = None
        self._line: Lifeline | None = None
        self._sender: threading.Thread | None = None
        self._hurried = self._over = False
        # How often a process was started.
        self.starts = 0
        self._vitals: Vitals | None = None
        self._anew_at_s: float | None = None
        # The longest task so far, over all processes; None while there was none.
        self._longest_s: float | None = None

    def __call__(
        self,
        task: PlanTask,
        stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Planned:
        """Plan a task; who comes while one is planned cuts its search short and is next.

        A process that dies at the task is followed by one other: somebody waits for the answer.

        Raises
        ------
        PlannerGone
            Two processes died, or one did not show for a while that it lives.
        DispatchError
            No plan could be made.
        """
        turn = object()
        self._waiting.append(turn)
        with self._lock:
            self._waiting.remove(turn)
            try:
                return self._planned(task, stop, on_progress)
            except _Died as death:
                if self._over or self._hurried:
                    raise
                log.warning("%s: another one is at the task", death)
                return self._planned(task, stop, on_progress)

    def start(self) -> None:
        """Have the process ready before the first task."""
        with self._lock:
            try:
                self._connected()
            except (EOFError, OSError, PlannerGone):
                # It died while it read the case: the first task finds a new one.
                self._bury(at_once=True)

    def hurry(self, patience_s: float = PATIENCE_S) -> None:
        """From now on every search is cut short; what has no plan by then gets none.

        Somebody waits for the server to end, and whoever asked for a plan has to be told in time.
        """
        self._hurried = True
        last = threading.Timer(patience_s, self.end)
        last.daemon = True
        last.start()

    def end(self) -> None:
        """End the process, whatever it is at; there will be no other."""
        self._over = True
        # Whoever waits at the wire hears that nobody is at its other end, and lets go of it.
        self._cut_off()
        while not self._lock.acquire(timeout=LOOK_S):
            self._cut_off()
        try:
            self._bury()
        finally:
            self._lock.release()

    @property
    def starting_anew_s(self) -> float | None:
        """For how long another process has been starting after one that ended; None while none is."""
        began_s = self._anew_at_s
        return None if began_s is None else time.monotonic() - began_s

    @property
    def pid(self) -> int | None:
        """The process's number, None when there is none."""
        return self._process.pid if self._process is not None else None

    # -- inside ----------------------------------------------------------------

    def _planned(
        self,
        task: PlanTask,
        stop: Callable[[], bool] | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> Planned:
        """Plan with one process; one that fails is let go of."""
        try:
            return self._plan(task, stop, on_progress)
        except PlannerGone:
            self._bury(at_once=True)
            raise
        except (EOFError, OSError) as error:
            code = self._bury()
            raise _Died(f"the planner's process ended (status {code})") from error

    def _plan(
        self,
        task: PlanTask,
        stop: Callable[[], bool] | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> Planned:
        wire = self._connected()
        began_s = time.monotonic()
        self._tell_parts(wire, task.case)
        self._send(wire, packed(task, self._case))
        asked = False
        while True:
            if not wire.poll(LOOK_S):
                self._expect_life(began_s, self._allowed_s(task))
                if not asked and (self._hurried or self._waiting or (stop is not None and stop())):
                    self._send(wire, STOP)
                    asked = True
                continue
            what, told = unpacked(wire.recv_bytes(), self._case)
            self._expected().spoke()
            if what == "planned":
                self._longest_s = max(self._longest_s or 0.0, time.monotonic() - began_s)
                return told  # type: ignore[no-any-return]
            if what == "failed":
                raise told
            if what == "progress" and on_progress is not None:
                on_progress(told)

    def _tell_parts(self, wire: Connection, case: Case) -> None:
        """Tell the process which standing parts are others now; both sides hold those from then on."""
        changed = {
            name: getattr(case, name)
            for name in STANDING
            if getattr(case, name) is not getattr(self._case, name)
        }
        if changed:
            message = packed(Parts(changed), self._case)
            self._case = replace(self._case, **changed)
            self._send(wire, message, START_S)

    def _allowed_s(self, task: PlanTask) -> float:
        """How long a task may take in all: several times what the longest has taken."""
        search_s = task.budget.time_limit_s or 0.0
        if self._longest_s is None or task.budget.work is not None:
            return FIRST_LONGEST_S + search_s
        return max(LONGEST_S, 4 * self._longest_s) + search_s

    def _expect_life(self, began_s: float, allowed_s: float) -> None:
        """End the waiting for a process that froze, or that will never be done.

        Raises
        ------
        PlannerGone
            It said nothing for too long, or takes too long.
        """
        vitals, spent_s = self._expected(), time.monotonic() - began_s
        if vitals.is_frozen():
            raise PlannerGone(f"the planner's process said nothing for {vitals.silent_s:.0f} s")
        if spent_s > allowed_s:
            raise PlannerGone(f"the planner's process was at one plan for {spent_s:.0f} s")

    def _expected(self) -> Vitals:
        if self._vitals is None:
            raise PlannerGone("the planner's process was ended")
        return self._vitals

    def _send(self, wire: Connection, message: bytes, patience_s: float = SILENT_S) -> None:
        """Send, but not wait for ever for a process that does not read."""
        sender = threading.Thread(target=_quietly, args=(wire.send_bytes, message), daemon=True)
        self._sender = sender
        sender.start()
        sender.join(patience_s)
        if sender.is_alive():
            raise PlannerGone(f"the planner's process took nothing for {patience_s:.0f} s")

    def _connected(self) -> Connection:
        if self._over:
            raise PlannerGone("the server is ending")
        wire, process = self._wire, self._process
        if wire is None or process is None or not process.is_alive():
            # One that died while it had nothing to do is noticed now: on a busy machine the next one
            # takes its time, and nobody plans meanwhile.
            self._anew_at_s = time.monotonic() if self.starts else None
            try:
                wire = self._started()
            finally:
                self._anew_at_s = None
        self._expected().asked()
        return wire

    def _started(self) -> Connection:
        """Start a process and give it the case; returns this end of its wire."""
        wire = self._begun()
        vitals = self._expected()
        # Its first word says that it reads; before it, a large case would only fill the wire.
        while not wire.poll(LOOK_S):
            if vitals.is_frozen():
                raise PlannerGone(f"the planner's process did not start: silent for {vitals.silent_s:.0f} s")
        wire.recv_bytes()
        vitals.loads()
        self._send(wire, standing(self._case), START_S)
        return wire

    def _begun(self) -> Connection:
        """Start a process; returns this end of its wire."""
        context = multiprocessing.get_context("spawn")
        wire, far = context.Pipe()
        line = Lifeline()
        process = context.Process(target=_work, args=(far, line.near), name="gridcrew planner")
        self._wire, self._line, self._process = wire, line, process
        self.starts += 1
        process.start()
        self._vitals = Vitals(process.pid or 0)
        far.close()
        line.handed_over()
        return wire

    def _cut_off(self) -> None:
        """End the process, and leave the wire to whoever holds it."""
        process = self._process
        if process is not None and process.pid is not None:
            process.kill()

    def _bury(self, at_once: bool = False) -> int | None:
        """Let go of a process; returns the status that it ended with.

        Parameters
        ----------
        at_once : it froze: it is not waited for.
        """
        process, wire, line = self._process, self._wire, self._line
        self._process = self._wire = self._line = self._vitals = None
        if line is not None:
            # In the middle of a search it would not see for a while that nobody is at the other end.
            line.cut()
        if process is not None and process.pid is not None:
            process.join(0 if at_once else GOODBYE_S)
            if process.is_alive():
                process.kill()
                process.join()
        # A number that is closed under somebody who writes to it may be another file's by then.
        if self._sender is not None:
            self._sender.join()
        if wire is not None:
            wire.close()
        return None if process is None or process.pid is None else process.exitcode


def _quietly(send: Callable[[bytes], None], message: bytes) -> None:
    # A wire that breaks is noticed by whoever listens at it.
    with contextlib.suppress(OSError, ValueError):
        send(message)


def _work(wire: Connection, line: Connection) -> None:
    """The process: tasks in, plans out, until nobody is at the other end."""
    hang_on(line)
    # Ctrl-C in a terminal is for the server, which ends this process itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    told = _Told(wire)
    try:
        told.beat()
        case: Case = pickle.loads(wire.recv_bytes())  # nosec B301 - from our own server
        threading.Thread(target=told.beat_for_ever, daemon=True).start()
        while True:
            message = wire.recv_bytes()
            if message == STOP:
                continue
            asked = unpacked(message, case)
            if isinstance(asked, Parts):
                case = replace(case, **asked.changed)
            else:
                told.say(packed(_answer(asked, told, case), case))
    except (EOFError, OSError):
        return


class _Told:
    """The near end of the wire, at which the work and the beat take turns."""

    def __init__(self, wire: Connection) -> None:
        self.wire = wire
        self._lock = threading.Lock()

    def say(self, message: bytes) -> None:
        with self._lock:
            self.wire.send_bytes(message)

    def beat(self) -> None:
        self.say(pickle.dumps(("beat", None)))

    def beat_for_ever(self) -> None:
        """Show once a second that this process lives, until nobody is at the other end."""
        with contextlib.suppress(OSError, ValueError):
            while True:
                time.sleep(BEAT_S)
                self.beat()


def _answer(task: PlanTask, told: _Told, case: Case) -> tuple[str, Any]:
    def progress(step: Progress) -> None:
        told.say(packed(("progress", step), case))

    try:
        # While a task is worked at, nothing comes but the word to stop, or the end of the wire.
        return "planned", plan_task(task, told.wire.poll, progress)
    except DispatchError as error:
        log.warning("no plan: %s", told_of(error))
        return "failed", DispatchError(str(error))
    except Exception as error:
        # A fault of the program at one task must not end the planning of the others.
        log.exception("no plan")
        return "failed", DispatchError(f"planning failed: {type(error).__name__}: {error}"[:500])

"""The planner in a process of its own, behind the server in the line for the processor.

A search of twenty seconds, and the seconds of opening a large day before it, then take
nothing from the threads that answer boards and phones.
"""

from __future__ import annotations

import io
import logging
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from ..errors import DispatchError
from ..model import Case
from ..solver import Progress
from .plan_task import Planned, PlanTask, plan_task

log = logging.getLogger("gridcrew.planner")
# Below the server's own priority; 19 would starve beside anything else on the machine.
NICE = 10
LOOK_S = 0.1
GOODBYE_S = 2.0
STOP = b""
# What never changes while the program runs: both sides hold it, and only its name travels.
STANDING = ("customers", "roads", "grid", "policy", "crews", "depots", "signs")


class PlannerGone(DispatchError):
    """The planner's process died at a task; the next task finds a new one."""


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

    def __call__(
        self,
        task: PlanTask,
        stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Planned:
        """Plan a task; who comes while one is planned cuts its search short and is next.

        Raises
        ------
        PlannerGone
            The process died.
        DispatchError
            No plan could be made.
        """
        turn = object()
        self._waiting.append(turn)
        with self._lock:
            self._waiting.remove(turn)
            try:
                return self._plan(task, stop, on_progress)
            except (EOFError, OSError) as error:
                code = self._bury()
                raise PlannerGone(f"the planner's process ended (status {code})") from error

    def start(self) -> None:
        """Have the process ready before the first task."""
        with self._lock:
            try:
                self._connected()
            except OSError:
                # It died while it read the case: the first task finds a new one.
                self._bury()

    def end(self) -> None:
        """End the process, whatever it is at."""
        wire = self._wire
        if wire is not None:
            wire.close()
        if self._process is not None:
            self._bury()

    @property
    def pid(self) -> int | None:
        """The process's number, None when there is none."""
        return self._process.pid if self._process is not None else None

    # -- inside ----------------------------------------------------------------

    def _plan(
        self,
        task: PlanTask,
        stop: Callable[[], bool] | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> Planned:
        wire = self._connected()
        wire.send_bytes(_packed(task, self._case))
        asked = False
        while True:
            if not wire.poll(LOOK_S):
                if not asked and (self._waiting or (stop is not None and stop())):
                    wire.send_bytes(STOP)
                    asked = True
                continue
            what, told = _unpacked(wire.recv_bytes(), self._case)
            if what == "planned":
                return told  # type: ignore[no-any-return]
            if what == "failed":
                raise told
            if on_progress is not None:
                on_progress(told)

    def _connected(self) -> Connection:
        if self._wire is None or self._process is None or not self._process.is_alive():
            context = multiprocessing.get_context("spawn")
            self._wire, far = context.Pipe()
            self._process = context.Process(target=_work, args=(far,), name="gridcrew planner")
            self._process.start()
            far.close()
            self._wire.send_bytes(pickle.dumps(self._case, protocol=5))
        return self._wire

    def _bury(self) -> int | None:
        """Let go of a process; returns the status that it ended with."""
        process, wire = self._process, self._wire
        self._process = self._wire = None
        if wire is not None:
            wire.close()
        if process is None:
            return None
        process.join(GOODBYE_S)
        if process.is_alive():
            process.kill()
            process.join()
        return process.exitcode


def _work(wire: Connection) -> None:
    """The process: tasks in, plans out, until nobody is at the other end."""
    # Ctrl-C in a terminal is for the server, which ends this process itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    try:
        case: Case = pickle.loads(wire.recv_bytes())
        while True:
            message = wire.recv_bytes()
            if message != STOP:
                wire.send_bytes(_packed(_answer(_unpacked(message, case), wire, case), case))
    except (EOFError, OSError):
        return


def _answer(task: PlanTask, wire: Connection, case: Case) -> tuple[str, Any]:
    def progress(step: Progress) -> None:
        wire.send_bytes(_packed(("progress", step), case))

    try:
        # While a task is worked at, nothing comes but the word to stop, or the end of the wire.
        return "planned", plan_task(task, wire.poll, progress)
    except DispatchError as error:
        log.exception("no plan")
        return "failed", DispatchError(str(error))


class _Packer(pickle.Pickler):
    """Writes the name of what both sides hold instead of the thing."""

    def __init__(self, out: io.BytesIO, case: Case) -> None:
        super().__init__(out, protocol=5)
        self._names = {id(getattr(case, name)): name for name in STANDING}

    def persistent_id(self, thing: Any) -> str | None:
        """The name of a standing part of the case."""
        return self._names.get(id(thing))


class _Unpacker(pickle.Unpickler):
    """Puts what is here in the place of a name."""

    def __init__(self, source: io.BytesIO, case: Case) -> None:
        super().__init__(source)
        self._case = case

    def persistent_load(self, name: Any) -> Any:
        """The standing part of that name."""
        return getattr(self._case, name)


def _packed(thing: Any, case: Case) -> bytes:
    out = io.BytesIO()
    _Packer(out, case).dump(thing)
    return out.getvalue()


def _unpacked(data: bytes, case: Case) -> Any:
    return _Unpacker(io.BytesIO(data), case).load()

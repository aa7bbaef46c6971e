"""Compile the kernels beside what else is done: once on a machine, in two processes where there are cores."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

from .ready import compiled_share

MOST_PROCESSES = 2
# Whoever works meanwhile goes first: on two cores, compiling would keep a whole room waiting.
COMPILE = """
import json, os, sys
os.nice(10)
sys.path[:] = json.loads(sys.argv[1])
from dispatch.solver.ready import compile_part_alone
compile_part_alone(int(sys.argv[2]), int(sys.argv[3]))
"""
LOOK_S = 2.0
STEP = 0.1  # of the compiling, for which progress is told
log = logging.getLogger("gridcrew.compiling")
_beside: list[threading.Thread] = []
_lock = threading.Lock()


def compile_beside() -> None:
    """Compile in the background, once for this process; the log says how far it is."""
    with _lock:
        if any(thread.is_alive() for thread in _beside):
            return
        thread = threading.Thread(target=_compile, name="compiling", daemon=True)
        _beside.append(thread)
        thread.start()


def _compile() -> None:
    told = -STEP
    with Compiling() as compiling:
        while not compiling.wait(LOOK_S):
            if compiling.share >= told + STEP:
                told = compiling.share
                log.warning(
                    "the solver is being compiled: %.0f %%; plans follow the rule meanwhile", 100 * told
                )
    log.warning("the solver is compiled; plans are searched for from now on")


class Compiling:
    """Processes that compile; they end with the block they are used in."""

    def __init__(self) -> None:
        parts = max(1, min(MOST_PROCESSES, os.cpu_count() or 1))
        self._running = [
            subprocess.Popen(
                [sys.executable, "-c", COMPILE, json.dumps(sys.path), str(part), str(parts)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for whoever waits
            )
            for part in range(parts)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running:
            process.kill()
            process.wait()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether all is compiled, or was given up."""
        for process in self._running:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
        return True

    @property
    def share(self) -> float:
        """How much is done, 0 to 1, roughly."""
        return compiled_share()

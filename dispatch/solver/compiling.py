"""Compile the kernels beside what else is done: once on a machine, in two processes where there are cores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from .ready import compiled_share

MOST_PROCESSES = 2
COMPILE = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from dispatch.solver.ready import compile_part
compile_part(int(sys.argv[2]), int(sys.argv[3]))
"""


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

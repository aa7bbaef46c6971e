"""Whether a process that says nothing is frozen, or only waits for the processor.

On a machine that is busy with something else a planner of low priority may get no time for a
while. To end it then would be to lose what it has, and to pay for another start on a machine
that has no time to spare: it would never come to a plan.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# The process says every second that it lives, whatever it is at; a frozen one is ended after this.
SILENT_S = 8.0
# One that waits for the processor has so long.
STARVED_S = 60.0
# Until its first word: starting, importing everything and reading the case, beside other work.
START_S = 120.0
# What has more than this share of a processor and says nothing is going round in circles.
BUSY = 0.5
# As the kernel says it: at work or in line for it, or waiting for a disk.
GOING_ON = frozenset("RD")


@dataclass(frozen=True, slots=True)
class _Look:
    """Processor seconds used so far, and whether any thread is at work or in line for it."""

    used_s: float
    going_on: bool


class Vitals:
    """The signs of life of one process.

    Parameters
    ----------
    pid : its number.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._loading = True
        self._began_s = self._since_s = time.monotonic()
        self._used_s = 0.0

    def loads(self) -> None:
        """It was given much to read: until it speaks, what it uses of the processor is its sign of life."""
        self._loading, self._began_s = True, time.monotonic()
        self._mark()

    def asked(self) -> None:
        """It was given a task: from now on it is expected to speak."""
        if not self._loading:
            self._mark()

    def spoke(self) -> None:
        """It has said something."""
        self._loading = False
        self._mark()

    @property
    def silent_s(self) -> float:
        """Seconds since its last sign of life."""
        return time.monotonic() - self._since_s

    def is_frozen(self) -> bool:
        """Whether nothing more is to be expected of it."""
        if self._loading and time.monotonic() - self._began_s > START_S:
            return True
        if self.silent_s <= SILENT_S:
            return False
        look = _look(self._pid)
        if look is None:
            return not self._loading
        used_s = look.used_s - self._used_s
        if self._loading and (used_s > 0 or look.going_on):
            self._mark()
            return False
        starved = look.going_on and used_s < BUSY * self.silent_s
        return not starved or self.silent_s > STARVED_S

    def _mark(self) -> None:
        look = _look(self._pid)
        self._since_s, self._used_s = time.monotonic(), look.used_s if look else 0.0


def _look(pid: int) -> _Look | None:
    """What the kernel says of a process; None where it says nothing (no Linux, or the process is gone)."""
    used, going_on, found = 0, False, False
    with suppress(OSError, ValueError, IndexError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            fields = (thread / "stat").read_text().rsplit(")", 1)[1].split()
            used += int(fields[11]) + int(fields[12])
            going_on, found = going_on or fields[0] in GOING_ON, True
    return _Look(used / os.sysconf("SC_CLK_TCK"), going_on) if found else None

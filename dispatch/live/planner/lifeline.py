"""A child process that does not outlive its parent, however the parent ends."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

# Python's `fcntl` has no name for it.
F_SETSIG = 10


class Lifeline:
    """A pipe whose writing end this process alone holds.

    The child asks the kernel to be told when that end is gone. Nobody in the child has to
    look: it ends in the middle of a computation too, and after a kill -9 of the parent.
    A parent's death signal (`PR_SET_PDEATHSIG`) would come when the *thread* ends that
    started the child.
    """

    def __init__(self) -> None:
        self.near, self._far = multiprocessing.Pipe(duplex=False)

    def handed_over(self) -> None:
        """The child holds its end now."""
        self.near.close()

    def cut(self) -> None:
        """Let a child that still runs end."""
        for each in (self.near, self._far):
            with suppress(OSError):
                each.close()


def hang_on(near: Connection) -> None:
    """In the child: end when the parent is gone, stopped or not.

    SIGIO ends a process that has said nothing else about it, but not one that was stopped; Linux lets
    a process choose SIGKILL instead.
    """
    number = near.fileno()
    fcntl.fcntl(number, fcntl.F_SETOWN, os.getpid())
    if sys.platform == "linux":
        fcntl.fcntl(number, F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(number, fcntl.F_SETFL, fcntl.fcntl(number, fcntl.F_GETFL) | os.O_ASYNC)
    if near.poll(0):
        # It was gone before anybody listened.
        os._exit(1)

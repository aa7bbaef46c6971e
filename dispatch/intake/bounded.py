"""Read what somebody sent in a child process that may take only so much time and memory.

Whatever a file does to its reader (a workbook with one cell at the far end, a table of
300,000 columns, a picture of ten thousand layers), it does to the child. The server goes
on answering, and the sender is told. Everything that parses an upload goes through
`bounded`; a test per hostile file is in `tests/dispatch/intake/test_bounded.py`.

Children are forked from a small server of their own (`multiprocessing`'s fork server), which has
the readers loaded: forking the duty room's server with its threads could copy a lock that
somebody holds, and starting Python anew costs seconds.
"""

from __future__ import annotations

import contextlib
import logging
import math
import multiprocessing
import os
import pickle
import resource
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal, TypeVar

from ..ground.errors import DispatchError, InputFaults

log = logging.getLogger("gridcrew.bounded")
Answer = TypeVar("Answer")
Reason = Literal["time", "memory", "broken", "busy"]
# Two at once: a third waits its turn, and the processors stay with the boards.
AT_ONCE = 2
NICE = 10
MIB = 2**20
# A machine under load loads the readers slowly, once.
START_S = 60.0
GOODBYE_S = 2.0
# A child is nice: beside busy boards it gets a small part of a processor.
PATIENCE = 3.0
OUT_OF_TIME = frozenset({-signal.SIGXCPU, -signal.SIGKILL})
BEGUN = b"begun"
# What the fork server loads once, so that a child begins to read at once.
LOADED = [
    "__main__",
    "dispatch.intake.uploads",
    "dispatch.intake.planned",
    "dispatch.intake.sent_tables",
    "PIL.Image",
    "PIL.ImageOps",
    "PIL.JpegImagePlugin",
]
WORDS = {
    "time": "takes longer than {seconds:g} s to read; the file is too large or damaged",
    "memory": "takes more than {memory_mb} MB of memory to read; the file is too large or damaged",
    "broken": "cannot be read; the file is damaged",
    "busy": "cannot be read now: {at_once} other files are being read; send it again in a minute",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a child may take.

    Parameters
    ----------
    seconds : of the processor. By the clock it is `PATIENCE` times that: a busy machine refuses no good file.
    memory_mb : of address space, beside what its libraries have.
    answer_mb : of what it gives back.
    wait_s : for its turn.
    """

    seconds: float = 20.0
    memory_mb: int = 1024
    answer_mb: int = 64
    wait_s: float = 20.0


class TooMuch(DispatchError):
    """A file that takes more than it may, or that breaks its reader.

    Parameters
    ----------
    reason : `time`, `memory`, `broken` or `busy`; the words in a person's language are the reader's
        (`bounded.<reason>` in `web/i18n`).
    """

    def __init__(self, reason: Reason, bounds: Bounds) -> None:
        self.reason, self.bounds = reason, bounds
        values = {"seconds": bounds.seconds, "memory_mb": bounds.memory_mb, "at_once": AT_ONCE}
        super().__init__(WORDS[reason].format(**values))


_turns = threading.Semaphore(AT_ONCE)
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(LOADED)


def bounded(
    work: Callable[..., Answer],
    *given: Any,
    bounds: Bounds = Bounds(),
    refuses: type[Exception] | None = None,
) -> Answer:
    """Return `work(*given)`, done in a child process within `bounds`.

    Parameters
    ----------
    work : a function of a module; it, what it is given and what it answers are pickled.
    refuses : an error of one text by which `work` refuses what it is given; it is raised here too.

    Raises
    ------
    TooMuch
        With the reason.
    InputFaults
        As `work` raises it.
    """
    if not _turns.acquire(timeout=bounds.wait_s):
        raise TooMuch("busy", bounds)
    try:
        kind, told = _done(work, given, bounds, refuses)
    finally:
        _turns.release()
    if kind == "answer":
        return told  # type: ignore[no-any-return]
    if kind == "faults":
        raise InputFaults(told)
    if kind == "refused" and refuses is not None:
        raise refuses(told)
    raise TooMuch(told, bounds)


def _done(
    work: Callable[..., Any], given: tuple[Any, ...], bounds: Bounds, refuses: type[Exception] | None
) -> tuple[str, Any]:
    """What a child made of it: an answer, faults, or the reason why there is none."""
    near, far = _context.Pipe(duplex=False)
    child = _context.Process(target=_child, args=(far, bounds, work, given, refuses), name="gridcrew reader")
    child.start()
    far.close()
    try:
        return _heard(near, bounds)
    except EOFError:
        child.join(GOODBYE_S)
        # Out of processor time, or a library that cannot bear to get no memory.
        return "ended", "time" if child.exitcode in OUT_OF_TIME else "memory"
    except OSError:
        # A longer answer than was agreed.
        return "ended", "memory"
    finally:
        near.close()
        child.kill()
        child.join()


def _heard(near: Connection, bounds: Bounds) -> tuple[str, Any]:
    # The first word says that it has begun: from then on its time counts.
    if not near.poll(START_S):
        return "ended", "busy"
    near.recv_bytes(len(BEGUN))
    if not near.poll(bounds.seconds * PATIENCE):
        return "ended", "time"
    told: tuple[str, Any] = pickle.loads(  # nosec B301 - from our own child
        near.recv_bytes(bounds.answer_mb * MIB)
    )
    return told


def _child(
    far: Connection,
    bounds: Bounds,
    work: Callable[..., Any],
    given: tuple[Any, ...],
    refuses: type[Exception] | None,
) -> None:
    """In the child: limits first, then the work."""
    # The server's own signals are none of a reader's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(bounds)
    far.send_bytes(BEGUN)
    try:
        told: tuple[str, Any] = ("answer", work(*given))
    except InputFaults as error:
        told = ("faults", error.faults)
    except MemoryError:
        told = ("ended", "memory")
    except Exception as error:
        if refuses is not None and isinstance(error, refuses):
            told = ("refused", str(error))
        else:
            # A file that breaks its reader is no fault of the server; what broke is for its log.
            log.warning("a file broke its reader: %s: %s", type(error).__name__, str(error)[:200])
            told = ("ended", "broken")
    try:
        far.send_bytes(pickle.dumps(told, protocol=5))
    except MemoryError:
        far.send_bytes(pickle.dumps(("ended", "memory")))


def _limit(bounds: Bounds) -> None:
    with contextlib.suppress(OSError):
        os.nice(NICE)
    cpu_s = math.ceil(bounds.seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = _address_space() + bounds.memory_mb * MIB
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _address_space() -> int:
    """Bytes that this process has mapped by now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()

"""Carry the outbox away: claim, send, write down; what fails is tried again, later and later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..store import Store
from ..store.outbox import Claimed, claim, give_up, put_off, sent
from .senders import NotSent, Sender

# Longer than a batch can take at the senders' timeout, so that a living sender keeps what it has claimed.
LEASE = timedelta(minutes=10)
AT_ONCE = 20
MOST_TRIES = 12
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(slots=True)
class Tally:
    """How a round went."""

    sent: int = 0
    put_off: int = 0
    given_up: int = 0


def send_due(
    store: Store,
    senders: Mapping[str, Sender],
    clock: Callable[[], datetime],
    *,
    stop: Callable[[], bool] = lambda: False,
    lease: timedelta = LEASE,
    at_once: int = AT_ONCE,
) -> Tally:
    """Send everything that is due now.

    Notes
    -----
    A message is marked right after its receiver has taken it. When the process
    dies in between, it goes out again under the same key: never lost, and
    recognisable as the same one.
    """
    tally = Tally()
    while not stop():
        claimed = claim(store, list(senders), at_once, clock(), lease)
        if not claimed:
            break
        for each in claimed:
            _send(store, senders[each.letter.channel], each, clock, tally)
    return tally


def _send(store: Store, sender: Sender, each: Claimed, clock: Callable[[], datetime], tally: Tally) -> None:
    try:
        sender.send(each.letter)
    except NotSent as error:
        if error.final or each.tries + 1 >= MOST_TRIES:
            give_up(store, each, clock(), str(error))
            tally.given_up += 1
        else:
            put_off(store, each, clock() + pause(each.tries), str(error))
            tally.put_off += 1
        return
    sent(store, each, clock())
    tally.sent += 1


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries: doubled each time, up to an hour."""
    doubled: timedelta = FIRST_PAUSE * (1 << min(tries, 16))
    return min(doubled, LONGEST_PAUSE)

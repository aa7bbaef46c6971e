"""Seats at the stream of news: so many at once, and nobody holds them against the others."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Flask

# Between two looks at whether the server is ending.
LOOK_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """A stream that lasts. `given_up` is set once somebody who has fewer needs the seat."""

    name: str
    given_up: threading.Event = field(default_factory=threading.Event)


class Seats:
    """The streams that last.

    Parameters
    ----------
    most : so many at once.
    """

    def __init__(self, most: int) -> None:
        self._most, self._taken, self._lock = most, dict[Seat, None](), threading.Lock()

    def take(self, name: str) -> Seat | None:
        """A seat for somebody; None where all are taken by people who hold no more than this one would.

        A wall of boards under one account fills what is free. Once others come, it makes room for them, its
        oldest stream first.
        """
        with self._lock:
            if len(self._taken) >= self._most and not self._make_room(name):
                return None
            seat = Seat(name)
            self._taken[seat] = None
            return seat

    def leave(self, seat: Seat) -> None:
        """Give a seat back; one that was taken away is back already."""
        with self._lock:
            self._taken.pop(seat, None)

    def _make_room(self, name: str) -> bool:
        held = Counter(each.name for each in self._taken)
        fullest = max(held, key=lambda each: held[each], default=name)
        if held[fullest] <= held[name] + 1:
            return False
        oldest = next(each for each in self._taken if each.name == fullest)
        del self._taken[oldest]
        oldest.given_up.set()
        return True


def waits_s(seat: Seat | None, lasts_s: float, app: Flask) -> Iterator[float]:
    """How long to wait for news each time, until somebody has listened long enough; once at least."""
    ends = time.monotonic() + (lasts_s if seat else 0.0)
    ending = app.extensions.get("gridcrew_ending")
    while (left_s := ends - time.monotonic()) > 0 and not (ending and ending.is_set()):
        if seat is not None and seat.given_up.is_set():
            break
        yield min(LOOK_S, left_s)
    yield 0.0

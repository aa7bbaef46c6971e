"""The field: what crews do, as it goes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ..ground.problem import Crew


@dataclass(slots=True, kw_only=True)
class Team:
    """A crew on one turn.

    Parameters
    ----------
    at : location it is at, or has left for its job.
    job : what it drives to, waits for or works at; None when it is free.
    queue : jobs it must do next, because another crew waits for it there.
    used : stock used up so far.
    not_before_s : until when it rests, be it on a break or before a turn.
    since_s : begin of the turn's work or of what followed the last break.
    left_s, arrive_s, start_s, finish_s : of the job in hand; None while not known.
    """

    crew: Crew
    at: int
    job: str | None = None
    queue: deque[str] = field(default_factory=deque)
    used: dict[str, float] = field(default_factory=dict)
    left_s: int = 0
    arrive_s: int = 0
    start_s: int | None = None
    finish_s: int | None = None
    free_since_s: int = 0
    drive_s: int = 0
    work_s: int = 0
    visits: int = 0
    first_s: int | None = None
    last_s: int = 0
    not_before_s: int = 0
    since_s: int | None = None

    def on_duty(self, now_s: int) -> bool:
        """Whether the crew may be sent somewhere."""
        shift = self.crew.shift
        return shift is None or (shift[0] <= now_s < shift[1] and now_s >= self.not_before_s)

    @property
    def begin_s(self) -> int:
        """Begin of the turn, or of what is left of it after a rest."""
        return max(self.crew.shift[0], self.not_before_s) if self.crew.shift else 0

"""The field: what crews do, as it goes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ..problem import Crew


@dataclass(slots=True, kw_only=True)
class Team:
    """A crew on one turn.

    Parameters
    ----------
    at : location it is at, or has left for its job.
    job : what it drives to, waits for or works at; None when it is free.
    queue : jobs it must do next, because another crew waits for it there.
    used : stock used up so far.
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

    def on_duty(self, now_s: int) -> bool:
        """Whether the crew may be sent somewhere."""
        return self.crew.shift is None or self.crew.shift[0] <= now_s < self.crew.shift[1]

    @property
    def begin_s(self) -> int:
        """Begin of the turn."""
        return self.crew.shift[0] if self.crew.shift else 0

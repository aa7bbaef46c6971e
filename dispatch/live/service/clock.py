"""Looks after the customer desk while the room is open."""

from __future__ import annotations

from ..desk import Desk
from ..workers import Worker

LOOK_S = 15.0


class ServiceClock(Worker):
    """Calls `Service.look` again and again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("service", desk.clock)
        self.desk = desk

    def turn(self) -> float:
        """Look once."""
        self.desk.service.look()
        return LOOK_S

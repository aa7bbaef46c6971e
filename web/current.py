"""The day that is shown: one place that answers "which plan is in force now?"."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol, TypeVar, cast

from flask import current_app

from dispatch.day import DayPlan

Made = TypeVar("Made")


class DaySource(Protocol):
    """What the pages read the day from."""

    @property
    def version(self) -> str:
        """Changes whenever the day does."""

    def day(self) -> DayPlan:
        """Return the plan in force."""


@dataclass(frozen=True, slots=True)
class FixedDay:
    """A day that does not change: the demo, a plan that was read from a folder."""

    plan: DayPlan
    version: str = "1"

    def day(self) -> DayPlan:
        """Return the plan."""
        return self.plan


@dataclass
class Derived:
    """What was worked out of the day for the screens, kept while the day stays the same."""

    source: DaySource
    _version: str = ""
    _kept: dict[Hashable, Any] = field(default_factory=dict)
    _making: dict[Hashable, Lock] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable, make: Callable[[DayPlan], Made]) -> Made:
        """Return what is kept under `key`, made from the day when it is not there yet.

        Two requests for one key make it once; requests for other keys do not wait.
        """
        version = self.source.version
        with self._lock:
            if self._version != version:
                self._kept, self._making = {}, {}
                self._version = version
            kept, making = self._kept, self._making.setdefault(key, Lock())
        with making:
            if key not in kept:
                kept[key] = make(self.source.day())
            return cast(Made, kept[key])


def current_day() -> DayPlan:
    """Return the plan that the pages show now."""
    return derived().source.day()


def derived() -> Derived:
    """Return what has been worked out of the current day."""
    return cast(Derived, current_app.extensions["gridcrew_day"])

"""The day that is shown: one place that answers "which plan is in force now?"."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol, TypeVar, cast

from flask import current_app

from dispatch.ground.case import Case
from dispatch.ground.day import DayPlan
from dispatch.live import Desk

from ..entrance.discretion import discreet_day, sees_customers

Made = TypeVar("Made")
# Pieces that are kept of one version of the day: who asks for things that are not there, or under a thousand
# names of the server, must not fill its memory.
MOST_KEPT = 4000
MISSING = object()


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


@dataclass(frozen=True, slots=True)
class DeskDay:
    """The plan in force at a desk.

    Most events (a state, a place, a call) change no plan; the version follows
    plans alone, so that what was worked out of one is kept while it holds.
    """

    desk: Desk

    @property
    def version(self) -> str:
        """Numbers of the plan in force and of the proposal; until there is any, the newest event."""
        published, proposed = self.desk.plan_number("published"), self.desk.plan_number("proposed")
        if published is None and proposed is None:
            return f"event {self.desk.version}"
        return f"plan {published or 0}, proposal {proposed or 0}"

    def day(self) -> DayPlan:
        """Return the plan in force."""
        return self.desk.day()


@dataclass(frozen=True, slots=True)
class DiscreetDay:
    """The same day for those who may not see callers and customers."""

    source: DaySource

    @property
    def version(self) -> str:
        """Changes whenever the day does."""
        return self.source.version

    def day(self) -> DayPlan:
        """Return the plan in force without whom it is for."""
        return discreet_day(self.source.day())


@dataclass
class Derived:
    """What was worked out of the day for the screens, kept while what it depends on stays the same."""

    source: DaySource
    _version: str = ""
    _kept: dict[Hashable, Any] = field(default_factory=dict)
    _days: list[DayPlan] = field(default_factory=list)
    _lasting: dict[Hashable, tuple[Hashable, Any]] = field(default_factory=dict)
    _making: dict[Hashable, Lock] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def discreet(self) -> Derived:
        """The same for those who may not see callers; roads and the grid are worked out once for both."""
        return Derived(DiscreetDay(self.source), _lasting=self._lasting)

    def get(self, key: Hashable, make: Callable[[DayPlan], Made]) -> Made:
        """Return what is kept under `key`, made from the day when it is not there yet.

        Two requests for one key make it once; requests for other keys do not wait.
        """
        kept, making = self._of_this_version(key)
        with making:
            # Taken out and put back, so that what nobody asks for stands first.
            found = kept.pop(key, MISSING)
            found = make(self.day()) if found is MISSING else found
            kept[key] = found
            if len(kept) > MOST_KEPT:
                self._forget(kept)
            return cast(Made, found)

    def lasting(self, key: Hashable, on: Hashable, make: Callable[[DayPlan], Made]) -> Made:
        """Return what depends on `on` alone, whichever plan is in force.

        `on` is None for what never changes while the program runs: roads, customers.
        """
        with self._lock:
            making = self._making.setdefault(("lasting", key), Lock())
        with making:
            found = self._lasting.get(key)
            if found is None or found[0] != on:
                found = self._lasting[key] = (on, make(self.day()))
            return cast(Made, found[1])

    def day(self) -> DayPlan:
        """Return the plan in force, read once per version."""
        kept, making = self._of_this_version("day")
        with making:
            if "day" not in kept:
                kept["day"] = self.source.day()
                self._days = [*(each for each in self._days if each is not kept["day"]), kept["day"]][-2:]
            return cast(DayPlan, kept["day"])

    def before(self) -> DayPlan | None:
        """Return the plan that was shown before the one in force; None where there was none."""
        today = self.day()
        return next((each for each in self._days if each is not today), None)

    def _of_this_version(self, key: Hashable) -> tuple[dict[Hashable, Any], Lock]:
        version = self.source.version
        with self._lock:
            if self._version != version:
                self._kept = {}
                self._version = version
            if len(self._making) > 2 * MOST_KEPT:
                # Whoever is making something holds its lock already; at worst it is made twice.
                self._making = {}
            return self._kept, self._making.setdefault(key, Lock())

    def _forget(self, kept: dict[Hashable, Any]) -> None:
        with self._lock:
            for old in list(kept)[: len(kept) - MOST_KEPT]:
                if old != "day":
                    kept.pop(old, None)


def current_day() -> DayPlan:
    """Return the plan that the pages show now."""
    return derived().day()


def current_case() -> Case:
    """Return the case in force: what stands now, which may be newer than the plan in force."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    return desk.case_under() if desk else current_day().case


def customers_mark() -> int | None:
    """Return what changes whenever customers do; None where they never do."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    return desk.standing.mark("customers") if desk else None


def derived() -> Derived:
    """Return what has been worked out of the current day, as far as whoever asks may see it."""
    name = "gridcrew_day" if sees_customers() else "gridcrew_discreet_day"
    return cast(Derived, current_app.extensions[name])

"""Where the rulebook's versions are kept, and what has been worked out of them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

from flask import current_app

from dispatch.ground.day import DayPlan
from dispatch.ground.errors import DispatchError
from dispatch.live import Desk
from dispatch.rulebook.effects import PlanEffect, plan_effect
from dispatch.rulebook.policies import Checked, Policies, check
from dispatch.store import open_store

from ..day.current import current_day

MOST_KEPT = 40
Comparison = PlanEffect | Literal["running", "failed"]


@dataclass
class Shelf:
    """The versions of the policy and what checking and planning said of them.

    Parameters
    ----------
    fixed : the day does not run, so that no version can come into force.
    """

    policies: Policies
    fixed: bool
    _checked: dict[str, Checked] = field(default_factory=dict)
    _compared: dict[tuple[str, str], Comparison] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _planning: threading.Lock = field(default_factory=threading.Lock)

    def checked(self, number: int, today: datetime, language: str) -> Checked:
        """What lint and the cases say of a version that is kept."""
        version = self.policies.version(number)
        key = f"{version.version} {language}"
        if key not in self._checked:
            text, cases = self.policies.text_of(number), self.policies.cases_of(number)
            found = check("policy.yaml", text.encode(), cases, today.date(), language)
            self._keep(self._checked, key, found)
        return self._checked[key]

    def compared(self, number: int, base: int) -> Comparison | None:
        """What a version does to the plan beside another; None when nobody has asked."""
        return self._compared.get((str(number), str(base)))

    def compare(self, day: DayPlan, number: int, base: int) -> None:
        """Begin to plan the day under both versions; one such run at a time."""
        key = (str(number), str(base))
        with self._lock:
            if key in self._compared or "running" in self._compared.values():
                return
            self._keep(self._compared, key, "running")
        old, new = self.policies.policy(base), self.policies.policy(number)

        def run() -> None:
            try:
                found: Comparison = plan_effect(day.case, old, new)
            except DispatchError:
                found = "failed"
            self._compared[key] = found

        threading.Thread(target=run, name="policy effect", daemon=True).start()

    def day_in_force(self) -> DayPlan:
        """The day with the policy in force, which may be newer than the plan in force."""
        day, policy = current_day(), self.policies.in_force()
        return day if policy is day.case.policy else replace(day, case=replace(day.case, policy=policy))

    def _keep(self, kept: dict[Any, Any], key: Any, value: Any) -> None:
        while len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[key] = value


_making = threading.Lock()


def shelf() -> Shelf:
    """The application's shelf; a day that does not run gets one that ends with the program."""
    kept = current_app.extensions
    with _making:
        if "gridcrew_shelf" not in kept:
            desk: Desk | None = kept.get("gridcrew_desk")
            kept["gridcrew_shelf"] = Shelf(desk.policies, False) if desk else _passing(current_day())
        return cast(Shelf, kept["gridcrew_shelf"])


def _passing(day: DayPlan) -> Shelf:
    folder = Path(tempfile.mkdtemp(prefix="gridcrew-rulebook-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    policies = Policies(open_store(f"sqlite:///{folder}/policies.sqlite"), day.case.policy)
    policies.begin(day.origin)
    return Shelf(policies, True)


def moment() -> datetime:
    """What time it is at the desk; a day that does not run stands still."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    clock: Callable[[], datetime] = desk.clock if desk else lambda: current_day().origin
    return clock()

"""What has to be done about an outage, in order: look for it, make it safe, repair it.

Isolating and switching back are not here: they depend on the grid, and come
as switching steps out of its restoration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..ground.day import Outage

StepKind = Literal["patrol", "make_safe", "repair", "service"]

# Until a policy says otherwise. None of the three is taken from a source.
PATROL_MIN = 30.0
MAKE_SAFE_MIN = 15.0
REPAIR_MIN = 60.0
# Walking or driving slowly along a line in search of damage.
PATROL_KMH = 10.0
# Who may work on a line may also look for damage on it; who may switch may make it safe.
SAFE_SKILLS = frozenset({"switching"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSpec:
    """One stay of one crew.

    Parameters
    ----------
    minutes : stay on site.
    after : kinds of steps of the same outage that must be finished first.
    """

    kind: StepKind
    skills: frozenset[str]
    minutes: float
    after: tuple[StepKind, ...] = ()


def repair_steps(outage: Outage, outcome: Mapping[str, Any]) -> tuple[StepSpec, ...]:
    """The jobs that end an outage; the repair is always the last.

    Parameters
    ----------
    outcome : of the policy's `order` stage. Read are `patrol`, `hazard`, `skills` and `duration_min`, and
        where the policy gives them `patrol_min`, `patrol_skills`, `make_safe_min`, `make_safe_skills`.

    Notes
    -----
    A patrol is due when the policy asks for one and nobody has confirmed the
    place. Making safe is a job of its own when the request speaks of a hazard
    or the policy gives it minutes: it can be done at once by whoever may
    switch, long before the crew that can repair is free.
    """
    steps: list[StepSpec] = []
    if outcome.get("patrol") and not outage.confirmed:
        skills = frozenset(outcome.get("patrol_skills") or ())
        steps.append(
            StepSpec(kind="patrol", skills=skills, minutes=_minutes(outcome, "patrol_min", PATROL_MIN))
        )
    if outcome.get("hazard") or outcome.get("make_safe_min"):
        skills = frozenset(outcome.get("make_safe_skills") or SAFE_SKILLS)
        # A hazard that was reported has a known place: nobody waits for the patrol to secure it.
        known_place = bool(outcome.get("hazard"))
        steps.append(
            StepSpec(
                kind="make_safe",
                skills=skills,
                minutes=_minutes(outcome, "make_safe_min", MAKE_SAFE_MIN),
                after=() if known_place else tuple(step.kind for step in steps),
            )
        )
    repair = StepSpec(
        kind="repair",
        skills=frozenset(outcome.get("skills") or ()),
        minutes=_minutes(outcome, "duration_min", REPAIR_MIN),
        after=tuple(step.kind for step in steps),
    )
    return (*steps, repair)


def patrol_minutes(length_m: float, speed_kmh: float = PATROL_KMH) -> float:
    """Minutes to look along `length_m` of line, at least five."""
    return max(5.0, length_m / 1000 / speed_kmh * 60)


def _minutes(outcome: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = outcome.get(name)
    return otherwise if value is None else float(value)

"""Another policy for an alternative: the same case judged by other rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rules import load_policy

from ..intake.case import built_in_policies
from ..triage.orders import grade_customers
from .world import World

# The worlds of a study under its policies; grading a city's customers takes a second.
_kept: dict[tuple[int, str], tuple[World, World]] = {}
MOST_KEPT = 8


def under_policy(world: World, policy: str | None) -> World:
    """The world under another policy: the name of a built-in one, or a file.

    Raises
    ------
    rules.PolicyError
        When the file is not sound.
    """
    if policy is None:
        return world
    key = (id(world), policy)
    if key not in _kept or _kept[key][0] is not world:
        path = built_in_policies().get(policy) or Path(policy)
        case = replace(world.case, policy=load_policy(path))
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = world, replace(world, case=case, grades=grade_customers(case))
    return _kept[key][1]

"""What the policy says of services beside repairs: times, limits, numbers, the order of shedding."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from rules import Policy, load_policy

STAGE = "service"
SHIPPED = "cn"


def figures(policy: Policy, matter: str, **facts: Any) -> Mapping[str, Any]:
    """The outcome for one matter, such as an appointment of a first-grade customer.

    Parameters
    ----------
    facts : of the policy's `service` stage; None is missing.
    """
    known = {name: value for name, value in facts.items() if value is not None}
    return serving(policy).decide(STAGE, {"matter": matter, **known}).outcome


def serving(policy: Policy) -> Policy:
    """The policy itself; where a utility wrote its own before there was such a stage, the shipped one."""
    return policy if STAGE in policy.stages else _shipped()


@cache
def _shipped() -> Policy:
    return load_policy(SHIPPED)

"""What of the day is somebody's own: a crew opens its own papers and speaks of its own work.

Every request passes `owns` once its role is right. A name in an address that is not
listed here is closed to crews, so a forgotten line locks a page instead of opening it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dispatch.live import Desk, Refused
from dispatch.live.ownership import expect_ever_own

from .access import Identity

# No object of the day: a form of a file, a phone's own mark, a number that the desk holds against the crew.
OPEN = frozenset({"kind", "id_", "plan"})


def owns(desk: Desk | None, identity: Identity, named: Mapping[str, Any]) -> bool:
    """Whether everything that an address names is this identity's to open.

    Parameters
    ----------
    desk : the running day, None behind a plan that was only read.
    named : the parts of the address by name.
    """
    if identity.crew is None and identity.roles != {"crew"}:
        return True
    return all(
        name in OPEN or (name in OWN and OWN[name](desk, identity.crew or "", str(value)))
        for name, value in named.items()
    )


def _own_job(desk: Desk | None, crew: str, job: str) -> bool:
    if desk is None:
        return False
    try:
        expect_ever_own(desk, job, crew)
    except Refused:
        return False
    return True


OWN: Mapping[str, Callable[[Desk | None, str, str], bool]] = {
    "crew": lambda _, crew, named: crew == named,
    "job": _own_job,
}

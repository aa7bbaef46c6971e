"""What a look is worth: customer-minutes that knowing the device saves, by ping, call and patrol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...ground.day import Outage
from ..steps import PATROL_MIN

LookKind = Literal["ping", "phone", "patrol"]
# Minutes until an answer is there. Placeholders, not taken from a source.
PING_MIN, PHONE_MIN = 1.0, 5.0
# Minutes that a crew loses at the wrong device before it stands at the right one. A placeholder too.
WRONG_SENDING_MIN = 45.0
# Not worth anybody's minute.
LEAST_WORTH = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A way to learn which device has opened.

    Parameters
    ----------
    minutes : until it is known. saves : customer-minutes expected to be saved, net of the wait.
    """

    kind: LookKind
    minutes: float
    saves: float


def looks(outage: Outage) -> tuple[Look, ...]:
    """Ways to learn more about an outage that are worth it, the best first.

    Without a look the crew drives to the likeliest device; where it is another, that one's customers wait
    `WRONG_SENDING_MIN` longer. With a look they do not, but everybody waits until the answer is there when
    the crew itself has to look; pings and calls are answered while it is on its way.
    """
    if outage.confirmed or not outage.in_doubt:
        return ()
    found = [look for look in _looks(outage) if look.saves >= LEAST_WORTH]
    return tuple(sorted(found, key=lambda look: -look.saves))


def _looks(outage: Outage) -> Iterator[Look]:
    at_stake = sum(each.score * each.customers_out for each in outage.alternatives)
    for kind, minutes in (("ping", PING_MIN), ("phone", PHONE_MIN), ("patrol", PATROL_MIN)):
        saved = at_stake * (WRONG_SENDING_MIN - minutes)
        waits = outage.score * outage.customers_out * minutes if kind == "patrol" else 0.0
        yield Look(kind=kind, minutes=minutes, saves=saved - waits)  # type: ignore[arg-type]


def worth(outage: Outage) -> float:
    """Customer-minutes that the best look at an outage saves."""
    return max((each.saves for each in looks(outage)), default=0.0)

"""What a look is worth: customer-minutes that knowing the device saves, by ping, call and patrol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from ...ground.day import Outage, Suspect
from ..settings import InferenceSettings

LookKind = Literal["ping", "phone", "patrol"]
# Minutes until an answer is there. Placeholders, not taken from a source.
PING_MIN, PHONE_MIN = 1.0, 5.0
# A crew that stands before a device sees whether it is open; the drive there counts apart. Placeholders too.
GLANCE_MIN, DRIVE_MIN = 5.0, 15.0
# Minutes that a crew loses at the wrong device before it stands at the right one. A placeholder too.
WRONG_SENDING_MIN = 45.0
# Not worth anybody's minute.
LEAST_WORTH = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A way to learn which device has opened.

    Parameters
    ----------
    minutes : until it is known. saves : customer-minutes expected to be saved.
    place : the device to look at, of a patrol alone.
    """

    kind: LookKind
    minutes: float
    saves: float
    place: str | None = None


def looks(
    outage: Outage, now: datetime | None = None, settings: InferenceSettings | None = None
) -> tuple[Look, ...]:
    """Ways to learn more about an outage that are worth it, the best first.

    Without a look the crew drives to the likeliest device; where it is another, that one's customers wait
    `WRONG_SENDING_MIN` longer. A ping or a call tells the likeliest device from all others; a patrol sees one
    of the others.

    Parameters
    ----------
    now : what the next minutes' calls and silence will tell by themselves is not saved by a look; without a
        moment nothing is told.
    """
    if outage.confirmed or not outage.in_doubt:
        return ()
    found = [
        look for look in _looks(outage, now, settings or InferenceSettings()) if look.saves >= LEAST_WORTH
    ]
    return tuple(sorted(found, key=lambda look: -look.saves))


def _looks(outage: Outage, now: datetime | None, settings: InferenceSettings) -> Iterator[Look]:
    for kind, minutes in (("ping", PING_MIN), ("phone", PHONE_MIN)):
        at_stake = sum(stake(outage, each, minutes, now, settings) for each in outage.alternatives)
        yield Look(kind=kind, minutes=minutes, saves=at_stake * (WRONG_SENDING_MIN - minutes))  # type: ignore[arg-type]
    minutes = DRIVE_MIN + GLANCE_MIN
    found = where_to_look(outage, minutes, now, settings)
    if found is not None:
        suspect, at_stake = found
        saves = at_stake * (WRONG_SENDING_MIN - minutes)
        yield Look(kind="patrol", minutes=minutes, saves=saves, place=suspect.place)


def where_to_look(
    outage: Outage, minutes: float, now: datetime | None, settings: InferenceSettings
) -> tuple[Suspect, float] | None:
    """The other device that is most worth a look, and the customers at stake there; None without others."""
    staked = [(stake(outage, each, minutes, now, settings), each) for each in outage.alternatives]
    if not staked:
        return None
    at_stake, suspect = max(staked, key=lambda each: (each[0], each[1].place))
    return suspect, at_stake


def stake(
    outage: Outage, suspect: Suspect, minutes: float, now: datetime | None, settings: InferenceSettings
) -> float:
    """Customers who wait longer if a suspect has opened and nobody looks, as often as that is so.

    Only what still is in doubt so many minutes later: of hundreds beneath a device somebody calls by
    then, or their silence clears it, and nobody need drive there.
    """
    held = 1.0 if now is None else still_silent(outage, suspect, minutes, now, settings)
    return suspect.score * suspect.customers_out * held


def still_silent(
    outage: Outage, suspect: Suspect, minutes: float, now: datetime, settings: InferenceSettings
) -> float:
    """The chance that nobody of those who tell two devices apart calls within so many minutes from now.

    They are the customers beneath one of the two and not the other. They have been silent since supply was
    lost: the longer, the likelier it is an outage about which few call.
    """
    apart = abs(suspect.customers_out - outage.customers_out)
    gone_min = max(0.0, (now - outage.since).total_seconds() / 60)
    called = settings.called_by(np.array([gone_min, gone_min + minutes]))
    log_silent = apart * np.log1p(-np.minimum(called, 1 - 1e-12)) + settings.log_share_weights[:, None]
    before, after = np.logaddexp.reduce(log_silent, axis=0)
    return float(np.exp(after - before))


def worth(outage: Outage, now: datetime | None = None) -> float:
    """Customer-minutes that the best look at an outage saves."""
    return max((each.saves for each in looks(outage, now)), default=0.0)

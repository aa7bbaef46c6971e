"""What is known about who is without supply: calls, meters, breakers, crews."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from rules import Heard

from ..ground.case import Request, Sign

__all__ = [
    "STILL_OPEN",
    "Call",
    "Extent",
    "Finding",
    "FindingState",
    "Reported",
    "Sign",
    "calls_from",
    "standing_signs",
]

FindingState = Literal["fault", "open", "held", "sound", "restored"]
# Here something is open beneath which nobody has supply, whatever is said of places above.
STILL_OPEN = frozenset({"fault", "open", "held"})
Extent = Literal["one", "many"]
# What a later sign of the same place takes back: a meter that has supply again has no last gasp.
TAKES_BACK: Mapping[str, frozenset[str]] = {
    "last_gasp": frozenset({"supply_on"}),
    "supply_off": frozenset({"supply_on"}),
    "supply_on": frozenset({"last_gasp", "supply_off"}),
    "tripped": frozenset({"closed"}),
    "closed": frozenset({"tripped"}),
}
# Longer than an outage lasts; what nobody has looked into by then was no outage.
SIGNS_COUNT = timedelta(hours=72)


class Reported(Protocol):
    """A request whose kind is known, at a customer or at least a transformer."""

    @property
    def request(self) -> Request:
        """What was said, and when."""

    @property
    def kind(self) -> str:
        """The request's kind; only `outage` counts here."""

    @property
    def customer(self) -> str | None:
        """Who called, if known."""

    @property
    def transformer(self) -> str | None:
        """The transformer that feeds the place, if known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Somebody said at a moment that supply is gone.

    `place` is a customer; or a transformer or low-voltage main when the
    customer is not known. `extent` is what the caller said of others: "one"
    for "only my flat", "many" for "the whole street", None for nothing.
    """

    id: str
    at: datetime
    place: str
    is_customer: bool = True
    extent: Extent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A crew's word, which stands above every inference.

    `fault`: the fault is here (a line, device, transformer, main or customer).
    `open`: the device was found open. `held`: a crew is at work here and has not yet
    said what it found; what is believed of the place stays. `sound`: here is nothing wrong.
    `restored`: everything beneath had supply again at `at`; who calls after
    that is still out, or out again.
    """

    place: str
    state: FindingState
    at: datetime
    cause: str | None = None


def standing_signs(signs: Iterable[Sign], now: datetime) -> tuple[Sign, ...]:
    """The newest sign of each kind and place that no later one of its place takes back, whoever kept them.

    Of signs of one moment the later in the list is the newer. Those after `now`, and those too old to
    tell of an outage that lasts, are not heard.
    """
    kept: dict[str, dict[str, Sign]] = {}
    heard = (each for each in signs if now - SIGNS_COUNT <= each.at <= now)
    for each in sorted(heard, key=lambda sign: sign.at):
        here = kept.setdefault(each.place, {})
        for kind in TAKES_BACK[each.kind]:
            here.pop(kind, None)
        here[each.kind] = each
    return tuple(each for here in kept.values() for each in here.values())


def _extent_of(item: Reported) -> Extent | None:
    heard: Heard | None = getattr(item, "heard", None)
    return None if heard is None else heard.extent


def calls_from(
    requests: Iterable[Reported], said_at: Mapping[str, datetime] | None = None
) -> tuple[Call, ...]:
    """The outage calls among the requests; those that name no place are left out.

    Parameters
    ----------
    said_at : when a caller said it last, by request, where that is not when the request was received.
    """
    said_at = said_at or {}
    calls = []
    for item in requests:
        place = item.customer or item.transformer
        if item.kind != "outage" or place is None:
            continue
        calls.append(
            Call(
                id=item.request.id,
                at=said_at.get(item.request.id, item.request.received_at),
                place=place,
                is_customer=item.customer is not None,
                extent=_extent_of(item),
            )
        )
    return tuple(calls)

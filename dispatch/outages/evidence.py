"""What is known about who is without supply: calls, meters, breakers, crews."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from ..model import Request, Sign

__all__ = ["Call", "Finding", "FindingState", "Reported", "Sign", "calls_from"]

FindingState = Literal["fault", "open", "sound", "restored"]


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
    customer is not known.
    """

    id: str
    at: datetime
    place: str
    is_customer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A crew's word, which stands above every inference.

    `fault`: the fault is here (a line, device, transformer, main or customer).
    `open`: the device was found open. `sound`: here is nothing wrong.
    `restored`: everything beneath had supply again at `at`; who calls after
    that is still out, or out again.
    """

    place: str
    state: FindingState
    at: datetime
    cause: str | None = None


def calls_from(requests: Iterable[Reported]) -> tuple[Call, ...]:
    """The outage calls among the requests; those that name no place are left out."""
    calls = []
    for item in requests:
        place = item.customer or item.transformer
        if item.kind != "outage" or place is None:
            continue
        calls.append(
            Call(
                id=item.request.id,
                at=item.request.received_at,
                place=place,
                is_customer=item.customer is not None,
            )
        )
    return tuple(calls)

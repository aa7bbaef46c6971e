"""Where pushes may go: to the push services that the utility names, and nowhere without any."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..ground.errors import DispatchError
from ..outward.guard import EventSettings

CONTACT = re.compile(r"mailto:[^\s@<>]+@[^\s@<>]+|https://[^\s<>]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """What a utility chooses of pushes.

    Parameters
    ----------
    hosts : the push services that phones may be rung through, each with its subdomains where it begins
        with a dot.
    contact : whom a push service may write to; RFC 8292 asks for it.
    inside : whether a push service may stand in the utility's own network, and be spoken to without TLS.
    """

    hosts: tuple[str, ...]
    contact: str
    inside: bool = False

    def __post_init__(self) -> None:
        if not self.hosts:
            raise DispatchError("--push-host: expected a push service, like fcm.googleapis.com")
        if not CONTACT.fullmatch(self.contact):
            raise DispatchError(
                f"--push-contact is {self.contact!r}: expected an address like mailto:duty@utility.example"
            )

    @property
    def guard(self) -> EventSettings:
        """The same, as the guard of everything that leaves the house reads it."""
        return EventSettings(hosts=self.hosts, inside=self.inside)

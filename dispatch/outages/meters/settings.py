"""Where meters are asked, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSettings:
    """How the head-end of the meters is reached.

    Parameters
    ----------
    url : the one address that is asked; https, or http for a head-end in the house.
    token : sent as a bearer token; never logged.
    timeout_s : for connecting and for each read.
    at_once : meters in one question. per_minute : meters asked per minute at most.
    again_min : minutes before a meter that did not answer is asked again.

    Raises
    ------
    ValueError
        The address is none that can be asked.
    """

    url: str
    token: str = field(default="", repr=False)
    timeout_s: float = 10.0
    at_once: int = 20
    per_minute: int = 60
    again_min: float = 15.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"meters: {self.url!r} is no http or https address")
        if parts.username or parts.password or parts.fragment:
            raise ValueError("meters: the address must hold neither a name, a password nor a fragment")
        if any(ord(sign) <= 32 for sign in self.url + self.token):
            raise ValueError("meters: neither the address nor the token may hold blanks or control signs")

"""Events out of a room: what tells them, what carries them, and the webhooks that get them."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..ground.errors import DispatchError
from ..live import Desk
from ..messages.senders import NotSent
from ..store import outward_rows as rows
from ..store.outward_rows import Sent
from .catalogue import TYPES
from .delivering import Delivering
from .events import Telling
from .guard import EventSettings, target_of
from .posting import secret_of

MOST_HOOKS = 50
MOST_HOOKS_OF_SITES = 3
ID = re.compile(r"[a-z0-9]{1,40}")


class NoHook(DispatchError):
    """There is no such webhook."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """The events of a room.

    Parameters
    ----------
    telling, delivering : its two duties.
    """

    desk: Desk
    key: str
    settings: EventSettings
    telling: Telling
    delivering: Delivering
    wall: Callable[[], datetime]

    @classmethod
    def of(cls, desk: Desk, key: str, settings: EventSettings, wall: Callable[[], datetime]) -> Outbound:
        """Put the parts together."""
        source = f"urn:gridcrew:{hmac.new(key.encode(), b'instance', 'sha256').hexdigest()[:16]}"
        delivering = Delivering(desk.store, key, source, settings, wall)
        return cls(desk, key, settings, Telling(desk, wall), delivering, wall)

    def add(self, url: str, types: Collection[str], by: str, sites: str | None = None) -> tuple[str, str]:
        """Add a webhook; returns its id and its secret, which is told this once.

        Raises
        ------
        Forbidden
            Nothing may be sent there.
        DispatchError
            There are too many, or a type is unknown.
        """
        target_of(url, self.settings)
        unknown = [each for each in types if each not in TYPES]
        if unknown:
            raise DispatchError(f"no events of type '{unknown[0][:60]}'; expected {', '.join(TYPES)}")
        most = MOST_HOOKS if sites is None else MOST_HOOKS_OF_SITES
        if len([hook for hook in rows.hooks(self.desk.store) if hook["sites"] == sites]) >= most:
            raise DispatchError(f"there are {most} webhooks already; remove one first")
        row = {
            "id": secrets.token_hex(6),
            "url": url,
            "types": sorted(set(types)),
            "sites": sites,
            "salt": secrets.token_hex(16),
            "made_by": by,
            "made_at": self.wall(),
        }
        rows.add_hook(self.desk.store, row)
        return str(row["id"]), secret_of(self.key, row)

    def hook(self, id_: str, sites: str | None = None) -> Mapping[str, Any]:
        """A webhook of the utility, or of a group of sites.

        Raises
        ------
        NoHook
            There is none, or it belongs to others.
        """
        for each in rows.hooks(self.desk.store):
            if each["id"] == id_ and each["sites"] == sites:
                return each
        raise NoHook(f"no webhook '{id_[:40]}'")

    def rotate(self, hook: Mapping[str, Any]) -> str:
        """Give a webhook a new secret; the old one counts no more."""
        salt = secrets.token_hex(16)
        rows.change_hook(self.desk.store, hook["id"], salt=salt)
        return secret_of(self.key, {**hook, "salt": salt})

    def test(self, hook: Mapping[str, Any]) -> str | None:
        """Send an event to try a webhook out; returns what went wrong, None when it arrived."""
        data = {"webhook": hook["id"]}
        event = Sent(seq=0, type="webhook.test", subject=hook["id"], at=self.wall(), data=data)
        try:
            self.delivering.deliver(hook, event)
        except NotSent as error:
            return str(error)
        return None

"""The room of the small case, and people who ask it for something by the API."""

from __future__ import annotations

from dispatch.live import Budget, Desk
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import Accounts
from tests.prepared import small_case

Headers = dict[str, str]


def small_desk(store: Store) -> Desk:
    """The desk of a room over the small case, at the case's own hour."""
    case = small_case()
    return open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk


def bearer(store: Store, name: str, role: str, language: str = "en") -> Headers:
    """Headers of a request by somebody with a token of their own."""
    token = Accounts(store).issue_token(name, role)
    return {"Authorization": f"Bearer {token}", "Accept-Language": language}

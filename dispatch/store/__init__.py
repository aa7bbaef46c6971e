"""The running day's database: a journal of events and what they add up to."""

from .connection import DATABASE_ERRORS, UNFIT, StoreError
from .journal import Event
from .lifecycle import ENDED, FOLLOWS, STATES, UNDER_WAY, may_follow
from .store import Conflict, Store, open_store, record

__all__ = [
    "DATABASE_ERRORS",
    "ENDED",
    "FOLLOWS",
    "STATES",
    "UNDER_WAY",
    "UNFIT",
    "Conflict",
    "Event",
    "Store",
    "StoreError",
    "may_follow",
    "open_store",
    "record",
]

"""The running day: events in, published plans out."""

from .desk import Desk, Refused, Who
from .entries import Entry, Logged
from .proposals import Comparison, Move

__all__ = ["Comparison", "Desk", "Entry", "Logged", "Move", "Refused", "Who"]

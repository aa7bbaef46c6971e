"""Many rows named by their ids: a statement holds so many values and no more, least in SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

AT_ONCE = 500
Each = TypeVar("Each")


def in_parts(items: Iterable[Each]) -> Iterator[Sequence[Each]]:
    """The items in the same order, a few hundred at a time."""
    left = iter(items)
    while part := list(islice(left, AT_ONCE)):
        yield part

"""Names for people that are unique over all that a person can name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol


class Named(Protocol):
    """Something with a name, and another one for when that is taken."""

    @property
    def name(self) -> str:
        """What the file calls it."""

    @property
    def spare_name(self) -> str:
        """What it is called where several have its name."""


class Names:
    """Gives out names, none twice."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def of_class(self, items: Sequence[Named]) -> list[str]:
        """Name all things of a class: by name where only one has it, else by the spare name."""
        count = Counter(item.name for item in items)
        return [
            self.new(
                item.name if item.name and count[item.name] == 1 else item.spare_name or item.name,
                item.spare_name,
            )
            for item in items
        ]

    def new(self, name: str, spare: str = "") -> str:
        """Return the name if it is free, else the spare one, else the name with a number."""
        base = name or spare or "unnamed"
        found, number = base, 1
        if found in self._taken and spare:
            found = base = spare
        while found in self._taken:
            number += 1
            found = f"{base} ({number})"
        self._taken.add(found)
        return found

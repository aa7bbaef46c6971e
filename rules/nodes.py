"""A file read as plain nodes, each with its place: what YAML and Excel readers both make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, a list of nodes, or a mapping of names to nodes.

    Parameters
    ----------
    value : None, bool, int, float, str; or list of Node; or dict of str to Node.
    place : ``line:column`` or ``sheet!cell``.
    keys : for a mapping, the place of each name.
    """

    value: Any
    place: str
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def is_map(self) -> bool:
        """Whether this is a mapping."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.value, list)

    def plain(self) -> Any:
        """The same without places."""
        if self.is_map:
            return {name: node.plain() for name, node in self.value.items()}
        if self.is_list:
            return [node.plain() for node in self.value]
        return self.value

    def get(self, name: str) -> Node | None:
        """A mapping's node by name, or None."""
        return self.value.get(name) if self.is_map else None

"""What every matter of the customer desk has in common: acts that change it, and acts that cannot follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# Grades of the customers that somebody looks after, the highest first.
IMPORTANT = ("special", "first", "temporary", "high_hazard", "second", "vip")


class Impossible(ValueError):
    """An act that cannot follow; `code` says why."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What an act changes: columns `to`, own data `put`."""

    to: Mapping[str, Any] = field(default_factory=dict)
    put: Mapping[str, Any] = field(default_factory=dict)


def moment(text: str | None) -> datetime | None:
    """A time as a matter's data holds it."""
    return None if text is None else datetime.fromisoformat(text)


def said(when: datetime | None) -> str | None:
    """The same the other way round."""
    return None if when is None else when.isoformat()

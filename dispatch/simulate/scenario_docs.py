"""The settings of a scenario file as tables, out of the models that read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from .scenario import Scenario
from .scenario_file import group_of

# Settings that are long lists have their values in the code alone.
LONGEST = 60


def settings_tables() -> str:
    """Every setting with its meaning and default, a table for each group."""
    return "\n\n".join(_table(place, model) for place, model in _groups("", Scenario)) + "\n"


def _groups(place: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield place, model
    for name, field in model.model_fields.items():
        inner = group_of(field.annotation)
        if inner is not None:
            yield from _groups(f"{place}.{name}" if place else name, inner)


def _table(place: str, model: type[BaseModel]) -> str:
    first = (model.__doc__ or "").strip().partition("\n")[0]
    head = f"### `{place}`" if place else "### At the top"
    rows = [
        f"| `{name}` | {_meaning(field)} | {_default(field)} |" for name, field in model.model_fields.items()
    ]
    return "\n".join([head, "", first, "", "| setting | meaning | default |", "|---|---|---|", *rows])


def _meaning(field: Any) -> str:
    return str(field.description).replace("|", "\\|")


def _default(field: Any) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "required"
    if value is None or value in ((), {}):
        return "none"
    if group_of(field.annotation) is not None:
        return "see below"
    text = _plain(value)
    return f"`{text}`" if len(text) <= LONGEST else "see the code"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return f"[{', '.join(_plain(each) for each in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(each)}" for key, each in value.items()) + "}"
    return str(value)

"""Whether the steps of a ticket are safe in their order; every breach is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .forms import Kind
from .steps import Step

Code = Literal[
    "empty",
    "close_before_open",
    "untagged",
    "unproved",
    "earth_left",
    "tag_left",
    "closed_on_earth",
    "no_earth",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What is wrong, at which step and device."""

    code: Code
    step: str = ""
    device: str = ""


def breaches(kind: Kind, steps: Sequence[Step]) -> tuple[Breach, ...]:
    """Name what is wrong with the order of the steps; nothing where all is in order."""
    if not steps:
        return (Breach(code="empty"),)
    found = [*_opened_first(steps), *_tagged(steps), *_earths(steps)]
    if kind == "work":
        found += _earthed(steps)
    return tuple(found)


def _opened_first(steps: Sequence[Step]) -> Iterator[Breach]:
    """Nothing is closed while something is still to be opened."""
    last_open = max((at for at, each in enumerate(steps) if each.act == "open"), default=-1)
    for at, each in enumerate(steps):
        if each.act == "close" and at < last_open:
            yield Breach(code="close_before_open", step=each.id, device=each.device)


def _tagged(steps: Sequence[Step]) -> Iterator[Breach]:
    """What is opened is locked and tagged before anything else is done there; no tag is left."""
    for at, each in enumerate(steps):
        if each.act == "open" and not any(
            later.act == "lock_tag" and later.device == each.device for later in steps[at + 1 :]
        ):
            yield Breach(code="untagged", step=each.id, device=each.device)
    removed = {each.device for each in steps if each.act == "remove_tag"}
    if any(each.act == "earth" for each in steps):
        for each in steps:
            if each.act == "lock_tag" and each.device not in removed:
                yield Breach(code="tag_left", step=each.id, device=each.device)


def _earths(steps: Sequence[Step]) -> Iterator[Breach]:
    """No earth before the place is proved dead, none left, nothing closed onto one."""
    proved, earths = False, dict[str, str]()
    for each in steps:
        proved = proved or each.act == "prove_dead"
        if each.act == "earth":
            earths[each.device] = each.id
            if not proved:
                yield Breach(code="unproved", step=each.id, device=each.device)
        elif each.act == "remove_earth":
            earths.pop(each.device, None)
        elif each.act == "close" and earths:
            yield Breach(code="closed_on_earth", step=each.id, device=each.device)
    for device, step in earths.items():
        yield Breach(code="earth_left", step=step, device=device)


def _earthed(steps: Sequence[Step]) -> list[Breach]:
    dead = any(each.act == "prove_dead" for each in steps)
    return [Breach(code="no_earth")] if dead and not any(each.act == "earth" for each in steps) else []

"""Lines of single phases that lie side by side are one line, or one switch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A line of the model, or several of single phases side by side."""

    name: str
    here: str
    there: str
    phases: str
    is_switch: bool
    control: tuple[str, str, bool | None] | None
    enabled: bool
    opened: bool
    amps: float
    length_m: float
    cable: bool

    def beside(self, other: Wire) -> bool:
        """Whether another wire is the same line on other phases."""
        same = {self.here, self.there} == {other.here, other.there} and self.enabled == other.enabled
        alike = self.is_switch == other.is_switch and _kind(self) == _kind(other)
        return same and alike and bool(self.phases and other.phases) and not {*self.phases} & {*other.phases}

    def joined(self, other: Wire) -> Wire:
        """Both as one line: open where both are."""
        control = self.control
        if control and other.control:
            control = (control[0], f"{control[1]} + {other.control[1]}", _both(control[2], other.control[2]))
        return replace(
            self,
            name=f"{self.name} + {other.name}",
            phases="".join(sorted({*self.phases, *other.phases})),
            control=control,
            opened=self.opened and other.opened,
            amps=min(self.amps, other.amps) or self.amps or other.amps,
        )


def _kind(wire: Wire) -> str:
    return wire.control[0] if wire.control else ""


def _both(one: bool | None, other: bool | None) -> bool | None:
    return None if one is None or other is None else one and other


def side_by_side(wires: Iterable[Wire]) -> tuple[list[Wire], list[str]]:
    """Join wires between the same buses that are the same line on other phases.

    Parameters
    ----------
    wires : of a model, in its order.

    Returns
    -------
    tuple
        The lines, and the names of those that are open on some of their phases only.
    """
    bundles: dict[frozenset[str], list[Wire]] = {}
    partly: list[str] = []
    for wire in wires:
        found = bundles.setdefault(frozenset((wire.here, wire.there)), [])
        at = next((at for at, each in enumerate(found) if each.beside(wire)), None)
        if at is None:
            found.append(wire)
            continue
        if found[at].opened != wire.opened:
            partly.append(wire.name)
        found[at] = found[at].joined(wire)
    return [wire for found in bundles.values() for wire in found], partly

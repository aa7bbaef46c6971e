"""What becomes of each record of a replay: lived through, one with another, or left out and why."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .damage_settings import Recorded, Replay
from .distances import apart_km
from .world import COMPONENTS, Elements

Fate = Literal["used", "merged", "again", "late", "far", "unknown"]
LOST: Mapping[Fate, str] = {
    "again": "whose element had broken before, and an element breaks once in a scenario",
    "late": "after the end",
    "far": "too far from the grid",
    "unknown": "whose element is not in the grid",
}
SHOWN = 5
MOST_AGAIN = 0.5  # share of the records that may be lost because an element breaks once
# A record at the same element so soon after another, whose end nobody wrote down, is the same outage.
SAME_H = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fated:
    """A record and what becomes of it.

    Parameters
    ----------
    element : position in the world's elements; None where there is none.
    km : from the recorded place to that element; 0 where the record names it.
    """

    at: int
    record: Recorded
    fate: Fate
    element: int | None = None
    km: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What becomes of all records of a replay."""

    fated: tuple[Fated, ...]
    within_km: float

    @property
    def counts(self) -> Counter[Fate]:
        """Records by what becomes of them."""
        return Counter(each.fate for each in self.fated)

    @property
    def lost(self) -> int:
        """Records that are left out."""
        return sum(self.counts[fate] for fate in LOST)

    def loses_too_much(self, share: float) -> bool:
        """Whether more than a share is wrong, or more than half is lost to how a scenario breaks things."""
        wrong = self.lost - self.counts["again"]
        return wrong > share * len(self.fated) or self.lost > max(share, MOST_AGAIN) * len(self.fated)

    @property
    def text(self) -> str:
        """The account in one sentence."""
        counts = self.counts
        said = f"{len(self.fated)} records: {counts['used']} used"
        if counts["merged"]:
            said += f", {counts['merged']} one with an earlier one at the same element"
        reasons = [self._reason(fate) for fate in LOST if counts[fate]]
        return f"{said}, {self.lost} left out ({'; '.join(reasons)})" if reasons else f"{said}, none left out"

    def _reason(self, fate: Fate) -> str:
        found = [each for each in self.fated if each.fate == fate]
        rows = ", ".join(str(each.at + 2) for each in found[:SHOWN]) + (" ..." if len(found) > SHOWN else "")
        said = f"{len(found)} {LOST[fate]}"
        if fate == "far":
            most = max(each.km for each in found)
            said += f": more than {self.within_km:g} km, up to {most:,.0f} km"
        return f"{said} (row {rows})"


def account_of(elements: Elements, replay: Replay, hours: float) -> Account:
    """What becomes of each record.

    Parameters
    ----------
    elements : what can break.
    replay : its records, in any order.
    hours : length of the scenario.

    Returns
    -------
    Account
        Every record once, in the order of the file.
    """
    found = _placed(elements, replay)
    first: dict[int, Recorded] = {}
    fated: dict[int, Fated] = {}
    for each in sorted(found, key=lambda each: (each.record.at_h, each.at)):
        fate = each.fate
        if fate == "used" and each.record.at_h >= hours:
            fate = "late"
        elif fate == "used" and each.element in first:
            fate = "merged" if _is_same(first[each.element], each.record) else "again"
        elif fate == "used" and each.element is not None:
            first[each.element] = each.record
        fated[each.at] = Fated(at=each.at, record=each.record, fate=fate, element=each.element, km=each.km)
    return Account(fated=tuple(fated[at] for at in range(len(found))), within_km=replay.within_km)


def write_account(path: Path, account: Account, elements: Elements) -> None:
    """A row for each record: what became of it, at which element, how far from its place."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("row", "at_h", "element", "km", "fate"))
        for each in account.fated:
            element = "" if each.element is None else elements.ids[each.element]
            writer.writerow((each.at + 2, f"{each.record.at_h:g}", element, f"{each.km:.2f}", each.fate))


def _is_same(before: Recorded, later: Recorded) -> bool:
    """Whether two records at one element are of one outage."""
    until_h = before.at_h + SAME_H if before.restored_h is None else before.restored_h
    return later.at_h <= until_h


def _placed(elements: Elements, replay: Replay) -> list[Fated]:
    known = {name: number for number, name in enumerate(elements.ids)}
    nearest = _Nearest(elements)
    found = []
    for at, record in enumerate(replay.records):
        if record.element is not None:
            element: int | None = known.get(record.element)
            km = 0.0
        else:
            element, km = nearest.of(record)
        fate: Fate = "unknown" if element is None else "far" if km > replay.within_km else "used"
        found.append(Fated(at=at, record=record, fate=fate, element=element, km=km))
    return found


class _Nearest:
    """The nearest element of a component to a place."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.shrink = float(np.cos(np.deg2rad(elements.lat.mean())))
        self._trees: dict[str, tuple[NDArray[np.int64], cKDTree]] = {}

    def of(self, record: Recorded) -> tuple[int | None, float]:
        """Position of the element and its distance in kilometres."""
        own, tree = self._tree(record.component)
        if not len(own) or record.lon is None or record.lat is None:
            return None, 0.0
        _, at = tree.query([record.lon * self.shrink, record.lat])
        element = int(own[int(at)])
        here = (float(self.elements.lon[element]), float(self.elements.lat[element]))
        return element, apart_km(here, (record.lon, record.lat))

    def _tree(self, component: str) -> tuple[NDArray[np.int64], cKDTree]:
        if component not in self._trees:
            names: Sequence[str] = COMPONENTS
            own = np.flatnonzero(self.elements.component == names.index(component))
            places = np.stack([self.elements.lon[own] * self.shrink, self.elements.lat[own]], axis=1)
            self._trees[component] = own, cKDTree(places.reshape(-1, 2))
        return self._trees[component]

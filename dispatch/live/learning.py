"""Beliefs learned from the journal, tried on outages that were not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..ground.beliefs import Beliefs
from ..ground.case import Case
from ..outages import InferenceSettings, SupplyTree, kept_tree, supply_tree
from ..outages.doubt.calibration import Calibration, FoundOutage, calibrations
from ..outages.learning import Learned, learned
from ..store import Store
from ..store.history import span_of
from .calibration import found_outages
from .desk import Desk
from .standing.parts import belief_rows
from .standing.versions import Change, difference

# Older outages say less of today's grid, and more of them say little more.
MOST_OUTAGES = 20_000
# The newest of all are judged by, not learned from.
TRIED = 3
MOST_TRIED = 300
FILE = "beliefs.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Beliefs in force, and as learned from older outages, both held against newer ones."""

    outages: int
    before: tuple[Calibration, ...]
    after: tuple[Calibration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What the journal teaches.

    Parameters
    ----------
    outages : learned from. before : in force.
    tried : None where there are too few to keep some back.
    """

    outages: int
    before: Beliefs
    learned: Learned
    tried: Tried | None


def lesson(
    case: Case, store: Store, begins: datetime, ends: datetime, *, tried: bool = True
) -> Lesson | None:
    """Learn from all outages restored since `begins`; None when there is none.

    Parameters
    ----------
    tried : whether to try what older outages teach on the newest, which takes most of the time.
    """
    known = found_outages(store, begins, MOST_OUTAGES)
    found = [each for each in known if each.restored_at is not None and each.restored_at <= ends]
    if not found:
        return None
    # A journal that has ended says nothing of the time since.
    first, last = span_of(store) or (begins, ends)
    days = max((min(ends, last) - max(begins, first)) / timedelta(days=1), 1.0)
    tree = supply_tree(case.grid, case.customers.table)
    return Lesson(
        outages=len(found),
        before=case.beliefs,
        learned=learned(tree, found, days),
        tried=_tried(case, tree, found, days) if tried else None,
    )


def _tried(case: Case, tree: SupplyTree, found: Sequence[FoundOutage], days: float) -> Tried | None:
    kept_back = min(len(found) // TRIED, MOST_TRIED)
    if not kept_back:
        return None
    older, newer = found[:-kept_back], found[-kept_back:]
    share = len(older) / len(found)
    after = learned(tree, older, days * share).after
    return Tried(
        outages=kept_back,
        before=calibrations(kept_tree(case), newer, InferenceSettings.of(case.beliefs)),
        after=calibrations(
            supply_tree(case.grid, case.customers.table, after), newer, InferenceSettings.of(after)
        ),
    )


def belief_change(before: Beliefs, after: Beliefs) -> Change:
    """What makes some beliefs of others, as a version of standing data."""
    return difference(belief_rows(before.by_name()), belief_rows(after.by_name()))


def propose_beliefs(desk: Desk, found: Lesson, who: str, note: str) -> int:
    """Keep what was learned as a version that waits for a decision; returns its number.

    Raises
    ------
    StandingRefused
        It says what is in force already.
    """
    change = belief_change(desk.case.beliefs, found.learned.after)
    return desk.standing.send("beliefs", change, FILE, note, who, desk.clock())

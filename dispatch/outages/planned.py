"""Planned outages: who is affected, who must be told by when, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from geo import Grid, SwitchAction, check_switching, trace

from ..ground.day import Outage
from ..ground.errors import Fault, InputFaults, nearest
from .tree import Ints

NONE = -1
EVERYBODY = "everybody"
ConflictKind = Literal[
    "running_fault", "same_feeder", "same_device", "notice_too_late", "tie_feeder", "switching"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOutage:
    """A switching that is planned.

    Parameters
    ----------
    open_places : devices to open, or sections or lines to be taken out of service: their border is opened.
    close_devices : ties that are closed meanwhile, to keep others supplied.
    live_line : the work is done under voltage; nothing is opened and nobody loses supply. `open_places` then
        says where it is done.
    urgent : cannot wait for the usual notice.
    """

    id: str
    start: datetime
    end: datetime
    open_places: tuple[str, ...]
    close_devices: tuple[str, ...] = ()
    reason: str = ""
    live_line: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody who must be told, and by when; `late` when that moment has passed."""

    customer: str
    grade: str
    due: datetime
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanConflict:
    """What stands in the way: a running outage, another plan, or a notice that comes too late.

    Parameters
    ----------
    other : the outage, the plan, the customer (or `everybody`), or the device that is switched.
    text : in English; the rest is for a screen that says it in another language.
    place : the feeder or device that is meant, or what is wrong with the switching (a code).
    due : when somebody had to be told.
    count : customers.
    """

    kind: ConflictKind
    other: str
    text: str
    place: str = ""
    due: datetime | None = None
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEffect:
    """What a planned outage does.

    Parameters
    ----------
    customer_rows : positions in the customers' table of everybody who loses supply.
    customer_minutes : customers times the planned duration.
    notices : to customers whose grade has a notice period of its own, the earliest due first.
    public_due : when everybody else must have been told; None without a period for `everybody`.
    feeders : devices at the heads of the feeders it touches.
    switching : devices to open, then ties to close, each once.
    """

    planned: PlannedOutage
    transformers: tuple[str, ...]
    customer_rows: Ints
    customer_minutes: float
    notices: tuple[Notice, ...]
    public_due: datetime | None
    feeders: tuple[str, ...]
    switching: tuple[SwitchAction, ...]
    conflicts: tuple[PlanConflict, ...]

    @property
    def customers_out(self) -> int:
        """How many lose supply."""
        return len(self.customer_rows)


def plan_outage(
    grid: Grid,
    customers: pd.DataFrame,
    grades: Sequence[str] | np.ndarray,
    planned: PlannedOutage,
    notice_h: Mapping[str, float],
    now: datetime,
    *,
    running: Sequence[Outage] = (),
    others: Sequence[PlannedOutage] = (),
) -> PlannedEffect:
    """Find out what a planned outage does and what conflicts with it.

    Parameters
    ----------
    customers : indexed by customer id, with `transformer`.
    grades : of each customer, in the same order.
    notice_h : hours before the start by which a grade must be told; `everybody` for all others. Periods are
        the policy's.
    running : outages under way. others : other plans; itself among them is passed over.

    Raises
    ------
    InputFaults
        Unknown places, or an end that is not after the start.
    """
    around = checked_places(grid, planned)
    opened = () if planned.live_line else around
    transformers = loses(grid, opened, planned.close_devices)
    rows = np.flatnonzero(customers["transformer"].isin(transformers).to_numpy())
    notices = _notices(customers, np.asarray(grades), rows, planned, notice_h, now)
    public_h = notice_h.get(EVERYBODY)
    nobody = public_h is None or not len(rows)
    public_due = None if nobody else planned.start - timedelta(hours=public_h or 0)
    feeders = feeders_touched(grid, around)
    ties = feeders_touched(grid, planned.close_devices)
    switch_at = grid.switch_at
    # Opened before closed: the other way round joins two feeders, which needs permission.
    switching = (
        *(grid.action(switch_at[device], close=False) for device in opened),
        *(grid.action(switch_at[device], close=True) for device in planned.close_devices),
    )
    return PlannedEffect(
        planned=planned,
        transformers=transformers,
        customer_rows=rows,
        customer_minutes=len(rows) * (planned.end - planned.start).total_seconds() / 60,
        notices=notices,
        public_due=public_due,
        feeders=tuple(sorted(feeders)),
        switching=switching,
        conflicts=(
            *_late(notices, public_due, now),
            *_breaches(grid, switching),
            *_with_running(grid, planned, feeders, ties, running),
            *_with_others(grid, planned, around, feeders, others),
        ),
    )


def checked_places(grid: Grid, planned: PlannedOutage) -> tuple[str, ...]:
    """The devices to open.

    Raises
    ------
    InputFaults
        With everything that is wrong.
    """
    where = f"planned outage '{planned.id}'"
    faults = []
    if planned.end <= planned.start:
        text = f"ends {planned.end.isoformat()}; must be after its start {planned.start.isoformat()}"
        faults.append(Fault(file=where, place="end", text=text))
    devices: list[str] = []
    for place in planned.open_places:
        found = devices_around(grid, place)
        if found is None:
            known = [*grid.switch_at, *grid.section_ids.tolist(), *grid.line_at]
            text = f"unknown device, section or line '{place}'{nearest(place, known)}"
            faults.append(Fault(file=where, place="open_places", text=text))
        else:
            devices += found
    for device in planned.close_devices:
        if device not in grid.switch_at:
            text = f"unknown device '{device}'{nearest(device, grid.switch_at)}"
            faults.append(Fault(file=where, place="close_devices", text=text))
    if planned.live_line and (cables := cables_at(grid, planned.open_places)):
        text = f"live-line work is done on overhead lines; {', '.join(cables[:5])} is none"
        faults.append(Fault(file=where, place="live_line", text=text))
    if faults:
        raise InputFaults(faults)
    return tuple(dict.fromkeys(devices))


def cables_at(grid: Grid, places: Sequence[str]) -> tuple[str, ...]:
    """What of some places is no overhead line: devices, sections and lines that are cables."""
    by_section = {section.id: section.lines for section in grid.sections}
    named = [line for place in places for line in by_section.get(place, (place,))]
    kind = grid.lines.kind
    return tuple(
        each for each in named if each not in grid.line_at or str(kind[grid.line_at[each]]) != "overhead"
    )


def devices_around(grid: Grid, place: str) -> tuple[str, ...] | None:
    """Closed devices that separate a place from the rest: the device itself, or a section's border."""
    if place in grid.switch_at:
        return (place,)
    if place in grid.line_at:
        section = int(grid.sectioning.of_bus[grid.lines.from_idx[grid.line_at[place]]])
    else:
        found = np.flatnonzero(grid.section_ids == place)
        if not len(found):
            return None
        section = int(found[0])
    border = np.any(grid.device_ends == section, axis=1) & grid.switches.closed
    return tuple(grid.switches.ids[border].tolist())


def loses(grid: Grid, opened: Sequence[str], closed: Sequence[str]) -> tuple[str, ...]:
    """Transformers that have supply now and not with the switching done."""
    before = set(trace(grid).dead_transformers)
    after = trace(grid, open_devices=opened, close_devices=closed).dead_transformers
    return tuple(name for name in after if name not in before)


def feeders_touched(grid: Grid, devices: Sequence[str]) -> frozenset[str]:
    """Heads of the feeders at either end of some devices, in the normal state."""
    first = grid.normal_tree.first
    heads = set()
    for device in devices:
        at = grid.switch_at[device]
        heads |= {int(first[section]) for section in grid.device_ends[at].tolist() if section != NONE}
        # The device at the head of a feeder has the source on its other side.
        heads |= {at} & set(first.tolist())
    return frozenset(str(grid.switches.ids[head]) for head in heads if head != NONE)


def feeders_of_places(grid: Grid, places: Iterable[str]) -> frozenset[str]:
    """Heads of the feeders that are touched where places are cut off: devices, sections, lines."""
    return feeders_touched(grid, [device for each in places for device in devices_around(grid, each) or ()])


def _notices(
    customers: pd.DataFrame,
    grades: np.ndarray,
    rows: Ints,
    planned: PlannedOutage,
    notice_h: Mapping[str, float],
    now: datetime,
) -> tuple[Notice, ...]:
    found = []
    for row in rows.tolist():
        hours = notice_h.get(str(grades[row])) if str(grades[row]) != EVERYBODY else None
        if hours is None:
            continue
        due = planned.start - timedelta(hours=hours)
        customer = str(customers.index[row])
        found.append(Notice(customer=customer, grade=str(grades[row]), due=due, late=due < now))
    return tuple(sorted(found, key=lambda each: (each.due, each.customer)))


def _late(notices: Sequence[Notice], public_due: datetime | None, now: datetime) -> Sequence[PlanConflict]:
    late = [notice for notice in notices if notice.late]
    found = []
    if late:
        text = f"{len(late)} important customers had to be told by {late[0].due.isoformat()}"
        found.append(_too_late(late[0].customer, text, late[0].due, len(late)))
    if public_due is not None and public_due < now:
        text = f"the public had to be told by {public_due.isoformat()}"
        found.append(_too_late(EVERYBODY, text, public_due))
    return found


def _too_late(whom: str, text: str, due: datetime, count: int = 0) -> PlanConflict:
    return PlanConflict(kind="notice_too_late", other=whom, text=text, due=due, count=count)


def _breaches(grid: Grid, switching: Sequence[SwitchAction]) -> Sequence[PlanConflict]:
    """What is wrong with the switching itself, but for the supply that it is meant to take."""
    return [
        PlanConflict(kind="switching", other=each.device, text=each.text, place=each.code)
        for each in check_switching(grid, switching, [])
        if each.code != "drops_supply"
    ]


def _with_running(
    grid: Grid,
    planned: PlannedOutage,
    feeders: frozenset[str],
    ties: frozenset[str],
    running: Sequence[Outage],
) -> Sequence[PlanConflict]:
    head_of = grid.feeder_of_transformer
    found = []
    for outage in running:
        heads = {head_of[name] for name in outage.transformers if name in head_of}
        shared = sorted(heads & feeders)
        if shared:
            text = (
                f"outage {outage.id} is on the same feeder {shared[0]}: {outage.customers_out} customers out"
            )
            found.append(
                PlanConflict(
                    kind="running_fault",
                    other=outage.id,
                    text=text,
                    place=shared[0],
                    count=outage.customers_out,
                )
            )
        elif leaning := sorted(heads & ties):
            text = f"outage {outage.id} is on feeder {leaning[0]}, which a tie would lean on"
            found.append(PlanConflict(kind="tie_feeder", other=outage.id, text=text, place=leaning[0]))
    return found


def _with_others(
    grid: Grid,
    planned: PlannedOutage,
    opened: Sequence[str],
    feeders: frozenset[str],
    others: Sequence[PlannedOutage],
) -> Sequence[PlanConflict]:
    found = []
    ties = feeders_touched(grid, planned.close_devices)
    mine = {*opened, *planned.close_devices}
    for other in others:
        if other.id == planned.id or other.end <= planned.start or planned.end <= other.start:
            continue
        theirs = checked_places(grid, other)
        shared_devices = sorted(mine & {*theirs, *other.close_devices})
        touched = feeders_touched(grid, theirs)
        if shared_devices:
            text = f"plan {other.id} operates {shared_devices[0]} at the same time"
            found.append(PlanConflict(kind="same_device", other=other.id, text=text, place=shared_devices[0]))
        elif shared := sorted(touched & feeders):
            text = f"plan {other.id} is on the same feeder {shared[0]} at the same time"
            found.append(PlanConflict(kind="same_feeder", other=other.id, text=text, place=shared[0]))
        elif leaning := sorted((touched & ties) | (feeders_touched(grid, other.close_devices) & feeders)):
            text = f"plan {other.id} and this one lean on feeder {leaning[0]} at the same time"
            found.append(PlanConflict(kind="tie_feeder", other=other.id, text=text, place=leaning[0]))
    return found

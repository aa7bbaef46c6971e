"""Planned outages: announced as early as the policy requires, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..ground.errors import DispatchError
from ..live import Desk, Refused, Who
from ..outages.planned import PlannedOutage, feeders_of_places
from ..store.history import events_keyed
from ..triage.orders import grade_customers
from .notices import notices

KEY = "planned/"
CANCELLED = "unplanned/"


class NoticeTooShort(DispatchError):
    """A planned outage would begin before the notice that the policy requires has passed."""


def announce(
    desk: Desk,
    id_: str,
    transformers: Sequence[str],
    begins: datetime,
    ends: datetime,
    reason: str,
    who: Who,
    *,
    urgent: bool = False,
    opened: Sequence[str] = (),
    closed: Sequence[str] = (),
    despite: str = "",
) -> bool:
    """Give notice of a planned outage, once per `id_`; False when it was given before.

    Parameters
    ----------
    urgent : a temporary outage that cannot wait for the usual notice.
    opened, closed : what is switched for it, where that is known: other plans are held against it.
    despite : a supervisor's reason to take supply from a feeder that an event is guaranteed.

    Raises
    ------
    NoticeTooShort
        It begins too soon for some of the customers.
    Refused
        One of its feeders is under a guarantee (`guaranteed_feeder`), and no supervisor said why.
    DispatchError
        A transformer is unknown, or it ends before it begins.
    """
    known = desk.case.customers.rows_by_transformer
    unknown = [each for each in transformers if each not in known]
    if unknown or not transformers:
        raise DispatchError(f"no customers behind transformer {', '.join(unknown) or '(none given)'}")
    if ends <= begins:
        raise DispatchError("a planned outage ends after it begins")
    _check_notice(desk, transformers, begins, urgent)
    guarded = guarding(desk, transformers, begins, ends, (*opened, *closed))
    if guarded and not despite.strip():
        row, feeder = guarded[0]
        raise Refused("guaranteed_feeder", feeder=feeder, guarantee=row["id"], name=row["words"])
    data = {
        "what": "planned_outage",
        "transformers": list(transformers),
        "from": begins.isoformat(),
        "to": ends.isoformat(),
        "reason": reason,
        "urgent": urgent,
        "opened": list(opened),
        "closed": list(closed),
    }
    new = desk.note("noted", id_, data, who, key=f"{KEY}{id_}")
    for row, _ in guarded if new else ():
        desk.service.guarantees.allow(row["id"], id_, despite.strip(), who)
    return new


def guarding(
    desk: Desk, transformers: Sequence[str], begins: datetime, ends: datetime, places: Sequence[str] = ()
) -> list[tuple[Mapping[str, Any], str]]:
    """The guarantees that a planned outage would touch, each with the feeder.

    Parameters
    ----------
    places : devices, sections or lines that are switched for it.
    """
    grid = desk.case.grid
    heads = {head for each in transformers if (head := grid.feeder_of_transformer.get(each))}
    heads |= feeders_of_places(grid, places)
    found = desk.service.guarantees.over(heads, begins, ends)
    return [(row, min(heads & set(row["data"]["feeders"]))) for row in found]


def cancel(desk: Desk, id_: str, reason: str, who: Who) -> bool:
    """Take the notice of a planned outage back; everybody who was told hears it, once.

    Raises
    ------
    DispatchError
        No such outage was announced.
    """
    given = next((each for each in events_keyed(desk.store, KEY) if each.subject == id_), None)
    if given is None:
        raise DispatchError(f"no planned outage '{id_}' was announced")
    names = ("transformers", "from", "to")
    data = {"what": "planned_cancelled", "reason": reason, **{name: given.data[name] for name in names}}
    return desk.note("noted", id_, data, who, key=f"{CANCELLED}{id_}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Notice of a planned outage as it was given: which, of what transformers, from when to when."""

    id: str
    transformers: tuple[str, ...]
    begins: datetime
    ends: datetime
    data: Mapping[str, Any]


def announced(desk: Desk) -> tuple[Announced, ...]:
    """What customers have been told of, that was not taken back and is not over."""
    gone = {each.subject for each in events_keyed(desk.store, CANCELLED)}
    found = [
        Announced(
            id=event.subject,
            transformers=tuple(event.data["transformers"]),
            begins=datetime.fromisoformat(event.data["from"]),
            ends=datetime.fromisoformat(event.data["to"]),
            data=event.data,
        )
        for event in events_keyed(desk.store, KEY)
        if event.subject not in gone
    ]
    return tuple(each for each in found if each.ends > desk.clock())


def announced_plans(desk: Desk) -> tuple[PlannedOutage, ...]:
    """The same as switchings that are planned."""
    return tuple(
        PlannedOutage(
            id=each.id,
            start=each.begins,
            end=each.ends,
            open_places=tuple(each.data.get("opened", ())),
            close_devices=tuple(each.data.get("closed", ())),
            reason=each.data.get("reason") or "",
            urgent=each.data["urgent"],
        )
        for each in announced(desk)
    )


def _check_notice(desk: Desk, transformers: Sequence[str], begins: datetime, urgent: bool) -> None:
    ahead, case = begins - desk.clock(), desk.case_under()
    short = [
        f"{each.grade}: {_hours(each.ahead)} ({each.basis or 'policy'})"
        for each in notices(case, grade_customers(case), transformers, urgent=urgent)
        if each.ahead is not None and ahead < each.ahead
    ]
    if short:
        raise NoticeTooShort(f"begins in {_hours(ahead)}; notice required for {'; '.join(short)}")


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.0f} h"

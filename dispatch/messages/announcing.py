"""Planned outages: announced as early as the policy requires, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..ground.errors import DispatchError
from ..live import Desk, Who
from ..outages.planned import PlannedOutage
from ..store.history import events_keyed
from ..triage.orders import grade_customers
from .notices import notices

KEY = "planned/"


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
) -> bool:
    """Give notice of a planned outage, once per `id_`; False when it was given before.

    Parameters
    ----------
    urgent : a temporary outage that cannot wait for the usual notice.
    opened, closed : what is switched for it, where that is known: other plans are held against it.

    Raises
    ------
    NoticeTooShort
        It begins too soon for some of the customers.
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
    return desk.note("noted", id_, data, who, key=f"{KEY}{id_}")


def announced_plans(desk: Desk) -> tuple[PlannedOutage, ...]:
    """The planned outages that customers have been told of and that are not over."""
    found = [
        PlannedOutage(
            id=event.subject,
            start=datetime.fromisoformat(event.data["from"]),
            end=datetime.fromisoformat(event.data["to"]),
            open_places=tuple(event.data.get("opened", ())),
            close_devices=tuple(event.data.get("closed", ())),
            reason=event.data.get("reason") or "",
            urgent=event.data["urgent"],
        )
        for event in events_keyed(desk.store, KEY)
    ]
    return tuple(each for each in found if each.end > desk.clock())


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

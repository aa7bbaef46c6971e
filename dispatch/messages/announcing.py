"""Planned outages: announced as early as the policy requires, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..errors import DispatchError
from ..live import Desk, Who
from ..triage import grade_customers
from .notices import notices


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
) -> bool:
    """Give notice of a planned outage, once per `id_`; False when it was given before.

    Parameters
    ----------
    urgent : a temporary outage that cannot wait for the usual notice.

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
    }
    return desk.note("noted", id_, data, who, key=f"planned/{id_}")


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

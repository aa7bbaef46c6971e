"""Planned outages: announced as early as the rules on supply require, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..errors import DispatchError
from ..live import Desk, Who

# Service commitments of State Grid, art. 2: planned outages are announced 7 days ahead.
NOTICE = timedelta(days=7)


class NoticeTooShort(DispatchError):
    """A planned outage would begin before the notice that the law requires has passed."""


def announce(
    desk: Desk,
    id_: str,
    transformers: Sequence[str],
    begins: datetime,
    ends: datetime,
    reason: str,
    who: Who,
    *,
    notice: timedelta = NOTICE,
) -> bool:
    """Give notice of a planned outage, once per `id_`; False when it was given before.

    Raises
    ------
    NoticeTooShort
        It begins too soon.
    DispatchError
        A transformer is unknown, or it ends before it begins.
    """
    known = desk.case.customers.rows_by_transformer
    unknown = [each for each in transformers if each not in known]
    if unknown or not transformers:
        raise DispatchError(f"no customers behind transformer {', '.join(unknown) or '(none given)'}")
    if ends <= begins:
        raise DispatchError("a planned outage ends after it begins")
    ahead = begins - desk.clock()
    if ahead < notice:
        raise NoticeTooShort(f"begins in {ahead}; {notice} of notice are required")
    data = {
        "what": "planned_outage",
        "transformers": list(transformers),
        "from": begins.isoformat(),
        "to": ends.isoformat(),
        "reason": reason,
    }
    return desk.note("noted", id_, data, who, key=f"planned/{id_}")

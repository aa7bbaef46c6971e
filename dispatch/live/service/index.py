"""The customers' index of the running day: its changes are listed, and it counts once somebody says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from ...service.index import Moved, Weights, moved, scores
from ...store import queries
from ...store.history import events_between
from ..book import Who
from ..desk import Desk
from ..refusals import Refused

SUBJECT = "customer index"
PROPOSED, COUNTS = "index_proposed", "index_counts"
YEAR = timedelta(days=365)
MOST_LISTED = 300
AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index as it was worked out.

    Parameters
    ----------
    listed : the highest, by customer.
    areas : mean of each kind of area, so that everybody sees whom the weights favour.
    """

    at: datetime
    by: str
    seq: int
    listed: Mapping[str, float]
    areas: Mapping[str, float]
    vip_from: float


def propose_index(desk: Desk, weights: Weights, who: Who) -> Index:
    """Work the index out anew and write it down; it does not count yet."""
    case, now = desk.case, desk.clock()
    calls: Counter[str] = Counter()
    complaints: Counter[str] = Counter()
    for event in events_between(desk.store, now - YEAR, now + YEAR, ("request_logged", "matter_opened")):
        customer = event.data.get("customer")
        if customer:
            (calls if event.kind == "request_logged" else complaints)[customer] += 1
    found = scores(case.customers.table, desk.grading.grades.grade, calls, complaints, weights)
    top = found[found > 0].sort_values(ascending=False, kind="stable").head(MOST_LISTED)
    areas = found.groupby(np.asarray(case.customers.table["area"].fillna("–").astype(str))).mean()
    data = {
        "what": PROPOSED,
        "listed": {str(name): float(value) for name, value in top.items()},
        "areas": {str(name): round(float(value), 2) for name, value in areas.items()},
        "vip_from": weights.vip_from,
    }
    desk.note("noted", SUBJECT, data, who)
    proposed = waiting_index(desk)
    assert proposed is not None
    return proposed


def waiting_index(desk: Desk) -> Index | None:
    """The index that was worked out last and does not count yet."""
    newest = _newest(desk, PROPOSED)
    counting = _newest(desk, COUNTS)
    return newest if newest and (counting is None or newest.seq > counting.seq) else None


def counting_index(desk: Desk) -> Index | None:
    """The index that counts."""
    return _newest(desk, COUNTS)


def index_changes(desk: Desk) -> list[Moved]:
    """What would change if the waiting index counted."""
    waiting, counting = waiting_index(desk), counting_index(desk)
    return [] if waiting is None else moved(counting.listed if counting else {}, waiting.listed)


def let_index_count(desk: Desk, seen: int, who: Who) -> None:
    """Let the waiting index count, by somebody who has read its changes.

    Raises
    ------
    Refused
        None waits, or another one was worked out since.
    """
    with desk.book.lock:
        waiting = waiting_index(desk)
        if waiting is None or waiting.seq != seen:
            raise Refused("index_gone")
        data = {"what": COUNTS, "listed": dict(waiting.listed), "areas": dict(waiting.areas)}
        desk.note("noted", SUBJECT, data | {"vip_from": waiting.vip_from}, who)


def _newest(desk: Desk, what: str) -> Index | None:
    """The newest index of a kind, however many others were worked out since."""
    before: int | None = None
    while found := queries.newest_events(desk.store, "noted", AT_ONCE, SUBJECT, before=before):
        for event in found:
            if event.data.get("what") == what:
                return Index(
                    at=event.at,
                    by=event.actor,
                    seq=event.seq or 0,
                    listed=event.data["listed"],
                    areas=event.data["areas"],
                    vip_from=event.data["vip_from"],
                )
        before = found[-1].seq
    return None

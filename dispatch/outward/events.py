"""What other systems hear of the day: out of the journal, and out of how the outages stand.

A journal's event says that an order moved or a plan was published. Outages and estimates are worked out of
the day; what differs from what was told before is told now. Both are written down with the number up to which
the journal was read, in one transaction: after a crash nothing has two numbers, and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..live import Desk
from ..store import Event
from ..store import outward_rows as rows
from ..store.outward_rows import Outgoing
from .moments import utc_text
from .picture import cause_of, counted, etr_of, known_now, not_over, rule_of
from .sites import of_sites, sites_now
from .supplies import Supplies

# At most so much of the journal in one transaction.
AT_ONCE = 500
KEPT = timedelta(days=30)
FORGETS_EVERY = timedelta(hours=6)
KINDS = frozenset({"plan_published", "order_opened", "order_moved", "order_told"})
# Never a note: only what is coded.
ORDER_FIELDS = ("crew", "cause", "estimate_min")
Known = dict[str, dict[str, Any]]


class Telling:
    """Tells what has happened since it was asked last.

    Parameters
    ----------
    wall : the clock that events are sent by, which is the machine's; a day that is tried out has its own.
    """

    def __init__(self, desk: Desk, wall: Callable[[], datetime]) -> None:
        self._desk, self._wall = desk, wall
        self._seen: object = None
        self._supplies = Supplies(desk)
        self._forgot_at: datetime | None = None

    def look(self) -> None:
        """Write down what is new."""
        seen = (self._desk.version, int(self._desk.clock().timestamp()) // 60)
        if seen == self._seen:
            return
        while self._told() >= AT_ONCE:
            pass
        self._seen = seen
        self._forget()

    def _told(self) -> int:
        """Tell one part of the journal; returns how many events it held."""
        store = self._desk.store
        read, known = rows.marks(store)
        newest = store.last_seq()
        if read is None or read > newest:
            # The first time, or a backup was restored: the past is not told.
            read = newest
        journal = store.events_after(read, AT_ONCE)
        told = [each for event in journal for each in _of_journal(event)]
        outages: Known = known.get("outages", {})
        now = outages_now(self._desk)
        at = self._desk.clock()
        if now is not None:
            told += _of_outages(outages, now, at)
        groups, sites_before = rows.groups(store), known.get("sites", {})
        sites = sites_now(groups, self._supplies, sites_before)
        told += of_sites(groups, sites_before, sites, at)
        upto = (journal[-1].seq or read) if journal else read
        fresh: Mapping[str, Any] = {"outages": outages if now is None else now, "sites": sites}
        if told or journal or fresh != known:
            rows.write(store, told, upto, fresh, self._wall())
        return len(journal)

    def _forget(self) -> None:
        now = self._desk.clock()
        if self._forgot_at is None or now - self._forgot_at > FORGETS_EVERY:
            rows.forget(self._desk.store, now - KEPT)
            self._forgot_at = now


def outages_now(desk: Desk) -> Known | None:
    """The outages that are not over, as other systems hear of them; None before there is any plan."""
    day = known_now(desk)
    if day is None:
        return None
    (known, found), rule = day, rule_of(desk.case_under(), "outage")
    states = {row["id"]: row for row in desk.rows("orders")}
    told: Known = {}
    for outage in not_over(known, found):
        order = known.order_of_outage.get(outage.id)
        row = states.get(order.id) if order is not None else None
        fewest, most = counted(outage, found.supplies[outage.id].out)
        etr = etr_of(known, found, outage, rule, desk.clock())
        told[outage.id] = {
            "outage": outage.id,
            "since": utc_text(outage.since),
            "customersFrom": fewest,
            "customersTo": most,
            "confirmed": outage.confirmed,
            "cause": cause_of(outage, row),
            "order": order.id if order is not None else None,
            "state": str(row["state"]) if row is not None else None,
            "etr": utc_text(etr) if etr is not None else None,
        }
    return told


def _of_outages(before: Known, now: Known, at: datetime) -> Iterator[Outgoing]:
    for id_, told in now.items():
        old = before.get(id_)
        if old is None:
            yield Outgoing(type="outage.opened", subject=id_, at=at, data=told)
        elif _without_etr(old) != _without_etr(told):
            yield Outgoing(type="outage.changed", subject=id_, at=at, data=told)
        if (old or {}).get("etr") != told["etr"]:
            data = {"outage": id_, "etr": told["etr"], "before": (old or {}).get("etr")}
            yield Outgoing(type="etr.changed", subject=id_, at=at, data=data)
    for id_ in before.keys() - now.keys():
        data = {"outage": id_, "since": before[id_]["since"], "closedAt": utc_text(at)}
        yield Outgoing(type="outage.closed", subject=id_, at=at, data=data)


def _without_etr(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "etr"}


def _of_journal(event: Event) -> Iterator[Outgoing]:
    """What an event of the journal means to others; nothing that a person wrote is in it."""
    if event.kind not in KINDS:
        return
    if event.kind == "plan_published":
        data: dict[str, Any] = {"plan": int(event.subject), "publishedAt": utc_text(event.at)}
        yield Outgoing(type="plan.published", subject=f"plan-{event.subject}", at=event.at, data=data)
        return
    told = {name: event.data[name] for name in ORDER_FIELDS if event.data.get(name) is not None}
    state = "received" if event.kind == "order_opened" else event.data.get("to")
    if state is None and not told:
        return
    data = {"order": event.subject, "state": state, "crew": None, "cause": None, "estimate_min": None} | told
    data["estimateMin"] = data.pop("estimate_min")
    yield Outgoing(type="order.changed", subject=event.subject, at=event.at, data=data)
    if state in ("dispatched", "on_the_way") and data["crew"]:
        sent = {"order": event.subject, "crew": data["crew"], "state": state}
        yield Outgoing(type="crew.sent", subject=event.subject, at=event.at, data=sent)

"""What people correct of a request: its words and place, whose it is, which order it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..store import ENDED, Event, record
from ..store.request_list import (
    expect_request,
    key_is_known,
    one_order,
    one_request,
    others_of_order,
    requests_same_as,
)
from .book import Who
from .desk import Desk
from .refusals import Refused

EDITABLE = frozenset(
    {
        *("words", "phone", "kind", "channel", "customer", "address", "lon", "lat"),
        *("appointment_from", "appointment_to"),
    }
)
# Nobody is there yet: what is not wanted any more can be called off.
CAN_BE_CLOSED = frozenset({"received", "accepted", "dispatched"})
Row = Mapping[str, Any]
Columns = dict[str, Any]


def change_request(
    desk: Desk,
    id_: str,
    told: Mapping[str, Any],
    who: Who,
    *,
    seen: int,
    reason: str = "",
    key: str | None = None,
) -> int:
    """Correct a request; returns its new version.

    Parameters
    ----------
    told : columns of `EDITABLE` with their new values, and what it belongs to: `order` (a work order, None
        takes that back), `same_as` (the request that says the same, or None), `withdrawn` (True or False),
        `answered` (True: the caller has the answer, nothing is left to do).
    seen : the version that whoever decides has read.
    key : the sender's own mark; what is known is not done again.

    Raises
    ------
    Conflict
        Somebody changed it in between.
    Refused
        It cannot be so, and why.
    """
    with desk.book.lock, desk.store.writing() as connection:
        row = one_request(connection, id_)
        if row is None:
            raise Refused("unknown_request", request=id_)
        if key_is_known(connection, key):
            return int(row["version"])
        expect_request(connection, row, seen)
        _check(desk, row, told, reason)
        happened = Change(desk, connection, row, who, reason).events(told)
        for number, event in enumerate(happened):
            record(connection, _keyed(event, key) if number == 0 else event)
        after = one_request(connection, id_)
    return int((after or row)["version"])


class Change:
    """The events of one correction, in the transaction that writes them."""

    def __init__(self, desk: Desk, connection: Any, row: Row, who: Who, reason: str) -> None:
        self._desk, self._connection, self._row = desk, connection, row
        self._who, self._reason = who, reason

    def events(self, told: Mapping[str, Any]) -> list[Event]:
        """What is to be written: of the request, of those that say the same, of the order that it leaves."""
        to: Columns = {name: told[name] for name in EDITABLE & told.keys()}
        what, others = "edited", requests_same_as(self._connection, self._row["id"])
        if told.get("answered"):
            return self._answered()
        for name, change in (
            ("order", self._linked),
            ("same_as", self._joined),
            ("withdrawn", self._withdrawn),
        ):
            if name in told:
                what = name
                to |= change(told[name])
        differs = {name: value for name, value in to.items() if value != self._row[name]}
        if not differs:
            return []
        if self._row["owner"] is None and self._who.answers:
            # The first person who puts a hand on it answers for it.
            differs["owner"] = self._who.name
        happened = [self._event(what, self._row, differs)]
        fate = {name: to[name] for name in ("order_id", "desk", "open", "withdrawn") if name in to}
        if fate:
            root = {"same_as": to["same_as"]} if to.get("same_as") else {}
            happened += [self._event(what, other, fate | root) for other in others]
        return [*happened, *self._left_order(to, [self._row["id"], *(other["id"] for other in others)])]

    def _linked(self, order: str | None) -> Columns:
        if order is None:
            return {"linked": 0, **self._alone()}
        found = self._order(order)
        if found is None:
            raise Refused("unknown_order", order=order)
        is_open = int(found["state"] not in ENDED)
        return {"linked": 1, "same_as": None, "order_id": order, "desk": 0, "withdrawn": 0, "open": is_open}

    def _joined(self, same_as: str | None) -> Columns:
        if same_as is None:
            return {"same_as": None, **self._alone()}
        found = one_request(self._connection, same_as)
        if found is not None and found["same_as"]:
            found = one_request(self._connection, found["same_as"])
        if found is None:
            raise Refused("unknown_request", request=same_as)
        if found["id"] == self._row["id"]:
            raise Refused("same_request")
        fate = {name: found[name] for name in ("order_id", "desk", "open", "withdrawn")}
        return {"same_as": found["id"], "linked": 0, **fate}

    def _withdrawn(self, withdrawn: bool) -> Columns:
        if not withdrawn:
            return {"same_as": None, "linked": 0, **self._alone()}
        return {"withdrawn": 1, "open": 0}

    def _alone(self) -> Columns:
        """A request that stands for itself again: the next plan says what becomes of it."""
        return {"order_id": None, "desk": 0, "open": 1, "withdrawn": 0}

    def _answered(self) -> list[Event]:
        """The caller has the answer: the request ends, and with it its order in the office."""
        order = self._row["order_id"]
        said = [self._event("answered", self._row, {"open": 0})]
        if order is None:
            return said
        if not self._row["desk"]:
            raise Refused("has_order", order=order)
        return [*said, self._order_event(order, {"to": "closed", "note": self._reason or None})]

    def _left_order(self, to: Columns, gone: list[str]) -> Iterable[Event]:
        """Close the order that nobody asks for any more.

        Raises
        ------
        Refused
            A crew is at work on it.
        """
        order = self._row["order_id"]
        leaves = to.get("open") == 0 or ("order_id" in to and to["order_id"] != order)
        if order is None or not leaves or others_of_order(self._connection, order, gone):
            return ()
        found = self._order(order)
        # What meters say stands behind an outage too: only a plan can tell whether it is over.
        if found is None or found["state"] in ENDED or (found["place"] and self._desk.rows("signs")):
            return ()
        if found["state"] not in CAN_BE_CLOSED:
            if to.get("withdrawn"):
                raise Refused("crew_at_work", order=order)
            return ()
        return (self._order_event(order, {"to": "closed", "note": self._reason or None}),)

    def _order(self, order: str) -> Row | None:
        return one_order(self._connection, order)

    def _event(self, what: str, row: Row, to: Columns) -> Event:
        differs = {name: value for name, value in to.items() if value != row[name]}
        data = {
            "what": what,
            "to": {name: _plain(value) for name, value in differs.items()},
            "was": {name: _plain(row[name]) for name in differs},
        }
        if self._reason:
            data["reason"] = self._reason
        return self._desk.book.event(self._who, "request_changed", row["id"], data)

    def _order_event(self, order: str, data: Columns) -> Event:
        kept = {name: value for name, value in data.items() if value is not None}
        return self._desk.book.event(self._who, "order_moved", order, kept)


def _check(desk: Desk, row: Row, told: Mapping[str, Any], reason: str) -> None:
    customer, kind = told.get("customer"), told.get("kind")
    if customer is not None and customer not in desk.case.customers:
        raise Refused("unknown_customer", customer=customer)
    if kind is not None and kind not in desk.calls.kinds():
        raise Refused("unknown_kind", kind=kind)
    if told.get("withdrawn") and not reason.strip():
        raise Refused("reason_missing")
    whole = {name: told.get(name, row[name]) for name in EDITABLE}
    if (whole["lon"] is None) != (whole["lat"] is None):
        raise Refused("half_place")
    first, last = whole["appointment_from"], whole["appointment_to"]
    if first is not None and last is not None and last < first:
        raise Refused("late_end")


def _keyed(event: Event, key: str | None) -> Event:
    return Event(**{name: getattr(event, name) for name in Event.__dataclass_fields__} | {"key": key})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value

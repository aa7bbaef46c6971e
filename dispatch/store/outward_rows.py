"""Events for other systems: written with where the journal was read up to, handed out in order."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from .outward_tables import deliveries, outward, site_groups, webhooks
from .store import Store
from .tables import keepsakes

READ, KNOWN = "outward journal", "outward known"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An event for other systems, before it has a number.

    Parameters
    ----------
    groups : of critical sites that it concerns; None for what the utility's own webhooks get.
    """

    type: str
    subject: str
    at: datetime
    data: Mapping[str, Any]
    groups: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An event with its number."""

    seq: int
    type: str
    subject: str
    at: datetime
    data: Mapping[str, Any]


def marks(store: Store) -> tuple[int | None, dict[str, Any]]:
    """Up to where the journal was read, and what was known then; None at the first time."""
    with store.reading() as connection:
        read, known = _kept(connection, READ), _kept(connection, KNOWN)
    return (None if read is None else int(read)), ({} if known is None else json.loads(known))


def write(
    store: Store, happened: Sequence[Outgoing], read: int, known: Mapping[str, Any], due_at: datetime
) -> int:
    """Number events, note who is to get each and what is known now: all or nothing.

    Parameters
    ----------
    read : number of the journal's event up to which this holds.
    due_at : when they may be sent, by the clock that they are sent by.

    Returns
    -------
    int
        The number of the newest event.
    """
    with store.aside() as connection:
        seq = int(connection.scalar(select(func.max(outward.c.seq))) or 0)
        hooks = [dict(row) for row in connection.execute(select(webhooks)).mappings()]
        for each in happened:
            seq += 1
            told = {"type": each.type, "subject": each.subject, "at": each.at, "data": dict(each.data)}
            connection.execute(insert(outward).values(seq=seq, **told))
            _hand_out(connection, seq, each, hooks, due_at)
        _keep(connection, READ, str(read))
        _keep(connection, KNOWN, json.dumps(known, separators=(",", ":")))
    return seq


def _hand_out(
    connection: Connection, seq: int, each: Outgoing, hooks: Sequence[Row], due_at: datetime
) -> None:
    rows = [
        {
            "webhook": hook["id"],
            "seq": seq,
            "subject": each.subject,
            "state": "waiting",
            "tries": 0,
            "due_at": due_at,
        }
        for hook in hooks
        if hook["state"] != "removed" and _wants(hook, each)
    ]
    if rows:
        connection.execute(insert(deliveries), rows)


def _wants(hook: Row, each: Outgoing) -> bool:
    if hook["sites"] is not None:
        return each.groups is not None and hook["sites"] in each.groups
    return each.groups is None and (not hook["types"] or each.type in hook["types"])


def after(store: Store, seq: int, most: int, types: Collection[str] = ()) -> tuple[list[Sent], int, int]:
    """Events after a number, with the numbers of the oldest and newest that are kept; 0 without any."""
    wanted = (
        select(outward).where(outward.c.seq > seq, ~outward.c.type.like("site.%")).order_by(outward.c.seq)
    )
    if types:
        wanted = wanted.where(outward.c.type.in_(types))
    with store.reading() as connection:
        oldest, newest = connection.execute(select(func.min(outward.c.seq), func.max(outward.c.seq))).one()
        found = [_sent(row) for row in connection.execute(wanted.limit(most)).mappings()]
    return found, int(oldest or 0), int(newest or 0)


def forget(store: Store, before: datetime) -> None:
    """Drop events and deliveries from before a time; the newest stays, so that no number comes twice."""
    with store.aside() as connection:
        newest = connection.scalar(select(func.max(outward.c.seq))) or 0
        old = select(outward.c.seq).where(outward.c.at < before, outward.c.seq < newest)
        connection.execute(delete(deliveries).where(deliveries.c.seq.in_(old)))
        connection.execute(delete(outward).where(outward.c.at < before, outward.c.seq < newest))


# -- webhooks --------------------------------------------------------------------


def hooks(store: Store, state: str | None = None, sites: str | None = None) -> list[dict[str, Any]]:
    """Webhooks that have not been removed, the oldest first."""
    wanted = select(webhooks).where(webhooks.c.state != "removed").order_by(webhooks.c.made_at, webhooks.c.id)
    if state is not None:
        wanted = wanted.where(webhooks.c.state == state)
    if sites is not None:
        wanted = wanted.where(webhooks.c.sites == sites)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def add_hook(store: Store, row: Row) -> None:
    """Write a new webhook down."""
    with store.aside() as connection:
        connection.execute(insert(webhooks).values(failures=0, note=None, state="active", **row))


def change_hook(store: Store, id_: str, **changed: Any) -> None:
    """Change a webhook; what waits for one that is removed is dropped."""
    with store.aside() as connection:
        connection.execute(update(webhooks).where(webhooks.c.id == id_).values(changed))
        if changed.get("state") == "removed":
            waiting = (deliveries.c.webhook == id_) & (deliveries.c.state == "waiting")
            connection.execute(delete(deliveries).where(waiting))


def waiting(store: Store, hook: str, most: int) -> list[tuple[dict[str, Any], Sent]]:
    """What a webhook is still to get, in order."""
    wanted = (
        select(deliveries, outward.c.type, outward.c.at.label("happened_at"), outward.c.data)
        .join(outward, outward.c.seq == deliveries.c.seq)
        .where(deliveries.c.webhook == hook, deliveries.c.state == "waiting")
        .order_by(deliveries.c.seq)
        .limit(most)
    )
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(wanted).mappings()]
    return [(row, _sent(row | {"at": row["happened_at"]})) for row in rows]


def counted(store: Store) -> dict[str, dict[str, int]]:
    """How many deliveries of each state every webhook has."""
    wanted = select(deliveries.c.webhook, deliveries.c.state, func.count()).group_by(
        deliveries.c.webhook, deliveries.c.state
    )
    found: dict[str, dict[str, int]] = {}
    with store.reading() as connection:
        for hook, state, count in connection.execute(wanted):
            found.setdefault(hook, {})[state] = int(count)
    return found


def newest_deliveries(store: Store, hook: str, most: int) -> list[dict[str, Any]]:
    """What became of the newest events of a webhook."""
    wanted = (
        select(deliveries, outward.c.type)
        .join(outward, outward.c.seq == deliveries.c.seq)
        .where(deliveries.c.webhook == hook)
        .order_by(deliveries.c.seq.desc())
        .limit(most)
    )
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def tell_delivery(store: Store, id_: int, **changed: Any) -> None:
    """Write down how a try went."""
    with store.aside() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == id_).values(changed))


def send_again(store: Store, hook: str, now: datetime, since: int | None = None) -> int:
    """Let what was given up, or everything after a number, be sent again; returns how many."""
    wanted = deliveries.c.webhook == hook
    wanted &= deliveries.c.state == "given_up" if since is None else deliveries.c.seq > since
    again = {"state": "waiting", "tries": 0, "due_at": now, "note": None}
    with store.aside() as connection:
        return int(connection.execute(update(deliveries).where(wanted).values(again)).rowcount)


# -- critical sites --------------------------------------------------------------


def groups(store: Store) -> dict[str, dict[str, Any]]:
    """Groups of critical sites by name."""
    with store.reading() as connection:
        rows = connection.execute(select(site_groups).order_by(site_groups.c.name)).mappings()
        return {row["name"]: dict(row) for row in rows}


def put_group(store: Store, name: str, customers: Sequence[str], by: str, now: datetime) -> None:
    """Write a group down, in place of an older one of its name; without customers it is gone."""
    with store.aside() as connection:
        connection.execute(delete(site_groups).where(site_groups.c.name == name))
        if customers:
            row = {"name": name, "customers": list(customers), "made_by": by, "made_at": now}
            connection.execute(insert(site_groups).values(row))


def _sent(row: Any) -> Sent:
    return Sent(seq=row["seq"], type=row["type"], subject=row["subject"], at=row["at"], data=row["data"])


def _kept(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(keepsakes.c.value).where(keepsakes.c.name == name))


def _keep(connection: Connection, name: str, value: str) -> None:
    if not connection.execute(update(keepsakes).where(keepsakes.c.name == name).values(value=value)).rowcount:
        connection.execute(insert(keepsakes).values(name=name, value=value))

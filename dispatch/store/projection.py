"""What each event does to the tables of the running day.

The same handlers run when an event is written and when the day is rebuilt from
the journal, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ..ground.numbers import digits_of
from .journal import Event
from .lifecycle import ENDED
from .service_rows import (
    manager_changed,
    matter_changed,
    matter_opened,
    matters_forgotten,
    owned,
    owner_changed,
    preference_changed,
    urged,
    urging_answered,
    urgings_forgotten,
)
from .service_tables import matters
from .signs import signs_heard
from .standing_rows import standing_decided, standing_sent
from .tables import callbacks, changes, crews, jobs, orders, plans, policies, requests, steps, ticks, wishes

Handler = Callable[[Connection, Event], None]
# Of a request, who called and from where.
FORGOTTEN = frozenset({"customer", "address", "lon", "lat", "phone"})
REQUEST_TIMES = ("received_at", "appointment_from", "appointment_to")


def apply(connection: Connection, event: Event) -> None:
    """Carry out an event on the projection tables."""
    HANDLERS[event.kind](connection, event)


def _request_logged(connection: Connection, event: Event) -> None:
    values = _request_values(event.data)
    row = {"open": 1, "version": 1, "linked": 0, "withdrawn": 0, "desk": 0}
    connection.execute(insert(requests).values(id=event.subject, **row, **values))


def _request_values(data: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(data)
    for name in REQUEST_TIMES:
        if values.get(name):
            values[name] = datetime.fromisoformat(values[name])
    if "phone" in values:
        values["digits"] = digits_of(values["phone"] or "") or None
    return values


def _request_joined(connection: Connection, event: Event) -> None:
    """A plan holds it; the version stays, which counts what people change."""
    changed = {"order_id": event.data["order"], "desk": int(event.data.get("desk", 0))}
    connection.execute(update(requests).where(requests.c.id == event.subject).values(changed))


def _request_changed(connection: Connection, event: Event) -> None:
    """What a person corrected: `to` holds the columns as they are from now on, `was` as they were."""
    changed = _request_values(event.data["to"]) | {"version": requests.c.version + 1}
    connection.execute(update(requests).where(requests.c.id == event.subject).values(changed))


def _order_opened(connection: Connection, event: Event) -> None:
    """Open an order; an ended one of the same name (an outage at the same place) is put away first."""
    _put_away(connection, event.subject)
    connection.execute(
        insert(orders).values(
            id=event.subject,
            state="received",
            since=event.at,
            responsible=event.data.get("responsible", event.actor),
            place=event.data.get("place"),
            version=1,
        )
    )
    _step(connection, event, "received")


def _put_away(connection: Connection, order: str) -> None:
    """Give what belongs to an ended order the name that it has from now on: `O-F1#1`, `O-F1#2` ..."""
    state = connection.scalar(select(orders.c.state).where(orders.c.id == order))
    if state not in ENDED:
        return
    like = orders.c.id.startswith(f"{order}#", autoescape=True)
    before = connection.scalar(select(func.count()).select_from(orders).where(like))
    kept = f"{order}#{int(before or 0) + 1}"
    for table, column in ((jobs, jobs.c.id), (ticks, ticks.c.job)):
        names = connection.scalars(select(column).where(table.c.order_id == order).distinct()).all()
        for name in names:
            connection.execute(delete(wishes).where(wishes.c.job == name))
            changed = {column.name: kept + name.removeprefix(order)}
            connection.execute(update(table).where(column == name).values(changed))
    connection.execute(update(orders).where(orders.c.id == order).values(id=kept))
    for table in (steps, jobs, ticks, callbacks, requests, matters):
        connection.execute(update(table).where(table.c.order_id == order).values(order_id=kept))


def _order_moved(connection: Connection, event: Event) -> None:
    state = event.data["to"]
    changed: dict[str, Any] = {"state": state, "version": orders.c.version + 1}
    for name in ("crew", "note", "cause", "place", "estimate_min"):
        if name in event.data:
            changed[name] = event.data[name]
    connection.execute(update(orders).where(orders.c.id == event.subject).values(changed))
    if state == "accepted":
        # What a crew could not do stays known: it is not to be sent there again.
        connection.execute(delete(jobs).where(jobs.c.order_id == event.subject, jobs.c.state != "cannot"))
        connection.execute(delete(ticks).where(ticks.c.order_id == event.subject))
        # Back to the start of the road: what was reached before is history, kept in the journal.
        connection.execute(
            delete(steps).where(steps.c.order_id == event.subject, steps.c.state != "received")
        )
    if "undone" in event.data:
        _undone(connection, event)
    _step(connection, event, state)
    if state == "restored" and "undone" not in event.data:
        _ask_callers(connection, event)
    is_open = 0 if state in ENDED else 1
    connection.execute(update(requests).where(requests.c.order_id == event.subject).values(open=is_open))


def _undone(connection: Connection, event: Event) -> None:
    """What was reached by mistake was not reached: nobody is asked whether supply is back."""
    order, undone = event.subject, event.data["undone"]
    connection.execute(delete(steps).where(steps.c.order_id == order, steps.c.state == undone))
    connection.execute(delete(callbacks).where(callbacks.c.order_id == order, callbacks.c.state == "due"))


def _ask_callers(connection: Connection, event: Event) -> None:
    """Everybody who called about an order is asked whether supply is back."""
    callers = list(connection.scalars(select(requests.c.id).where(requests.c.order_id == event.subject)))
    connection.execute(delete(callbacks).where(callbacks.c.request.in_(callers)))
    for caller in callers:
        row = {"request": caller, "order_id": event.subject, "state": "due", "since": event.at}
        connection.execute(insert(callbacks).values(row))


def _callback_answered(connection: Connection, event: Event) -> None:
    """A customer said yes or no, or was not reached."""
    changed = {
        "state": event.data["answer"],
        "since": event.at,
        "actor": event.actor,
        "note": event.data.get("note"),
    }
    connection.execute(update(callbacks).where(callbacks.c.request == event.subject).values(changed))


def _order_told(connection: Connection, event: Event) -> None:
    """A crew, a cause, an estimate or a note, without a change of state."""
    told = {
        name: event.data[name]
        for name in ("crew", "cause", "place", "estimate_min", "note")
        if name in event.data
    }
    changed = {**told, "version": orders.c.version + 1}
    connection.execute(update(orders).where(orders.c.id == event.subject).values(changed))


def _step(connection: Connection, event: Event, state: str) -> None:
    row = {"order_id": event.subject, "state": state}
    connection.execute(delete(steps).where(steps.c.order_id == event.subject, steps.c.state == state))
    connection.execute(insert(steps).values(at=event.at, actor=event.actor, **row))


def _job_moved(connection: Connection, event: Event) -> None:
    """What a crew says of one job: on_the_way, on_site, safe, restored, done, cannot; a new estimate."""
    data = event.data
    connection.execute(delete(jobs).where(jobs.c.id == event.subject))
    if not data["to"]:
        # Taken back to where nobody had said anything yet.
        return
    row = {
        "order_id": data["order"],
        "crew": data["crew"],
        "state": data["to"],
        "minutes": data.get("minutes"),
    }
    connection.execute(insert(jobs).values(id=event.subject, since=event.at, **row))


def _step_ticked(connection: Connection, event: Event) -> None:
    """A safety step is done; the first tick counts."""
    where = (ticks.c.job == event.subject) & (ticks.c.step == event.data["step"])
    if connection.scalar(select(ticks.c.step).where(where)) is None:
        row = {"step": event.data["step"], "order_id": event.data["order"], "crew": event.data["crew"]}
        connection.execute(insert(ticks).values(job=event.subject, at=event.at, **row))


def _job_wished(connection: Connection, event: Event) -> None:
    """A person's word on a job: pinned to a crew, or forbidden to one; empty takes it back."""
    crew = event.data["crew"]
    where = (wishes.c.job == event.subject) & (wishes.c.crew == crew)
    connection.execute(delete(wishes).where(where))
    if event.data.get("wish"):
        row = {"wish": event.data["wish"], "reason": event.data.get("reason")}
        connection.execute(insert(wishes).values(job=event.subject, crew=crew, **row))


def _changed(connection: Connection, event: Event) -> None:
    """What a person made of the work by hand, or found out there; no data takes it back."""
    what = event.data["what"]
    where = (changes.c.subject == event.subject) & (changes.c.what == what)
    connection.execute(delete(changes).where(where))
    if event.data.get("data") is not None:
        row = {"data": event.data["data"], "reason": event.data.get("reason"), "actor": event.actor}
        connection.execute(insert(changes).values(subject=event.subject, what=what, at=event.at, **row))


def _crew_changed(connection: Connection, event: Event) -> None:
    """On shift, absent or off; where it is, when it says so."""
    names = ("state", "reason", "vehicle", "lon", "lat")
    told = {name: event.data[name] for name in names if name in event.data}
    _crew(connection, event.subject, told)


def _crew(connection: Connection, crew: str, told: Mapping[str, Any]) -> None:
    version = connection.scalar(select(crews.c.version).where(crews.c.id == crew))
    if version is None:
        row = {"state": "on_shift", "acknowledged": 0, "version": 1, **told}
        connection.execute(insert(crews).values(id=crew, **row))
    else:
        connection.execute(update(crews).where(crews.c.id == crew).values(version=version + 1, **told))


def _plan_acknowledged(connection: Connection, event: Event) -> None:
    _crew(connection, event.subject, {"acknowledged": int(event.data["plan"])})


def _plan_made(connection: Connection, event: Event) -> None:
    data: Mapping[str, Any] = event.data
    connection.execute(
        insert(plans).values(
            id=int(event.subject),
            made_for=datetime.fromisoformat(data["made_for"]),
            state="proposed",
            routes=data["routes"],
            basis=data["basis"],
            cost=data["cost"],
            policy=data["policy"],
            made_by=event.actor,
        )
    )


def _plan_published(connection: Connection, event: Event) -> None:
    connection.execute(update(plans).where(plans.c.state == "published").values(state="superseded"))
    changed: dict[str, Any] = {"state": "published", "made_by": event.actor}
    if "routes" in event.data:
        changed["routes"] = event.data["routes"]
    connection.execute(update(plans).where(plans.c.id == int(event.subject)).values(changed))


def _plan_declined(connection: Connection, event: Event) -> None:
    changed = update(plans).where(plans.c.id == int(event.subject)).values(state="declined")
    connection.execute(changed)


def _policy_uploaded(connection: Connection, event: Event) -> None:
    """A version of the policy, checked and waiting for somebody to put it in force."""
    columns = ("name", "version", "file", "text", "cases", "note")
    row = {name: event.data[name] for name in columns}
    made = {"made_by": event.actor, "made_at": event.at}
    connection.execute(insert(policies).values(id=int(event.subject), state="waiting", **row, **made))


def _policy_activated(connection: Connection, event: Event) -> None:
    """A version comes into force; the one before it can be gone back to."""
    connection.execute(update(policies).where(policies.c.state == "active").values(state="former"))
    _policy_decided(connection, event, "active")


def _policy_declined(connection: Connection, event: Event) -> None:
    _policy_decided(connection, event, "declined")


def _policy_decided(connection: Connection, event: Event, state: str) -> None:
    changed = {"state": state, "decided_by": event.actor, "decided_at": event.at}
    connection.execute(update(policies).where(policies.c.id == int(event.subject)).values(changed))


def _purged(connection: Connection, event: Event) -> None:
    """Customers of old requests, what was written of old orders and where crews were, are forgotten."""
    gone = {"words": "", "digits": None, **dict.fromkeys(FORGOTTEN)}
    asked, old = event.data.get("requests", []), event.data.get("orders", [])
    connection.execute(update(requests).where(requests.c.id.in_(asked)).values(gone))
    connection.execute(update(orders).where(orders.c.id.in_(old)).values(note=None))
    connection.execute(update(callbacks).where(callbacks.c.order_id.in_(old)).values(note=None))
    matters_forgotten(connection, event.data.get("matters", []))
    urgings_forgotten(connection, [*asked, *old])
    nowhere = update(crews).where(crews.c.id.in_(event.data.get("crews", [])))
    connection.execute(nowhere.values(lon=None, lat=None))


def _noted(connection: Connection, event: Event) -> None:
    """Only the journal keeps it: signing in, a purge, a message, a refused change, an estimate."""


HANDLERS: Mapping[str, Handler] = {
    "request_logged": _request_logged,
    "request_joined": _request_joined,
    "request_changed": _request_changed,
    "order_opened": _order_opened,
    "order_moved": _order_moved,
    "order_told": _order_told,
    "job_moved": _job_moved,
    "job_wished": _job_wished,
    "changed": _changed,
    "step_ticked": _step_ticked,
    "callback_answered": _callback_answered,
    "crew_changed": _crew_changed,
    "plan_acknowledged": _plan_acknowledged,
    "plan_made": _plan_made,
    "plan_published": _plan_published,
    "plan_declined": _plan_declined,
    "policy_uploaded": _policy_uploaded,
    "policy_activated": _policy_activated,
    "policy_declined": _policy_declined,
    "standing_sent": standing_sent,
    "standing_activated": standing_decided,
    "standing_declined": standing_decided,
    "owned": owned,
    "owner_changed": owner_changed,
    "manager_changed": manager_changed,
    "matter_opened": matter_opened,
    "matter_changed": matter_changed,
    "urged": urged,
    "urging_answered": urging_answered,
    "preference_changed": preference_changed,
    "purged": _purged,
    "signs_heard": signs_heard,
    "etrs_stated": _noted,
    "restocked": _noted,
    "shift_changed": _noted,
    "weather_told": _noted,
    "noted": _noted,
}

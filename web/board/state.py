"""What changes from minute to minute: states, calls that wait, who has read the plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from dispatch.ground.day import DayPlan
from dispatch.live import Desk, all_tickets, open_calls
from dispatch.live.book import answers_for
from dispatch.live.field_calls import CALLS_REST_ON
from dispatch.live.next_steps import is_lost
from dispatch.live.standing.duty import duty
from dispatch.live.tickets import TICKETS_REST_ON
from dispatch.live.vehicles import Vehicles
from dispatch.live.weather import warnings_now
from dispatch.store import queries

from ..day.board import Data, Timetable, job_row, outage_row, point, stamp, timetable
from ..day.expected import expected_data

ENDED_JOBS = frozenset({"done", "cannot"})
# What of the state comes as rows, with what tells one from another.
KEYS = {
    "orders": "id",
    "jobs": "id",
    "crews": "id",
    "waiting": "id",
    "stays": "id",
    "supplies": "id",
    "promised": "id",
    "vehicles": "id",
}
DANGERS_REST_ON = ("requests", "orders", "plans", "policies", "standing")
MOST_WAITING = 100
# What a proposal knows better of an outage than the plan in force.
NEWER = (
    "out",
    "calls",
    "score",
    "confirmed",
    "cause",
    "still_out",
    "expected",
    "fewest",
    "most",
    "looks",
    "others",
)
MOST_WORDS = 160
Row = Mapping[str, Any]


def state_data(desk: Desk) -> Data:
    """Return the states of orders, jobs and crews, and which plans there are.

    The number of the newest event is read first, so that what follows is at
    least as new as it says.
    """
    seq = desk.store.recent_seq()
    published, proposal = desk.plan_number("published"), open_proposal(desk)
    jobs = desk.rows("jobs")
    return {
        "seq": seq,
        "now": stamp(desk.clock()),
        "plan": published,
        "published": desk.kept("published", ("plans",), lambda: _published(desk, published)),
        "proposal": proposal,
        "orders": desk.kept("order rows", ("orders", "steps"), lambda: _orders(desk)),
        "jobs": [
            {"id": row["id"], "state": row["state"], "crew": row["crew"], "since": stamp(row["since"])}
            for row in jobs
        ],
        "crews": [
            {"id": row["id"], "state": row["state"], "reason": row["reason"]} for row in desk.rows("crews")
        ],
        "unread": unread(desk, published, {row["id"] for row in jobs if row["state"] in ENDED_JOBS}),
        "wishes": [
            {"job": row["job"], "crew": row["crew"], "wish": row["wish"], "reason": row["reason"]}
            for row in desk.rows("wishes")
        ],
        "changes": [_change(row) for row in desk.rows("changes")],
        "planner_gone": stamp(desk.planner_gone),
        "duty": duty_data(desk),
        "weather": weather_data(desk),
        "troubles": troubles(desk),
        "dangers": desk.kept("dangers", DANGERS_REST_ON, lambda: list(desk.calls.dangers())),
        "calls": desk.kept("calls", CALLS_REST_ON, lambda: _calls(desk)),
        "tickets": desk.kept("open tickets", TICKETS_REST_ON, lambda: _tickets(desk)),
        "waits": desk.kept("waits", ("requests", "policies", "standing"), lambda: waits(desk)),
        "unattended": unattended(desk),
        "waiting": desk.kept("waiting", ("requests",), lambda: waiting(desk.rows("requests"))),
        **expected_data(desk),
        "vehicles": desk.kept("vehicle rows", ("crews", "jobs", "plans"), lambda: _vehicles(desk)),
    }


def _tickets(desk: Desk) -> list[Data]:
    """Tickets that are given out, for the map: people may be at work in their sections."""
    names = ("number", "kind", "state", "job", "crew", "section")
    return [
        {name: getattr(each, name) for name in names} | {"at": point(each.lon, each.lat)}
        for each in all_tickets(desk).values()
        if each.open
    ]


def duty_data(desk: Desk) -> Data:
    """How many crews are on or away, and from when nobody is; the screen has its own clock."""
    told = duty(desk)
    return {
        "on": len(told.on),
        "absent": len(told.absent),
        "nobody_from": stamp(told.nobody_from),
        "known": told.known,
        "back_at": stamp(told.back_at),
    }


def weather_data(desk: Desk) -> list[Data]:
    """The weather warnings in force and to come; the screen compares the times with its clock."""
    return [
        {
            "id": each.id,
            "kind": each.kind,
            "from": stamp(each.begins),
            "until": stamp(each.ends),
            "gust_m_s": each.gust_m_s,
            "note": each.note,
        }
        for each in warnings_now(desk)
    ]


def troubles(desk: Desk) -> list[Data]:
    """The duties of the room that are not being done; what they failed at is for the log."""
    return [{"duty": each.duty, "since": stamp(each.since)} for each in desk.troubles()]


def open_proposal(desk: Desk) -> int | None:
    """Number of the proposal that nobody has answered, if it is newer than the plan in force."""
    number = desk.plan_number("proposed")
    return None if number is None or number < (desk.plan_number("published") or 0) else number


def _orders(desk: Desk) -> list[Data]:
    """The orders; a row is made again only when it, or one of its steps, is another one now."""
    steps: dict[str, list[Row]] = desk.kept("steps by order", ("steps",), lambda: _steps(desk))
    made: dict[str, tuple[Row, list[Row], Data]] = desk.kept("order rows made", (), dict)
    found = []
    for row in desk.rows("orders"):
        own, before = steps.get(row["id"], []), made.get(row["id"])
        if before is None or before[0] is not row or before[1] != own:
            before = made[row["id"]] = row, own, _order(row, own)
        found.append(before[2])
    return found


def _steps(desk: Desk) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in desk.rows("steps"):
        found.setdefault(row["order_id"], []).append(row)
    return found


def _order(row: Row, steps: Iterable[Row]) -> Data:
    return {
        "id": row["id"],
        "state": row["state"],
        "crew": row["crew"],
        "by": answers_for(row),
        "cause": row["cause"],
        "note": row["note"],
        "version": row["version"],
        "steps": {each["state"]: stamp(each["at"]) for each in steps},
    }


def _vehicles(desk: Desk) -> list[Data]:
    return [
        {
            "id": each.crew,
            "at": stamp(each.place.at),
            "place": point(each.place.lon, each.place.lat),
            "before": None if each.before is None else point(each.before.lon, each.before.lat),
            "job": each.place.job,
        }
        for each in desk.kept("vehicles", (), lambda: Vehicles(desk)).now()
    ]


def _calls(desk: Desk) -> list[Data]:
    return [call | {"at": stamp(call["at"])} for call in open_calls(desk)]


def _published(desk: Desk, number: int | None) -> Data | None:
    if number is None:
        return None
    found = queries.newest_events(desk.store, "plan_published", 1, str(number))
    return {"at": stamp(found[0].at), "by": found[0].actor} if found else None


def unread(desk: Desk, published: int | None, ended: Collection[str]) -> list[str]:
    """Crews whose route differs from the one that they last said they had read."""
    if published is None:
        return []
    read = {row["id"]: row["acknowledged"] for row in desk.rows("crews")}
    # Routes that a crew has read have been published, and change no more.
    routes = {number: desk.archive.published_routes(number) for number in {0, published, *read.values()}}
    known = desk.case.crew_by_id
    return [
        crew
        for crew, jobs in routes[published].items()
        if crew in known and _left(jobs, ended) != _left(routes[read.get(crew, 0)].get(crew, ()), ended)
    ]


def _left(jobs: Iterable[str], ended: Collection[str]) -> list[str]:
    return [job for job in jobs if job not in ended]


def _change(row: Row) -> Data:
    return {
        "subject": row["subject"],
        "what": row["what"],
        "data": row["data"],
        "reason": row["reason"],
        "by": row["actor"],
        "at": stamp(row["at"]),
    }


def waiting(requests: Iterable[Row]) -> list[Data]:
    """Open requests that no work order holds yet, newest first."""
    rows = [row for row in requests if row["open"] and row["order_id"] is None]
    rows.sort(key=lambda row: (row["received_at"], row["id"]), reverse=True)
    return [
        {
            "id": row["id"],
            "at": stamp(row["received_at"]),
            "words": row["words"][:MOST_WORDS],
            "address": row["address"],
            "channel": row["channel"],
        }
        for row in rows[:MOST_WAITING]
    ]


def unattended(desk: Desk) -> Data | None:
    """What the rules send without a person, while a supervisor has switched that on; None else."""
    held = desk.service.unattended
    told = held.state()
    if not told.on or told.since is None:
        return None
    since = told.since
    sent = desk.kept(f"sent unattended since {since}", ("plans",), lambda: len(held.sent(since)))
    # What waits for somebody stands on its page: here the number that went out is enough.
    return {"until": stamp(told.until), "by": told.by, "sent": sent}


def waits(desk: Desk) -> Data:
    """How many requests no work order holds yet, and how many dangers among them that nobody can find."""
    rows = [row for row in desk.rows("requests") if row["open"] and row["order_id"] is None]
    lost = sum(danger and is_lost(call) for _, (call, danger) in desk.calls.weighed(rows))
    return {"n": len(rows), "dangers": lost}


def with_news(board: Data, day: DayPlan, proposed: DayPlan | None) -> Data:
    """Add the jobs and outages that only the proposal knows, as work that nobody has been given.

    What a proposal knows of an outage that the plan knows too (who is out, how
    many called) is newer, and is shown.
    """
    if proposed is None:
        return board
    whole = timetable(proposed)
    table = _unplanned(whole)
    jobs = [
        job_row(table, card) | {"fresh": True} for id_, card in proposed.cards.items() if id_ not in day.cards
    ]
    newer = {each.id: outage_row(whole, each.id) for each in proposed.outages}
    known = [row | _newer(newer.get(row["id"])) for row in board["outages"]]
    new = [_unassessed(row) for id_, row in newer.items() if id_ not in day.outage_by_id]
    return board | {
        "jobs": [*board["jobs"], *(_without_times(row) for row in jobs)],
        "outages": [*known, *new],
    }


def _unplanned(table: Timetable) -> Timetable:
    return replace(table, stops={}, back_s={}, restored_s={}, met_s={}, left_out=frozenset())


def _without_times(row: Data) -> Data:
    return row | {"etr": None}


def _unassessed(row: Data) -> Data:
    return _without_times(row) | {"restored": None}


def _newer(row: Data | None) -> Data:
    return {} if row is None else {name: row[name] for name in NEWER}

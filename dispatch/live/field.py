"""The state of the field out of the store: what `Running` tells the planner."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from ..etr.estimates import CrewWord
from ..ground.case import Sign
from ..outages import Finding, SupplyTree
from ..planning.running import Running
from ..store.signs import COUNTS, UNREACHED
from .proposals import Routes

Row = Mapping[str, Any]
UNDER_WAY = ("on_site", "safe", "restored", "on_the_way")
AT_WORK = ("on_site", "safe", "restored")


def running_of(
    rows: Mapping[str, Sequence[Row]],
    routes: Routes,
    starts: Mapping[str, datetime],
    now: datetime,
    freeze: timedelta,
    restored: Sequence[Finding] = (),
    waiting: frozenset[str] = frozenset(),
) -> Running:
    """Put together what is under way.

    Parameters
    ----------
    rows : the projection tables by name.
    routes : the published plan's jobs by crew.
    starts : when the published plan starts each job.
    freeze : visits that begin within this time from now stay where they are.
    restored : where supply was brought back.
    waiting : crews that come to work later: what they set out for in an earlier shift binds nobody.
    """
    jobs = {row["id"]: row for row in rows["jobs"]}
    crews = rows["crews"]
    done = frozenset(id_ for id_, row in jobs.items() if row["state"] == "done")
    ended = frozenset(id_ for id_, row in jobs.items() if row["state"] in ("done", "cannot"))
    absent = frozenset(row["id"] for row in crews if row["state"] == "absent")
    begun = {
        id_: row
        for id_, row in jobs.items()
        if row["state"] in AT_WORK or (row["state"] == "on_the_way" and row["crew"] not in waiting)
    }
    left = _left_to_crews(routes, begun, absent)
    pinned, forbidden = _wishes(rows["wishes"], jobs)
    return Running(
        previous=routes,
        committed={
            crew: _committed(crew, planned, begun, ended, starts, now + freeze)
            for crew, planned in left.items()
        },
        on_site={id_: row["since"] for id_, row in jobs.items() if row["state"] in AT_WORK},
        done=done,
        minutes={id_: row["minutes"] for id_, row in jobs.items() if row["minutes"] is not None},
        places={row["id"]: (row["lon"], row["lat"]) for row in crews if row["lon"] is not None},
        absent=absent,
        vehicles={
            row["id"]: row["vehicle"]
            for row in crews
            if row["vehicle"] is not None and row["state"] == "on_shift"
        },
        pinned=pinned,
        forbidden=forbidden,
        # What is later was written down by a clock that has been put back since; it happened all the same.
        findings=tuple(
            replace(each, at=min(each.at, now)) for each in (*_findings(rows["orders"]), *restored)
        ),
        words=_words(rows, jobs),
        signs=signs_now(rows["signs"], now),
    )


def at_work(running: Running) -> frozenset[str]:
    """Crews that are at a job: they finish it, whenever their shift ends."""
    return frozenset(
        crew for crew, jobs in running.committed.items() if any(job in running.on_site for job in jobs)
    )


def _left_to_crews(routes: Routes, begun: Mapping[str, Row], absent: frozenset[str]) -> dict[str, list[str]]:
    """The routes of crews that are there; who has begun a job for one has it, whoever was to do it."""
    times = Counter(chain.from_iterable(routes.values()))
    return {
        crew: [job for job in planned if times[job] > 1 or _is_left_to(crew, job, begun, routes, absent)]
        for crew, planned in routes.items()
        if crew not in absent
    }


def _is_left_to(
    crew: str, job: str, begun: Mapping[str, Row], routes: Routes, absent: frozenset[str]
) -> bool:
    """Whether nobody else who is bound by the plan has begun a job."""
    by = begun[job]["crew"] if job in begun else crew
    return by == crew or by not in routes or by in absent


def _committed(
    crew: str,
    planned: Sequence[str],
    begun: Mapping[str, Row],
    ended: frozenset[str],
    starts: Mapping[str, datetime],
    frozen_until: datetime,
) -> tuple[str, ...]:
    """What the crew is at, then what it was told to do next and is about to begin."""
    own = [row for row in begun.values() if row["crew"] == crew]
    first = [row["id"] for row in sorted(own, key=lambda row: (UNDER_WAY.index(row["state"]), row["since"]))]
    taken = set(first) | ended
    coming = []
    for job in planned:
        if job in taken:
            continue
        if job not in starts or starts[job] > frozen_until:
            break
        coming.append(job)
    return (*first, *coming)


def _wishes(rows: Sequence[Row], jobs: Mapping[str, Row]) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Crews that a job is pinned to, and those that it is kept from: by a wish, or because they cannot."""
    pinned: dict[str, str] = {}
    forbidden: defaultdict[str, set[str]] = defaultdict(set)
    for id_, row in jobs.items():
        if row["state"] == "cannot":
            forbidden[id_].add(row["crew"])
    for row in rows:
        if row["wish"] == "pin":
            pinned[row["job"]] = row["crew"]
        else:
            forbidden[row["job"]].add(row["crew"])
    return pinned, {job: frozenset(crews) for job, crews in forbidden.items()}


def _findings(orders: Sequence[Row]) -> tuple[Finding, ...]:
    """A crew that names a cause has found the fault; one that is at work is about to say."""
    placed = [row for row in orders if row["place"]]
    found = tuple(
        Finding(place=row["place"], state="fault", at=row["since"], cause=row["cause"])
        for row in placed
        if row["cause"] and row["state"] not in ("closed", "callback_done")
    )
    # Where a crew is at work, no second thought takes its work order away before it has looked.
    held = tuple(
        Finding(place=row["place"], state="held", at=row["since"])
        for row in placed
        if not row["cause"] and row["state"] in ("on_site", "safe")
    )
    return (*found, *held)


def _words(rows: Mapping[str, Sequence[Row]], jobs: Mapping[str, Row]) -> tuple[CrewWord, ...]:
    return tuple(
        CrewWord(
            outage=row["order_id"], at=row["since"], ready_at=row["since"] + timedelta(minutes=row["minutes"])
        )
        for row in jobs.values()
        if row["state"] in AT_WORK and row["minutes"] is not None and row["id"].endswith("/repair")
    )


def signs_now(rows: Iterable[Row], now: datetime) -> tuple[Sign, ...]:
    """What counts at present, for inference."""
    return tuple(
        Sign(kind=row["kind"], place=row["place"], at=min(row["at"], now))
        for row in rows
        if row["kind"] != UNREACHED and row["at"] >= now - COUNTS
    )


def restored_findings(
    restored: Iterable[Row], open_orders: Iterable[Row], tree: SupplyTree, now: datetime
) -> tuple[Finding, ...]:
    """That supply was back where orders say so: lately, or lately when what is open there was opened.

    Parameters
    ----------
    restored : id, place and time of restored orders.
    open_orders : their place and since when.
    """
    last = {row["place"]: row["since"] for row in open_orders if row["place"]}
    return tuple(
        Finding(place=device_of(tree, row["place"]), state="restored", at=row["at"])
        for row in restored
        if row["at"] >= min(now, last.get(row["place"], now)) - COUNTS
    )


def device_of(tree: SupplyTree, place: str) -> str:
    """The device that a fault at a place opens; the place itself where none does."""
    node = tree.node_of_place(place)
    return place if node is None else tree.ids[node]


def earliest_counting(open_orders: Iterable[Row], now: datetime) -> datetime:
    """Before this time no restoration matters any more."""
    since: list[datetime] = [row["since"] for row in open_orders if row["place"]]
    return min([now, *since]) - COUNTS

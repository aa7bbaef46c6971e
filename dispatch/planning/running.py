"""What is already under way when a day is planned again, and what that does to its jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..etr.estimates import CrewWord, InHand
from ..ground.case import CrewShift
from ..ground.problem import Block, Job
from ..outages import Finding, Sign
from .drafting import Draft

# A crew that has been on site longer than the job was thought to take still needs a while.
LEAST_LEFT_S = 300


@dataclass(frozen=True, kw_only=True)
class Running:
    """The state of the field at the moment of planning.

    Parameters
    ----------
    previous : the published plan's jobs by crew, in order.
    committed : jobs by crew that it does first, in this order (dispatched, on the way, on site,
        or within the freeze horizon).
    on_site : since when each job is being worked on.
    done : jobs that are finished though their order is not.
    minutes : a crew's own estimate of a job's whole duration.
    places : lon, lat where a crew is now.
    absent : crews that cannot work now.
    pinned : crew that a person gave a job to.
    forbidden : crews that a person kept a job from.
    vehicles : the vehicle that a crew has signed on with, where it has chosen one.
    used : by vehicle (by crew, where its row names none), the parts taken off it since it was last
        stocked. None where nobody has kept account: then what the finished jobs of `previous` took.
    findings : what crews found out about outages.
    words : crews' own estimates of when supply is back.
    signs : what meters, devices and neighbours who were asked have said.
    said_at : when a caller said it last, by request, where that is not when the request was received:
        asked whether supply is back, they said no; or a clock wrote it down that has been put back since.
    etr_stretch : factors for the median and the 90 % estimate, by what became of earlier ones.
    """

    previous: Mapping[str, Sequence[str]] = field(default_factory=dict)
    committed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    on_site: Mapping[str, datetime] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    minutes: Mapping[str, float] = field(default_factory=dict)
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    pinned: Mapping[str, str] = field(default_factory=dict)
    forbidden: Mapping[str, frozenset[str]] = field(default_factory=dict)
    vehicles: Mapping[str, str] = field(default_factory=dict)
    used: Mapping[str, Mapping[str, float]] | None = None
    findings: tuple[Finding, ...] = ()
    words: tuple[CrewWord, ...] = ()
    signs: tuple[Sign, ...] = ()
    said_at: Mapping[str, datetime] = field(default_factory=dict)
    etr_stretch: tuple[float, float] = (1.0, 1.0)


def in_their_vehicles(crews: Sequence[CrewShift], running: Running) -> tuple[CrewShift, ...]:
    """The crews with the vehicles they have taken, and what is on those: nothing where no list names it."""
    on_board = {crew.vehicle: crew.stock for crew in reversed(crews) if crew.vehicle}

    def carrying(crew: CrewShift) -> CrewShift:
        taken = running.vehicles.get(crew.id)
        if taken is None or taken == crew.vehicle:
            return crew
        return replace(crew, vehicle=taken, stock=on_board.get(taken, {}))

    return tuple(carrying(crew) for crew in crews)


def vehicle_of(crew: CrewShift) -> str:
    """What carries a crew's stock: its vehicle; a crew without one is its own."""
    return crew.vehicle or crew.id


def with_stock_left(
    crews: Sequence[CrewShift], used: Mapping[str, Mapping[str, float]]
) -> tuple[CrewShift, ...]:
    """The crews with what is left on their vehicles."""

    def left(crew: CrewShift) -> CrewShift:
        gone = used.get(vehicle_of(crew), {})
        if crew.stock is None or not any(gone.get(name) for name in crew.stock):
            return crew
        stock = {name: max(0.0, count - gone.get(name, 0)) for name, count in crew.stock.items()}
        return replace(crew, stock=stock)

    return tuple(left(crew) for crew in crews)


def used_at_finished(
    crews: Sequence[CrewShift], drafts: Sequence[Draft], running: Running
) -> Mapping[str, Mapping[str, float]]:
    """By vehicle, what the finished jobs of the plan before took; nothing where account was kept."""
    if running.used is not None:
        return {}
    load = {draft.card.id: draft.job.load for draft in drafts if draft.card.id in running.done}
    found: dict[str, Counter[str]] = {}
    for crew in crews:
        taken: Counter[str] = found.setdefault(vehicle_of(crew), Counter())
        for job in running.previous.get(crew.id, ()):
            taken.update(load.get(job, {}))  # counts in fractions
    return found


def still_open(drafts: Sequence[Draft], running: Running, now: datetime) -> list[Draft]:
    """The jobs that are left, with what is known of them by now."""
    return [
        replace(draft, job=as_known(draft.job, running, now))
        for draft in drafts
        if draft.card.id not in running.done
    ]


def still_out(blocks: Sequence[Block], running: Running) -> list[Block]:
    """The blocks that no finished way has brought back; what is done of a way is taken off it."""
    left = []
    for block in blocks:
        ways = [tuple(job for job in way if job not in running.done) for way in block.restored_by]
        if all(ways):
            left.append(replace(block, restored_by=tuple(ways)))
    return left


def in_hand(running: Running, now: datetime) -> Mapping[str, InHand]:
    """The jobs that crews are at, and for how long."""
    return {
        job: InHand(worked_s=max(0.0, (now - since).total_seconds()), told=job in running.minutes)
        for job, since in running.on_site.items()
    }


def wished_skills(crew: str, running: Running) -> frozenset[str]:
    """Skills that carry people's wishes: a pin is a skill only its crew has, a ban one it lacks."""
    pins = {_pin(job) for job, to in running.pinned.items() if to == crew}
    bans = {_ban(job) for job, crews in running.forbidden.items() if crew not in crews}
    return frozenset(pins | bans)


def as_known(job: Job, running: Running, now: datetime) -> Job:
    """A job with what crews have said of it and what people wish for it."""
    service_s = round(60 * running.minutes[job.id]) if job.id in running.minutes else job.service_s
    if job.id in running.on_site:
        worked_s = (now - running.on_site[job.id]).total_seconds()
        service_s = max(LEAST_LEFT_S, round(service_s - worked_s))
    wishes = {_pin(job.id)} if job.id in running.pinned else set()
    wishes |= {_ban(job.id)} if job.id in running.forbidden else set()
    return replace(
        job,
        service_s=service_s,
        skills=job.skills | wishes,
        after=tuple(each for each in job.after if each.job not in running.done),
        # Somebody is there: its window is met.
        windows=() if job.id in running.on_site else job.windows,
    )


def _pin(job: str) -> str:
    return f"pinned {job}"


def _ban(job: str) -> str:
    return f"not kept from {job}"

"""Whose a job is, and what comes before a crew may say that it is finished.

Every word of a crew passes here, whether a phone, a token or a page brings it.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from ..briefing.safety import safety_steps
from ..ground.case import Case
from ..ground.day import DayPlan
from ..store import ENDED, Store, queries
from ..store.history import events_of
from .refusals import Refused, expect_crew


class InForce(Protocol):
    """What is known of the plan in force and of the work on it: the desk, or its archive."""

    @property
    def case(self) -> Case: ...  # noqa: D102
    @property
    def store(self) -> Store: ...  # noqa: D102
    def day(self) -> DayPlan: ...  # noqa: D102
    def rows(self, table: str) -> list[dict[str, Any]]: ...  # noqa: D102
    def row(self, table: str, key: str) -> dict[str, Any] | None: ...  # noqa: D102


# What says that work is over; the road there goes through `on_site` and the safety steps.
FINISHING = frozenset({"safe", "restored", "done"})


def planned_crews(day: DayPlan, job: str) -> frozenset[str]:
    """The crews that a plan sends to a job."""
    return frozenset(
        route.crew for route in day.plan.routes if any(visit.job == job for visit in route.visits)
    )


def crews_of(desk: InForce, job: str) -> frozenset[str]:
    """The crews that may speak of a job: those that the plan sends there, and the one that has begun it."""
    begun = desk.row("jobs", job)
    return planned_crews(desk.day(), job).union([begun["crew"]] if begun else [])


def is_known(desk: InForce, job: str) -> bool:
    """Whether there is such a job: in the plan in force, or begun under an earlier one."""
    return job in desk.day().cards or desk.row("jobs", job) is not None


def expect_known(desk: InForce, job: str, crew: str) -> None:
    """Refuse a job or a crew that somebody made up.

    Raises
    ------
    Refused
        There is no such crew or job.
    """
    expect_crew(desk.case.crew_by_id, crew)
    if not is_known(desk, job):
        raise Refused("unknown_job", job=job)


def expect_own(desk: InForce, job: str, crew: str) -> None:
    """Refuse a crew's word on work that is not its own.

    Raises
    ------
    Refused
        The job belongs to others (`moved`), or to nobody any more (`gone`).
    """
    crews = crews_of(desk, job)
    if crew in crews:
        return
    if crews:
        raise Refused("moved", job=job, crew=min(crews))
    raise Refused("gone", job=job)


def expect_ever_own(desk: InForce, job: str, crew: str) -> None:
    """Refuse what a crew shows of work that it never had; what it once began is its own for ever.

    Raises
    ------
    Refused
        The job belongs to others, or to nobody.
    """
    told = events_of(desk.store, [job], ["job_moved"])
    if not any(event.data["crew"] == crew for event in told):
        expect_own(desk, job, crew)


def expect_due(desk: InForce, job: str, crew: str, to: str) -> None:
    """Refuse a crew's report that comes too early, or after the end.

    Raises
    ------
    Refused
        The order has ended (`ended`), the crew never said that it is there (`not_on_site`), or a safety step
        is not ticked (`steps`).
    """
    expect_open(desk, order_of(desk, job))
    if to in FINISHING and not _was_there(desk, job, crew):
        raise Refused("not_on_site", job=job)
    if to in FINISHING and not set(steps_of(desk, job)) <= ticked(desk, job):
        raise Refused("steps", job=job)


def expect_open(desk: InForce, order: str) -> None:
    """Refuse what comes after the end of a work order.

    Raises
    ------
    Refused
        It has ended (`ended`), and who ended it.
    """
    row = desk.row("orders", order)
    if row is not None and row["state"] in ENDED:
        last = queries.newest_events(desk.store, "order_moved", 1, order)
        raise Refused("ended", order=order, by=last[0].actor if last else "")


def steps_of(desk: InForce, job: str) -> tuple[str, ...]:
    """The safety steps of a job, in their order."""
    card = desk.day().cards.get(job)
    return tuple(step.id for step in safety_steps(card)) if card else ()


def ticked(desk: InForce, job: str) -> AbstractSet[str]:
    """The steps that are done."""
    return {row["step"] for row in desk.rows("ticks") if row["job"] == job}


def order_of(desk: InForce, job: str) -> str:
    """The work order that a job belongs to."""
    cards = desk.day().cards
    return cards[job].order if job in cards else job.rsplit("/", 1)[0]


def _was_there(desk: InForce, job: str, crew: str) -> bool:
    """Whether this crew has said of this job that it is on site, since its order last began anew.

    Another crew's word is not its own: the row of a job holds the last one's alone.
    """
    there = before = False
    for event in events_of(desk.store, [job, order_of(desk, job)], ["job_moved", "order_moved"]):
        if event.kind == "order_moved":
            # An order that goes back where it was, because a report was taken back, does not begin anew.
            if event.data["to"] == "accepted" and "undone" not in event.data:
                there, before = False, there
        elif event.data["crew"] == crew and event.subject == job:
            there = before if event.data.get("undone") == "cannot" else there or event.data["to"] == "on_site"
    return there

"""What people change of the work itself, applied to an open day one after the other.

A change is data: it is kept with the plan it was made for and in the store, and every
later day that is opened is changed the same way, so that nothing done by hand is undone
by the next proposal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..ground.case import Request
from ..ground.day import JobCard, OpenDay
from ..ground.problem import After, Job
from ..intake.schema import SKILLS
from ..planning.drafting import service_draft
from ..planning.running import Running
from ..triage.locating import Locator
from ..triage.orders import LOSS_OF_SUPPLY, Grades, classify, order_services
from .refusals import Refused, expect_crew
from .workbench import Workbench

# What no crew has: a job that carries one of these is left out, and says so.
REMOVED, STUCK = "removed by hand", "switch found stuck"
MOST_PARTS = 6
SECOND = "+2"
# What leaving a crew without the help it asked for counts at least: more than any drive.
SECOND_DROP_COST = 20_000.0
LEAST_PART_MIN = 1.0
TEXT_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that a person changed or found.

    Parameters
    ----------
    subject : a job's id; a switch for "stuck", a road for "closed", a crew for "late", a request
        for "request".
    what : one of `KINDS`, or "closed".
    data : what the kind needs.
    """

    subject: str
    what: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """As a plan keeps it."""
        return {"subject": self.subject, "what": self.what, "data": dict(self.data)}


def change_of(row: Mapping[str, Any]) -> Change:
    """A change out of a row of the store or of a plan."""
    return Change(subject=row["subject"], what=row["what"], data=row["data"])


def reshaped(
    day: OpenDay,
    changes: Iterable[Change],
    grades: Grades,
    requests: Mapping[str, Request],
    running: Running,
) -> OpenDay:
    """The open day as people changed it; what concerns work that is gone is passed over.

    Parameters
    ----------
    requests : by id, those that a change of kind "request" brings in.
    running : what the day was opened with; it holds for the new jobs too.
    """
    wanted = sorted(
        (each for each in changes if each.what in KINDS), key=lambda each: tuple(KINDS).index(each.what)
    )
    if not wanted:
        return day
    bench = Workbench.of(day)
    for change in wanted:
        if change.what == "request":
            if change.subject in requests:
                put_in(bench, requests[change.subject], grades)
        elif change.what == "add":
            add(bench, change, grades)
        else:
            KINDS[change.what](bench, change)
    bench.take_up(running)
    return bench.finished()


def put_in(bench: Workbench, request: Request, grades: Grades) -> JobCard | None:
    """Make the job of a request without planning: None where no crew need drive anywhere."""
    call = classify(bench.day.case, grades, [request], Locator(bench.day.case))[0]
    if call.kind == LOSS_OF_SUPPLY or call.place is None:
        return None
    order = order_services([call], bench.day.case)[0]
    if order.id in bench.orders:
        return None
    draft = service_draft(bench.day.case, order, call, call.place, bench.seconds)
    bench.put(order, draft, request)
    return draft.card


def add(bench: Workbench, change: Change, grades: Grades) -> None:
    """Work that nobody called about: classified by its kind like a request, as the desk says otherwise."""
    data = change.data
    request = Request(
        id=change.subject.removeprefix("W-").removesuffix("/service"),
        received_at=datetime.fromisoformat(data["at"]),
        words=str(data["words"])[:TEXT_LIMIT],
        channel="desk",
        kind=data.get("kind"),
        **{name: data.get(name) for name in ("customer", "address", "lon", "lat")},
    )
    card = put_in(bench, request, grades)
    if card is None:
        return
    job = bench.jobs[card.id]
    skills = frozenset(data["skills"]) if data.get("skills") is not None else job.skills
    minutes = float(data.get("minutes") or card.duration_min)
    bench.cards[card.id] = replace(card, duration_min=minutes, skills=skills)
    bench.jobs[card.id] = replace(
        job, skills=skills, service_s=round(60 * minutes), crews_needed=int(data.get("crews") or 1)
    )


def _minutes(bench: Workbench, change: Change) -> None:
    if change.subject in bench.jobs:
        _set_minutes(bench, change.subject, float(change.data["minutes"]))


def _set_minutes(bench: Workbench, job: str, minutes: float) -> None:
    bench.cards[job] = replace(bench.cards[job], duration_min=minutes)
    bench.jobs[job] = replace(bench.jobs[job], service_s=round(60 * minutes))


def _assessed(bench: Workbench, change: Change) -> None:
    """What mending takes by a crew that saw the damage: time, crews, parts as far as a vehicle has them."""
    if change.subject not in bench.jobs:
        return
    _minutes(bench, change)
    job, card = bench.jobs[change.subject], bench.cards[change.subject]
    parts = {name: float(count) for name, count in (change.data.get("parts") or {}).items()}
    carried = {
        name: count
        for name, count in parts.items()
        if any(each.stock is None or each.stock.get(name, 0) >= count for each in bench.day.case.crews)
    }
    crews = int(change.data.get("crews") or job.crews_needed)
    bench.jobs[job.id] = replace(job, crews_needed=crews, load={**job.load, **carried})
    bench.cards[job.id] = replace(card, stock={**card.stock, **parts})


def _time(bench: Workbench, change: Change) -> None:
    """Start not before a time, or within a span of time."""
    if change.subject not in bench.jobs:
        return
    first = max(0, bench.seconds(datetime.fromisoformat(change.data["from"])))
    until = change.data.get("to")
    last = bench.seconds(datetime.fromisoformat(until)) if until else max(first, bench.horizon_s)
    bench.jobs[change.subject] = replace(bench.jobs[change.subject], windows=((first, max(first, last)),))


def _split(bench: Workbench, change: Change) -> None:
    """Several jobs out of one; the last keeps its id, and supply is back when all are done.

    Each part costs its share while it waits when they run side by side; one after
    the other, the last carries it all, for nothing is gained before.
    """
    whole, card = bench.jobs.get(change.subject), bench.cards.get(change.subject)
    if whole is None or card is None:
        return
    minutes, together = list(change.data["minutes"]), bool(change.data.get("together"))
    names = [*(f"{whole.id}.{number}" for number in range(1, len(minutes))), whole.id]
    for at, (name, length) in enumerate(zip(names, minutes, strict=True)):
        last = at == len(names) - 1
        share = 1 / len(names) if together else float(last)
        after = whole.after if together or at == 0 else (After(job=names[at - 1]),)
        bench.jobs[name] = replace(
            whole,
            id=name,
            service_s=round(60 * length),
            after=after,
            cost_per_s=whole.cost_per_s * share,
            drop_cost=None if whole.drop_cost is None else whole.drop_cost * share,
            arrive_by_s=whole.arrive_by_s if together or at == 0 else None,
            finish_by_s=whole.finish_by_s if together or last else None,
            load=whole.load if last else {},
        )
        stock = card.stock if last else {}
        bench.cards[name] = replace(card, id=name, duration_min=float(length), stock=stock)
    bench.replace_in_ways(whole.id, tuple(names))


def _merge(bench: Workbench, change: Change) -> None:
    """A job done together with another: one stay, after which both orders are served."""
    gone, kept = bench.jobs.get(change.subject), bench.jobs.get(change.data["into"])
    if gone is None or kept is None or gone.id == kept.id:
        return
    old, card = bench.cards[gone.id], bench.cards[kept.id]
    stock = _summed(card.stock, old.stock)
    bench.jobs[kept.id] = _together(kept, gone, round(60 * float(change.data["minutes"])))
    bench.cards[kept.id] = replace(
        card,
        duration_min=float(change.data["minutes"]),
        skills=card.skills | old.skills,
        stock=stock,
        words=tuple(dict.fromkeys((*card.words, *old.words)))[:5],
        hazard=card.hazard or old.hazard,
        class_=min(card.class_, old.class_),
        tier=min(card.tier, old.tier),
        customers_out=card.customers_out + old.customers_out,
        also=tuple(dict.fromkeys((*card.also, *old.also, old.order))),
    )
    bench.drop(gone.id)
    bench.replace_in_ways(gone.id, (kept.id,))


def _together(kept: Job, gone: Job, service_s: int) -> Job:
    drops = (kept.drop_cost, gone.drop_cost)
    return replace(
        kept,
        service_s=service_s,
        skills=kept.skills | gone.skills,
        load=_summed(kept.load, gone.load),
        windows=kept.windows or gone.windows,
        cost_per_s=kept.cost_per_s + gone.cost_per_s,
        cost_from_s=min(kept.cost_from_s, gone.cost_from_s),
        arrive_by_s=_first(kept.arrive_by_s, gone.arrive_by_s),
        late_arrival_cost_per_s=max(kept.late_arrival_cost_per_s, gone.late_arrival_cost_per_s),
        finish_by_s=_first(kept.finish_by_s, gone.finish_by_s),
        late_finish_cost_per_s=max(kept.late_finish_cost_per_s, gone.late_finish_cost_per_s),
        drop_cost=None if None in drops else sum(each or 0 for each in drops),
        after=tuple(each for each in (*kept.after, *gone.after) if each.job not in (kept.id, gone.id)),
        crews_needed=max(kept.crews_needed, gone.crews_needed),
    )


def _first(one: int | None, other: int | None) -> int | None:
    known = [each for each in (one, other) if each is not None]
    return min(known, default=None)


def _summed(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _remove(bench: Workbench, change: Change) -> None:
    """Work that a person takes out: customers stay off, and their minutes still count."""
    if change.subject in bench.jobs:
        _without_crew(bench, change.subject, REMOVED)


def _second(bench: Workbench, change: Change) -> None:
    """Another crew to help the one on site, which asked for it: supply is back when both are done."""
    first, card = bench.jobs.get(change.subject), bench.cards.get(change.subject)
    name = second_job(change.subject)
    if first is None or card is None or name in bench.jobs:
        return
    minutes = float(change.data.get("minutes") or card.duration_min)
    # Whoever asked is there already.
    other = f"is not {change.data['by']}"
    for crew in bench.crews.values():
        if crew.id != change.data["by"]:
            bench.crews[crew.id] = replace(crew, skills=crew.skills | {other})
    bench.jobs[name] = replace(
        first,
        id=name,
        service_s=round(60 * minutes),
        windows=(),
        skills=first.skills | {other},
        load={},
        after=(),
        arrive_by_s=None,
        finish_by_s=None,
        drop_cost=max(first.drop_cost or 0.0, SECOND_DROP_COST),
        crews_needed=1,
    )
    bench.cards[name] = replace(card, id=name, duration_min=minutes, stock={})
    bench.replace_in_ways(first.id, (first.id, name))


def second_job(job: str) -> str:
    """The job of the crew that comes to help."""
    return f"{job}{SECOND}"


def _stuck(bench: Workbench, change: Change) -> None:
    """No way may use a switch that does not move."""
    for card in list(bench.cards.values()):
        if any(action.device == change.subject for action in card.switching):
            _without_crew(bench, card.id, STUCK)


def _without_crew(bench: Workbench, job: str, why: str) -> None:
    bench.jobs[job] = replace(bench.jobs[job], skills=bench.jobs[job].skills | {why})


def _late(bench: Workbench, change: Change) -> None:
    """A crew that begins later than its shift says, or is held up until a time."""
    crew = bench.crews.get(change.subject)
    if crew is None or crew.shift is None:
        return
    begins = max(crew.shift[0], bench.seconds(datetime.fromisoformat(change.data["until"])))
    bench.crews[crew.id] = replace(crew, shift=(min(begins, crew.shift[1]), crew.shift[1]))


# In this order, whatever the order they were made in: new work, its size, its place, its use.
KINDS: Mapping[str, Callable[..., None]] = {
    "request": lambda *_: None,
    "add": add,
    "minutes": _minutes,
    "assessed": _assessed,
    "time": _time,
    "split": _split,
    "merge": _merge,
    "second": _second,
    "remove": _remove,
    "stuck": _stuck,
    "late": _late,
}


def checked_change(day: OpenDay, change: Change, at_work: Sequence[str], now: datetime) -> None:
    """Refuse a change of a job that makes no sense on this day.

    Raises
    ------
    Refused
        With the code of what is wrong.
    """
    if change.what == "add":
        _check_add(day, change)
        return
    if change.subject not in day.problem.job_by_id:
        raise Refused("unknown_job", job=change.subject)
    if change.what in ("split", "merge", "remove", "time") and change.subject in at_work:
        raise Refused("under_way", job=change.subject)
    if change.what in CHECKS:
        CHECKS[change.what](day, change, now)


def _check_add(day: OpenDay, change: Change) -> None:
    if change.data.get("crew") is not None:
        expect_crew(day.case.crew_by_id, change.data["crew"])
    for skill in change.data.get("skills") or ():
        if skill not in SKILLS:
            raise Refused("unknown_skill", skill=skill)


def _check_split(_day: OpenDay, change: Change, _now: datetime) -> None:
    minutes = change.data["minutes"]
    if not 2 <= len(minutes) <= MOST_PARTS or min(minutes) < LEAST_PART_MIN:
        raise Refused("too_few_parts")


def _check_merge(day: OpenDay, change: Change, _now: datetime) -> None:
    if change.data["into"] not in day.problem.job_by_id:
        raise Refused("unknown_job", job=change.data["into"])
    if change.data["into"] == change.subject:
        raise Refused("same_job")


def _check_time(_day: OpenDay, change: Change, now: datetime) -> None:
    until = change.data.get("to")
    if until and datetime.fromisoformat(until) < now:
        raise Refused("time_past")
    if until and datetime.fromisoformat(until) <= datetime.fromisoformat(change.data["from"]):
        raise Refused("time_order")


CHECKS: Mapping[str, Callable[[OpenDay, Change, datetime], None]] = {
    "split": _check_split,
    "merge": _check_merge,
    "time": _check_time,
}

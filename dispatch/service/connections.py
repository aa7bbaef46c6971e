"""New connections (业扩报装): steps with limits in working days, each after those that it needs.

The clock of a step stands still while it is the customer's turn: to design, to build, to bring a paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rules.calendar import Calendar

from .matters import Changed, Impossible, moment

OPEN, DONE, WITHDRAWN = "open", "done", "withdrawn"
WAITING, UNDER_WAY, FINISHED = "waiting", "open", "done"
OURS, CUSTOMERS = "ours", "customer"
LAST = "commissioning"
# Before these the customer has something to do: to have it designed, to build.
CUSTOMER_FIRST = frozenset({"design_review", "mid_inspection", "final_inspection"})
KINDS = ("new", "capacity", "temporary", "meter")
Row = Mapping[str, Any]
Steps = dict[str, dict[str, Any]]
Due = Callable[[datetime, float], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """What the policy says of a step: working days for it, and what must be finished before."""

    limit: float
    needs: tuple[str, ...]


def steps_of(rules: Mapping[str, StepRule]) -> tuple[str, ...]:
    """The steps of one connection, in order: the last one and all that it needs, directly or not."""
    found: list[str] = []

    def walk(step: str) -> None:
        if step not in found:
            for each in rules[step].needs:
                walk(each)
            found.append(step)

    walk(LAST)
    return tuple(found)


def begun(rules: Mapping[str, StepRule], now: datetime, due: Due) -> Changed:
    """A connection that begins: steps that need nothing are under way."""
    steps: Steps = {name: {"state": WAITING, "limit": rules[name].limit} for name in steps_of(rules)}
    return _moved_on(steps, rules, now, due, {"waits": []})


def finished(
    row: Row, step: str, rules: Mapping[str, StepRule], who: str, now: datetime, due: Due
) -> Changed:
    """A step is finished, and what needed it begins.

    Raises
    ------
    Impossible
        There is no such step, it is finished already, something that it needs is not, or it is the
        customer's turn.
    """
    steps = _steps(row)
    if step not in steps:
        raise Impossible("step_unknown", step=step)
    if steps[step]["state"] == FINISHED:
        raise Impossible("step_done", step=step)
    missing = [each for each in rules[step].needs if steps.get(each, {}).get("state") != FINISHED]
    if missing:
        raise Impossible("step_early", step=step, needs=missing[0])
    if row["data"]["turn"] == CUSTOMERS:
        raise Impossible("step_customers_turn", step=step)
    steps[step] |= {"state": FINISHED, "done_at": now.isoformat(), "by": who}
    if all(each["state"] == FINISHED for each in steps.values()):
        to = {"state": DONE, "ended_at": now.isoformat(), "due_at": None, "place": None}
        return Changed(to=to, put={"steps": steps})
    return _moved_on(steps, rules, now, due, {})


def waits(row: Row, why: str, now: datetime, calendar: Calendar) -> Changed:
    """It is the customer's turn: what is left of the limit is kept."""
    if row["data"]["turn"] == CUSTOMERS:
        raise Impossible("step_customers_turn", step=row["place"])
    if not why.strip():
        raise Impossible("note_missing")
    steps = _steps(row)
    step = steps[row["place"]]
    step["left"] = max(0.0, left_of(step, now, calendar))
    held = [*row["data"]["waits"], {"from": now.isoformat(), "to": None, "why": why.strip()}]
    return Changed(to={"due_at": None}, put={"steps": steps, "turn": CUSTOMERS, "waits": held})


def resumed(row: Row, now: datetime, due: Due) -> Changed:
    """The customer has done its part: the clock goes on with what was left."""
    if row["data"]["turn"] != CUSTOMERS:
        raise Impossible("step_our_turn")
    steps = _steps(row)
    step = steps[row["place"]]
    left = _left(step)
    step |= {"counted_from": now.isoformat(), "left": left, "due": due(now, left).isoformat()}
    step.setdefault("started", now.isoformat())
    held = [dict(each) for each in row["data"]["waits"]]
    if held and held[-1]["to"] is None:
        held[-1]["to"] = now.isoformat()
    return Changed(to={"due_at": step["due"]}, put={"steps": steps, "turn": OURS, "waits": held})


def left_of(step: Mapping[str, Any], now: datetime, calendar: Calendar) -> float:
    """Working days that are left of a step's limit, without what the customer took."""
    since = moment(step.get("counted_from"))
    left = _left(step)
    return left if since is None else left - working_days(since, now, calendar)


def working_days(begins: datetime, ends: datetime, calendar: Calendar) -> int:
    """Working days after the first day, up to the last one."""
    first = begins.date()
    count = max(0, (ends.astimezone(begins.tzinfo).date() - first).days)
    return sum(calendar.is_working_day(first + timedelta(days=n)) for n in range(1, count + 1))


def _left(step: Mapping[str, Any]) -> float:
    held = step.get("left")
    return float(step["limit"] if held is None else held)


def _steps(row: Row) -> Steps:
    return {name: dict(each) for name, each in row["data"]["steps"].items()}


def _moved_on(
    steps: Steps, rules: Mapping[str, StepRule], now: datetime, due: Due, more: Mapping[str, Any]
) -> Changed:
    """Begin the first step whose needs are all finished."""
    current = next(
        name
        for name, each in steps.items()
        if each["state"] != FINISHED
        and all(steps.get(need, {}).get("state") == FINISHED for need in rules[name].needs)
    )
    step, first = steps[current], current in CUSTOMER_FIRST
    step |= {"state": UNDER_WAY}
    if not first:
        until = due(now, step["limit"])
        step |= {"started": now.isoformat(), "counted_from": now.isoformat(), "due": until.isoformat()}
    put = {"steps": steps, "turn": CUSTOMERS if first else OURS, **more}
    return Changed(to={"place": current, "due_at": step.get("due")}, put=put)

"""What each part of a proposal gains: the few moves that carry it first, and why it moves many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..ground.day import DayPlan, Summary
from ..judge.timing import plan_of
from ..planning.summary import summarize
from .parts import bound_together
from .proposals import Comparison, Move, Routes, carried_over, compare, merged, routes_of

Kind = Literal["new", "crew", "time", "left_out"]
# Parts that are weighed one by one; what a plan made freely moves besides is one part.
MOST_WEIGHED = 24
# The parts that bring so much of the gain come first.
CARRIES = 0.9
# So many visits at most are the few of which one need not say why.
FEW = 8
DANGER = 0
# Customers of one outage from which on it is a feeder that is lost, and no house.
FEEDER = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """A part of a proposal: jobs that are taken together, and what they gain with those before.

    Parameters
    ----------
    cost, customer_minutes : with the part less without it; negative is a gain. None where it was not weighed.
    carries : whether it is one of the few that bring most of the gain, or something new.
    """

    jobs: tuple[str, ...]
    cost: float | None
    customer_minutes: float | None
    carries: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a proposal moves many visits.

    Parameters
    ----------
    what : danger, feeder, crew or freely.
    names : the jobs, outages or crews.
    """

    what: str
    names: tuple[str, ...] = ()


def kind_of(move: Move) -> Kind:
    """What a move is to those who do it."""
    if move.from_crew is None:
        return "new"
    if move.to_crew is None:
        return "left_out"
    return "crew" if move.from_crew != move.to_crew else "time"


def visits_moved(comparison: Comparison) -> int:
    """How many visits of the plan in force are elsewhere, or at another time."""
    return sum(move.from_crew is not None for move in comparison.moves)


def gains_over(proposed: DayPlan, in_force: Routes) -> tuple[Gain, ...]:
    """The parts of a proposal beside the routes in force, as far as their jobs and crews are still there."""
    current = carried_over(in_force, proposed.problem.job_by_id, proposed.problem.crew_by_id)
    plan = plan_of(proposed.problem, current)
    before = summarize(proposed, plan)
    return gains(proposed, current, compare(plan, before, proposed), before)


def gains(proposed: DayPlan, current: Routes, comparison: Comparison, before: Summary) -> tuple[Gain, ...]:
    """The parts of a proposal, those that gain most for each visit first.

    Visits that begin at another time because of others are no part of their own.

    Parameters
    ----------
    current : the routes in force on the proposal's day; `before` is what they come to.
    """
    offered = routes_of(proposed.plan)
    parts = _parts(proposed, comparison)
    alone = {part: _summary(proposed, merged(current, offered, part)) for part in parts[:MOST_WEIGHED]}
    ordered = sorted(alone, key=lambda part: ((alone[part].cost - before.cost) / len(part), sorted(part)))
    new = {move.job for move in comparison.moves if move.from_crew is None}
    total = min(comparison.cost, -1e-9)
    found: list[Gain] = []
    taken: frozenset[str] = frozenset()
    last = before
    for part in ordered:
        taken |= part
        now = _summary(proposed, merged(current, offered, taken))
        enough = (last.cost - before.cost) / total >= CARRIES
        found.append(
            Gain(
                jobs=tuple(sorted(part)),
                cost=now.cost - last.cost,
                customer_minutes=now.customer_minutes - last.customer_minutes,
                carries=bool(part & new) or not enough,
            )
        )
        last = now
    rest = [job for part in parts[MOST_WEIGHED:] for job in sorted(part)]
    if rest:
        found.append(Gain(jobs=tuple(rest), cost=None, customer_minutes=None, carries=False))
    return tuple(found)


def reasons_for_many(
    proposed: DayPlan, comparison: Comparison, absent: Sequence[str], *, freely: bool
) -> tuple[Why, ...]:
    """Why more than a few visits move; nothing where few do.

    Parameters
    ----------
    absent : crews of the plan in force that cannot work.
    freely : whether somebody asked for a plan that may move anything.
    """
    if visits_moved(comparison) <= FEW:
        return ()
    cards = [proposed.cards[move.job] for move in comparison.moves if move.job in proposed.cards]
    dangers = sorted({card.order for card in cards if card.tier == DANGER})
    feeders = sorted({card.order for card in cards if (card.customers_out or 0) >= FEEDER})
    told = (("danger", dangers), ("crew", sorted(absent)), ("feeder", feeders))
    found = [Why(what=what, names=tuple(names)) for what, names in told if names]
    return (Why(what="freely"), *found) if freely else tuple(found)


def _parts(proposed: DayPlan, comparison: Comparison) -> list[frozenset[str]]:
    """Jobs that are taken together: what waits for one another, and what is moved in one order."""
    moving = [move.job for move in comparison.moves if kind_of(move) != "time"]
    bound = bound_together(proposed.problem, moving)
    parts: Mapping[frozenset[str], None] = dict.fromkeys(bound.get(job, frozenset({job})) for job in moving)
    return list(parts)


def _summary(proposed: DayPlan, routes: Routes) -> Summary:
    return summarize(proposed, plan_of(proposed.problem, routes))

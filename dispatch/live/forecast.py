"""What the plan in force still says now that things have happened since: the one place for such figures.

A plan is a forecast of the moment that it was made for. Crews report, supply comes back, a crew is
called away. Every figure of the day that a screen shows is asked for here; it is None where
nobody can say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..ground.day import BlockCard, DayPlan, OpenDay, Outage, WorkOrder
from ..ground.problem import Block
from ..outages.doubt.headline import Doubt, doubt_of
from ..planning.drafting import repair_job
from ..store import ENDED
from .desk import Desk
from .onward import Row, Stay, onward

SUPPLIED = frozenset({"restored", "done"})
BACK = frozenset({*ENDED, "restored"})
TABLES = ("orders", "steps", "jobs", "crews", "changes", "plans")


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A promise: when it was met (`met`), or is expected to be."""

    at: int | None
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """An outage now: customers still out, and when the last of them is expected back, or was."""

    out: int
    back: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The day as it is expected from now on; moments are seconds since 1970.

    Parameters
    ----------
    out : customers without supply.
    curve : moments with the customers still out then, where the routes in force bring some back.
    stays : by crew, in the order of its route.
    supplies : by outage.
    finish : by job, when the last of its crews is done with it.
    promises : on arrival and restoration, by order and what was promised.
    ended : orders whose supply is back or whose work is over.
    back : blocks that have supply again.
    """

    out: int
    curve: tuple[tuple[int, int], ...]
    stays: Mapping[str, tuple[Stay, ...]]
    supplies: Mapping[str, Supply]
    promises: Mapping[tuple[str, str], Met]
    doubt: Doubt
    finish: Mapping[str, int]
    ended: frozenset[str]
    back: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blocks:
    """Blocks that are back (`over`), and when others are expected to be."""

    over: frozenset[str]
    at: Mapping[str, int]


def forecast_of(desk: Desk) -> Forecast | None:
    """The forecast of a desk's day, made once a minute and after events that it depends on.

    None before there is any plan: then nobody knows who is out.
    """
    newest = desk.shelf.newest_plan_number()
    if newest is None:
        return None
    made: dict[int, Forecast] = desk.kept("forecasts", TABLES, dict)
    minute = int(desk.clock().timestamp()) // 60
    found = made.get(minute)
    if found is None:
        rows = {name: desk.rows(name) for name in ("orders", "steps", "jobs", "crews", "changes")}
        day = desk.day() if desk.plan_number("published") is not None else None
        found = forecast(day, desk.plan(newest), rows, 60 * minute)
        made.clear()
        made[minute] = found
    return found


def forecast(day: DayPlan | None, newest: OpenDay, rows: Mapping[str, Sequence[Row]], now_s: int) -> Forecast:
    """Carry a plan on with what has been reported since.

    Parameters
    ----------
    day : the plan in force, whose routes crews follow; None while there is none.
    newest : what is known of outages, as the newest plan knows it, in force or not.
    rows : the tables orders, steps, jobs, crews and changes.
    now_s : in seconds since 1970.
    """
    days = (newest,) if day is None else (day, newest)
    ended = _ended(days, rows["orders"])
    stays = {} if day is None else onward(day, rows, now_s)
    finish = _finishes(stays)
    over = {order.outage for each in days for order in each.orders if order.outage and order.id in ended}
    blocks = _blocks(newest, finish, _supplied(rows["jobs"]), over)
    reached = {(row["order_id"], row["state"]): int(row["at"].timestamp()) for row in rows["steps"]}
    supplies = _supplies(days, newest, blocks, finish, over)
    out = sum(card.customers for card in newest.blocks if card.id not in blocks.over)
    return Forecast(
        out=out,
        doubt=doubt_of([each for each in newest.outages if supplies[each.id].out]),
        curve=_curve(newest.blocks, out, blocks),
        stays=stays,
        supplies=supplies,
        promises=_promises(days, _arrivals(days, stays), supplies, reached, finish),
        finish=finish,
        ended=ended,
        back=blocks.over,
    )


def _ended(days: Iterable[OpenDay], orders: Iterable[Row]) -> frozenset[str]:
    """Orders whose supply is back or whose work is over; what a plan knows and no table holds is put away."""
    state = {row["id"]: row["state"] for row in orders}
    known = {order.id for day in days for order in day.orders}
    return frozenset({id_ for id_, each in state.items() if each in BACK} | (known - state.keys()))


def _finishes(stays: Mapping[str, Sequence[Stay]]) -> dict[str, int]:
    """When each job is finished by all its crews, of those that anybody can tell."""
    found: dict[str, int] = {}
    unknown = set()
    for stay in (each for route in stays.values() for each in route):
        if stay.finish is None:
            unknown.add(stay.job)
        else:
            found[stay.job] = max(stay.finish, found.get(stay.job, stay.finish))
    return {job: at for job, at in found.items() if job not in unknown}


def _supplied(jobs: Iterable[Row]) -> dict[str, int]:
    """Jobs that have done what they could for supply, and since when."""
    return {row["id"]: int(row["since"].timestamp()) for row in jobs if row["state"] in SUPPLIED}


def _blocks(
    newest: OpenDay, finish: Mapping[str, int], supplied: Mapping[str, int], ended: Collection[str]
) -> _Blocks:
    cards = {card.id: card for card in newest.blocks}
    over: set[str] = set()
    at: dict[str, int] = {}
    for block in newest.problem.blocks:
        causes = cards[block.id].outages
        if _is_over(block, supplied) or (causes and all(each in ended for each in causes)):
            over.add(block.id)
            continue
        ready = _earliest_way(block, {**finish, **supplied})
        if ready is not None:
            at[block.id] = ready
    return _Blocks(over=frozenset(over), at=at)


def _is_over(block: Block, supplied: Mapping[str, int]) -> bool:
    return any(all(job in supplied for job in way) for way in block.restored_by)


def _earliest_way(block: Block, finish: Mapping[str, int]) -> int | None:
    ways = [[finish[job] for job in way] for way in block.restored_by if all(job in finish for job in way)]
    return min((max(way) for way in ways if way), default=None)


def _curve(cards: Sequence[BlockCard], out: int, blocks: _Blocks) -> tuple[tuple[int, int], ...]:
    points: dict[int, int] = {}
    for card in sorted(cards, key=lambda each: blocks.at.get(each.id, 0)):
        if card.id in blocks.at and card.customers:
            out -= card.customers
            points[blocks.at[card.id]] = out
    return tuple(points.items())


def _supplies(
    days: Sequence[OpenDay],
    newest: OpenDay,
    blocks: _Blocks,
    finish: Mapping[str, int],
    over: Collection[str],
) -> dict[str, Supply]:
    cards: dict[str, list[BlockCard]] = {}
    for card in newest.blocks:
        for cause in card.outages:
            cards.setdefault(cause, []).append(card)
    return {
        outage.id: Supply(out=0, back=None)
        if outage.id in over
        else _supply(outage, cards.get(outage.id, ()), blocks, finish)
        for day in days
        for outage in day.outages
    }


def _supply(outage: Outage, cards: Sequence[BlockCard], blocks: _Blocks, finish: Mapping[str, int]) -> Supply:
    if not cards:
        return Supply(out=int(outage.customers_out), back=finish.get(repair_job(outage.id)))
    dark = [card for card in cards if card.id not in blocks.over]
    known = [blocks.at[card.id] for card in dark if card.id in blocks.at]
    out = min(int(outage.customers_out), sum(card.customers for card in dark))
    return Supply(out=out, back=max(known) if known and len(known) == len(dark) else None)


def _arrivals(days: Sequence[OpenDay], stays: Mapping[str, Sequence[Stay]]) -> dict[str, int]:
    """When the first crew is at each order's place, of those whose arrival anybody can tell."""
    found: dict[str, int] = {}
    cards = {id_: card for day in days for id_, card in day.cards.items()}
    for stay in (each for route in stays.values() for each in route):
        card = cards.get(stay.job)
        if card is not None and card.kind != "switching" and stay.arrive is not None:
            found[card.order] = min(stay.arrive, found.get(card.order, stay.arrive))
    return found


def _promises(
    days: Sequence[OpenDay],
    arrivals: Mapping[str, int],
    supplies: Mapping[str, Supply],
    reached: Mapping[tuple[str, str], int],
    finish: Mapping[str, int],
) -> dict[tuple[str, str], Met]:
    jobs: dict[str, set[str]] = {}
    for id_, card in ((id_, card) for day in days for id_, card in day.cards.items()):
        if card.kind not in ("switching", "generator"):
            jobs.setdefault(card.order, set()).add(id_)
    found = {}
    for order in (order for day in days for order in day.orders):
        met = {"arrive": reached.get((order.id, "on_site")), "restore": reached.get((order.id, "restored"))}
        expected = {
            "arrive": arrivals.get(order.id),
            "restore": _restored(order, supplies, jobs.get(order.id, ()), finish),
        }
        for what in met.keys() & {promise.what for promise in order.promises}:
            at = met[what]
            found[order.id, str(what)] = Met(at=expected[what] if at is None else at, met=at is not None)
    return found


def _restored(
    order: WorkOrder, supplies: Mapping[str, Supply], jobs: Collection[str], finish: Mapping[str, int]
) -> int | None:
    if order.outage is not None:
        return supplies[order.outage].back if order.outage in supplies else None
    ends = [finish[job] for job in jobs if job in finish]
    return max(ends) if ends and len(ends) == len(jobs) else None

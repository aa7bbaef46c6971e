"""What is expected now, as the board reads it: only what differs from the plan that it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from dispatch.etr.estimates import rounded_up
from dispatch.ground.day import DayPlan, Etr
from dispatch.live import Desk
from dispatch.live.forecast import Forecast, Met, forecast_of
from dispatch.live.onward import Stay

from .board import Data, Timetable, outage_row, stamp, timetable

# A minute more or less is not told anew.
SAME_S = 60
ETR_STEP_MIN = 15


def expected_data(desk: Desk) -> Data:
    """Return what differs from the plan in force, and how many customers are out, until when.

    `figures` is None before there is any plan: nobody knows yet.
    """
    found = forecast_of(desk)
    if found is None:
        return {"figures": None, "stays": [], "supplies": [], "promised": []}
    table = desk.kept("planned times", ("plans",), lambda: timetable(desk.day()))
    return {
        "figures": {"out": found.out, "curve": found.curve, "doubt": _doubt(found)},
        "stays": [row for crew, stays in found.stays.items() for row in _stay_rows(table, crew, stays)],
        "supplies": list(_supply_rows(table, found)),
        "promised": [
            {"id": f"{order} {what}", "order": order, "what": what, "at": met.at, "met": met.met}
            for (order, what), met in found.promises.items()
            if not _as_planned(table, order, what, met)
        ],
    }


def _doubt(found: Forecast) -> Data | None:
    """Customers expected to be out, with the range, where the calls leave it open how many there are."""
    doubt = found.doubt
    if doubt.fewest == doubt.most:
        return None
    return {
        "expected": max(0, round(found.out + doubt.expected)),
        "fewest": max(0, found.out + doubt.fewest),
        "most": found.out + doubt.most,
    }


def outages_now(desk: Desk) -> list[Data]:
    """Return the outages that are not over, the newest too, with what is expected now."""
    day, found, newest = desk.day(), forecast_of(desk), desk.shelf.newest_plan_number()
    if found is None or newest is None:
        table = timetable(day)
        return [outage_row(table, outage.id) for outage in day.outages]
    table, known = timetable(day), timetable(desk.plan(newest))
    rows = {outage.id: outage_row(table, outage.id) for outage in day.outages}
    rows |= {outage.id: outage_row(known, outage.id) for outage in known.day.outages}
    return [
        row | _now(table, id_, found)
        for id_, row in rows.items()
        if found.supplies[id_].out or row["order"] not in found.ended
    ]


def _now(table: Timetable, outage: str, found: Forecast) -> Data:
    supply = found.supplies[outage]
    etr = expected_etr(table.day, outage, table.restored_s.get(outage), supply.back)
    return {"out": supply.out, "restored": supply.back, "etr": etr}


def expected_etr(day: DayPlan, outage: str, planned_s: int | None, back_s: int | None) -> Data | None:
    """Return an outage's estimate, moved as far as the plan has slipped; unplanned where nobody can say."""
    table_row = day.etr_of_outage.get(outage)
    if table_row is None:
        return None
    return _moved(table_row, None if back_s is None or planned_s is None else back_s - planned_s)


def _moved(etr: Etr, later_s: int | None) -> Data:
    if later_s is None or etr.median is None:
        return {"status": "not_planned", "median": None, "p90": None}
    return {"status": etr.status, "median": _later(etr.median, later_s), "p90": _later(etr.p90, later_s)}


def _later(moment: datetime | None, later_s: int) -> int | None:
    if moment is None or abs(later_s) < SAME_S * ETR_STEP_MIN / 3:
        return stamp(moment)
    return stamp(rounded_up(moment + timedelta(seconds=later_s), ETR_STEP_MIN))


def _stay_rows(table: Timetable, crew: str, stays: tuple[Stay, ...]) -> Iterator[Data]:
    for stay in stays:
        planned = next((each.visit for each in table.stops.get(stay.job, ()) if each.crew == crew), None)
        known = (
            {"arrive": planned.arrival_s, "start": planned.start_s, "finish": planned.finish_s}
            if planned
            else {}
        )
        told = {"arrive": stay.arrive, "start": stay.start, "finish": stay.finish}
        flags = {name: True for name in ("here", "done", "over") if getattr(stay, name)}
        if flags or any(_differs(told[name], table.at(at)) for name, at in known.items()):
            yield {
                "id": f"{crew} {stay.job}",
                "crew": crew,
                "job": stay.job,
                "leave": stay.leave,
                **told,
                **flags,
            }


def _supply_rows(table: Timetable, found: Forecast) -> Iterator[Data]:
    outages: dict[str, Any] = dict(table.day.outage_by_id)
    for id_, supply in found.supplies.items():
        planned = table.restored_s.get(id_)
        same_out = id_ in outages and supply.out == int(outages[id_].customers_out)
        if same_out and not _differs(supply.back, planned):
            continue
        etr = expected_etr(table.day, id_, planned, supply.back) if supply.out else None
        yield {"id": id_, "out": supply.out, "back": supply.back, "etr": etr}


def _as_planned(table: Timetable, order: str, what: str, met: Met) -> bool:
    planned = table.met_s.get((order, what))
    return not met.met and not _differs(met.at, None if planned is None else table.at(planned))


def _differs(one: int | None, other: int | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= SAME_S

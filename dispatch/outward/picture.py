"""What the public may know of the day: no names, no house, no word that somebody wrote.

Everything here is worked out of numbers, times and coded words. What callers, crews and the office have
written never enters.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rules.language.choices import CAUSES

from ..etr.estimates import rounded_up
from ..ground.case import Case, Customers
from ..ground.day import DayPlan, Outage
from ..live import Desk
from ..live.forecast import Forecast, forecast_of
from ..messages.announcing import announced
from ..service.figures import figures
from ..triage.orders import customer_rows
from .areas import Area, AreaMap, area_map

State = Literal["checking", "waiting", "on_the_way", "on_site", "planned"]
# From here on a range of customers out begins; below the first, nothing is shown at all.
EDGES = (20, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000)
SINCE_STEP_MIN = 5
SHIPPED_LEAST, SHIPPED_STEP_MIN, SHIPPED_DAYS = 10, 30, 14
CREW_STATES: Mapping[str, State] = {
    "dispatched": "waiting",
    "on_the_way": "on_the_way",
    "on_site": "on_site",
    "safe": "on_site",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRule:
    """What the policy's table `publication` says of one kind of outage.

    Parameters
    ----------
    least : fewest customers that an outage or an area is shown with; 0 shows nothing of the kind.
    step_min : estimates are rounded up to a multiple of so many minutes.
    days : how far ahead planned outages are shown.
    """

    least: int
    step_min: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicOutage:
    """One outage as the public sees it.

    Parameters
    ----------
    id : says nothing; the same as long as the outage lasts.
    fewest, most : the range that the number of customers out lies in; no `most`: or more.
    cause : one of the policy's causes once a crew has named it.
    etr : rounded as the policy says; None while nobody can say.
    ends : of a planned outage.
    """

    id: str
    state: State
    since: datetime
    fewest: int
    most: int | None
    areas: tuple[Area, ...]
    cause: str | None = None
    etr: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is published at one moment.

    Parameters
    ----------
    out : customers without supply, rounded down to a multiple of `least`; None before there is any plan.
    small : outages that are too small to be shown, or not certain yet.
    small_planned : planned outages that are too small.
    """

    utility: str
    zone: str
    as_of: datetime
    out: int | None
    customers: int
    least: int
    outages: tuple[PublicOutage, ...]
    small: int
    planned: tuple[PublicOutage, ...]
    small_planned: int
    synthetic: bool


def rule_of(case: Case, kind: Literal["outage", "planned_work"]) -> PublicRule:
    """The policy's rule; what a policy does not say is as it is shipped."""
    told = figures(case.policy, "publication", kind=kind)
    least, step, days = told.get("how_many"), told.get("span_min"), told.get("ahead_days")
    return PublicRule(
        least=SHIPPED_LEAST if least is None else int(least),
        step_min=int(step or SHIPPED_STEP_MIN),
        days=int(SHIPPED_DAYS if days is None else days),
    )


def customer_range(fewest: int, most: int, least: int) -> tuple[int, int | None]:
    """The steps between which a number of customers lies: from, and up to; no end above the last step."""
    edges = (least, *(edge for edge in EDGES if edge > least))
    low = max((edge for edge in edges if edge <= fewest), default=0)
    high = next((edge for edge in edges if edge > most), None)
    return low, None if high is None else high - 1


class Painter:
    """Paints the picture of a desk's day.

    Parameters
    ----------
    secret : makes the ids, which nobody else can lead back to a device or a customer.
    """

    def __init__(self, desk: Desk, secret: str) -> None:
        self._desk, self._secret = desk, secret.encode()
        self._map: tuple[Customers, int, AreaMap] | None = None

    def picture(self) -> Picture:
        """The day as the public sees it now."""
        desk = self._desk
        case, rule = desk.case_under(), rule_of(desk.case_under(), "outage")
        planned_rule = rule_of(case, "planned_work")
        outages, small = self._outages(case, rule)
        planned, small_planned = self._planned(case, planned_rule)
        found, least = forecast_of(desk), max(rule.least, 1)
        return Picture(
            utility=case.settings.name,
            zone=case.settings.time_zone,
            as_of=desk.clock().replace(second=0, microsecond=0),
            out=None if found is None or not rule.least else least * (found.out // least),
            customers=len(case.customers),
            least=rule.least,
            outages=outages,
            small=small,
            planned=planned,
            small_planned=small_planned,
            synthetic=bool(case.settings.synthetic),
        )

    def areas(self, case: Case, least: int) -> AreaMap:
        """The areas with at least so many customers, worked out once for a list of customers."""
        kept = self._map
        if kept is None or kept[0] is not case.customers or kept[1] != least:
            kept = self._map = case.customers, least, area_map(case.customers.lonlat, least, case.roads)
        return kept[2]

    def _outages(self, case: Case, rule: PublicRule) -> tuple[tuple[PublicOutage, ...], int]:
        day = known_now(self._desk)
        if day is None or not rule.least:
            return (), 0
        known, found = day
        states = {row["id"]: row for row in self._desk.rows("orders")}
        shown, small = [], 0
        for outage in not_over(known, found):
            order = known.order_of_outage.get(outage.id)
            row = states.get(order.id) if order is not None else None
            seen = self._outage(case, rule, known, found, outage, row)
            shown += [seen] if seen is not None else []
            small += seen is None
        return tuple(sorted(shown, key=lambda each: (-each.fewest, each.since, each.id))), small

    def _outage(
        self,
        case: Case,
        rule: PublicRule,
        known: DayPlan,
        found: Forecast,
        outage: Outage,
        row: Mapping[str, Any] | None,
    ) -> PublicOutage | None:
        """An outage with what may be shown of it; None where it is too small or not certain enough."""
        rows = rows_out(case, known, found, outage)
        out = min(found.supplies[outage.id].out, len(rows)) or len(rows)
        fewest, most = counted(outage, out)
        if min(fewest, len(rows)) < rule.least:
            return None
        low, high = customer_range(fewest, most, rule.least)
        zone = case.settings.zone
        return PublicOutage(
            id=self._public_id(f"{outage.id}/{outage.since.astimezone(zone).date()}"),
            state=_state(outage, row),
            since=rounded_down(outage.since.astimezone(zone)),
            fewest=low,
            most=high,
            areas=tuple(area for area, _ in self.areas(case, rule.least).placed(rows)),
            cause=cause_of(outage, row),
            etr=etr_of(known, found, outage, rule, self._desk.clock()),
        )

    def _planned(self, case: Case, rule: PublicRule) -> tuple[tuple[PublicOutage, ...], int]:
        now, shown, small = self._desk.clock(), [], 0
        if not rule.least:
            return (), 0
        for told in announced(self._desk):
            if told.begins > now + timedelta(days=rule.days):
                continue
            rows = np.unique(customer_rows(case, told.transformers))
            if len(rows) < rule.least:
                small += 1
                continue
            low, high = customer_range(len(rows), len(rows), rule.least)
            areas = tuple(area for area, _ in self.areas(case, rule.least).placed(rows))
            zone = case.settings.zone
            shown.append(
                PublicOutage(
                    id=self._public_id(f"planned/{told.id}"),
                    state="planned",
                    since=told.begins.astimezone(zone),
                    ends=told.ends.astimezone(zone),
                    fewest=low,
                    most=high,
                    areas=areas,
                )
            )
        return tuple(sorted(shown, key=lambda each: (each.since, each.id))), small

    def _public_id(self, of: str) -> str:
        return hmac.new(self._secret, f"public/{of}".encode(), "sha256").hexdigest()[:12]


def rows_out(case: Case, known: DayPlan, found: Forecast, outage: Outage) -> NDArray[np.int64]:
    """Rows of the customers that an outage still leaves without supply."""
    if not found.supplies[outage.id].out:
        return np.empty(0, dtype=np.int64)
    blocks = [block for block in known.blocks if outage.id in block.outages]
    dark = (
        [name for block in blocks if block.id not in found.back for name in block.transformers]
        if blocks
        else outage.transformers
    )
    rows = np.unique(customer_rows(case, dark, outage))
    # Who has moved away since the plan was made has no row.
    return np.asarray(rows[rows >= 0], dtype=np.int64)


def known_now(desk: Desk) -> tuple[DayPlan, Forecast] | None:
    """The plan that knows most, and what is expected by it; None before there is any plan."""
    found, newest = forecast_of(desk), desk.shelf.newest_plan_number()
    return None if found is None or newest is None else (desk.plan(newest), found)


def not_over(known: DayPlan, found: Forecast) -> Iterator[Outage]:
    """The outages that somebody still is without supply of."""
    for outage in known.outages:
        supply = found.supplies.get(outage.id)
        if supply is not None and supply.out:
            yield outage


def counted(outage: Outage, out: int) -> tuple[int, int]:
    """How many customers are out at least and at most."""
    if not outage.in_doubt or outage.fewest is None:
        return out, out
    return min(outage.fewest, out), max(outage.most or out, out)


def is_certain(outage: Outage) -> bool:
    """Whether everybody who is said to be out is out."""
    return outage.confirmed or not outage.in_doubt


def _state(outage: Outage, row: Mapping[str, Any] | None) -> State:
    told = CREW_STATES.get(str(row["state"])) if row is not None else None
    return told or ("waiting" if outage.confirmed else "checking")


def cause_of(outage: Outage, row: Mapping[str, Any] | None) -> str | None:
    """The coded cause that a crew has named; None for any other text."""
    told = (row["cause"] if row is not None else None) or outage.cause
    return told if told in CAUSES and told != "unknown" else None


def etr_of(
    known: DayPlan, found: Forecast, outage: Outage, rule: PublicRule, now: datetime
) -> datetime | None:
    """The time that nine of ten outages like this keep, or later where the work has slipped."""
    etr, back = known.etr_of_outage.get(outage.id), found.supplies[outage.id].back
    if etr is None or etr.status != "assessed" or etr.p90 is None or back is None:
        return None
    latest = max(etr.p90, datetime.fromtimestamp(back, now.tzinfo))
    told = rounded_up(latest, rule.step_min)
    return told.astimezone(now.tzinfo) if told > now else None


def rounded_down(moment: datetime) -> datetime:
    """A time as the public hears it: when exactly it began is nobody's business."""
    minute = moment.minute - moment.minute % SINCE_STEP_MIN
    return moment.replace(minute=minute, second=0, microsecond=0)

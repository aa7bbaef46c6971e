"""One day's requests: calls about the faults before it, and everything else people ask for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from .faults import Fault
from .rows import Built, Customer
from .tables import shared_out, write_table
from .words import Sayings

COLUMNS = (
    "id",
    "received_at",
    "words",
    "channel",
    "customer",
    "address",
    "lon",
    "lat",
    "phone",
    "kind",
    "appointment_from",
    "appointment_to",
)
WITH_APPOINTMENT = ("metering", "new_connection", "inspection")
DANGEROUS = ("wire_down", "pole_down", "vehicle", "burnt")
AGAIN_SHARE, AGAIN_S = 0.1, 600.0
"""Share of callers who call a second time, ten minutes after the first call or later."""
APPOINTMENT_HOURS = (8, 9, 10, 11, 13, 14, 15, 16)


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What people say, in two languages, by what they call about; how they reach the utility.

    `told` are languages (0 or 1) whose calls come with their kind, set by the call taker.
    """

    wide: Sayings
    local: Sayings
    single: Sayings
    important: Sayings
    again: Sayings
    hazard: Sayings
    other: Mapping[str, Sayings]
    channels: Mapping[str, float]
    told: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How the day is made: when it is, how many requests, which of them (weights by kind).

    `call_share` of those without supply in a large outage call before the plan is made.
    """

    now: datetime
    requests: int
    shares: Mapping[str, float]
    appointments_on: datetime
    call_share: float = 0.035


@dataclass(slots=True)
class Call:
    """A request before it has its number."""

    at: datetime
    words: str
    channel: str
    kind: str = ""
    customer: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    appointment: tuple[datetime, datetime] | None = None


@dataclass(kw_only=True)
class Day:
    """Makes the calls of one day from its faults.

    `corner` names a place on the map as a passer-by would.
    """

    built: Built
    faults: Sequence[Fault]
    speech: Speech
    plan: Plan
    corner: Callable[[float, float], str]
    seed: int
    lit: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        dark = {row for fault in self.faults for row in fault.out}
        self.lit = sorted(set(range(len(self.built.customers))) - dark)

    def calls(self) -> list[Call]:
        """Return all calls, ordered by time."""
        calls = [call for fault in self.faults for call in self._calls_about(fault)]
        left = self.plan.requests - len(calls)
        if left < 0:
            raise ValueError(f"{len(calls)} calls about faults; the day has {self.plan.requests} requests")
        counts = shared_out(left, list(self.plan.shares.values()))
        for kind, count in zip(self.plan.shares, counts, strict=True):
            calls += [self._other(kind) for _ in range(count)]
        return sorted(calls, key=lambda call: (call.at, call.words))

    def _calls_about(self, fault: Fault) -> list[Call]:
        """Return the calls of those who are out: most of a few, one in twenty of many."""
        out = len(fault.out)
        usual = max(1.1 * out**0.36, self.plan.call_share * out) * float(self.random.uniform(0.8, 1.2))
        count = min(out, max(1, round(usual)))
        rows = [int(row) for row in self.random.choice(fault.out, count, replace=False)]
        important = [row for row in fault.out if self.built.customers[row].phone]
        rows = sorted(set(rows) | set(important[:3]))
        calls = [self._outage_call(fault, self.built.customers[row], out) for row in rows]
        calls += [again for call in calls if (again := self._again(call))]
        if fault.cause in DANGEROUS and fault.kind in ("line", "lv_main"):
            calls.append(self._hazard(fault.lon, fault.lat, self._soon_after(fault.since)))
        return calls

    def _outage_call(self, fault: Fault, customer: Customer, out: int) -> Call:
        speech = self.speech
        sayings = speech.single if out == 1 else speech.local if out <= 40 else speech.wide
        call = self._call(
            self._soon_after(fault.since), speech.important if customer.phone else sayings, "outage"
        )
        return self._identified(call, customer)

    def _again(self, call: Call) -> Call | None:
        """Return a second call of the same customer, for a few of those who have waited long enough."""
        waited_s = (self.plan.now - call.at).total_seconds()
        if not call.customer or waited_s < AGAIN_S + 120 or self.random.random() > AGAIN_SHARE:
            return None
        at = call.at + timedelta(
            seconds=round(AGAIN_S + float(self.random.random()) * (waited_s - AGAIN_S - 60))
        )
        second = self._call(at, self.speech.again, "outage")
        second.customer = call.customer
        return second

    def _soon_after(self, since: datetime) -> datetime:
        """Return when a call comes in: most within a quarter of an hour, all before now."""
        mean_s = 900.0 if self.random.random() < 0.8 else 3600.0
        longest_s = (self.plan.now - since).total_seconds() - 120
        share = float(self.random.random()) * -math.expm1(-longest_s / mean_s)
        return since + timedelta(seconds=round(60 - mean_s * math.log1p(-share)))

    def _other(self, kind: str) -> Call:
        at = self.plan.now - timedelta(seconds=int(self.random.integers(60, 23 * 3600)))
        customer = self.built.customers[self.lit[int(self.random.integers(len(self.lit)))]]
        if kind == "hazard":
            return self._hazard(customer.lon, customer.lat, self._recently())
        if at.hour < 6:
            at -= timedelta(hours=9)
        call = self._call(at, self.speech.other[kind], kind)
        if kind in WITH_APPOINTMENT:
            call.appointment = self._appointment()
        return self._identified(call, customer)

    def _recently(self) -> datetime:
        return self.plan.now - timedelta(minutes=int(self.random.integers(3, 240)))

    def _appointment(self) -> tuple[datetime, datetime]:
        start = self.plan.appointments_on.replace(hour=int(self.random.choice(APPOINTMENT_HOURS)), minute=0)
        return start, start + timedelta(hours=int(self.random.choice([2, 2, 3])))

    def _hazard(self, lon: float, lat: float, at: datetime) -> Call:
        """Return a call by somebody who passes: a street corner and the place on the map."""
        call = self._call(at, self.speech.hazard, "hazard")
        call.channel = str(self.random.choice(["phone", "police", "fire", "app"], p=[0.6, 0.2, 0.1, 0.1]))
        call.address, call.lon, call.lat = self.corner(lon, lat), round(lon, 5), round(lat, 5)
        return call

    def _identified(self, call: Call, customer: Customer) -> Call:
        """Say who calls: the customer's number, or only an address, or a place from the app."""
        if self.random.random() < 0.6 or customer.phone:
            call.customer = customer.id
        else:
            call.address = customer.address
            if call.channel == "app":
                call.lon, call.lat = customer.lon, customer.lat
        return call

    def _call(self, at: datetime, sayings: Sayings, kind: str) -> Call:
        """Return a call in either language; its kind is there when the form or the call taker set it."""
        language = int(self.random.integers(2))
        words = sayings[language][int(self.random.integers(len(sayings[language])))]
        channels = self.speech.channels
        channel = str(self.random.choice(list(channels), p=list(channels.values())))
        by_form = channel in ("app", "web") and self.random.random() < 0.5
        return Call(at, words, channel, kind if by_form or language in self.speech.told else "")


def write_day(day: Day, folder: Path) -> dict[str, int]:
    """Write requests and the truth behind them."""
    return {
        "requests": write_table(
            folder / "requests.csv",
            COLUMNS,
            (_row(number, call) for number, call in enumerate(day.calls(), start=1)),
        ),
        "faults": write_table(
            folder / "truth.csv",
            ["id", "kind", "place", "cause", "since", "protecting_device", "customers_out", "lon", "lat"],
            (
                [
                    f.id,
                    f.kind,
                    f.place,
                    f.cause,
                    f.since.isoformat(),
                    f.protecting_device,
                    len(f.out),
                    f.lon,
                    f.lat,
                ]
                for f in day.faults
            ),
        ),
        "customers out": sum(len(fault.out) for fault in day.faults),
    }


def _row(number: int, call: Call) -> list[object]:
    start, end = call.appointment or (None, None)
    return [
        f"R{number:04d}",
        call.at.isoformat(),
        call.words,
        call.channel,
        call.customer,
        call.address,
        call.lon,
        call.lat,
        f"+00 00 1{number:06d}",
        call.kind,
        start.isoformat() if start else "",
        end.isoformat() if end else "",
    ]

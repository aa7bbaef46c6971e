"""One day's requests: calls about the faults of the night, and everything else people ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from .faults import Breaker, Fault
from .tables import write_table
from .town import Customer, Town
from .words import HAZARD, IMPORTANT_OUT, OTHER, OUTAGE_LOCAL, OUTAGE_SINGLE, OUTAGE_WIDE, Sayings

NOW = datetime.fromisoformat("2026-06-18T07:30:00-04:00")
REQUESTS = 400
COLUMNS = (
    "id", "received_at", "words", "channel", "customer", "address", "lon", "lat", "phone", "kind", "appointment_from",
    "appointment_to",
)  # fmt: skip
# How many of the requests that are not about the faults are of which kind, by weight.
OTHER_SHARES = {
    "hazard": 8, "power_quality": 24, "metering": 36, "new_connection": 20, "inspection": 22, "complaint": 16,
    "enquiry": 24, "street_light": 10,
}  # fmt: skip
WITH_APPOINTMENT = ("metering", "new_connection", "inspection")
CHANNELS = (("phone", 0.62), ("app", 0.14), ("wechat", 0.12), ("web", 0.12))
DANGEROUS = ("wire_down", "pole_down", "vehicle", "burnt")


@dataclass(slots=True)
class Call:
    """A request before it has its number."""

    at: datetime
    words: str
    channel: str
    customer: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    kind: str = ""
    appointment: tuple[datetime, datetime] | None = None


class Day:
    """Makes the calls of one day from the faults of its night."""

    def __init__(self, town: Town, faults: Sequence[Fault], seed: int) -> None:
        self.town = town
        self.faults = faults
        self.random = np.random.default_rng(seed)
        self.lit = sorted(set(range(len(town.customers))) - {row for fault in faults for row in fault.out})

    def calls(self) -> list[Call]:
        """Return all calls, ordered by time."""
        calls = [call for fault in self.faults for call in self._calls_about(fault)]
        left = REQUESTS - len(calls)
        shares = list(OTHER_SHARES.values())
        counts = np.floor(np.array(shares) * left / sum(shares)).astype(int)
        counts[2] += left - int(counts.sum())
        for kind, count in zip(OTHER_SHARES, counts.tolist(), strict=True):
            calls += [self._other(kind) for _ in range(count)]
        return sorted(calls, key=lambda call: (call.at, call.words))

    def _calls_about(self, fault: Fault) -> list[Call]:
        """Return the calls of those who are out: of many few, of few most (about 1.6 n^0.36)."""
        out = len(fault.out)
        count = min(out, max(1, round(1.6 * out**0.36 * float(self.random.uniform(0.8, 1.2)))))
        rows = [int(row) for row in self.random.choice(fault.out, count, replace=False)]
        important = [row for row in fault.out if self.town.customers[row].phone]
        rows = sorted(set(rows) | set(important[:3]))
        calls = [self._outage_call(fault, self.town.customers[row], out) for row in rows]
        if fault.cause in DANGEROUS and fault.kind in ("line", "lv_main"):
            calls.append(self._hazard(fault.lon, fault.lat, self._soon_after(fault.since)))
        return calls

    def _outage_call(self, fault: Fault, customer: Customer, out: int) -> Call:
        sayings = OUTAGE_SINGLE if out == 1 else OUTAGE_LOCAL if out <= 40 else OUTAGE_WIDE
        if customer.phone:
            sayings = IMPORTANT_OUT
        call = Call(self._soon_after(fault.since), self._say(sayings), self._channel())
        return self._identified(call, customer, "outage")

    def _soon_after(self, since: datetime) -> datetime:
        """Return when a call comes in: soon after, later for sleepers, before now."""
        longest = (NOW - since).total_seconds() - 30
        delay = min(
            float(self.random.exponential(1500.0)) + 60.0, longest * float(self.random.uniform(0.5, 1))
        )
        return since + timedelta(seconds=round(delay))

    def _other(self, kind: str) -> Call:
        at = NOW - timedelta(seconds=int(self.random.integers(60, 23 * 3600)))
        customer = self.town.customers[self.lit[int(self.random.integers(len(self.lit)))]]
        if kind == "hazard":
            return self._hazard(
                customer.lon, customer.lat, NOW - timedelta(minutes=int(self.random.integers(3, 240)))
            )
        if kind != "metering" and at.hour < 6:
            at += timedelta(hours=-9)
        call = Call(at, self._say(OTHER[kind]), self._channel())
        if kind in WITH_APPOINTMENT:
            call.appointment = self._appointment()
        return self._identified(call, customer, kind)

    def _appointment(self) -> tuple[datetime, datetime]:
        start = NOW.replace(hour=int(self.random.choice([8, 9, 10, 11, 13, 14, 15, 16])), minute=0)
        return start, start + timedelta(hours=int(self.random.choice([2, 2, 3])))

    def _hazard(self, lon: float, lat: float, at: datetime) -> Call:
        """Return a call by somebody who passes: a street corner, sometimes a place on the map."""
        words = self._say(HAZARD)
        channel = str(self.random.choice(["phone", "police", "fire", "app"], p=[0.6, 0.2, 0.1, 0.1]))
        node = int(np.argmin(np.hypot(self.town.streets.lon - lon, self.town.streets.lat - lat)))
        return Call(
            at,
            words,
            channel,
            address=self.town.wirer.corner(node, node),
            lon=round(lon, 5),
            lat=round(lat, 5),
        )

    def _identified(self, call: Call, customer: Customer, kind: str) -> Call:
        """Say who calls: the customer's number, or only an address, or a place from the app."""
        draw = self.random.random()
        if draw < 0.6 or customer.phone:
            call.customer = customer.id
        else:
            call.address = customer.address
            if call.channel == "app":
                call.lon, call.lat = customer.lon, customer.lat
        if call.channel in ("app", "web") and self.random.random() < 0.5:
            call.kind = kind
        return call

    def _say(self, sayings: Sayings) -> str:
        spoken = sayings[int(self.random.integers(2))]
        return spoken[int(self.random.integers(len(spoken)))]

    def _channel(self) -> str:
        names = [name for name, _ in CHANNELS]
        return str(self.random.choice(names, p=[share for _, share in CHANNELS]))


def write_day(town: Town, folder: Path, seed: int) -> dict[str, int]:
    """Write requests and the truth behind them."""
    faults = Breaker(town, seed, NOW).all_faults()
    calls = Day(town, faults, seed + 1).calls()
    counts = {
        "requests": write_table(
            folder / "requests.csv",
            COLUMNS,
            (_row(number, call) for number, call in enumerate(calls, start=1)),
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
                for f in faults
            ),
        ),
        "customers out": sum(len(fault.out) for fault in faults),
    }
    return counts


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
        f"+56 00 1{number:06d}",
        call.kind,
        start.isoformat() if start else "",
        end.isoformat() if end else "",
    ]

"""Notice of planned outages that were agreed on: announced, again, cancelled; who was reached by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..live import Desk, Refused, Who
from ..outages.planned import PlannedOutage, feeders_of_places
from ..service.matters import Impossible
from ..service.negotiations import expect_settled, notice_of
from ..store.outbox import states_of
from .announcing import announce, announced_plans, cancel, guarding
from .service_letters import digest_of

DAYS_TRIED = 14
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Whether an important customer was reached.

    Parameters
    ----------
    letters : channel, state and moment of each text about it, the last one last.
    way : how a person reached it (phone, visit, letter), or None.
    """

    customer: str
    phone: str | None
    letters: tuple[tuple[str, str, datetime], ...]
    way: str | None
    at: str | None

    @property
    def reached(self) -> bool:
        """By a person, or by a text that was sent."""
        return self.way is not None or any(state == "sent" for _, state, _ in self.letters)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTime:
    """A time that was worked out.

    Parameters
    ----------
    customers, customer_minutes : who loses supply, and for how long altogether.
    against : numbers of the events and plans that stand in its way; empty where nothing does.
    """

    begins: datetime
    ends: datetime
    customers: int
    customer_minutes: float
    against: tuple[str, ...]


def settle(
    desk: Desk, id_: str, option: int, who: Who, *, seen: int, reason: str = "", despite: str = ""
) -> int:
    """Announce one of the times of a talk; what was announced before at another time is cancelled.

    Raises
    ------
    Refused
        Somebody has not agreed and no reason is given, or a feeder is under a guarantee.
    NoticeTooShort
        It begins too soon for some of the customers.
    """
    talks = desk.service.negotiations
    with desk.book.lock:
        row = talks.read(id_, seen)
        try:
            begins, ends = expect_settled(row, option, reason, desk.clock())
        except Impossible as error:
            raise Refused(error.code, **{"subject": id_, **error.values}) from error
        data = row["data"]
        announce(
            desk,
            notice_of(row),
            data["transformers"],
            begins,
            ends,
            data["reason"] or data["plan"],
            who,
            opened=data["opened"],
            closed=data["closed"],
            despite=despite,
        )
        if data["announced"]:
            cancel(desk, data["announced"][-1], reason or notice_of(row), who)
        return talks.settle(id_, option, who, seen=seen, reason=reason)


def give_up(desk: Desk, id_: str, reason: str, who: Who, *, seen: int) -> int:
    """Give a planned outage up; whoever was given notice of it hears that, too."""
    talks = desk.service.negotiations
    with desk.book.lock:
        row = talks.read(id_, seen)
        version = talks.cancel(id_, reason, who, seen=seen)
        if row["data"]["announced"]:
            cancel(desk, row["data"]["announced"][-1], reason, who)
        return version


def reached_of(desk: Desk, row: Row) -> list[Reached]:
    """Each important customer of a talk: by what it was reached, or that it was not."""
    found, customers = [], desk.case.customers
    for customer, told in row["data"]["customers"].items():
        phone = customers.fact(customer, "phone") if customer in customers else None
        keys = [f"proposal/{row['id']}/{number}/{customer}" for number in range(1, row["data"]["round"] + 1)]
        keys += [f"planned/{each}/{digest_of(str(phone))}" for each in row["data"]["announced"] if phone]
        states = states_of(desk.store, keys)
        way, at = told.get("way") or told.get("told_way"), told.get("at") or told.get("told_at")
        letters = tuple(states[key] for key in keys if key in states)
        found.append(Reached(customer=customer, phone=phone, letters=letters, way=way, at=at))
    return found


def other_times(desk: Desk, row: Row, most: int = 2) -> list[OtherTime]:
    """Times of the same length on the next days that nothing stands against, the soonest first."""
    last = row["data"]["times"][-1]
    begins, ends = (datetime.fromisoformat(last[name]) for name in ("begins", "ends"))
    found = [
        time_of(desk, row, begins + timedelta(days=n), ends + timedelta(days=n)) for n in range(1, DAYS_TRIED)
    ]
    return [each for each in found if not each.against][:most]


def time_of(desk: Desk, row: Row, begins: datetime, ends: datetime) -> OtherTime:
    """What a time would cost, and what stands against it: guaranteed events, other planned outages."""
    data, known = row["data"], desk.case.customers.rows_by_transformer
    count = sum(len(known.get(each, ())) for each in data["transformers"])
    guarded = guarding(desk, data["transformers"], begins, ends, (*data["opened"], *data["closed"]))
    clashes = [plan.id for plan in _same_feeder(desk, row) if plan.start < ends and begins < plan.end]
    return OtherTime(
        begins=begins,
        ends=ends,
        customers=count,
        customer_minutes=count * (ends - begins).total_seconds() / 60,
        against=(*(other["id"] for other, _ in guarded), *clashes),
    )


def _same_feeder(desk: Desk, row: Row) -> Sequence[PlannedOutage]:
    grid, own = desk.case.grid, set(row["data"]["feeders"])
    return [
        plan
        for plan in announced_plans(desk)
        if plan.id not in row["data"]["announced"] and own & feeders_of_places(grid, plan.open_places)
    ]

"""What meters, devices and neighbours say while the day runs, and whom to ask next."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ..ground.case import Sign
from ..ground.day import DayPlan, Outage
from ..ground.errors import Fault, InputFaults
from ..outages import Question, kept_tree, whom_to_ask
from ..store import ENDED
from ..store.signs import COUNTS, UNREACHED
from .book import Who
from .desk import Desk
from .refusals import Refused

Row = Mapping[str, Any]
Answer = Literal["on", "off", "unreached"]
KINDS: Mapping[Answer, str] = {"on": "supply_on", "off": "supply_off", "unreached": UNREACHED}
OF_DEVICES = frozenset({"tripped", "closed"})
# Clocks of meters may be a little ahead.
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A customer to phone, or who has been phoned.

    Parameters
    ----------
    named, above : the place that is named, and the next one up, which an "off" speaks for.
    answer : what was said, None where nobody has asked yet.
    """

    customer: str
    name: str | None
    address: str | None
    phone: str | None
    named: str = ""
    above: str = ""
    answer: Answer | None = None
    at: datetime | None = None
    by: str | None = None


def neighbours(desk: Desk, outage: str) -> tuple[Neighbour, ...]:
    """Who was asked about an outage, latest first, and whom to ask next while its device is in doubt.

    Raises
    ------
    Refused
        Nobody knows of such an outage.
    """
    known = _known(desk, outage)
    words = {kind: word for word, kind in KINDS.items()}
    rows = sorted(_asked(desk, outage), key=lambda row: row["at"], reverse=True)
    said = [
        neighbour_of(desk, row["place"], answer=words[row["kind"]], at=row["at"], by=row["actor"])
        for row in rows
        if row["kind"] in words
    ]
    ask = [
        neighbour_of(desk, each.customer, named=each.named, above=each.above)
        for each in questions(desk, known, [outage])
    ]
    return (*ask, *said)


def answered(
    desk: Desk, outage: str, customer: str, answer: Answer, who: Who, key: str | None = None
) -> bool:
    """Write down what a neighbour said; False when the key was known.

    Raises
    ------
    Refused
        Nobody knows of such an outage or customer.
    """
    _known(desk, outage)
    if customer not in desk.case.customers:
        raise Refused("unknown_customer", customer=customer)
    said = {"kind": KINDS[answer], "place": customer, "at": desk.clock().isoformat()}
    return desk.note("signs_heard", outage, {"signs": [said], "outage": outage}, who, key=key)


def hear_signs(desk: Desk, signs: Sequence[Sign], who: Who, key: str | None = None) -> bool:
    """Write down what meters and devices said, all or none; False when the key was known.

    Raises
    ------
    InputFaults
        Every sign of an unknown place, or of a time that cannot be.
    """
    if faults := _faults(desk, signs):
        raise InputFaults(faults)
    said = [{"kind": each.kind, "place": each.place, "at": each.at.isoformat()} for each in signs]
    return desk.note("signs_heard", who.name, {"signs": said}, who, key=key)


# -- inside --------------------------------------------------------------------


def _known(desk: Desk, outage: str) -> DayPlan:
    """The newest day that knows of an outage."""
    for day in (desk.shelf.proposal(), desk.day()):
        if day is not None and outage in day.outage_by_id:
            return day
    raise Refused("unknown_outage", outage=outage)


def questions(desk: Desk, day: DayPlan, outages: Collection[str]) -> tuple[Question, ...]:
    """Customers with a telephone who have not spoken, and whose answer tells devices apart.

    Parameters
    ----------
    day : the newest that knows the outages.
    outages : ids of those that are asked about.
    """
    table = desk.case.customers.table
    called = {row["customer"] for row in desk.rows("requests") if row["customer"]}
    spoken = {row["place"] for row in desk.rows("signs")}
    mute = set(table.index[table["phone"].isna()].astype(str)) if "phone" in table else set()
    tree = kept_tree(desk.case)
    return whom_to_ask(tree, _open_outages(desk, day), known=called | spoken | mute, only=outages)


def _open_outages(desk: Desk, day: DayPlan) -> list[Outage]:
    over = {row["id"] for row in desk.rows("orders") if row["state"] in (*ENDED, "restored")}
    return [each for each in day.outages if each.id not in over]


def _asked(desk: Desk, outage: str) -> list[Row]:
    return [row for row in desk.rows("signs") if row["outage"] == outage]


def neighbour_of(desk: Desk, customer: str, **told: Any) -> Neighbour:
    """A customer with name, address and telephone."""
    facts = desk.case.customers.facts(customer)
    return Neighbour(
        customer=customer,
        name=facts.get("name"),
        address=facts.get("address"),
        phone=facts.get("phone"),
        **told,
    )


def _faults(desk: Desk, signs: Sequence[Sign]) -> tuple[Fault, ...]:
    devices, places = frozenset(map(str, desk.case.grid.switches.ids)), _places(desk)
    now = desk.clock()
    return tuple(
        Fault(file="body", place=f"signs[{at}].{name}", text=text)
        for at, sign in enumerate(signs)
        for name, text in _wrong(sign, devices if sign.kind in OF_DEVICES else places, now)
    )


def _wrong(sign: Sign, known: Container[str], now: datetime) -> Iterator[tuple[str, str]]:
    if sign.place not in known:
        what = "switching device" if sign.kind in OF_DEVICES else "customer, transformer or main"
        yield "place", f"there is no {what} '{sign.place}'"
    if sign.at > now + AHEAD:
        yield "at", "is in the future"
    elif sign.at < now - COUNTS:
        yield "at", f"is more than {COUNTS // timedelta(hours=1)} hours ago"


def _places(desk: Desk) -> frozenset[str]:
    """Customers, transformers and low-voltage mains."""
    table = desk.case.customers.table
    mains = table["lv_main"].dropna().unique() if "lv_main" in table else ()
    return frozenset({*table.index.astype(str), *map(str, desk.case.grid.transformers.ids), *map(str, mains)})

"""What the desk had best ask now: whom to phone and which meter to ping, by what a minute of asking saves.

The desk's minutes are few. One list over all outages in doubt, the most customer-minutes saved per minute
first, no longer than fits into them; what does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..ground.day import DayPlan, Outage
from ..outages import InferenceSettings, Question
from ..outages.doubt.looks import Look, looks
from .asking_meters import BEFORE_ARRIVAL
from .desk import Desk
from .signs import Neighbour, neighbour_of, questions

# What one person at the desk has for questions before the picture has changed. A placeholder.
DESK_MIN = 30.0
# Customer-minutes that a minute of the desk has to save at least.
LEAST_PER_MIN = 1.0
METER_SIGNS = frozenset({"last_gasp", "supply_on", "supply_off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToAsk:
    """One question, to one customer or that customer's meter.

    Parameters
    ----------
    minutes : of the desk. saves : customer-minutes that the answer is expected to save.
    """

    kind: Literal["phone", "ping"]
    outage: str
    whom: Neighbour
    minutes: float
    saves: float

    @property
    def per_minute(self) -> float:
        """Customer-minutes saved by a minute of the desk."""
        return self.saves / self.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingList:
    """The questions that fit into the desk's minutes, the best first, and how many more are worth asking."""

    questions: tuple[ToAsk, ...]
    minutes: float
    left: int


def questions_now(desk: Desk, minutes: float = DESK_MIN) -> AskingList:
    """The questions that save most, no more than the desk has minutes for.

    Parameters
    ----------
    minutes : of the desk, for questions.
    """
    day = desk.shelf.proposal() or desk.archive.in_force()
    found = (
        []
        if day is None
        else sorted(_worth_asking(desk, day), key=lambda each: (-each.per_minute, each.outage))
    )
    chosen: list[ToAsk] = []
    left_min = minutes
    for each in found:
        if each.minutes <= left_min:
            chosen.append(each)
            left_min -= each.minutes
    return AskingList(questions=tuple(chosen), minutes=minutes, left=len(found) - len(chosen))


def _worth_asking(desk: Desk, day: DayPlan) -> Iterator[ToAsk]:
    """The best question of each outage that nobody has reached yet."""
    now, settings = desk.clock(), InferenceSettings.of(desk.case.beliefs)
    kinds = ("ping", "phone") if _meters_speak(desk, now) else ("phone",)
    found = {each.id: look for each in _unreached(desk, day) if (look := _best(each, kinds, now, settings))}
    if not found:
        return
    asked: dict[str, Question] = {}
    for question in questions(desk, day, found):
        asked.setdefault(question.outage, question)
    for outage, question in asked.items():
        look = found[outage]
        yield ToAsk(
            kind="ping" if look.kind == "ping" else "phone",
            outage=outage,
            whom=neighbour_of(desk, question.customer, named=question.named, above=question.above),
            minutes=look.minutes,
            saves=look.saves,
        )


def _best(outage: Outage, kinds: tuple[str, ...], now: datetime, settings: InferenceSettings) -> Look | None:
    able = [each for each in looks(outage, now, settings) if each.kind in kinds]
    best = max(able, key=lambda each: each.saves / each.minutes, default=None)
    return best if best is not None and best.saves / best.minutes >= LEAST_PER_MIN else None


def _unreached(desk: Desk, day: DayPlan) -> Iterator[Outage]:
    state: Mapping[str, str] = {row["id"]: row["state"] for row in desk.rows("orders")}
    for outage in day.outages:
        order = day.order_of_outage.get(outage.id)
        if order is not None and state.get(order.id) in BEFORE_ARRIVAL:
            yield outage


def _meters_speak(desk: Desk, now: datetime) -> bool:
    """Whether the utility has meters that answer: some have spoken."""
    if any(sign.kind in METER_SIGNS and sign.at <= now for sign in desk.case.signs):
        return True
    return any(row["kind"] in METER_SIGNS and row["outage"] is None for row in desk.rows("signs"))

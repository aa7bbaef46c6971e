"""Orderly supply: order by rules, equal hours, what is missing in kW; hospitals and events are never shed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from dispatch.ground.case import Case
from dispatch.live import Budget, Desk, Refused
from dispatch.live.service.guarantees import Event
from dispatch.messages.telling import Teller
from dispatch.messages.templates import load_templates
from dispatch.service.shortage import Unit, rota, units_of
from dispatch.store import Store
from dispatch.store.matters import matter_row
from dispatch.store.outbox import letters
from tests.dispatch.live.conftest import ANA, Clock

HOURS_4 = timedelta(hours=4)


@pytest.fixture
def desk(small: Case, store: Store, clock: Clock) -> Desk:
    """Every customer takes 8,760 kWh a year: one kW each."""
    table = small.customers.table.assign(energy_kwh_year=8760.0)
    case = replace(small, customers=replace(small.customers, table=table))
    desk = Desk(case, store, clock, Budget(work=100))
    store.hearers.append(Teller(case, load_templates("en"), desk.plan, desk.day).hear)
    return desk


def unit(id_: str, kw: float, rank: int) -> Unit:
    told = {"name": id_, "feeder": "F", "customers": 10, "remote": True, "transformers": (id_,)}
    return Unit(id=id_, kw=kw, rank=rank, **told)  # type: ignore[arg-type]


def test_a_clinic_keeps_its_feeder_and_what_lies_beyond_it_may_be_shed(desk: Desk) -> None:
    shed = desk.service.shortages.what_if(1, desk.clock(), desk.clock() + HOURS_4)
    devices = {
        each.id for each in desk.service.shortages.what_if(99, desk.clock(), desk.clock() + HOURS_4).units
    }
    # The clinic hangs on T3 behind BR-1 and RC-1; FU-1 lies beyond, BR-2 feeds T5 alone.
    assert devices == {"BR-2", "FU-1"}
    assert shed.protected == {"BR-1": 1}
    assert shed.short_kw == 0


def test_nobody_is_shed_of_whom_the_rules_say_nothing(desk: Desk) -> None:
    case = desk.case
    known = np.full(len(case.customers.table), 3.0)
    behind = case.customers.table["transformer"].astype(str).to_numpy() == "T5"
    before, _ = units_of(case, known)
    after, protected = units_of(case, np.where(behind, np.nan, known))
    assert {each.id for each in before} - {each.id for each in after}
    assert not any("T5" in each.transformers for each in after)
    assert sum(protected.values()) == behind.sum()


def test_what_cannot_be_reached_is_said_in_kw(desk: Desk) -> None:
    begins = desk.clock() + timedelta(hours=1)
    with pytest.raises(Refused, match="60 kW cannot be reached: 4 kW can, 56 kW are missing"):
        desk.service.shortages.use(60, begins, begins + HOURS_4, ANA)
    id_ = desk.service.shortages.use(60, begins, begins + HOURS_4, ANA, "all there is")
    row = matter_row(desk.store, id_)
    assert row is not None
    assert (row["data"]["short_kw"], row["owner"]) == (56, "ana")


def test_turns_are_shared_with_equal_hours(desk: Desk) -> None:
    units = [unit("A", 10, 1), unit("B", 10, 1), unit("C", 10, 1), unit("D", 10, 2)]
    begins = desk.clock()
    shed = rota(units, {}, 20, begins, begins + timedelta(hours=6), timedelta(hours=2))
    assert [each.kw for each in shed.turns] == [20, 20, 20]
    assert dict(shed.hours) == {"A": 4, "B": 4, "C": 4}
    # The last rank to be shed comes back first; D was not needed at all.
    assert set(shed.restore) == {"A", "B", "C"}
    more = rota(units, {}, 40, begins, begins + timedelta(hours=2), timedelta(hours=2))
    assert more.restore[0] == "D"


def test_a_guaranteed_event_is_never_shed(desk: Desk) -> None:
    begins = desk.clock() + timedelta(hours=1)
    event = Event(name="Exam", place="", begins=begins, ends=begins + HOURS_4, level=1, feeders=("BR-2",))
    desk.service.guarantees.plan(event, ANA)
    shed = desk.service.shortages.what_if(2, begins, begins + HOURS_4)
    assert {each.id for each in shed.units} == {"FU-1"}
    later = desk.service.shortages.what_if(4, begins + HOURS_4, begins + 2 * HOURS_4)
    assert {each.id for each in later.units} == {"FU-1", "BR-2"}


def test_customers_hear_of_their_turns_and_of_a_cancellation(desk: Desk) -> None:
    begins = desk.clock() + timedelta(hours=1)
    id_ = desk.service.shortages.use(2, begins, begins + HOURS_4, ANA)
    told = [each for each in letters(desk.store) if each.key.startswith("shedding/")]
    assert {each.recipient[-2:] for each in told} == {"09", "10", "11", "12"}
    desk.service.shortages.cancel(id_, "the line is back", ANA, seen=1)
    assert sum(each.key.startswith("shedding_cancelled/") for each in letters(desk.store)) == 4
    with pytest.raises(Refused, match="has ended"):
        desk.service.shortages.end(id_, 2, "over", ANA, seen=2)


def test_it_ends_with_what_was_measured(desk: Desk) -> None:
    begins = desk.clock() + timedelta(hours=1)
    id_ = desk.service.shortages.use(2, begins, begins + HOURS_4, ANA)
    with pytest.raises(Refused, match="measured and a report"):
        desk.service.shortages.end(id_, 2, " ", ANA, seen=1)
    desk.service.shortages.end(id_, 1.9, "quiet evening", ANA, seen=1)
    row = matter_row(desk.store, id_)
    assert row is not None
    assert (row["state"], row["data"]["measured_kw"]) == ("ended", 1.9)
    assert desk.store.differing() == []


@pytest.mark.parametrize(("kw", "hours"), [(0, 4), (-5, 4), (10, -1), (10, 30)])
def test_nonsense_is_refused_with_a_sentence(desk: Desk, kw: float, hours: float) -> None:
    with pytest.raises(Refused, match="more than 0 kW"):
        desk.service.shortages.what_if(kw, desk.clock(), desk.clock() + timedelta(hours=hours))

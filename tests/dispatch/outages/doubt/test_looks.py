"""A look is worth the customer-minutes that it saves, and nothing where nothing is in doubt."""

from __future__ import annotations

from datetime import UTC, datetime

from dispatch.ground.day import Outage, Suspect
from dispatch.outages.doubt.looks import looks, worth
from geo import Fault


def outage(chance: float, above: int, *, confirmed: bool = False) -> Outage:
    """One flat, with some chance of a device above."""
    return Outage(
        id="O-1",
        fault=Fault(id="O-1", kind="service", place="C1"),
        since=datetime(2026, 3, 1, 18, tzinfo=UTC),
        requests=("R1",),
        transformers=(),
        customers_out=1,
        component="service",
        score=1 - chance,
        alternatives=(Suspect(place="F1", score=chance, customers_out=above),),
        confirmed=confirmed,
        expected=1 + chance * above,
        fewest=1,
        most=above,
    )


def test_the_quicker_look_saves_more() -> None:
    assert [each.kind for each in looks(outage(0.2, 100))] == ["ping", "phone", "patrol"]
    assert looks(outage(0.2, 100))[0].saves == 0.2 * 100 * 44


def test_a_look_is_worth_more_where_more_may_be_out() -> None:
    assert worth(outage(0.2, 1000)) > worth(outage(0.2, 100)) > worth(outage(0.01, 100))


def test_what_is_found_needs_no_look() -> None:
    assert looks(outage(0.2, 100, confirmed=True)) == ()


def test_a_patrol_names_the_device_to_look_at() -> None:
    patrol = looks(outage(0.2, 100))[-1]
    assert (patrol.place, patrol.saves) == ("F1", 0.2 * 100 * 25)


def test_what_the_next_minutes_calls_will_tell_by_themselves_is_not_saved_by_a_look() -> None:
    """Of hundreds somebody calls meanwhile, or their silence clears the device; of two neighbours neither."""
    now = datetime(2026, 3, 1, 18, 5, tzinfo=UTC)
    many, few = outage(0.2, 400), outage(0.2, 3)
    assert worth(many, now) < worth(many) / 5
    assert worth(few, now) > worth(few) / 2
    far = {each.kind: each.saves for each in looks(many, now)}
    assert far.get("patrol", 0.0) < looks(many)[-1].saves / 20

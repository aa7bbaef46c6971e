"""Where crews' vehicles are: while on shift, from a phone or from the job that they report from."""

from __future__ import annotations

from datetime import timedelta

from dispatch.live import Desk, Who
from dispatch.live.vehicles import OLDEST, Vehicles
from dispatch.store import Event

ANA = Who(name="ana")


def at_place(desk: Desk, crew: str, lon: float, lat: float, minutes: float = 0) -> None:
    place = {"lon": lon, "lat": lat}
    desk.note("crew_changed", crew, place, ANA, at=desk.clock() + timedelta(minutes=minutes))


def test_a_vehicle_has_its_last_place_and_the_one_before(in_force: Desk, clock) -> None:
    found = Vehicles(in_force)
    assert found.now() == []
    at_place(in_force, "crew-1", -71.25, -29.91, minutes=-5)
    at_place(in_force, "crew-1", -71.26, -29.92)
    [vehicle] = found.now()
    assert (vehicle.crew, vehicle.place.lon, vehicle.place.at) == ("crew-1", -71.26, clock.now)
    assert vehicle.before is not None
    assert vehicle.before.lon == -71.25
    assert Vehicles(in_force).now() == found.now(), "out of the journal it is the same"


def test_what_a_phone_sends_late_moves_no_vehicle_back(in_force: Desk) -> None:
    found = Vehicles(in_force)
    at_place(in_force, "crew-1", -71.26, -29.92)
    at_place(in_force, "crew-1", -71.20, -29.90, minutes=-20)
    assert found.now()[0].place.lon == -71.26


def test_two_places_long_apart_tell_no_direction(in_force: Desk, clock) -> None:
    at_place(in_force, "crew-1", -71.25, -29.91)
    clock.later(60)
    at_place(in_force, "crew-1", -71.26, -29.92)
    assert Vehicles(in_force).now()[0].before is None


def test_a_crew_that_reports_from_a_job_is_there(in_force: Desk) -> None:
    crew, job = next(
        (route.crew, visit.job)
        for route in in_force.day().plan.routes
        for visit in route.visits
        if route.crew.startswith("crew") and not in_force.day().cards[visit.job].remote
    )
    in_force.work.report(job, "on_site", ANA, crew=crew)
    [vehicle] = Vehicles(in_force).now()
    card = in_force.day().cards[job]
    assert (vehicle.place.job, vehicle.place.lon, vehicle.place.lat) == (job, card.lon, card.lat)


def test_nobody_is_shown_before_or_after_a_shift_or_while_absent(in_force: Desk, clock) -> None:
    found = Vehicles(in_force)
    crew = in_force.case.crews[0]
    before = Event(
        at=crew.shift_start - timedelta(minutes=1),
        actor="phone",
        source="phone",
        kind="crew_changed",
        subject=crew.id,
        data={"lon": -71.2, "lat": -29.9},
    )
    in_force.store.record(before)
    assert found.now() == []
    at_place(in_force, crew.id, -71.25, -29.91)
    assert [each.crew for each in found.now()] == [crew.id]
    in_force.work.crew_is(crew.id, "absent", ANA)
    assert found.now() == []
    in_force.work.crew_is(crew.id, "on_shift", ANA)
    clock.now = crew.shift_end + timedelta(minutes=crew.overtime_min + 1)
    assert found.now() == []


def test_a_place_that_is_hours_old_says_nothing_any_more(in_force: Desk, clock) -> None:
    found = Vehicles(in_force)
    at_place(in_force, "crew-1", -71.25, -29.91)
    clock.now += OLDEST + timedelta(minutes=1)
    assert found.now() == []

"""What a day stands on changes while it runs: rosters by day and by rule, depots, customers, switches."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dispatch.files.spreadsheets import write_rows
from dispatch.intake import load_case
from dispatch.intake.cells import Parsed
from dispatch.intake.gathering import Gathering
from dispatch.intake.sent_tables import read_sent_table
from dispatch.live import Budget, Desk, Entry, Refused, Who
from dispatch.live.standing.duty import duty, tell_changes
from dispatch.live.standing.edits import (
    add_shift,
    call_in,
    cancel_shift,
    change_shift,
    edit_crew,
    edit_customer,
    set_switch,
    take_back,
)
from dispatch.live.standing.upload import SIZES, TABLES, read_sent
from dispatch.live.standing.versions import StandingRefused
from dispatch.live.standing.view import file_rows, row_changes, warnings_of
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store, open_store
from tests.dispatch.intake.test_bounded import HOSTILE
from tests.dispatch.live.conftest import ANA, Clock
from tests.dispatch.store.conftest import *  # noqa: F403
from tests.small_case import corner, write_small_case

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HEADER = "id,name,depot,shift_start,shift_end,skills,people,vehicle,stock\n"
SKILLS = "hv;lv;cable;switching;tree;metering"
STOCK = "fuse:4;pole:1;transformer:1;lv_cable_kit:2;mv_joint_kit:1;meter:2"


@pytest.fixture
def both(url: str) -> Iterator[Store]:
    """An empty store in each kind of database."""
    store = open_store(url)
    yield store
    store.close()


def roster(day: datetime, *crews: str, begins_h: float = 0, hours: float = 24) -> bytes:
    """A roster of one day: each crew from `begins_h` on for so many hours."""
    start = day + timedelta(hours=begins_h)
    end = start + timedelta(hours=hours)
    rows = "".join(
        f"{crew},{crew.title()},D1,{start.isoformat()},{end.isoformat()},{SKILLS},2,Truck {crew},{STOCK}\n"
        for crew in crews
    )
    return (HEADER + rows).encode()


def bring(desk: Desk, content: bytes, kind: str = "crews", *, whole: bool = False) -> int:
    """Send a file and put it in force."""
    read = read_sent(desk.standing, desk.case, kind, content, f"{kind}.csv", whole=whole)
    assert read.change is not None, [str(fault) for fault in read.faults]
    number = desk.standing.send(kind, read.change, f"{kind}.csv", "", "pia", desk.clock())
    desk.standing.activate(number, "sven", "", desk.clock())
    return number


def publish(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)


def test_a_server_lives_three_days_with_a_new_roster_each_day(small, both: Store, clock: Clock) -> None:
    desk = open_room(small, both, clock, RoomOptions(budget=Budget(work=100))).desk
    publish(desk)
    midnight = clock.now.replace(hour=0, minute=0) + DAY
    first_plan = desk.plan_number("published") or 0
    first_routes = {route.crew: [v.job for v in route.visits] for route in desk.day().plan.routes}
    first_cost = desk.day().summary.cost
    for day in range(3):
        crews = (f"blue-{day}", f"red-{day}")
        bring(desk, roster(midnight + day * DAY, *crews))
        clock.now = midnight + day * DAY + 8 * HOUR
        told = duty(desk)
        assert [crew.id for crew in told.on] == list(crews)
        assert not told.nobody
        desk.calls.log(Entry(received_at=clock.now, words="no light", customer="C11"), ANA)
        publish(desk)
        working = {route.crew for route in desk.day().plan.routes if route.visits}
        assert working & set(crews), working
        assert not working & {"crew-1", "crew-2"}
        order = next(row for row in desk.rows("orders") if row["state"] not in ("closed", "callback_done"))
        desk.work.move_order(order["id"], "closed", ANA, seen=order["version"])
    clock.now = midnight + 3 * DAY + HOUR
    assert duty(desk).nobody
    assert both.differing() == []
    # After a restart the first plan is what it was, with the crews that it was made for.
    later = open_room(small, both, clock, RoomOptions(budget=Budget(work=100))).desk
    again = later.plan(first_plan)
    assert {route.crew: [v.job for v in route.visits] for route in again.plan.routes} == first_routes
    assert again.summary.cost == pytest.approx(first_cost)
    assert {crew.id for crew in again.case.crews} == {"crew-1", "crew-2"}
    assert len(later.standing.versions("crews")) == 4


def test_changing_a_roster_copies_no_customers(desk: Desk) -> None:
    before = desk.case
    bring(desk, roster(desk.clock().replace(hour=0, minute=0) + DAY, "blue"))
    assert desk.case.customers is before.customers
    assert desk.case.grid is before.grid
    assert {crew.id for crew in desk.case.crews} == {"blue", "crew-1", "crew-2"}


def test_a_file_counts_from_its_first_shift_on(desk: Desk) -> None:
    now = desk.clock()
    begins = now + 7 * HOUR
    number = bring(desk, roster(begins, "crew-2", hours=8))
    on = {crew.id: crew for crew in desk.case.crews}
    assert on["crew-1"].shift_start < now
    assert on["crew-2"].shift_start < now, "the shift that runs goes on, up to the new one"
    shifts = desk.standing.shifts().of("crew-2", now, now + DAY)
    assert [(each.shift_start, each.shift_end) for each in shifts[1:]] == [(begins, begins + 8 * HOUR)]
    assert shifts[0].shift_end == begins
    changes = row_changes(desk, "crews", desk.standing.change_of(number), desk.standing.turn() - 1)
    assert sorted(each.what for each in changes) == ["added", "changed"]


def test_a_rotation_of_three_crews_on_two_shifts_goes_on_without_an_end(tmp_path: Path, store: Store) -> None:
    folder = write_small_case(tmp_path / "case")
    crews = "".join(f"team-{n},Team {n},D1,,,{SKILLS},2,Truck {n},{STOCK}\n" for n in "abc")
    (folder / "crews.csv").write_text(HEADER + crews)
    rules = "".join(
        f"{n}-day,team-{n},08:00,20:00,2026-07-{day},,3,1\n{n}-night,team-{n},20:00,08:00,2026-07-{day},,3,2\n"
        for n, day in zip("abc", (13, 14, 15), strict=True)
    )
    (folder / "roster.csv").write_text("id,crew,start,end,from,until,cycle_days,days_on\n" + rules)
    case = load_case(folder)
    clock = Clock(case.settings.now)
    desk = open_room(case, store, clock, RoomOptions(budget=Budget(work=100))).desk
    seen = []
    for _ in range(8):
        told = duty(desk)
        assert len(told.on) == 1
        assert told.nobody_from is None
        seen.append(told.on[0].id[-1])
        clock.now += 12 * HOUR
    # 18:30 is team b's day on the 14th, then team a's night, and so round and round.
    assert "".join(seen) == "bacbacba"
    clock.now += 200 * DAY
    assert len(duty(desk).on) == 1


def test_holidays_of_the_policy_calendar_give_a_shift_off(tmp_path: Path, store: Store) -> None:
    folder = write_small_case(tmp_path / "case")
    rules = "day,crew-1,08:00,16:00,2026-09-28,2026-10-12,off\n"
    (folder / "roster.csv").write_text("id,crew,start,end,from,until,holidays\n" + rules)
    case = load_case(folder)
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    zone = case.settings.zone
    shifts = desk.standing.shifts().of(
        "crew-1", datetime(2026, 9, 28, tzinfo=zone), datetime(2026, 10, 13, tzinfo=zone)
    )
    days = {each.shift_start.astimezone(zone).date().isoformat() for each in shifts}
    assert "2026-09-30" in days
    assert "2026-10-01" not in days, "National Day"


def test_nobody_on_is_known_before_and_told_when_it_is_so(desk: Desk, clock: Clock) -> None:
    ends = max(crew.shift_end for crew in desk.case.crews)
    assert duty(desk).nobody_from == ends
    assert not duty(desk).nobody
    before = clock.now
    clock.now = ends + timedelta(seconds=2)
    told = duty(desk)
    assert told.nobody
    assert (told.nobody_from, told.back_at, told.on) == (ends, None, ())
    tell_changes(desk, before)
    tell_changes(desk, before)
    happened = [event for event in desk.store.events_after(0) if event.kind == "shift_changed"]
    assert [event.data["nobody"] for event in happened] == [True]


def test_a_crew_that_is_absent_is_not_on(desk: Desk) -> None:
    desk.work.crew_is("crew-1", "absent", ANA)
    told = duty(desk)
    assert [crew.id for crew in told.on] == ["crew-2"]
    assert told.absent == {"crew-1"}


def test_a_crew_at_work_at_the_end_of_its_shift_finishes_its_job(in_force: Desk, clock: Clock) -> None:
    desk = in_force
    route = next(each for each in desk.day().plan.routes if each.visits and each.crew != "control-room")
    job = route.visits[0].job
    bring(desk, roster(clock.now.replace(hour=0, minute=0) + DAY, route.crew, begins_h=14, hours=8))
    crew = desk.case.crew_by_id[route.crew]
    clock.now = crew.shift_end - timedelta(minutes=5)
    desk.work.report(job, "on_the_way", Who(name=crew.id), crew=crew.id)
    desk.work.report(job, "on_site", Who(name=crew.id), crew=crew.id)
    clock.now = crew.shift_end + timedelta(minutes=10)
    day = desk.shelf.propose(ANA)
    visits = next(each for each in day.plan.routes if each.crew == crew.id).visits
    assert visits[0].job == job
    assert day.case.crew_by_id[crew.id].shift_end == crew.shift_end
    assert day.origin + timedelta(seconds=visits[0].finish_s) < crew.shift_end + 6 * HOUR


def test_every_fault_of_a_file_is_said_and_nothing_is_kept(desk: Desk) -> None:
    content = (
        HEADER
        + "blue,Blue,D9,2026-07-15T08:00:00-04:00,2026-07-15T07:00:00-04:00,hv,2,,\n"
        + "red,Red,D1,2026-07-15T08:00:00-04:00,2026-07-15T16:00:00-04:00,flying,2,,\n"
        + "red,Red,D1,2026-07-15T15:00:00-04:00,2026-07-15T20:00:00-04:00,hv,2,,\n"
    ).encode()
    read = read_sent(desk.standing, desk.case, "crews", content, "crews.csv", whole=False)
    said = "\n".join(str(fault) for fault in read.faults)
    assert read.change is None
    for part in ("no depot 'D9'", "row 2, column 'shift_end'", "'flying' is unknown"):
        assert part in said
    later = HEADER + (
        "red,Red,D1,2026-07-15T08:00:00-04:00,2026-07-15T16:00:00-04:00,hv,2,,\n"
        "red,Red,D1,2026-07-15T15:00:00-04:00,2026-07-15T20:00:00-04:00,hv,2,,\n"
    )
    read = read_sent(desk.standing, desk.case, "crews", later.encode(), "crews.csv", whole=False)
    assert "overlap" in str(read.faults[0])
    odd = read_sent(desk.standing, desk.case, "crews", b"x", "crews.exe", whole=False)
    assert "expected .csv or .xlsx" in str(odd.faults[0])


SENT = ("crews", "roster", "depots", "customers", "switches", "beliefs")
# Every kind is read by one function in a child: the file that keeps it busiest is sent as one of them.
HOSTILE_SENT = [
    *((kind, name) for kind in SENT for name in ("one far cell", "300,000 columns", "entities in a sheet")),
    ("customers", "900,000 quoted lines"),
]


@pytest.mark.parametrize(("kind", "name"), HOSTILE_SENT)
def test_a_hostile_file_of_any_kind_costs_the_server_nothing(desk: Desk, kind: str, name: str) -> None:
    make, said = HOSTILE[name]
    content = make()
    ending = ".xlsx" if content[:2] == b"PK" else ".csv"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    read = read_sent(desk.standing, desk.case, kind, content, f"{kind}{ending}", whole=False)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1.0
    assert read.change is None
    # The lines are those of a table of requests: of any other, their columns are refused first.
    expected = ("unknown column", "has no row") if name == "900,000 quoted lines" else (said,)
    assert any(text in read.faults[0].text for text in expected)


def test_the_values_of_a_long_file_are_worked_out_in_the_child(desk: Desk) -> None:
    # Each cell is a time without its offset: nothing is slower to read.
    rows = "".join(f"crew-{at},Crew,D1,2026-07-15 08:00,2026-07-15 16:00,hv,2\n" for at in range(30_000))
    content = ("id,name,depot,shift_start,shift_end,skills,people\n" + rows).encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    parsed = sent_table(desk, "crews", content)
    assert len(parsed) == 30_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1.0


def sent_table(desk: Desk, kind: str, content: bytes) -> Parsed:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.csv"
        path.write_bytes(content)
        parsed = read_sent_table(path, TABLES[kind], Gathering(), desk.case.settings.zone, SIZES)
    assert parsed is not None
    return parsed


def test_a_crew_that_loses_its_shift_with_work_open_is_warned_of(in_force: Desk) -> None:
    desk, now = in_force, in_force.clock()
    busy = {route.crew for route in desk.day().plan.routes if route.visits} - {"control-room"}
    content = roster(now.replace(hour=16, minute=0), "green", hours=12)
    read = read_sent(desk.standing, desk.case, "crews", content, "crews.csv", whole=False)
    assert read.change is not None
    warned = warnings_of(desk, "crews", read.change)
    named = {each.values["crew"] for each in warned if each.code == "open_work"}
    assert named == {f"Crew {crew[-1]}" for crew in busy}
    assert [each.code for each in warned][-1] == "gap"


def test_two_versions_of_the_same_rows_do_not_undo_each_other(desk: Desk) -> None:
    day = desk.clock().replace(hour=0, minute=0) + DAY
    sent = []
    for hours in (8, 10):
        read = read_sent(
            desk.standing, desk.case, "crews", roster(day, "blue", hours=hours), "a.csv", whole=False
        )
        assert read.change is not None
        sent.append(desk.standing.send("crews", read.change, "a.csv", "", "pia", desk.clock()))
    desk.standing.activate(sent[0], "sven", "", desk.clock())
    with pytest.raises(StandingRefused, match="same rows"):
        desk.standing.activate(sent[1], "sven", "", desk.clock())
    desk.standing.decline(sent[1], "sven", "old", desk.clock())
    with pytest.raises(StandingRefused):
        desk.standing.activate(sent[1], "sven", "", desk.clock())


def test_calls_are_weighed_anew_when_customers_change_and_not_when_the_roster_does(desk: Desk) -> None:
    call = desk.calls.log(Entry(received_at=desk.clock(), words="no power", customer="C01"), ANA).id
    row = next(each for each in desk.rows("requests") if each["id"] == call)
    weighed = desk.calls.classified(row)
    bring(desk, roster(desk.clock().replace(hour=16, minute=0), "green", hours=12))
    assert desk.calls.classified(row) is weighed
    edit_customer(desk, "C01", {"address": "New Street 1"}, ANA, "moved")
    again = desk.calls.classified(row)
    assert again.place is not None
    assert again.place.address == "New Street 1"


def test_the_shifts_around_a_moment_are_those_of_that_moment_all_hour_long(desk: Desk) -> None:
    bring(desk, roster(desk.clock().replace(hour=16, minute=10), "green", hours=12))
    shifts, back, ahead = desk.standing.shifts(), timedelta(hours=2), timedelta(hours=3)
    now = desk.clock().replace(minute=0)
    for _ in range(200):
        now += timedelta(minutes=7)
        assert shifts.around(now, back, ahead) == shifts.between(now - back, now + ahead)


def test_there_is_a_way_back(desk: Desk) -> None:
    before = desk.case.crews
    number = bring(desk, roster(desk.clock().replace(hour=16, minute=0), "green", hours=12))
    assert desk.case.crews != before
    take_back(desk, number, ANA, "the wrong file")
    now = desk.clock()
    assert desk.standing.shifts().between(now, now + DAY) == before
    assert desk.store.differing() == []
    with pytest.raises(StandingRefused, match="taken back"):
        take_back(desk, 1, ANA, "")


def test_what_is_in_force_comes_as_a_file_that_changes_nothing(desk: Desk) -> None:
    import io

    for kind in ("crews", "depots", "customers", "switches", "beliefs"):
        header, rows = file_rows(desk, kind, desk.case.settings.zone)
        text = io.StringIO()
        write_rows(text, [header, *rows])
        read = read_sent(
            desk.standing, desk.case, kind, text.getvalue().encode(), "x.csv", whole=kind != "crews"
        )
        assert read.change is not None, [str(fault) for fault in read.faults]
        assert not read.change, (kind, read.change)


def test_single_shifts_are_added_changed_cancelled_and_a_rule_gives_way(tmp_path: Path, store: Store) -> None:
    folder = write_small_case(tmp_path / "case")
    rules = "late,crew-1,16:00,00:00,2026-07-15\n"
    (folder / "roster.csv").write_text("id,crew,start,end,from\n" + rules)
    case = load_case(folder)
    desk = open_room(case, store, Clock(case.settings.now), RoomOptions(budget=Budget(work=100))).desk
    start = datetime.fromisoformat("2026-07-16T16:00:00-04:00")

    def of(crew: str) -> list[tuple[datetime, datetime]]:
        found = desk.standing.shifts().of(crew, start - 8 * HOUR, start + 16 * HOUR)
        return [(each.shift_start, each.shift_end) for each in found]

    assert of("crew-1") == [(start, start + 8 * HOUR)]
    change_shift(desk, "crew-1", start, (start + HOUR, start + 9 * HOUR), ANA, "dentist")
    assert of("crew-1") == [(start + HOUR, start + 9 * HOUR)]
    cancel_shift(desk, "crew-1", start + HOUR, ANA, "ill")
    assert of("crew-1") == []
    add_shift(desk, "crew-2", start, start + 6 * HOUR, ANA, "instead")
    assert of("crew-2") == [(start, start + 6 * HOUR)]
    with pytest.raises(Refused, match="has a shift"):
        add_shift(desk, "crew-2", start + HOUR, start + 3 * HOUR, ANA, "")
    with pytest.raises(Refused, match="no crew"):
        add_shift(desk, "nobody", start, start + HOUR, ANA, "")
    with pytest.raises(Refused, match="no shift"):
        cancel_shift(desk, "crew-1", start, ANA, "")
    assert store.differing() == []


def test_calling_a_crew_in_keeps_the_terms_of_the_roster(desk: Desk) -> None:
    begins = desk.clock().replace(hour=0, minute=0) + DAY + 16 * HOUR
    bring(desk, roster(begins, "crew-1", hours=8))
    with pytest.raises(Refused) as refused:
        call_in(desk, "crew-1", begins - 6 * HOUR, ANA, "storm")
    assert refused.value.values["term"] == "rest"
    call_in(desk, "crew-1", begins - 4 * HOUR, ANA, "storm")
    later = desk.standing.shifts().of("crew-1", begins - 6 * HOUR, begins + 12 * HOUR)
    assert [(each.shift_start, each.shift_end) for each in later] == [(begins - 4 * HOUR, begins + 8 * HOUR)]
    with pytest.raises(Refused, match="until when"):
        call_in(desk, "crew-2", desk.clock() + 15 * HOUR, ANA, "")


def test_vehicle_and_people_of_a_crew_change_from_the_running_shift_on(desk: Desk) -> None:
    edit_crew(desk, "crew-1", {"vehicle": "Truck 99", "people": 3, "stock": {"fuse": 9.0}}, ANA, "swap")
    crew = desk.case.crew_by_id["crew-1"]
    assert (crew.vehicle, crew.people, dict(crew.stock)) == ("Truck 99", 3, {"fuse": 9.0})
    with pytest.raises(Refused, match="nothing"):
        edit_crew(desk, "crew-1", {"people": 3}, ANA, "")


def test_a_switch_a_depot_and_a_customer_change_and_old_plans_keep_theirs(in_force: Desk) -> None:
    desk = in_force
    number, old_cost = desk.plan_number("published") or 0, in_force.day().summary.cost
    with pytest.raises(Refused, match="cannot be run"):
        set_switch(desk, "TIE-1", ANA, "", present="closed")
    with pytest.raises(Refused, match="no switch"):
        set_switch(desk, "TIE-9", ANA, "", present="closed")
    set_switch(desk, "FU-1", ANA, "changed the fuse", present="open")
    grid = desk.case.grid
    assert not grid.switches.closed[grid.switch_at["FU-1"]]
    edit_customer(desk, "C01", {"phone": "+56 9 1", "welfare": True}, ANA, "moved in")
    assert desk.case.customers.facts("C01")["welfare"] is True
    assert list(desk.case.customers.table.index) == [f"C{n:02d}" for n in range(1, 13)]
    lon, lat = corner(2, 2)
    bring(desk, f"id,name,lon,lat\nD3,New yard,{lon},{lat}\n".encode(), "depots")
    assert set(desk.case.depot_by_id) == {"D1", "D2", "D3"}
    fresh = open_room(desk.standing.own, desk.store, desk.clock, RoomOptions(budget=Budget(work=100))).desk
    assert fresh.case.customers.facts("C01")["phone"] == "+56 9 1"
    again = fresh.plan(number)
    assert again.summary.cost == pytest.approx(old_cost)
    assert again.case.customers.facts("C01")["phone"] == "+56 51 200 0001"
    assert again.case.grid.switches.closed[grid.switch_at["FU-1"]]
    assert desk.store.differing() == []
    desk.shelf.propose(ANA)


def test_customers_come_and_go_and_new_ones_can_call(desk: Desk) -> None:
    lon, lat = corner(2, 0)
    header = "id,name,address,lon,lat,transformer,industry,area\n"
    rows = f"{header}C99,Zoe,Cedar Avenue 9,{lon},{lat},T1,residential,urban\n"
    bring(desk, rows.encode(), "customers")
    assert len(desk.case.customers) == 13
    logged = desk.calls.log(Entry(received_at=desk.clock(), words="no light", customer="C99"), ANA)
    assert logged.id
    desk.shelf.propose(ANA)
    read = read_sent(desk.standing, desk.case, "customers", rows.encode(), "c.csv", whole=True)
    assert read.change is not None
    assert len(read.change.gone) == 12
    assert {each.code for each in warnings_of(desk, "customers", read.change)} == {"open_request"}


def test_a_file_of_the_case_that_was_changed_counts_from_the_next_start(
    small, store: Store, clock: Clock
) -> None:
    open_room(small, store, clock)
    crew = replace(small.crews[0], people=5)
    changed = replace(small, crews=(crew, *small.crews[1:]), shifts=(crew, *small.crews[1:]))
    desk = open_room(changed, store, clock, RoomOptions(budget=Budget(work=100))).desk
    assert desk.case.crew_by_id[crew.id].people == 5
    assert [each.made_by for each in desk.standing.versions("crews")] == ["case", "case"]
    assert (
        len(
            open_room(changed, store, clock, RoomOptions(budget=Budget(work=100))).desk.standing.versions(
                "crews"
            )
        )
        == 2
    )

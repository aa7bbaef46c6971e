"""Knowing while the day runs: whom to ask, crews sent to look, crews on the way told of another place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.ground.case import Case, Sign
from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Entry, Said, Who, answered, hear, hear_signs
from dispatch.live.crew_route import crew_route
from dispatch.live.questions import questions_now
from dispatch.planning.looking import is_look
from dispatch.store import Store
from tests.dispatch.live.conftest import ANA, Clock
from tests.dispatch.live.street import write_street

LOOK = "O-BR-2/look"


@pytest.fixture(scope="module")
def mates(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The street, with one crew that repairs and one that may only switch and look."""
    folder = write_street(tmp_path_factory.mktemp("street"))
    crews = (folder / "crews.csv").read_text(encoding="utf-8")
    (folder / "crews.csv").write_text(
        crews.replace("hv;lv;cable;switching;metering", "switching"), encoding="utf-8"
    )
    return load_case(folder)


@pytest.fixture
def clock(mates: Case) -> Clock:
    return Clock(mates.settings.now)


@pytest.fixture
def desk(mates: Case, store: Store, clock: Clock) -> Desk:
    return Desk(mates, store, clock, Budget(work=200))


@pytest.fixture
def full(street: Case, store: Store, clock: Clock) -> Desk:
    """The street with both of its crews."""
    return Desk(street, store, clock, Budget(work=200))


def called(desk: Desk, customers: dict[str, float]) -> None:
    """Calls so many minutes ago."""
    for customer, minutes in sorted(customers.items(), key=lambda each: -each[1]):
        at = desk.clock() - timedelta(minutes=minutes)
        desk.calls.log(Entry(words="no light", received_at=at, customer=customer), ANA)


def published(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)


@pytest.fixture
def sent(full: Desk, clock: Clock) -> str:
    """A crew is on its way to a main, has read its route, and then the neighbours turn out to be dark too."""
    called(full, {"M2a-1": 12, "M2a-2": 8, "M2a-3": 5, "M2a-4": 3})
    published(full)
    crew = next(route.crew for route in full.day().plan.routes if route.visits)
    full.shelf.acknowledge(crew, full.plan_number("published") or 0, ANA)
    full.work.report("O-M2a/repair", "on_the_way", ANA, crew=crew)
    clock.later(3)
    dark = [Sign(kind="supply_off", place=place, at=full.clock()) for place in ("M2b-1", "M2b-2")]
    hear_signs(full, dark, ANA)
    return crew


@pytest.fixture
def looking(desk: Desk, clock: Clock) -> Desk:
    """The repairing crew is at the larger outage; of the smaller nobody knows breaker from transformer."""
    called(desk, {f"M4-{home}": 50 - home for home in range(1, 9)} | {"M1-1": 20, "M3-1": 20, "M2a-1": 40})
    published(desk)
    first = stops(desk, "crew-1")[0]
    desk.work.report(first, "on_the_way", ANA, crew="crew-1")
    desk.work.report(first, "on_site", ANA, crew="crew-1")
    clock.later(5)
    called(desk, {f"M5-{home}": 50 - home for home in range(1, 9)})
    published(desk)
    return desk


def stops(desk: Desk, crew: str) -> list[str]:
    return [stop["job"] for stop in crew_route(desk, crew)["stops"]]


def orders(desk: Desk) -> dict[str, str]:
    return {row["id"]: row["state"] for row in desk.rows("orders")}


def tap(desk: Desk, number: int, **data: str) -> str:
    said = Said(id=f"tap-{number:08d}", kind="report", at=desk.clock(), job=LOOK, data=data)
    return hear(desk, "crew-2", said, Who(name="crew-2", source="phone")).status


def test_the_crew_that_may_not_repair_is_sent_to_look_and_its_phone_says_why(looking: Desk) -> None:
    stop = next(each for each in crew_route(looking, "crew-2")["stops"] if each["job"] == LOOK)
    assert stop["looks_at"] == looking.day().cards[LOOK].place
    assert stop["saves"] > 100
    assert stop["brief"]["element"]["id"] == stop["looks_at"]


def test_what_was_seen_settles_the_outage_and_the_order_stays_where_it_was(
    looking: Desk, clock: Clock
) -> None:
    before, place = orders(looking)["O-BR-2"], looking.day().cards[LOOK].place
    assert tap(looking, 1, to="on_the_way") == "taken"
    clock.later(4)
    assert tap(looking, 2, to="on_site") == "taken"
    clock.later(2)
    assert tap(looking, 3, to="done", found="open") == "taken"
    assert orders(looking)["O-BR-2"] == before
    day = looking.shelf.propose(ANA)
    outage = next(each for each in day.outages if place in (each.device, each.fault.place))
    assert outage.score > 0.9
    assert not any(is_look(job) for job in day.cards)


def test_a_look_that_finds_it_closed_leaves_the_named_device(looking: Desk, clock: Clock) -> None:
    for number, to in enumerate(("on_the_way", "on_site")):
        tap(looking, number, to=to)
        clock.later(3)
    tap(looking, 9, to="done", found="closed")
    place = looking.day().cards[LOOK].place
    outages = looking.shelf.propose(ANA).outages
    assert not any(place in (each.device, each.fault.place) for each in outages)


def test_the_question_that_saves_most_comes_first_and_no_more_than_fit(desk: Desk) -> None:
    called(desk, {"M2a-1": 12, "M2a-2": 8, "M2a-3": 5})
    called(desk, {"M5-1": 3})
    desk.shelf.propose(ANA)
    asking = questions_now(desk)
    worths = [each.per_minute for each in asking.questions]
    assert worths == sorted(worths, reverse=True)
    assert sum(each.minutes for each in asking.questions) <= asking.minutes
    first = asking.questions[0]
    assert (first.kind, first.whom.phone is not None) == ("phone", True)
    few = questions_now(desk, minutes=5)
    assert few.questions == asking.questions[:1]
    assert few.left == len(asking.questions) + asking.left - 1
    assert questions_now(desk, minutes=1).questions == ()


def test_an_answered_question_is_not_asked_again(desk: Desk) -> None:
    called(desk, {"M2a-1": 12, "M2a-2": 8, "M2a-3": 5})
    desk.shelf.propose(ANA)
    first = questions_now(desk).questions[0]
    answered(desk, first.outage, first.whom.customer, "on", ANA)
    desk.shelf.propose(ANA)
    assert first.whom.customer not in {each.whom.customer for each in questions_now(desk).questions}


def test_a_crew_on_the_way_is_aimed_at_the_device_that_evidence_turns_to(full: Desk, sent: str) -> None:
    day = full.shelf.propose(ANA)
    assert day.crew_of_order == {"O-T2": sent}
    (move,) = full.shelf.comparison(day).moves
    assert (move.job, move.to_crew, move.instead) == ("O-T2/repair", sent, "O-M2a/repair")


def test_its_phone_and_its_route_show_the_new_place_and_what_is_gone(full: Desk, sent: str) -> None:
    published(full)
    route = crew_route(full, sent)
    (stop,) = route["stops"]
    assert (stop["job"], stop["brief"]["element"]["id"]) == ("O-T2/repair", "T2")
    lon, lat = full.case.grid.place_of("transformer", "T2")
    assert (stop["lon"], stop["lat"]) == pytest.approx((lon, lat), abs=1e-4)
    assert [each["job"] for each in route["changes"]["added"]] == ["O-T2/repair"]
    assert [each["job"] for each in route["changes"]["removed"]] == ["O-M2a/repair"]


def test_a_crew_that_is_at_work_is_not_called_away_by_a_second_thought(full: Desk, sent: str) -> None:
    full.work.report("O-M2a/repair", "on_site", ANA, crew=sent)
    day = full.shelf.propose(ANA)
    assert "O-M2a/repair" in [visit.job for route in day.plan.routes for visit in route.visits]


def test_a_crew_sent_to_a_device_above_goes_on_to_the_one_beneath(full: Desk, clock: Clock) -> None:
    """Calls of one main and gasps of the other name the transformer; then the gasps are taken back."""
    called(full, {"M2b-1": 7, "M2b-2": 6, "M2b-3": 5})
    gasped = ("M2a-1", "M2a-2")
    lost = full.clock() - timedelta(minutes=7)
    hear_signs(full, [Sign(kind="last_gasp", place=place, at=lost) for place in gasped], ANA)
    published(full)
    assert "O-T2" in full.day().outage_by_id
    crew = full.day().crew_of_order["O-T2"]
    full.work.report("O-T2/repair", "on_the_way", ANA, crew=crew)
    clock.later(4)
    hear_signs(full, [Sign(kind="supply_on", place=place, at=full.clock()) for place in gasped], ANA)
    day = full.shelf.propose(ANA)
    assert day.crew_of_order == {"O-M2b": crew}

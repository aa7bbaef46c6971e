"""What is kept of the day between events is what reading it all again would give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.store import Event, Store, open_store
from dispatch.store.present import IN_SIGHT, Present, noted

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
TABLES = ("requests", "orders", "steps", "jobs", "ticks", "callbacks", "crews", "wishes", "changes")
ROAD = ("accepted", "dispatched", "on_the_way", "on_site", "restored", "closed", "callback_done")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


def happened(kind: str, subject: str, at: datetime = NOON, **data: object) -> Event:
    return Event(at=at, actor="ana", source="board", kind=kind, subject=subject, data=data)


def call(number: int, order: str, at: datetime) -> list[Event]:
    told = {"received_at": at.isoformat(), "words": "no light", "channel": "phone"}
    return [
        happened("request_logged", f"R{number}", at, **told),
        happened("request_joined", f"R{number}", at, order=order),
    ]


def deed(what: int, order: str, number: int, at: datetime) -> list[Event]:
    """One of the things that happen to an order."""
    job = f"{order}/repair"
    return [
        [happened("order_moved", order, at, to=ROAD[number % len(ROAD)], crew="C1")],
        [happened("order_told", order, at, note=f"gate {number}")],
        [happened("job_moved", job, at, order=order, crew="C1", to="on_site")],
        [happened("step_ticked", job, at, order=order, crew="C1", step=f"s{number}")],
        [happened("callback_answered", f"R{number}", at, order=order, answer="yes")],
        [happened("job_wished", job, at, crew="C1", wish="pin", reason="near")],
        [happened("changed", job, at, what="minutes", data={"minutes": number}, reason="")],
        [happened("crew_changed", "C1", at, state="absent", reason="ill")],
        call(100 + number, order, at),
        [happened("purged", "customers", at, requests=[f"R{number}"])],
        [happened("request_changed", f"R{number % 3}", at, what="edited", to={"words": str(number)}, was={})],
    ][what]


DEEDS = st.tuples(st.integers(0, 10), st.integers(0, 2), st.integers(0, 30))


def seen(present: Present) -> dict[str, object]:
    rows = {table: present.rows(table) for table in TABLES}
    for table in ("requests", "orders", "jobs", "crews"):
        assert all(present.row(table, row["id"]) is row for row in rows[table])
        assert present.row(table, "nothing") is None
    return rows


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 2), st.integers(0, 30)), max_size=25, unique=True)
)
def test_rows_kept_between_events_are_those_of_a_fresh_look(steps: list[tuple[int, int, int]]) -> None:
    store = open_store("sqlite://")
    kept = Present(store, lambda: NOON)
    for number in range(3):
        store.record(happened("order_opened", f"O{number}"), *call(number, f"O{number}", NOON))
    assert seen(kept) == seen(Present(store, lambda: NOON))
    known: set[int] = set()
    for what, order, number in steps:
        if what == 8 and 100 + number in known:
            continue
        known |= {100 + number} if what == 8 else set()
        store.record(*deed(what, f"O{order}", number, NOON))
        assert seen(kept) == seen(Present(store, lambda: NOON))
    store.close()


def test_an_ended_order_whose_place_is_out_again_gives_up_its_name(store: Store) -> None:
    kept = Present(store, lambda: NOON)
    store.record(happened("order_opened", "O1"), *call(1, "O1", NOON))
    store.record(happened("order_moved", "O1", to="closed"))
    assert [row["id"] for row in kept.rows("orders")] == ["O1"]
    store.record(happened("order_opened", "O1"), *call(2, "O1", NOON))
    assert [row["id"] for row in kept.rows("orders")] == ["O1", "O1#1"]
    assert [row["order_id"] for row in kept.rows("requests")] == ["O1#1", "O1"]


def test_what_ended_hours_ago_leaves_sight_without_an_event(store: Store) -> None:
    now = [NOON]
    kept = Present(store, lambda: now[0])
    store.record(happened("order_opened", "O1"), happened("order_moved", "O1", to="closed"))
    assert len(kept.rows("orders")) == 1
    now[0] += IN_SIGHT + timedelta(hours=1)
    assert kept.rows("orders") == []


def test_what_was_made_of_the_day_is_made_again_when_what_it_depends_on_changes(store: Store) -> None:
    kept, made = Present(store, lambda: NOON), []

    def make() -> int:
        made.append(1)
        return len(made)

    store.record(happened("order_opened", "O1"))
    assert [kept.kept("x", ("orders", "noted"), make) for _ in range(3)] == [1, 1, 1]
    store.record(happened("crew_changed", "C1", state="off"))
    assert kept.kept("x", ("orders", "noted"), make) == 1
    store.record(happened("noted", "O1", what="seen"))
    assert kept.kept("x", ("orders", "noted"), make) == 2
    store.record(happened("order_told", "O1", note="gate"))
    assert kept.kept("x", ("orders", "noted"), make) == 3


def test_what_rests_on_a_subject_is_made_again_when_an_event_names_it(store: Store) -> None:
    kept, made = Present(store, lambda: NOON), []

    def make() -> int:
        made.append(1)
        return len(made)

    def look(*about: str) -> int:
        return kept.kept("x", ("plans",), make, about)

    store.record(happened("order_opened", "O1"), happened("order_opened", "O2"))
    assert [look("O1", "C1") for _ in range(3)] == [1, 1, 1]
    store.record(happened("order_told", "O2", note="gate"), happened("crew_changed", "C2", state="off"))
    assert look("O1", "C1") == 1
    store.record(happened("order_told", "O1", note="gate"))
    assert look("O1", "C1") == 2
    store.record(happened("noted", "C1", what="help"))
    assert look("O1", "C1") == 3
    # Something else of the same name rests on something else.
    assert look("O1") == 4


def test_what_another_process_wrote_is_seen_when_the_feed_has_heard_of_it(store: Store, url: str) -> None:
    kept = Present(store, lambda: NOON)
    assert kept.rows("orders") == []
    other = open_store(url)
    other.record(happened("order_opened", "O1"))
    store.feed.wait(0, 30, 10)
    assert [row["id"] for row in kept.rows("orders")] == ["O1"]
    other.close()


def test_what_rests_on_notes_about_one_thing_is_made_anew_after_such_a_note_alone(store: Store) -> None:
    present, made = Present(store, lambda: NOON), []

    def counted() -> int:
        return present.kept("help", (noted("help"),), lambda: made.append(1) or len(made))

    assert (counted(), counted()) == (1, 1)
    store.record(happened("noted", "C1", what="handover", note="quiet"))
    store.record(happened("noted", "C1", note="what kind of note this is, it does not say"))
    assert counted() == 1
    store.record(happened("noted", "C1", what="help", crew="C1"))
    assert (counted(), counted()) == (2, 2)
    store.record(happened("purged", "customers", requests=[]))
    assert counted() == 3

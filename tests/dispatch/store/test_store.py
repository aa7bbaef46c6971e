"""The journal is the truth: what it adds up to is what is stored."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from dispatch.store import Conflict, Event, Store, StoreError, open_store, queries
from dispatch.store.columns import metadata
from dispatch.store.migrate import downgrade, upgrade
from dispatch.store.tables import jobs, orders, requests

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


def happened(kind: str, subject: str, minute: int = 0, key: str | None = None, **data: object) -> Event:
    at = NOON + timedelta(minutes=minute)
    return Event(at=at, actor="ana", source="board", kind=kind, subject=subject, data=data, key=key)


def call(request: str, key: str | None = None) -> Event:
    return happened(
        "request_logged", request, key=key, received_at=NOON.isoformat(), words="没电了", channel="phone"
    )


def a_shift() -> list[Event]:
    return [
        call("R1"),
        call("R2"),
        happened(
            "request_changed",
            "R1",
            what="edited",
            to={"phone": "+56 9 1234 5678", "appointment_from": NOON.isoformat()},
            was={"phone": None, "appointment_from": None},
        ),
        happened("order_opened", "O-F1"),
        happened("request_joined", "R1", order="O-F1"),
        happened("request_joined", "R2", order="O-F1"),
        happened(
            "plan_made",
            "1",
            made_for=NOON.isoformat(),
            routes={"C1": ["O-F1/repair"]},
            basis={},
            cost=9.5,
            policy="cn",
        ),
        happened("plan_published", "1"),
        happened("order_moved", "O-F1", 2, to="accepted"),
        happened("order_moved", "O-F1", 3, to="dispatched", crew="C1"),
        happened("plan_acknowledged", "C1", 4, plan=1),
        happened("order_told", "O-F1", 30, cause="tree", estimate_min=50),
        happened("order_moved", "O-F1", 60, to="restored"),
        happened("crew_changed", "C1", 61, state="absent", reason="ill"),
        happened("job_wished", "O-F1/repair", 62, crew="C1", wish="forbid", reason="knows better"),
        happened("order_moved", "O-F1", 70, to="closed"),
    ]


def test_the_day_rebuilt_from_the_journal_equals_the_stored_one(store: Store) -> None:
    store.record(*a_shift())
    assert store.differing() == []
    assert store.rows(orders)[0]["state"] == "closed"
    assert [row["version"] for row in store.rows(requests)] == [2, 1]
    assert [row["digits"] for row in store.rows(requests)] == ["56912345678", None]
    assert [row["open"] for row in store.rows(requests)] == [0, 0]


def test_an_event_with_a_known_key_is_written_once(store: Store) -> None:
    first = store.record(call("R1", key="phone-7/1"))
    again = store.record(call("R1", key="phone-7/1"))
    assert first == again
    assert len(store.rows(requests)) == 1


def test_all_events_of_a_change_are_written_or_none(store: Store) -> None:
    with pytest.raises(KeyError):
        store.record(call("R1"), happened("no_such_kind", "R1"))
    assert store.last_seq() == 0
    assert store.rows(requests) == []


def test_the_second_of_two_dispatchers_sees_who_was_first(store: Store) -> None:
    store.record(happened("order_opened", "O-F1"))
    store.record(happened("order_moved", "O-F1", to="accepted"))
    with store.writing() as connection, pytest.raises(Conflict, match="changed by ana"):
        store.expect(connection, "O-F1", 1)


def test_a_reopened_order_opens_its_requests_again(store: Store) -> None:
    store.record(*a_shift())
    store.record(happened("order_moved", "O-F1", 90, to="accepted"))
    assert [row["open"] for row in store.rows(requests)] == [1, 1]
    assert store.differing() == []


def test_migrations_run_both_ways(store: Store) -> None:
    downgrade(store.engine, "base")
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}
    upgrade(store.engine)
    assert set(metadata.tables) <= set(inspect(store.engine).get_table_names())


def test_migrated_tables_are_the_declared_ones(store: Store) -> None:
    found = inspect(store.engine)
    for table in metadata.tables.values():
        assert {column["name"] for column in found.get_columns(table.name)} == set(table.columns.keys())


def test_a_bad_url_is_named_without_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("nonsense://ana:secret@host/db")
    assert "secret" not in str(caught.value)


WRITER = """
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from dispatch.store import Event, open_store
store = open_store(sys.argv[1])
at = datetime(2026, 1, 1, tzinfo=UTC)
for n in range(10_000):
    store.record(Event(at=at, actor="w", source="test", kind="order_opened", subject=f"O{n}"))
    print(n, flush=True)
"""


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(url: str) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    for _ in range(40):
        acknowledged = int(writer.stdout.readline())
    writer.kill()
    acknowledged = max([acknowledged, *(int(line) for line in writer.stdout.read().split())])
    writer.wait()
    store = open_store(url)
    assert {f"O{n}" for n in range(acknowledged + 1)} <= {row["id"] for row in store.rows(orders)}
    assert store.differing() == []


def test_an_outage_at_a_place_that_had_one_is_an_order_of_its_own(store: Store) -> None:
    store.record(*a_shift())
    store.record(
        happened("job_moved", "O-F1/repair", 69, order="O-F1", crew="C1", to="done"),
        happened("step_ticked", "O-F1/repair", 69, order="O-F1", crew="C1", step="earth"),
    )
    store.record(
        call("R3"), happened("order_opened", "O-F1", 600), happened("request_joined", "R3", order="O-F1")
    )
    store.record(happened("order_moved", "O-F1", 610, to="accepted"))
    assert {row["id"]: row["state"] for row in store.rows(orders)} == {"O-F1": "accepted", "O-F1#1": "closed"}
    assert [(row["order_id"], row["open"]) for row in store.rows(requests)] == [
        ("O-F1#1", 0),
        ("O-F1#1", 0),
        ("O-F1", 1),
    ]
    assert [row["id"] for row in store.rows(jobs)] == ["O-F1#1/repair"]
    store.record(happened("order_moved", "O-F1", 620, to="closed"), happened("order_opened", "O-F1", 999))
    assert [row["id"] for row in store.rows(orders)] == ["O-F1", "O-F1#1", "O-F1#2"]
    assert store.differing() == []


def test_a_change_whose_connection_is_lost_while_others_are_told_is_a_fault_of_the_database(
    store: Store, kind: str
) -> None:
    if kind == "sqlite":
        pytest.skip("a file has no connection to lose")

    def lose(connection: Connection, event: Event) -> None:
        own = connection.scalar(text("SELECT pg_backend_pid()"))
        with store.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        connection.execute(text("SELECT 1"))

    store.hearers.append(lose)
    with pytest.raises(OperationalError):
        store.record(call("R1"))
    store.hearers.clear()
    assert store.last_seq() == 0
    store.record(call("R1"))
    assert store.differing() == []


def test_more_rows_can_be_named_than_a_statement_holds(store: Store) -> None:
    names = [f"R{number:06d}" for number in range(70_000)]
    store.record(call("R000002"), call("R069999"))
    assert [row["id"] for row in queries.request_rows(store, names)] == ["R000002", "R069999"]
    assert queries.ended_orders(store, names) == set()
    assert queries.calls_of_orders(store, names) == []

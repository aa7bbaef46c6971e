"""The journal's chain: what is taken out or changed is named, and a purge leaves it whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, update

from dispatch.cli import main
from dispatch.store import Event, Store, migrate, open_store
from dispatch.store.backup import back_up, restore
from dispatch.store.chain import Head
from dispatch.store.connection import connect
from dispatch.store.purge import purge
from dispatch.store.tables import events

Harm = Callable[[Connection], object]
GONE, CHANGED = delete(events), update(events)
NOON = datetime(2026, 6, 18, 12, 0, 0, 123456, tzinfo=UTC)


def asked(number: int, at: datetime = NOON) -> Event:
    data = {
        "words": f"没电了 \U0001f4a1 {number}",
        "channel": "phone",
        "received_at": at.isoformat(),
        "phone": "13900001111",
        "lon": -71.25000000000001,
        "lat": 1e-7,
    }
    return Event(
        at=at,
        actor="ana",
        source="board",
        kind="request_logged",
        subject=f"R{number}",
        data=data,
        key=f"k{number}",
    )


@pytest.fixture
def store(url: str) -> Store:
    store = open_store(url)
    for number in range(1, 9):
        store.record(asked(number, NOON + timedelta(minutes=number)))
    return store


def test_a_journal_that_nobody_touched_is_whole(store: Store) -> None:
    assert store.chain_faults() == []
    assert store.head().seq == store.last_seq() == 8


def test_events_of_one_transaction_follow_one_another_and_none_of_one_that_failed(store: Store) -> None:
    store.record(*(asked(number) for number in range(20, 25)))
    with pytest.raises(KeyError):
        store.record(asked(30), Event(at=NOON, actor="a", source="b", kind="unheard of", subject="c"))
    store.record(asked(31), asked(31))
    assert store.chain_faults() == []


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            lambda one: one.execute(GONE.where(events.c.seq == 3)),
            "event 3 is missing before event 4",
        ),
        (
            lambda one: one.execute(GONE.where(events.c.seq == 1)),
            "event 1 is missing before event 2",
        ),
        (
            lambda one: one.execute(GONE.where(events.c.seq.in_([4, 5]))),
            "events 4 to 5 are missing",
        ),
        (
            lambda one: one.execute(GONE.where(events.c.seq == 8)),
            "ends with event 7, though event 8",
        ),
        (
            lambda one: one.execute(CHANGED.where(events.c.seq == 5).values(actor="bo")),
            "event 5 (request_logged, R5) was altered",
        ),
        (
            lambda one: one.execute(CHANGED.where(events.c.seq == 5).values(data={"words": ""})),
            "event 5 (request_logged, R5) was altered",
        ),
        (
            lambda one: one.execute(CHANGED.where(events.c.seq == 5).values(data={}, salt=None)),
            "event 5 (request_logged, R5) was altered",
        ),
        (
            lambda one: one.execute(CHANGED.where(events.c.seq == 5).values(at=NOON)),
            "event 5 (request_logged, R5) was altered",
        ),
        (
            lambda one: one.execute(CHANGED.where(events.c.seq == 8).values(seq=80)),
            "event 80 (request_logged, R8)",
        ),
        (
            lambda one: one.execute(CHANGED.where(events.c.seq == 2).values(seal="0" * 64)),
            "event 2 (request_logged, R2) does not follow",
        ),
    ],
)
def test_what_was_taken_out_or_changed_is_named(
    store: Store,
    url: str,
    capsys: pytest.CaptureFixture[str],
    harm: Callable[[Connection], object],
    said: str,
) -> None:
    with store.engine.begin() as connection:
        harm(connection)
    assert any(said in fault for fault in store.chain_faults()), store.chain_faults()
    store.close()
    assert main(["store", "--database", url, "check"]) == 1
    shown = capsys.readouterr().out
    assert "chain broken" in shown
    assert said in shown


def test_a_purge_leaves_the_chain_whole_and_nothing_to_guess_by(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE requests SET open = 0")
    sign = {"signs": [{"kind": "last_gasp", "place": "C1", "at": NOON.isoformat()}]}
    store.record(Event(at=NOON, actor="meter", source="api", kind="signs_heard", subject="meter", data=sign))
    later = NOON + timedelta(days=400)
    assert purge(store, later - timedelta(days=1), later, "ana").requests == 8
    assert purge(store, later, later, "ana").requests == 0
    assert store.chain_faults() == []
    kept = json.dumps([dict(row._mapping) for row in _rows(store)], default=str, ensure_ascii=False)
    assert "13900001111" not in kept
    assert "没电了" not in kept
    assert all(row.salt is None for row in _rows(store) if row.kind in ("request_logged", "signs_heard"))
    with store.engine.begin() as connection:
        connection.execute(update(events).where(events.c.seq == 3).values(data={"words": "something else"}))
    assert store.chain_faults() == ["event 3 (request_logged, R3) was altered"]


def test_the_chain_comes_back_from_a_backup_and_goes_on(store: Store, tmp_path: Path) -> None:
    back_up(store, tmp_path / "b.jsonl.gz", NOON)
    head = store.head()
    for target in ("sqlite", "again"):
        copy = f"sqlite:///{tmp_path}/{target}.sqlite"
        restore(copy, tmp_path / "b.jsonl.gz")
        again = open_store(copy)
        assert again.head() == head
        again.record(asked(99))
        assert again.chain_faults(head) == []
        again.close()


def test_a_head_that_was_noted_down_is_found_again_or_missed(store: Store, url: str) -> None:
    noted = store.head()
    store.record(asked(99))
    store.close()
    assert main(["store", "--database", url, "check", "--head", str(noted)]) == 0
    other = str(Head(seq=noted.seq, seal="0" * 64))
    assert main(["store", "--database", url, "check", "--head", other]) == 1
    with pytest.raises(SystemExit):
        main(["store", "--database", url, "check", "--head", "nonsense"])


def test_an_older_journal_is_sealed_when_it_is_upgraded_and_goes_back(store: Store, url: str) -> None:
    store.close()
    engine = connect(url)
    migrate.downgrade(engine, "0003")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 8
    migrate.upgrade(engine)
    engine.dispose()
    again = open_store(url)
    assert again.chain_faults() == []
    again.record(asked(9))
    assert again.chain_faults() == []
    assert again.head().seq == 9
    again.close()


def _rows(store: Store) -> list:
    with store.reading() as connection:
        return list(connection.execute(events.select().order_by(events.c.seq)))

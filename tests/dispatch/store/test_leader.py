"""Exactly one of several servers leads, and a SQLite file has one server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from dispatch.store import Event, Store, StoreError, open_store
from dispatch.store.leader import LEAD, Alone, Leader

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
HOLDER = """
import sys, time
from dispatch.store.leader import Alone
held = Alone(sys.argv[1])
print("held", flush=True)
time.sleep(600)
"""


def until(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    ends = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < ends:
        threading.Event().wait(0.05)
    return found


@pytest.fixture
def stores(url: str) -> Iterator[tuple[Store, Store]]:
    made = open_store(url), open_store(url)
    yield made
    for each in made:
        each.close()


@pytest.fixture
def leaders(stores: tuple[Store, Store], kind: str) -> Iterator[tuple[Leader, Leader]]:
    if kind == "sqlite":
        pytest.skip("one server alone uses a SQLite file")
    made = Leader(stores[0], 0.2), Leader(stores[1], 0.2)
    for each in made:
        each.start()
    yield made
    for each in made:
        each.end()


def test_on_sqlite_the_one_server_leads(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/day.sqlite")
    leader = Leader(store)
    leader.start()
    assert leader.leads
    leader.end()
    store.close()


def test_one_of_two_leads_and_the_other_takes_over_when_it_ends(leaders: tuple[Leader, Leader]) -> None:
    assert until(lambda: any(each.leads for each in leaders))
    first, second = sorted(leaders, key=lambda each: not each.leads)
    threading.Event().wait(0.6)
    assert first.leads
    assert not second.leads
    first.end()
    assert not first.leads
    assert until(lambda: second.leads)


def test_who_loses_its_connection_no_longer_leads(
    leaders: tuple[Leader, Leader], stores: tuple[Store, Store]
) -> None:
    assert until(lambda: any(each.leads for each in leaders))
    end = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :lead"
        " AND granted"
    )
    for _ in range(5):
        with stores[0].engine.connect() as connection:
            connection.execute(end, {"lead": LEAD})
        # For a moment the one that lost it may not know yet; then there is one again, and it stays.
        threading.Event().wait(1.0)
        assert until(lambda: sum(each.leads for each in leaders) == 1)


def test_what_one_server_writes_wakes_the_other(
    leaders: tuple[Leader, Leader], stores: tuple[Store, Store]
) -> None:
    one, other = stores
    assert until(lambda: any(each.leads for each in leaders))
    before = other.last_seq()
    found: list[Event] = []
    waiting = threading.Thread(target=lambda: found.extend(other.feed.wait(before, 20.0, 10)))
    waiting.start()
    data = {"received_at": NOON.isoformat(), "words": "dark", "channel": "phone"}
    one.record(
        Event(kind="request_logged", subject="R-1", actor="ana", source="test", at=NOON, data=data, key="k")
    )
    waiting.join(20)
    assert [each.subject for each in found] == ["R-1"]


def test_a_second_server_on_a_sqlite_file_is_refused_with_who_holds_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/day.sqlite"
    process = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    # By another name it is the same file.
    (tmp_path / "other.sqlite").symlink_to(tmp_path / "day.sqlite")
    for name in ("day", "other"):
        with pytest.raises(StoreError, match=rf"another gridcrew server uses it \(process {process.pid}\)"):
            Alone(f"sqlite:///{tmp_path}/{name}.sqlite")
    process.kill()
    process.wait()
    process.stdout.close()
    held = Alone(url)
    held.release()
    Alone(url).release()


def test_other_databases_are_shared() -> None:
    for url in ("sqlite://", "postgresql+psycopg://user@nowhere/day"):
        Alone(url).release()


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "postgresql+psycopg:///day"])
def test_a_database_without_a_file_of_its_own_takes_no_lock(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    both = [Alone(url), Alone(url)]
    assert len(both) == 2
    assert list(tmp_path.iterdir()) == []

"""Backups that come back anywhere, and customers that are forgotten."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from dispatch.cli import main
from dispatch.live.forgetting import Forgetting
from dispatch.store import Event, Store, StoreError, open_store, queries
from dispatch.store.accounts import Accounts
from dispatch.store.backup import back_up, restore
from dispatch.store.purge import Purged, purge
from dispatch.store.service_tables import urgings
from dispatch.store.tables import accounts, callbacks, crews, events, orders, photos, requests

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
SECRETS = ("Ana Rojas", "+56 51 200", "Cedar Avenue", "C0815", "the dog bites", "she was angry")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


def happened(kind: str, subject: str, minute: int = 0, **data: object) -> Event:
    return Event(
        at=NOON + timedelta(minutes=minute),
        actor="ben",
        source="board",
        kind=kind,
        subject=subject,
        data=data,
    )


def an_order(number: int, minute: int, *, ends: bool = True) -> list[Event]:
    request, order = f"R{number}", "O-F1"
    received = (NOON + timedelta(minutes=minute)).isoformat()
    told = {"words": "Ana Rojas has no light", "channel": "phone", "customer": "C0815"}
    place = {"address": "Cedar Avenue 1", "phone": "+56 51 200 0001", "lon": -71.2, "lat": -29.9}
    begun = [
        happened("request_logged", request, minute, received_at=received, **told, **place),
        happened(
            *("request_changed", request, minute + 1),
            what="edited",
            to={"words": "Ana Rojas has no light at all", "address": "Cedar Avenue 1", "kind": "outage"},
            was={"words": "Ana Rojas has no light", "address": "Cedar Avenue", "kind": None},
            reason="she was angry",
        ),
        happened("order_opened", order, minute + 1, place="T1"),
        happened("request_joined", request, minute + 1, order=order),
        happened("order_moved", order, minute + 2, to="accepted", note="the dog bites"),
    ]
    return begun + [
        happened("order_moved", order, minute + 3, to="restored"),
        happened("callback_answered", request, minute + 4, answer="yes", order=order, note="she was angry"),
        happened("order_moved", order, minute + 5, to="closed"),
    ] * int(ends)


def texts(store: Store) -> str:
    with store.reading() as connection:
        tables = (events, requests, orders, callbacks)
        return "".join(str(connection.execute(table.select()).all()) for table in tables)


def test_what_ended_long_ago_no_longer_says_who_called(store: Store) -> None:
    store.record(*an_order(1, 0))
    assert all(secret in texts(store) for secret in SECRETS)
    done = purge(store, NOON + timedelta(days=1), NOON + timedelta(days=2), "root")
    assert (done.requests, done.orders) == (1, 1)
    assert not any(secret in texts(store) for secret in SECRETS)
    row = store.rows(requests)[0]
    assert (row["received_at"], row["order_id"], row["open"]) == (NOON, "O-F1", 0)
    assert store.differing() == []
    told = store.events_after(0)[-1]
    assert (told.kind, told.actor, told.data["orders"]) == ("purged", "root", ["O-F1"])
    assert purge(store, NOON + timedelta(days=1), NOON + timedelta(days=2), "root").requests == 0


def test_what_is_open_or_new_is_kept(store: Store) -> None:
    store.record(*an_order(1, 0), *an_order(2, 600), *an_order(3, 1200, ends=False))
    done = purge(store, NOON + timedelta(minutes=300), NOON + timedelta(days=2), "root")
    assert (done.requests, done.orders) == (1, 1)
    assert [row["words"] == "" for row in store.rows(requests)] == [True, False, False]
    assert {row["id"]: row["note"] for row in store.rows(orders)} == {
        "O-F1": "the dog bites",
        "O-F1#1": None,
        "O-F1#2": "the dog bites",
    }
    assert store.differing() == []
    purge(store, NOON + timedelta(days=30), NOON + timedelta(days=31), "root")
    assert [row["words"] == "" for row in store.rows(requests)] == [True, True, False]
    assert store.differing() == []


def test_what_field_and_office_wrote_beside_an_order_goes_with_age(store: Store) -> None:
    urged = {"id": "R1!1", "whom": "ben", "level": 1, "way": "hand", "due_at": NOON.isoformat()}
    store.record(
        *an_order(1, 0),
        happened("urged", "R1", 1, words="she rang from 139-0000", **urged),
        happened("urging_answered", "R1", 2, answer="rang 139-0000 back"),
        happened("noted", "O-F1", 3, what="damage", what_broke="pole at 139-0000", minutes=60),
        happened("noted", "O-F1", 3, what="photo", photo="p", signer="Luis 139-0000"),
        happened("noted", "handover", 3, what="handover", note="ring 139-0000"),
        happened(
            "noted", "W-1", 3, what="ticket", ticket={"act": "suspend", "by": "li", "note": "by 139-0000"}
        ),
    )
    purge(store, NOON + timedelta(days=1), NOON + timedelta(days=2), "root")
    with store.reading() as connection:
        kept = str(connection.execute(events.select()).all()) + str(
            connection.execute(urgings.select()).all()
        )
    assert "139-0000" not in kept
    assert "'by': 'li'" in kept
    assert store.differing() == []
    assert store.chain_faults() == []
    before = store.last_seq()
    purge(store, NOON + timedelta(days=1), NOON + timedelta(days=2), "root")
    assert store.last_seq() == before


def test_pictures_go_with_age(store: Store) -> None:
    with store.writing() as connection:
        for number, day in enumerate((0, 9)):
            at = NOON + timedelta(days=day)
            queries.keep_photo(
                connection, id=f"p{number}", order_id="O", job="J", crew="C", at=at, body=b"\xff\xd8\xff"
            )
    assert purge(store, NOON + timedelta(days=5), NOON + timedelta(days=9), "root").photos == 1
    assert [row["id"] for row in store.rows(photos)] == ["p1"]


def test_a_backup_while_the_day_runs_comes_back_in_either_database(store: Store, tmp_path: Path) -> None:
    store.record(*an_order(1, 0))
    Accounts(store).add("ana", "dispatcher", "a long enough one")
    with store.writing() as connection:
        queries.keep_photo(
            connection, id="p", order_id="O", job="J", crew="C", at=NOON, body=bytes(range(256))
        )
        back_up(store, tmp_path / "b.jsonl.gz", NOON)
    copy = f"sqlite:///{tmp_path}/copy.sqlite"
    rows = restore(copy, tmp_path / "b.jsonl.gz")
    again = open_store(copy)
    assert again.stored() == store.stored() == again.rebuilt()
    assert again.rows(accounts) == store.rows(accounts)
    assert again.rows(events) == store.rows(events)
    assert rows > 10


def test_a_backup_comes_back_in_a_database_of_its_own_kind_and_the_day_goes_on(
    store: Store, other_url: str, tmp_path: Path
) -> None:
    store.record(*an_order(1, 0), *an_order(2, 600, ends=False))
    Accounts(store).add("ana", "dispatcher", "a long enough one")
    back_up(store, tmp_path / "b.jsonl.gz", NOON)
    store.record(happened("noted", "written after the backup"))
    restore(other_url, tmp_path / "b.jsonl.gz")
    again = open_store(other_url)
    assert again.events_after(0) == store.events_after(0)[:-1]
    assert again.rebuilt() == again.stored() == store.stored()
    assert again.rows(accounts) == store.rows(accounts)
    assert Accounts(again).verify("ana", "a long enough one", NOON) is not None
    assert again.record(happened("noted", "x")) == [store.last_seq()]
    again.close()


def test_customers_are_forgotten_when_the_server_starts_and_as_days_go_by(store: Store) -> None:
    store.record(*an_order(1, 0), *an_order(2, 3 * 24 * 60))
    now = [NOON + timedelta(days=32)]
    forgetting = Forgetting(store, lambda: now[0], timedelta(days=30))
    written = store.last_seq()
    forgetting.start()
    told = store.feed.wait(written, 60, 10)
    forgetting.end()
    assert not forgetting.is_alive()
    assert {(event.kind, event.actor) for event in told} == {("purged", "forgetting")}
    assert {row["id"]: row["words"] == "" for row in store.rows(requests)} == {"R1": True, "R2": False}
    now[0] += timedelta(days=3)
    assert forgetting.forget().requests == 1
    assert not any(secret in texts(store) for secret in SECRETS)
    assert store.differing() == []


def test_a_database_that_is_away_is_asked_again_soon(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/day.sqlite")
    store.record(*an_order(1, 0))
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE requests RENAME TO away"))
    forgetting = Forgetting(store, lambda: NOON + timedelta(days=99), timedelta(days=30))
    assert forgetting._one_turn() < 60
    assert forgetting.failures == 1
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO requests"))
    assert forgetting.forget().requests == 1


def test_a_restored_database_goes_on_counting(url: str, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/first.sqlite")
    store.record(*an_order(1, 0))
    back_up(store, tmp_path / "b.jsonl.gz", NOON)
    restore(url, tmp_path / "b.jsonl.gz")
    again = open_store(url)
    assert again.record(happened("noted", "x")) == [store.last_seq() + 1]
    again.close()


def test_a_backup_is_never_written_over_nor_restored_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/day.sqlite"
    store = open_store(url)
    store.record(*an_order(1, 0))
    back_up(store, tmp_path / "b.jsonl.gz", NOON)
    with pytest.raises(StoreError, match="never overwrites"):
        back_up(store, tmp_path / "b.jsonl.gz", NOON)
    with pytest.raises(StoreError, match="empty database"):
        restore(url, tmp_path / "b.jsonl.gz")


@pytest.mark.parametrize(
    "content",
    # Without the time of packing: both processes of a run must name the same tests.
    [b"", b"nonsense", gzip.compress(b"{}\n", mtime=0), gzip.compress(b"[1]\n", mtime=0)],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.jsonl.gz").write_bytes(content)
    with pytest.raises(StoreError):
        restore(f"sqlite:///{tmp_path}/x.sqlite", tmp_path / "b.jsonl.gz")


def test_a_backup_that_is_cut_short_leaves_nothing_behind(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/day.sqlite")
    store.record(*an_order(1, 0))
    back_up(store, tmp_path / "b.jsonl.gz", NOON)
    whole = (tmp_path / "b.jsonl.gz").read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[:-40])
    url = f"sqlite:///{tmp_path}/other.sqlite"
    with pytest.raises(StoreError, match="cut short"):
        restore(url, tmp_path / "cut.jsonl.gz")
    assert open_store(url).last_seq() == 0


def test_the_commands_do_what_the_manual_says(url: str, tmp_path: Path, capsys) -> None:
    store = open_store(url)
    store.record(*an_order(1, 0))
    store.close()
    on = ["store", "--database", url]
    copy = ["store", "--database", f"sqlite:///{tmp_path}/copy.sqlite"]
    assert main([*on, "check"]) == 0
    assert main([*on, "backup", str(tmp_path / "b.jsonl.gz")]) == 0
    assert main([*copy, "restore", str(tmp_path / "b.jsonl.gz")]) == 0
    assert main([*copy, "check"]) == 0
    assert main([*on, "purge", "--older-than", "1d", "--dry-run"]) == 0
    assert main([*on, "purge", "--older-than", "0d"]) == 0
    assert main([*on, "check"]) == 0
    assert main([*on, "migrate", "--to", "base"]) == 2
    assert main([*on, "migrate", "--to", "base", "--yes"]) == 0
    assert main([*on, "migrate"]) == 0
    said = capsys.readouterr().out
    assert "equal" in said
    assert "rows restored" in said


@pytest.mark.parametrize("act", [["check"], ["backup", "copy.jsonl.gz"], ["purge", "--older-than", "90d"]])
def test_a_mistyped_name_makes_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], act: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.sqlite").touch()
    for name in ("mistyped.sqlite", "empty.sqlite"):
        assert main(["store", "--database", f"sqlite:///{tmp_path / name}", *act]) == 2
        said = capsys.readouterr()
        assert name in said.err
        assert "equal" not in said.out
    assert [each.name for each in tmp_path.iterdir()] == ["empty.sqlite"]


def test_where_crews_were_is_forgotten_by_age_and_the_rebuilt_day_still_equals_the_stored(
    store: Store,
) -> None:
    def place(crew: str, minute: int, lon: float | None) -> Event:
        told = {"state": "on_shift"} if lon is None else {"lon": lon, "lat": -29.9}
        return happened("crew_changed", crew, minute, **told)

    store.record(*(place("C1", minute, -71.0 - minute / 1e3) for minute in range(700)))
    # The phone of the second crew sends what is old after what is new.
    store.record(
        place("C1", 900, None), place("C2", 901, -71.5), place("C2", 10, -71.6), place("C3", 20, -71.7)
    )
    purge(store, NOON + timedelta(minutes=800), NOON + timedelta(days=1), "root")
    with store.reading() as connection:
        left = connection.execute(text("SELECT data, at FROM events WHERE kind = 'crew_changed'")).all()
    assert sum("lon" in str(row.data) for row in left) == 1
    assert {row["id"]: row["lon"] for row in store.rows(crews)} == {"C1": None, "C2": None, "C3": None}
    assert store.differing() == []
    assert purge(store, NOON + timedelta(minutes=800), NOON + timedelta(days=1), "root") == Purged()

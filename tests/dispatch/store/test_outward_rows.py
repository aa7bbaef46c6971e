"""Events for other systems on both databases: numbered without a gap, handed out in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.store import Store, open_store
from dispatch.store import outward_rows as rows
from dispatch.store.outward_rows import Outgoing
from dispatch.store.tables import OUTWARD, PASSING

NOW = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


def event(subject: str, type_: str = "order.changed", groups: frozenset[str] | None = None) -> Outgoing:
    return Outgoing(type=type_, subject=subject, at=NOW, data={"order": subject}, groups=groups)


def hook(store: Store, id_: str, types: tuple[str, ...] = (), sites: str | None = None) -> None:
    told = {"url": "https://a.example/", "types": list(types), "sites": sites, "salt": "s"}
    rows.add_hook(store, {"id": id_, "made_by": "root", "made_at": NOW, **told})


def test_events_have_numbers_without_a_gap_and_go_to_whoever_wants_them(store: Store) -> None:
    hook(store, "all")
    hook(store, "plans", ("plan.published",))
    hook(store, "clinic", sites="clinics")
    site = event("C06", "site.supply", frozenset({"clinics"}))
    assert rows.write(store, [event("A"), event("P", "plan.published"), site], 7, {"a": {}}, NOW) == 3
    assert rows.write(store, [event("B")], 9, {"b": {}}, NOW) == 4
    assert rows.marks(store) == (9, {"b": {}})
    got = {id_: [sent.seq for _, sent in rows.waiting(store, id_, 9)] for id_ in ("all", "plans", "clinic")}
    assert got == {"all": [1, 2, 4], "plans": [2], "clinic": [3]}
    # Of critical sites their own group hears, and nobody who reads by number.
    assert [each.seq for each in rows.after(store, 0, 9)[0]] == [1, 2, 4]


def test_what_a_removed_webhook_waited_for_is_dropped(store: Store) -> None:
    hook(store, "one")
    rows.write(store, [event("A")], 1, {}, NOW)
    rows.change_hook(store, "one", state="removed")
    rows.write(store, [event("B")], 2, {}, NOW)
    assert rows.counted(store) == {}
    assert rows.hooks(store) == []


def test_old_events_go_and_no_number_comes_twice(store: Store) -> None:
    hook(store, "one")
    rows.write(store, [event("A"), event("B")], 1, {}, NOW)
    rows.forget(store, NOW + timedelta(days=1))
    assert rows.after(store, 0, 9)[1:] == (2, 2)
    assert rows.write(store, [event("C")], 2, {}, NOW) == 3
    assert [sent.seq for _, sent in rows.waiting(store, "one", 9)] == [2, 3]


def test_what_was_given_up_or_came_after_a_number_is_sent_again(store: Store) -> None:
    hook(store, "one")
    rows.write(store, [event("A"), event("B"), event("C")], 1, {}, NOW)
    for at, (row, _) in enumerate(rows.waiting(store, "one", 9)):
        rows.tell_delivery(store, row["id"], state="given_up" if at == 0 else "sent")
    assert rows.send_again(store, "one", NOW) == 1
    assert rows.send_again(store, "one", NOW, since=1) == 2
    assert len(rows.waiting(store, "one", 9)) == 3


def test_backups_keep_what_others_were_told() -> None:
    assert not {table.name for table in OUTWARD} & PASSING

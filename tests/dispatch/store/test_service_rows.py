"""The customer's half in both databases: what the journal says is what the tables hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatch.store import Event, Store, open_store
from dispatch.store.matters import known_matters, open_by_customer
from dispatch.store.persons import managers_of, open_owned, persons
from dispatch.store.present import Present

SIX = datetime(2026, 7, 14, 18, 0, tzinfo=UTC)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    found = open_store(url)
    yield found
    found.close()


def event(what: str, subject: str, minutes: int = 0, actor: str = "ana", **data: Any) -> Event:
    at = SIX + timedelta(minutes=minutes)
    return Event(at=at, actor=actor, source="board", kind=what, subject=subject, data=data)


def call(id_: str, **told: Any) -> Event:
    return event(
        "request_logged", id_, words="no power", received_at=SIX.isoformat(), channel="phone", **told
    )


def test_owners_and_managers_are_what_the_journal_says(store: Store) -> None:
    store.record(call("R1", owner="ana"), call("R2"), call("R3"))
    store.record(event("order_opened", "O1", responsible=""), event("request_joined", "R2", order="O1"))
    store.record(event("owned", "plan", owner="ben", orders=["O1"], requests=["R2"]))
    store.record(event("owner_changed", "R2", to="eva", was="ben", reason="leave", order="O1"))
    store.record(event("manager_changed", "C6", to="ana"), event("manager_changed", "C7", to="ana"))
    store.record(event("manager_changed", "C6", to="ben", was="ana"), event("manager_changed", "C7", to=None))
    assert {row["id"]: row["owner"] for row in store.stored()["requests"]} == {
        "R1": "ana",
        "R2": "eva",
        "R3": None,
    }
    assert store.stored()["orders"][0]["responsible"] == "eva"
    assert {name: row["person"] for name, row in managers_of(store).items()} == {"C6": "ben"}
    assert persons(store) == ("ana", "ben", "eva")
    assert open_owned(store) == {"": 1, "ana": 1, "eva": 1}
    assert store.differing() == []


def test_matters_and_urgings_are_what_the_journal_says(store: Store) -> None:
    due = (SIX + timedelta(days=5)).isoformat()
    store.record(
        event("matter_opened", "K1", kind="complaint", state="open", words="rude", due_at=due, data={"a": 1})
    )
    store.record(event("matter_changed", "K1", 5, to={"state": "answered", "level": 2}, put={"b": [1, 2]}))
    store.record(event("urged", "K1", 6, id="K1/1", whom="ben", level=1, way="hand", words="now", due_at=due))
    (matter,) = store.stored()["matters"]
    assert (matter["state"], matter["level"], matter["version"]) == ("answered", 2, 2)
    assert matter["data"] == {"a": 1, "b": [1, 2]}
    assert matter["due_at"] == SIX + timedelta(days=5)
    present = Present(store, lambda: SIX)
    assert [row["id"] for row in present.rows("urgings")] == ["K1/1"]
    store.record(event("urging_answered", "K1", 9, "ben", answer="rang the customer"))
    store.record(event("matter_changed", "K1", 10, to={"state": "closed", "ended_at": SIX.isoformat()}))
    assert present.rows("urgings") == []
    assert present.rows("matters") == []
    (urging,) = store.stored()["urgings"]
    assert (urging["answered_by"], urging["answer"]) == ("ben", "rang the customer")
    assert store.differing() == []


def test_thousands_of_customers_and_complaints_are_counted_whole(store: Store) -> None:
    store.record(
        *(
            event("matter_opened", f"K{at}", kind="complaint", state="open", request=f"R{at}", customer="C6")
            for at in range(701)
        ),
        event("matter_opened", "V1", kind="visit", state="open", customer="C6"),
        event("manager_changed", "C6", to="ana"),
    )
    store.record(event("matter_changed", "K0", to={"state": "closed", "ended_at": SIX.isoformat()}))
    assert open_by_customer(store, "complaint") == {"C6": 700}
    asked = [f"R{at}" for at in range(70_000)]
    assert known_matters(store, asked) == {f"R{at}" for at in range(701)}
    assert list(managers_of(store, ["C6", *asked])) == ["C6"]

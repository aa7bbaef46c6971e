"""What meters and neighbours said, as it stands after what they said later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from dispatch.store import Event, Store, open_store
from dispatch.store.purge import purge
from dispatch.store.signs import standing
from dispatch.store.tables import signs

SIX = datetime(2026, 7, 14, 18, 0, tzinfo=UTC)


@pytest.fixture
def store(url: str):
    found = open_store(url)
    yield found
    found.close()


def heard(*said: tuple[str, str, float], actor: str = "head-end") -> Event:
    rows = [
        {"kind": kind, "place": place, "at": (SIX + timedelta(minutes=minutes)).isoformat()}
        for kind, place, minutes in said
    ]
    return Event(at=SIX, actor=actor, source="api", kind="signs_heard", subject=actor, data={"signs": rows})


def kept(store: Store) -> list[tuple[str, str]]:
    with store.reading() as connection:
        rows = connection.execute(select(signs).order_by(signs.c.place, signs.c.kind)).mappings()
        return [(row["place"], row["kind"]) for row in rows]


def test_the_newest_word_of_a_place_stands(store: Store) -> None:
    store.record(heard(("last_gasp", "C1", 0), ("last_gasp", "C2", 0), ("tripped", "R1", 0)))
    store.record(heard(("supply_on", "C1", 20), ("closed", "R1", 21)))
    assert kept(store) == [("C1", "supply_on"), ("C2", "last_gasp"), ("R1", "closed")]


def test_what_comes_late_does_not_take_back_what_is_newer(store: Store) -> None:
    store.record(heard(("supply_on", "C1", 20)))
    store.record(heard(("last_gasp", "C1", 0)))
    assert kept(store) == [("C1", "supply_on")]


def test_rebuilding_from_the_journal_gives_the_same_signs(store: Store) -> None:
    store.record(heard(("last_gasp", "C1", 0), ("supply_off", "C1", 5), ("unreached", "C2", 6)))
    store.record(heard(("supply_on", "C2", 7), actor="ana"))
    assert store.rebuilt()["signs"] == store.stored()["signs"]
    assert kept(store) == [("C1", "last_gasp"), ("C1", "supply_off"), ("C2", "supply_on")]


def test_more_places_than_fit_into_one_statement_are_kept(store: Store) -> None:
    store.record(heard(*(("last_gasp", f"C{at:04d}", 0) for at in range(1000))))
    assert len(kept(store)) == 1000


def test_who_spoke_long_ago_is_forgotten(store: Store) -> None:
    store.record(heard(("last_gasp", "C1", 0), ("supply_off", "C2", 0)))
    purge(store, SIX + timedelta(days=400), SIX + timedelta(days=800), "admin")
    assert kept(store) == []
    assert "C1" not in str([event.data for event in store.events_after(0)])
    assert store.rebuilt()["signs"] == []


def test_the_order_in_which_signs_arrive_does_not_matter() -> None:
    said = [("last_gasp", 0), ("supply_on", 10), ("last_gasp", 20), ("supply_off", 25)]
    rows = [{"place": "C1", "kind": kind, "at": minutes} for kind, minutes in said]
    found = {
        tuple(sorted((row["kind"], row["at"]) for row in standing(order))) for order in permutations(rows)
    }
    assert found == {(("last_gasp", 20), ("supply_off", 25))}

"""Who gets in, who does not, and what an attacker learns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from dispatch.store import StoreError, open_store
from dispatch.store.accounts import Accounts, TooSoon, hashed
from dispatch.store.sessions import Sessions
from dispatch.store.tables import accounts, tokens
from dispatch.store.tables import sessions as kept_sessions

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
RIGHT = "a long enough one"


@pytest.fixture
def book(url: str) -> Accounts:
    book = Accounts(open_store(url))
    book.add("ana", "dispatcher", RIGHT)
    return book


def test_the_right_pair_gets_in_and_a_wrong_one_does_not(book: Accounts) -> None:
    found = book.verify("ana", RIGHT, NOON)
    assert found is not None
    assert found.role == "dispatcher"
    assert book.verify("ana", "something else", NOON) is None
    assert book.verify("bo", RIGHT, NOON) is None


def test_no_password_is_kept(book: Accounts) -> None:
    assert RIGHT not in str(book.store.rows(accounts))


def guess(book: Accounts, address: str, times: int) -> list[timedelta]:
    """Guess as soon as one may; how long each next try had to wait."""
    now, waits = NOON, []
    while len(waits) < times:
        try:
            assert book.verify("ana", "wrong", now, address) is None
            waits.append(timedelta(0))
        except TooSoon as error:
            waits[-1:] = [error.left] if waits else []
            now += error.left
    return waits


def test_whoever_guesses_waits_longer_and_longer(book: Accounts) -> None:
    waits = [wait.total_seconds() for wait in guess(book, "198.51.100.7", 18)]
    assert waits[:8] == [0, 0, 0, 1, 2, 4, 8, 16]
    assert max(waits) == 15 * 60


def test_nobody_is_locked_out_by_what_others_guess(book: Accounts) -> None:
    Sessions(book.store).begin("ana", "10.0.0.5", NOON - timedelta(days=1))
    for number in range(30):
        guess(book, f"198.51.100.{number}", 3)
    assert book.verify("ana", RIGHT, NOON, "10.0.0.5") is not None


def test_a_stranger_waits_some_seconds_at_an_account_that_many_guess_at(book: Accounts) -> None:
    for number in range(21):
        assert book.verify("ana", "wrong", NOON, f"198.51.100.{number}") is None
    with pytest.raises(TooSoon) as found:
        book.verify("ana", RIGHT, NOON, "203.0.113.9")
    assert found.value.left <= timedelta(seconds=5)
    assert book.verify("ana", RIGHT, NOON + timedelta(seconds=5), "203.0.113.9") is not None


def test_many_guesses_at_the_same_moment_count_one_by_one(book: Accounts) -> None:
    found: list[object] = []

    def one() -> None:
        try:
            found.append(book.verify("ana", "wrong", NOON, "198.51.100.7"))
        except TooSoon:
            found.append("too soon")

    threads = [Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(None) == 4
    assert found.count("too soon") == 8


def test_a_success_forgets_earlier_failures(book: Accounts) -> None:
    for _ in range(3):
        for _ in range(3):
            book.verify("ana", "wrong", NOON)
        assert book.verify("ana", RIGHT, NOON) is not None


def test_a_session_ends_when_somebody_says_so(book: Accounts) -> None:
    sessions = Sessions(book.store)
    one, other = (sessions.begin("ana", "10.0.0.5", NOON) for _ in range(2))
    assert book.signed_in("ana", one) is not None
    assert book.signed_in("bo", one) is None
    sessions.end(one, NOON)
    assert book.signed_in("ana", one) is None
    assert book.signed_in("ana", other) is not None
    assert sessions.end_all("ana", NOON, but=other) == 0
    assert sessions.end_all("ana", NOON) == 1
    assert book.signed_in("ana", other) is None
    assert one not in str(book.store.rows(kept_sessions))


def test_an_empty_database_gets_one_administrator_with_a_password_to_change(tmp_path: Path) -> None:
    book = Accounts(open_store(f"sqlite:///{tmp_path}/new.sqlite"))
    first = book.first_administrator()
    assert first is not None
    found = book.verify(*first, NOON)
    assert found is not None
    assert found.must_change
    assert book.first_administrator() is None
    book.set_password("administrator", "changed by herself")
    found = book.verify("administrator", "changed by herself", NOON)
    assert found is not None
    assert not found.must_change


@pytest.mark.parametrize(
    ("name", "role", "password", "crew", "message"),
    [
        ("ana", "viewer", RIGHT, None, "already"),
        ("bo", "chief", RIGHT, None, "no role 'chief'"),
        ("bo", "viewer", "short", None, "at least 10"),
        ("bo", "crew", RIGHT, None, "belongs to one crew"),
        ("bo", "viewer", RIGHT, "C1", "belongs to one crew"),
    ],
)
def test_a_bad_account_is_refused(
    book: Accounts, name: str, role: str, password: str, crew: str | None, message: str
) -> None:
    with pytest.raises(StoreError, match=message):
        book.add(name, role, password, crew=crew)
    assert book.everybody() == ("ana",)


def test_a_disabled_account_stays_out(book: Accounts) -> None:
    book.disable("ana")
    assert book.verify("ana", RIGHT, NOON) is None
    assert book.find("ana") is None


def test_a_token_is_bound_to_its_crew_and_ends(book: Accounts) -> None:
    token = book.issue_token("phone of crew 7", "crew", crew="C7", until=NOON + timedelta(hours=8))
    found = book.bearer(token, NOON)
    assert found is not None
    assert (found.role, found.crew) == ("crew", "C7")
    assert book.bearer(token, NOON + timedelta(hours=8)) is None
    assert book.bearer(token + "x", NOON) is None
    assert token not in str(book.store.rows(tokens))
    book.revoke("phone of crew 7")
    assert book.bearer(token, NOON) is None


def test_a_guess_at_a_persons_password_costs_what_it_should(cheap_passwords: int | None) -> None:
    assert cheap_passwords == 2**14
    assert hashed("a long enough one").startswith("scrypt$16$8$1$")

"""Who gets in, who does not, and what an attacker learns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dispatch.store import StoreError, open_store
from dispatch.store.accounts import LOCKED, Accounts
from dispatch.store.tables import accounts, tokens

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


def test_five_failures_lock_an_account_for_a_while(book: Accounts) -> None:
    for _ in range(5):
        book.verify("ana", "wrong", NOON)
    assert book.verify("ana", RIGHT, NOON + LOCKED / 2) is None
    assert book.verify("ana", RIGHT, NOON + LOCKED + timedelta(seconds=1)) is not None


def test_a_success_forgets_earlier_failures(book: Accounts) -> None:
    for _ in range(3):
        for _ in range(4):
            book.verify("ana", "wrong", NOON)
        assert book.verify("ana", RIGHT, NOON) is not None


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

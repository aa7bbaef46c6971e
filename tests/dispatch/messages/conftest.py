"""Receivers and an empty outbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.store import Store
from tests.dispatch.messages.receivers import MailServer, WebAddress
from tests.prepared import empty_store


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/day.sqlite"


@pytest.fixture
def store(url: str, tmp_path: Path) -> Store:
    """An empty database, at the address that other processes open too."""
    return empty_store(tmp_path / "day.sqlite")


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()


@pytest.fixture
def web_address() -> Iterator[WebAddress]:
    server = WebAddress()
    yield server
    server.close()

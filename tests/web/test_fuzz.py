"""Every route of the API's document, asked what its schema allows and what it does not, by every role."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

pytest.importorskip("schemathesis", reason="schemathesis is not installed (pip install 'gridcrew[test]')")

from benchmarks.fuzz import fuzz, fuzz_app
from dispatch.store.accounts import TOKEN_ROLES

EXAMPLES = 2
MOST_S = 60.0


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, dict[str, str]]]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    app, tokens = fuzz_app(folder, f"sqlite:///{folder}/day.sqlite")
    yield app, tokens
    app.extensions["gridcrew_desk"].store.close()


@pytest.mark.parametrize("role", TOKEN_ROLES)
def test_no_answer_is_a_fault_of_ours(room: tuple[Flask, dict[str, str]], role: str) -> None:
    app, tokens = room
    seen, failures = fuzz(app, tokens[role], examples=EXAMPLES, number=1, until_s=time.monotonic() + MOST_S)
    assert failures == []
    assert sum(seen.values()) > 50

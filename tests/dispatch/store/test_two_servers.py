"""Two servers on one database: either may be killed, and the day goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.store import open_store
from tests.small_case import write_small_case
from tests.web.served import Served, let_in, until

QUICK = ("--time-limit", "1")


@pytest.fixture
def servers(url: str, kind: str, tmp_path: Path) -> Iterator[list[Served]]:
    if kind == "sqlite":
        pytest.skip("one server alone uses a SQLite file")
    token = let_in(url)
    made = [Served(tmp_path / name, url, QUICK, token) for name in ("one", "two")]
    yield made
    for each in made:
        each.end(signal.SIGKILL)


def leads(server: Served) -> bool:
    return bool(server.ask("/readyz", token="")[1]["leads"])


def log(server: Served, words: str) -> str:
    status, told = server.ask("/api/v1/requests", {"words": words, "customer": "C11"})
    assert status == 201
    return str(told["id"])


def requests_of(server: Served) -> set[str]:
    told = server.ask("/api/v1/requests?which=all&most=200")[1]
    return {each["id"] for each in told["requests"]}


def proposal_of(server: Served) -> int:
    return int(server.ask("/api/v1/state")[1]["proposal"] or 0)


def test_the_leader_is_killed_and_the_other_server_goes_on_planning(servers: list[Served], url: str) -> None:
    assert until(lambda: any(map(leads, servers)))
    first, second = sorted(servers, key=lambda each: not leads(each))
    assert not leads(second)
    logged = {log(first, "the street is dark"), log(second, "sparks from the pole")}
    # What is written by one is seen on the other, and the plan of the one that leads on both.
    assert until(lambda: logged <= requests_of(first) and logged <= requests_of(second))
    assert until(lambda: proposal_of(first), 120)
    assert until(lambda: proposal_of(second) == proposal_of(first))
    known = proposal_of(second)

    first.end(signal.SIGKILL)
    killed_s = time.monotonic()
    assert second.ask("/api/v1/state")[0] == 200
    assert until(lambda: leads(second), 10)
    logged.add(log(second, "no light at the bakery"))
    assert logged <= requests_of(second)
    assert time.monotonic() - killed_s < 10
    assert until(lambda: proposal_of(second) > known, 120)

    store = open_store(url)
    assert store.differing() == []
    store.close()


def test_who_follows_may_be_killed_and_comes_back(servers: list[Served], url: str, tmp_path: Path) -> None:
    assert until(lambda: any(map(leads, servers)))
    first, second = sorted(servers, key=lambda each: not leads(each))
    logged = {log(second, "the street is dark")}
    second.end(signal.SIGKILL)
    logged.add(log(first, "sparks from the pole"))
    assert leads(first)
    servers.append(Served(tmp_path / "three", url, QUICK, first.token))
    assert logged <= requests_of(servers[-1])
    # One that is stopped in good order hands over at once.
    assert first.end() == 0
    assert until(lambda: leads(servers[-1]), 10)


def test_a_second_server_on_a_sqlite_file_says_why_it_does_not_start(tmp_path: Path) -> None:
    one = Served(tmp_path)
    words = ["serve", str(write_small_case(tmp_path / "other")), "--database", one.url, "--port", "0"]
    told = subprocess.run(
        [sys.executable, "-m", "dispatch.cli", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 2
    assert "another gridcrew server uses it" in told.stderr
    assert "Traceback" not in told.stderr
    one.end(signal.SIGKILL)
    again = Served(tmp_path, one.url, token=one.token)
    assert again.ask("/healthz", token="")[0] == 200
    again.end(signal.SIGKILL)

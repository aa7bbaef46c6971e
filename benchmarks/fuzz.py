"""Ask every route of the API's document what its schema allows and what it does not, as every role.

    python benchmarks/fuzz.py                 # ten minutes over all roles
    python benchmarks/fuzz.py --minutes 1 --roles crew,intake --database postgresql+psycopg://...

An answer of 500 or more is a failure. schemathesis makes the requests out of `/api/v1/openapi.json`;
the same seed makes the same ones.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.generation import GenerationMode

from dispatch.intake import load_case
from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store import open_store
from dispatch.store.accounts import TOKEN_ROLES, Accounts
from tests.small_case import write_small_case
from web.app import create_app

# A stream has no end.
ENDLESS = frozenset({"/api/v1/events"})


def fuzz_app(folder: Path, database: str) -> tuple[Flask, dict[str, str]]:
    """A room of the small case with a plan in force, and a token for each role."""
    case_folder = write_small_case(folder / "case")
    case, store = load_case(case_folder), open_store(database)
    options = RoomOptions(budget=Budget(work=50))
    app = create_app(open_room(case, store, lambda: case.settings.now, options).desk)
    app.config.update(RATE_LIMITS=False, CASE_FOLDER=case_folder)
    book = Accounts(store)
    tokens = {
        role: book.issue_token(f"fuzz {role}", role, crew="crew-1" if role == "crew" else None)
        for role in TOKEN_ROLES
    }
    client, who = app.test_client(), {"Authorization": f"Bearer {tokens['dispatcher']}"}
    client.post("/api/v1/plans/proposal", headers=who)
    client.post("/api/v1/plans/1/publish", json={}, headers=who)
    return app, tokens


def fuzz(
    app: Flask, token: str, *, examples: int, number: int, until_s: float
) -> tuple[Counter[int], list[str]]:
    """Ask every route; how often each status was answered, and each failure as a line.

    Parameters
    ----------
    examples : requests of a route.
    number : the seed.
    until_s : by `time.monotonic`, when no further route is begun.
    """
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    schema.config.generation.update(modes=list(GenerationMode))
    seen: Counter[int] = Counter()
    failures: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in ENDLESS or time.monotonic() > until_s:
            continue
        for line in _of_route(operation, token, examples, number, seen):
            failures.append(line)
    return seen, failures


def _of_route(operation: Any, token: str, examples: int, number: int, seen: Counter[int]) -> Iterable[str]:
    failed: dict[str, None] = {}

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        seen[answer.status_code] += 1
        if answer.status_code >= 500:
            failed[
                f"{operation.method.upper()} {operation.path}: {answer.status_code} {case.as_curl_command()}"
            ] = None

    ask()
    return list(failed)


def main() -> int:
    """Fuzz for some minutes; 1 when something failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="default 10")
    parser.add_argument("--roles", default=",".join(TOKEN_ROLES), help="default all")
    parser.add_argument("--database", help="an empty one; default SQLite in a temporary folder")
    parser.add_argument("--seed", type=int, default=1)
    given_ = parser.parse_args()
    logging.disable(logging.CRITICAL)
    roles = given_.roles.split(",")
    with tempfile.TemporaryDirectory(prefix="gridcrew-fuzz-") as folder:
        app, tokens = fuzz_app(Path(folder), given_.database or f"sqlite:///{folder}/day.sqlite")
        ends_s, number, failures = time.monotonic() + 60 * given_.minutes, given_.seed, 0
        while time.monotonic() < ends_s:
            for at, role in enumerate(roles):
                share_s = (ends_s - time.monotonic()) / (len(roles) - at)
                seen, failed = fuzz(
                    app, tokens[role], examples=10, number=number, until_s=time.monotonic() + share_s
                )
                told = ", ".join(f"{status}: {count}" for status, count in sorted(seen.items()))
                print(f"seed {number} {role}: {told}; {len(failed)} failures", flush=True)
                for line in failed:
                    print(f"  {line[:600]}", flush=True)
                failures += len(failed)
            number += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

"""What people say of a call's kind is kept for the owner of the rules, as cases to try the rules with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.live import Desk
from dispatch.live.book import Who
from dispatch.live.entries import Entry
from dispatch.rulebook.corrections import cases_of, corrections
from dispatch.store.accounts import Accounts
from rules.checks.cases import load_cases, run_cases
from tests.prepared import empty_store
from tests.web.small_room import small_desk
from web.app import create_app

OWN = "a long enough one"
DAN = Who(name="dan")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    store = empty_store(tmp_path / "day.sqlite")
    for name, role in (("pia", "planner"), ("dan", "dispatcher")):
        Accounts(store).add(name, role, OWN)
    return small_desk(store)


def log(desk: Desk, words: str, kind: str | None, **more: object) -> str:
    entry = Entry(words=words, channel="phone", kind=kind, received_at=desk.clock(), **more)  # type: ignore[arg-type]
    return desk.calls.log(entry, DAN).id


def test_what_a_person_said_otherwise_is_listed_and_danger_comes_first(desk: Desk) -> None:
    log(desk, "the meter whistles a tune", "metering")
    log(desk, "the meter  whistles a tune", "metering")
    log(desk, "the thing on the corner looks odd", "hazard")
    log(desk, "no power in the whole street", "outage")
    log(desk, "good morning", None)
    found = corrections(desk.store, desk.policies.in_force(), desk.clock())
    assert [(each.meant, each.count) for each in found][:1] == [("hazard", 1)]
    assert all(each.heard != each.meant for each in found)
    assert "no power in the whole street" not in {each.words for each in found}


def test_older_than_a_season_is_left_out(desk: Desk) -> None:
    log(desk, "the thing on the corner looks odd", "hazard")
    later = desk.clock() + timedelta(days=91)
    assert corrections(desk.store, desk.policies.in_force(), later) == ()


def test_the_cases_fail_under_the_policy_that_was_corrected(desk: Desk, tmp_path: Path) -> None:
    log(desk, "the thing on the corner: looks 'odd'\n- so it is", "hazard")
    policy = desk.policies.in_force()
    file = tmp_path / "mine.cases.yaml"
    file.write_text(cases_of(corrections(desk.store, policy, desk.clock())), encoding="utf-8")
    cases = load_cases(file, policy)
    assert len(cases) == len(run_cases(policy, cases)) == 1


def test_the_page_hides_telephone_numbers_from_a_planner(desk: Desk) -> None:
    log(desk, "the thing on the corner looks odd, call 0912345678", "hazard")
    app = create_app(desk)
    app.config["WTF_CSRF_ENABLED"] = False
    seen = {}
    for name in ("pia", "dan"):
        client = app.test_client()
        client.post("/sign-in", data={"name": name, "password": OWN, "next": "/"})
        page = client.get("/rulebook/corrections").get_data(as_text=True)
        file = client.get("/rulebook/corrections/cases.yaml").get_data(as_text=True)
        assert "looks odd" in page
        assert "looks odd" in file
        seen[name] = ("0912345678" in page, "0912345678" in file)
    assert seen == {"pia": (False, False), "dan": (True, True)}

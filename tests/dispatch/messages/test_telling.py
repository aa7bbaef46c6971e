"""Who is told what: in the event's own transaction, once, and again only when it changes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.errors import DispatchError, InputFaults
from dispatch.intake import load_case
from dispatch.live import Desk, Entry, Refused, Who, answer_callback, due_callbacks
from dispatch.live.desk import Budget
from dispatch.messages import NoticeTooShort, Teller, announce, load_templates
from dispatch.messages.templates import FOLDER, PLACES
from dispatch.store import Store
from dispatch.store.outbox import Letter, letters
from tests.small_case import write_small_case

ANA = Who(name="ana")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_case(write_small_case(tmp_path_factory.mktemp("case")))


@pytest.fixture
def desk(case: Any, store: Store) -> Desk:
    desk = Desk(case, store, lambda: case.settings.now, Budget(work=100))
    teller = Teller(case, load_templates("en"), desk.plan, desk.day, supervisors=["boss@utility.example"])
    store.hearers.append(teller.hear)
    return desk


def kinds(store: Store) -> Counter[str]:
    return Counter(letter.key.split("/")[0] for letter in letters(store))


def restored(desk: Desk) -> str:
    """Have the first outage with callers repaired; returns its order."""
    day = desk.day()
    order = next(each for each in day.orders if each.outage and each.requests)
    job = next(id_ for id_, card in day.cards.items() if card.order == order.id and id_.endswith("/repair"))
    desk.report(job, "on_site", ANA, crew="crew-1")
    desk.report(job, "done", ANA, crew="crew-1")
    return order.id


def published(desk: Desk) -> None:
    desk.propose(ANA)
    number = desk.plan_number("proposed")
    assert number is not None
    desk.publish(number, ANA)


def test_a_call_is_confirmed_to_the_caller_once(desk: Desk, store: Store, case: Any) -> None:
    entry = Entry(words="no light", received_at=case.settings.now, customer="C05")
    for _ in range(2):
        desk.log(entry, ANA, key="hotline/1")
    assert [(each.recipient, each.channel) for each in letters(store)] == [("+56 51 200 0005", "webhook")]


def test_everybody_without_light_hears_an_estimate_once(desk: Desk, store: Store) -> None:
    published(desk)
    assert kinds(store)["etr"] == 0, "nobody has seen the faults yet"
    for order in desk.rows("orders"):
        desk.note("order_told", order["id"], {"cause": "tree"}, ANA)
    published(desk)
    told = [letter for letter in letters(store) if letter.key.startswith("etr/")]
    assert told
    assert len({(each.key.split("/")[1], each.recipient) for each in told}) == len(told)
    published(desk)
    again = [letter for letter in letters(store) if letter.key.startswith("etr/")]
    assert again == told


def test_an_event_that_is_not_written_tells_nobody(desk: Desk, store: Store, case: Any) -> None:
    def fall(*_: object) -> None:
        raise RuntimeError("power cut")

    store.hearers.append(fall)
    before = store.last_seq()
    with pytest.raises(RuntimeError):
        desk.log(Entry(words="no light", received_at=case.settings.now, customer="C05"), ANA)
    assert store.last_seq() == before
    assert letters(store) == []


def test_who_called_is_asked_and_a_no_opens_the_order_again(desk: Desk, store: Store) -> None:
    published(desk)
    order = restored(desk)
    asked = [row for row in due_callbacks(desk) if row["order_id"] == order]
    assert asked
    assert kinds(store)["callback"] + kinds(store)["restored"] > 0
    answer_callback(desk, asked[0]["request"], "no", ANA, "still dark")
    state = next(row for row in desk.rows("orders") if row["id"] == order)
    assert state["state"] == "accepted"
    assert store.stored() == store.rebuilt()


def test_when_all_say_yes_the_order_has_ended(desk: Desk) -> None:
    published(desk)
    order = restored(desk)
    for row in due_callbacks(desk):
        answer_callback(desk, row["request"], "yes", ANA)
    assert next(row for row in desk.rows("orders") if row["id"] == order)["state"] == "callback_done"
    assert due_callbacks(desk) == []
    with pytest.raises(Refused):
        answer_callback(desk, "R-none", "yes", ANA)


def test_a_planned_outage_is_announced_in_time_or_not_at_all(desk: Desk, store: Store, case: Any) -> None:
    begins = case.settings.now + timedelta(days=8)
    ends = begins + timedelta(hours=3)
    assert announce(desk, "W-1", ["T1"], begins, ends, "new pole", ANA)
    assert not announce(desk, "W-1", ["T1"], begins, ends, "new pole", ANA)
    assert kinds(store) == {"planned": 3}
    assert "new pole" in letters(store)[0].text
    soon = case.settings.now + timedelta(days=6)
    with pytest.raises(NoticeTooShort):
        announce(desk, "W-2", ["T1"], soon, soon + timedelta(hours=1), "x", ANA)
    with pytest.raises(DispatchError, match="T9"):
        announce(desk, "W-3", ["T9"], begins, ends, "x", ANA)


def test_a_supervisor_hears_of_a_promise_at_risk_once(desk: Desk, store: Store) -> None:
    published(desk)
    published(desk)
    risks = [letter for letter in letters(store) if letter.key.startswith("promise/")]
    assert len(risks) == len({letter.key for letter in risks})
    assert {letter.recipient for letter in risks} <= {"boss@utility.example"}
    assert all(isinstance(letter, Letter) and letter.channel == "smtp" for letter in risks)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_kind_can_be_written_in_both_languages(language: str) -> None:
    templates = load_templates(language)
    for kind, places in PLACES.items():
        subject, text = templates.write(kind, **dict.fromkeys(places, "7"))
        assert "{" not in subject + text


def test_both_languages_use_the_same_places() -> None:
    english, chinese = load_templates("en"), load_templates("zh")
    for kind, places in PLACES.items():
        marks = {place: f"<{place}>" for place in places}
        said = ["".join(each.write(kind, **marks)) for each in (english, chinese)]
        assert [{place for place in places if f"<{place}>" in text} for text in said] == [set(places)] * 2


def test_all_faults_of_a_template_file_are_named(tmp_path: Path) -> None:
    text = (FOLDER / "en.yaml").read_text(encoding="utf-8")
    text = text.replace("{until}", "{untill}").replace("received:", "recieved:")
    (tmp_path / "en.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        load_templates("en", tmp_path)
    said = str(caught.value)
    assert "did you mean 'until'" in said
    assert "did you mean 'received'" in said

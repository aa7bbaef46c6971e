"""Who is told what: in the event's own transaction, once, and again only when it changes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.ground.errors import DispatchError, InputFaults
from dispatch.live import Budget, Desk, Entry, Refused, Who, answer_callback, due_callbacks
from dispatch.messages.announcing import NoticeTooShort, announce
from dispatch.messages.contacts import ROLES, load_contacts
from dispatch.messages.setting_up import teller_for
from dispatch.messages.telling import Teller
from dispatch.messages.templates import FOLDER, PLACES, load_templates
from dispatch.store import Event, Store, record
from dispatch.store.outbox import Letter, letters, put
from tests.prepared import small_case

ANA = Who(name="ana")
SUPERVISOR, MANAGER = "supervisor@utility.example", "customer_manager@utility.example"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small_case()


@pytest.fixture
def desk(case: Any, store: Store) -> Desk:
    desk = Desk(case, store, lambda: case.settings.now, Budget(work=100))
    contacts = {role: (f"{role}@utility.example",) for role in ROLES}
    teller = Teller(case, load_templates("en"), desk.plan, desk.day, contacts=contacts)
    store.hearers.append(teller.hear)
    return desk


def kinds(store: Store) -> Counter[str]:
    return Counter(letter.key.split("/")[0] for letter in letters(store))


def restored(desk: Desk) -> str:
    """Have the first outage with callers repaired; returns its order."""
    day = desk.day()
    order = next(each for each in day.orders if each.outage and each.requests)
    job = next(id_ for id_, card in day.cards.items() if card.order == order.id and id_.endswith("/repair"))
    desk.work.report(job, "on_site", ANA, crew="crew-1")
    desk.work.report(job, "done", ANA, crew="crew-1")
    return order.id


def published(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    number = desk.plan_number("proposed")
    assert number is not None
    desk.shelf.publish(number, ANA)


def test_a_call_is_confirmed_to_the_caller_once(desk: Desk, store: Store, case: Any) -> None:
    entry = Entry(words="no light", received_at=case.settings.now, customer="C05")
    for _ in range(2):
        desk.calls.log(entry, ANA, key="hotline/1")
    assert [(each.recipient, each.channel) for each in letters(store)] == [("+56 51 200 0005", "webhook")]


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        ("no light in the house", None, "when to expect supply back"),
        ("a wire is lying on the road", None, "Stay well away"),
        ("I want to complain, your crew was rude", None, "complaint"),
        ("how do I pay my bill", None, "If it asks for an answer"),
        ("the meter runs too fast", None, "what happens next"),
        ("xqzt brfl", None, "One of our staff reads it"),
        ("xqzt brfl", "outage", "when to expect supply back"),
    ],
)
def test_what_is_confirmed_fits_the_kind_of_request(
    desk: Desk, store: Store, case: Any, words: str, kind: str | None, told: str
) -> None:
    desk.calls.log(Entry(words=words, received_at=case.settings.now, customer="C05", kind=kind), ANA)
    confirmed = [each.text for each in letters(store) if each.key.startswith("received/")]
    assert len(confirmed) == 1
    assert told in confirmed[0]
    assert (told == "when to expect supply back") == ("supply back" in confirmed[0])


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
    entry = Entry(words="no light", received_at=case.settings.now, customer="C05")
    happened = desk.book.event(ANA, "request_logged", "R000901", entry.to_data())
    before = store.last_seq()

    def write_and_fall() -> None:
        with store.writing() as connection:
            record(connection, happened)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_and_fall()
    assert store.last_seq() == before
    assert letters(store) == []


def test_a_teller_that_fails_takes_back_its_own_words_and_nothing_of_the_change(
    desk: Desk, store: Store, case: Any
) -> None:
    def fall(connection: Any, event: Event) -> None:
        if event.kind == "request_logged":
            letter = Letter(key="half", channel="smtp", recipient="a@b", subject="", text="")
            put(connection, event.seq or 0, [letter], event.at)
            raise RuntimeError("no such template")

    store.hearers.append(fall)
    logged = desk.calls.log(Entry(words="no light", received_at=case.settings.now, customer="C05"), ANA)
    assert any(row["id"] == logged.id for row in desk.rows("requests"))
    assert not [letter for letter in letters(store) if letter.key == "half"]
    untold = [event for event in store.events_after(0) if event.data.get("what") == "untold"]
    assert [(event.subject, event.data["kind"]) for event in untold] == [(logged.id, "request_logged")]
    assert store.differing() == []


def test_who_called_is_asked_and_a_no_opens_the_order_again(desk: Desk, store: Store) -> None:
    published(desk)
    order = restored(desk)
    asked = [row for row in due_callbacks(desk) if row["order_id"] == order]
    assert asked
    assert kinds(store)["callback"] + kinds(store)["restored"] > 0
    answer_callback(desk, asked[0]["request"], "no", ANA, "still dark")
    state = next(row for row in desk.rows("orders") if row["id"] == order)
    assert state["state"] == "accepted"
    assert store.differing() == []


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
    # The clinic's manager hears of the clinic's promise too.
    assert {letter.recipient for letter in risks} == {SUPERVISOR, MANAGER}
    assert all(isinstance(letter, Letter) and letter.channel == "smtp" for letter in risks)


def test_an_important_customer_gets_a_notice_of_its_own(desk: Desk, store: Store, case: Any) -> None:
    begins = case.settings.now + timedelta(days=8)
    announce(desk, "W-1", ["T3"], begins, begins + timedelta(hours=3), "new pole", ANA)
    assert kinds(store) == {"planned": 3}
    by_name = {letter.recipient: letter for letter in letters(store)}
    clinic, neighbour = by_name["+56 51 200 0006"], by_name["+56 51 200 0007"]
    assert "South Clinic, an important customer" in clinic.text
    assert "make sure that your own supply is ready" in clinic.text
    assert "important" not in neighbour.text
    assert "ten service commitments, art. 2" in neighbour.text


def test_a_temporary_outage_has_the_notice_that_the_policy_gives_it(
    desk: Desk, store: Store, case: Any
) -> None:
    soon, sooner = (case.settings.now + timedelta(hours=hours) for hours in (30, 20))
    with pytest.raises(NoticeTooShort) as usual:
        announce(desk, "W-1", ["T3"], soon, soon + timedelta(hours=1), "x", ANA)
    assert "second: 168 h" in str(usual.value)
    assert "ordinary: 168 h" in str(usual.value)
    with pytest.raises(NoticeTooShort) as urgent:
        announce(desk, "W-1", ["T3"], sooner, sooner + timedelta(hours=1), "x", ANA, urgent=True)
    # The commitments name the important customers alone where an outage is temporary.
    assert "second: 24 h" in str(urgent.value)
    assert "ordinary" not in str(urgent.value)
    assert letters(store) == []
    assert announce(desk, "W-1", ["T3"], soon, soon + timedelta(hours=1), "x", ANA, urgent=True)
    assert [each.key for each in letters(store) if each.key.startswith("planned/W-1/")]


def test_a_chinese_notice_names_its_rule_in_chinese(desk: Desk, store: Store, case: Any) -> None:
    teller = Teller(case, load_templates("zh"), desk.plan, desk.day)
    store.hearers[:] = [teller.hear]
    begins = case.settings.now + timedelta(hours=30)
    announce(desk, "W-1", ["T3"], begins, begins + timedelta(hours=1), "更换电杆", ANA, urgent=True)
    said = "".join(each.text for each in letters(store))
    assert "“十项承诺”第2条" in said
    assert "commitments" not in said


def test_whom_the_policy_names_hears_of_an_order_once(desk: Desk, store: Store) -> None:
    published(desk)
    published(desk)
    told = {
        (each.key.split("/")[1], each.recipient) for each in letters(store) if each.key.startswith("alert/")
    }
    expected = {
        (order.id, f"{role}@utility.example")
        for order in desk.day().orders
        for role in order.decision.outcome.get("notify") or ()
        if role in ROLES
    }
    assert told == expected
    assert {recipient for _, recipient in told} >= {
        "supervisor@utility.example",
        "customer_manager@utility.example",
    }
    assert len([each for each in letters(store) if each.key.startswith("alert/")]) == len(expected)


def test_the_fourth_call_of_a_day_reaches_the_supervisor(desk: Desk, store: Store, case: Any) -> None:
    for nr in range(5):
        at = case.settings.now + timedelta(minutes=nr)
        desk.calls.log(Entry(words=f"call {nr}", received_at=at, customer="C05"), ANA)
    told = [each for each in letters(store) if each.key.startswith("repeated/")]
    assert [each.recipient for each in told] == [SUPERVISOR] * 2
    assert "Elm Bakery has called 4 times" in told[0].text


def test_a_utility_puts_its_own_words_and_people(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_text('received: {subject: "Ours {request}", text: "At {time}."}\n')
    (tmp_path / "contacts.yaml").write_text(
        "supervisor: [boss@u.example, +56 9 12]\nmedia_desk: press@u.example\n"
    )
    teller = teller_for(desk, tmp_path, supervisors=["boss@u.example", "deputy@u.example"])
    assert teller.templates.write("received", request="R1", time="now") == ("Ours R1", "At now.")
    assert teller.templates.write("restored", address="x", time="y") == load_templates("en").write(
        "restored", address="x", time="y"
    )
    assert teller.contacts["supervisor"] == ("boss@u.example", "+56 9 12", "deputy@u.example")


def test_every_fault_of_a_utilitys_folder_is_named_at_once(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_text(
        'etr: {subject: "{untill}", text: "{since!r} {until:>9}"}\netrr: {subject: a, text: b}\n'
    )
    (tmp_path / "contacts.yaml").write_text("boss: a@b.example\nsupervisor: [nobody, 'x@y z', true]\n")
    with pytest.raises(InputFaults) as caught:
        teller_for(desk, tmp_path)
    said = str(caught.value)
    for expected in (
        "unknown place {untill}; did you mean 'until'",
        "a name in braces and nothing else",
        "did you mean 'etr'",
        "boss: unknown role",
        "'nobody' is neither",
        "'x@y z' is neither",
        "True is neither",
    ):
        assert expected in said
    with pytest.raises(DispatchError, match="no folder"):
        teller_for(desk, tmp_path / "missing")
    assert load_contacts(tmp_path.parent) == {}


def test_a_link_goes_to_who_called(case: Any, store: Store) -> None:
    desk = Desk(case, store, lambda: case.settings.now, Budget(work=100))
    teller = teller_for(desk, reply=lambda request: f"https://u.example/reply/{request}.mark")
    store.hearers.append(teller.hear)
    published(desk)
    restored(desk)
    asked = [each for each in letters(store) if each.key.startswith("callback/")]
    assert asked
    assert all(f"/reply/{each.key.split('/')[1]}.mark" in each.text for each in asked)


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

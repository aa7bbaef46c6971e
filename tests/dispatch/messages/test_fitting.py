"""A text as its reader wants it: language, way, not at night, not twice, not at all; signed; of one kind."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Entry, Refused, Who
from dispatch.live.callbacks import answer_by_text
from dispatch.live.request_changes import change_request
from dispatch.messages.house import House, load_house
from dispatch.messages.setting_up import teller_for
from dispatch.store import Store
from dispatch.store.outbox import Letter, letters, put, told_to
from dispatch.store.wishes import Wish, mark_of
from tests.prepared import small_case
from tests.small_case import write_small_case

ANA = Who(name="ana")
ZONE = ZoneInfo("America/Santiago")
HOUSE = 'utility: 示范供电公司\nnumber: "95598"\n'


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small_case()


@pytest.fixture
def desk(case: Any, store: Store, tmp_path: Path) -> Desk:
    folder = tmp_path / "messages"
    folder.mkdir()
    (folder / "house.yaml").write_text(HOUSE, encoding="utf-8")
    desk = Desk(case, store, lambda: case.settings.now, Budget(work=100))
    store.hearers.append(teller_for(desk, folder).hear)
    return desk


def call(desk: Desk, words: str = "no light", customer: str = "C05", **told: Any) -> str:
    return desk.calls.log(Entry(words=words, received_at=desk.clock(), customer=customer, **told), ANA).id


def last(store: Store) -> Letter:
    return letters(store)[-1]


def test_a_text_says_who_writes_in_the_customer_s_language(desk: Desk, store: Store) -> None:
    call(desk)
    assert last(store).text.endswith(" 示范供电公司, 95598.")
    desk.service.texts.set("C05", Wish(language="zh"), ANA)
    call(desk)
    assert last(store).text.startswith("【示范供电公司】您于")
    assert last(store).text.endswith("客服电话95598。")


def test_who_wants_nothing_is_told_of_danger_alone(desk: Desk, store: Store) -> None:
    call(desk)
    assert answer_by_text(desk, "0051 200 0005", "退订") is None
    before = len(letters(store))
    call(desk)
    assert len(letters(store)) == before
    call(desk, "a wire is lying on the road")
    assert "Stay well away" in last(store).text
    answer_by_text(desk, "+56 51 200 0005", "START")
    call(desk)
    assert len(letters(store)) == before + 2
    assert store.differing() == []


def test_who_wants_to_be_rung_is_handed_to_the_voice_gateway(desk: Desk, store: Store) -> None:
    desk.service.texts.set("C05", Wish(way="voice"), ANA)
    call(desk)
    assert last(store).channel == "voice"


def test_a_customer_without_a_number_is_a_sentence(store: Store, tmp_path: Path) -> None:
    folder = write_small_case(tmp_path / "case")
    customers = folder / "customers.csv"
    customers.write_text(customers.read_text("utf-8").replace("+56 51 200 0008", ""), "utf-8")
    case = load_case(folder)
    desk = Desk(case, store, lambda: case.settings.now, Budget(work=100))
    with pytest.raises(Refused, match="customer 'C08' has no telephone number"):
        desk.service.texts.set("C08", Wish(stopped=True), ANA)
    with pytest.raises(Refused, match="no customer 'C99'"):
        desk.service.texts.contact("C99")


def test_the_journal_holds_no_number(desk: Desk, store: Store) -> None:
    desk.service.texts.set("C05", Wish(stopped=True), ANA)
    (event,) = [each for each in store.events_after(0) if each.kind == "preference_changed"]
    assert event.subject == mark_of("005651 200 00 05") == mark_of("+56 51 200 0005")
    assert "2000005" not in str(event)


@pytest.mark.parametrize(
    ("hour", "until"), [(12, None), (21, None), (22, 7), (23, 7), (2, 7), (6, 7), (7, None)]
)
def test_nobody_is_woken_for_what_can_wait(hour: int, until: int | None) -> None:
    at = datetime(2026, 7, 14, hour, 30, tzinfo=ZONE)
    awake = House().awake(at, ZONE)
    if until is None:
        assert awake == at
    else:
        assert awake.hour == until
        assert timedelta(0) < awake - at < timedelta(hours=10)


def test_what_was_overtaken_by_morning_is_never_sent(store: Store) -> None:
    night = datetime(2026, 7, 14, 23, 0, tzinfo=ZONE)
    morning = House().awake(night, ZONE)
    told = {"channel": "webhook", "recipient": "+56 1", "subject": "s"}
    first = Letter(key="etr/O1/x/1", text="by two", due_at=morning, replaces="etr/O1/x/", **told)  # type: ignore[arg-type]
    second = Letter(key="etr/O1/x/2", text="by four", due_at=morning, replaces="etr/O1/x/", **told)  # type: ignore[arg-type]
    other = Letter(key="etr/O2/x/1", text="other", due_at=morning, replaces="etr/O2/x/", **told)  # type: ignore[arg-type]
    with store.writing() as connection:
        put(connection, _event(store, connection), [first, other], night)
        put(connection, _event(store, connection), [second], night + timedelta(hours=1))
    assert [each["text"] for each in told_to(store, "+56 1")] == ["by four", "other"]


def _event(store: Store, connection: Any) -> int:
    from dispatch.store import Event, record

    at = datetime(2026, 7, 14, 23, 0, tzinfo=ZONE)
    return record(connection, Event(at=at, actor="a", source="board", kind="noted", subject="x"))


def test_a_complaint_gets_texts_of_complaints_alone(desk: Desk, store: Store) -> None:
    id_ = call(desk, "I complain about your crew")
    assert "complaint" in last(store).text
    desk.service.look()
    told = {"text": "We are sorry.", "category": "service", "cause": "crew", "upheld": "yes"}
    desk.service.complaints.act(f"K-{id_}", "answer", ANA, seen=1, **told)
    assert "About your complaint" in last(store).text
    assert "We are sorry." in last(store).text
    assert not any("power" in each.text or "Supply" in each.text for each in letters(store))


def test_who_took_a_request_back_is_told_so(desk: Desk, store: Store) -> None:
    id_ = call(desk)
    change_request(desk, id_, {"withdrawn": True}, ANA, seen=1, reason="works again")
    assert "was withdrawn" in last(store).text


@pytest.mark.parametrize(
    ("text", "said"),
    [("nummer: 1\n", "is unknown"), ("quiet_from: late\n", "must be a time"), ("utility: ''\n", "is empty")],
)
def test_every_fault_of_the_house_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "house.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputFaults, match=said):
        load_house(tmp_path)


def test_a_house_without_a_night_has_no_quiet_hours(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text("quiet_from: '00:00'\nquiet_to: '00:00'\n", encoding="utf-8")
    house = load_house(tmp_path)
    assert (house.quiet_from, house.utility) == (time(0, 0), None)
    night = datetime(2026, 7, 14, 2, 30, tzinfo=ZONE)
    assert house.awake(night, ZONE) == night

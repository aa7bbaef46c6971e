"""Two servers on one database look at the same proposal at once: what the rules send goes out once."""

from __future__ import annotations

import threading
from pathlib import Path

from dispatch.intake import load_case
from dispatch.live import Budget, Entry, Who
from dispatch.live.book import PLANNER
from dispatch.room import RoomOptions, open_room
from dispatch.store import open_store
from tests.small_case import write_small_case

SUP = Who(name="sup")


def test_two_servers_that_look_at_once_send_each_order_once(url: str, tmp_path: Path) -> None:
    case = load_case(write_small_case(tmp_path / "case"))
    options = RoomOptions(budget=Budget(work=100))
    rooms = [open_room(case, open_store(url), lambda: case.settings.now, options) for _ in range(2)]
    one, other = (room.desk for room in rooms)
    one.shelf.propose(SUP)
    one.shelf.publish(one.plan_number("proposed") or 0, SUP)
    one.service.unattended.switch_on("night", SUP)
    for customer in ("C04", "C11", "C12"):
        entry = Entry(words="the meter", received_at=one.clock(), customer=customer, kind="metering")
        one.calls.log(entry, SUP)
    one.shelf.propose(PLANNER)
    for room in rooms:
        room.desk.store.told()
    gate = threading.Barrier(2)
    failed: list[BaseException] = []

    def look(desk: object) -> None:
        gate.wait()
        try:
            desk.service.unattended.look()  # type: ignore[attr-defined]
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=look, args=(desk,)) for desk in (one, other)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    # A second look of the one that came second finds nothing left to do.
    other.store.told()
    other.service.unattended.look()
    happened = list(one.store.events_after(0, 10_000))
    sent = [event for event in happened if event.data.get("to") == "dispatched"]
    new = [event.subject for event in sent if event.subject.startswith("W-R0000")]
    assert sorted(new) == sorted(set(new))
    assert new
    assert sum("unattended" in event.data for event in happened if event.kind == "plan_published") == 1
    assert failed == []
    assert one.store.differing() == []
    for room in rooms:
        room.desk.store.close()

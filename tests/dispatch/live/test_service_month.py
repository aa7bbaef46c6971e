"""A day of the customer desk with all kinds, and the days until everything has ended: recounted."""

from __future__ import annotations

from pathlib import Path

from benchmarks.service_month import recount, room_of


def test_of_a_day_with_all_kinds_every_promise_has_an_owner_and_an_end(tmp_path: Path) -> None:
    month, store = room_of(tmp_path, f"sqlite:///{tmp_path}/day.sqlite", seed=2)
    month.live(2, grace=5)
    assert recount(store, month.desk) == []
    assert store.differing() == []
    assert {"time agreed", "plan published", "act: complaint", "callback"} <= month.done.keys()
    store.close()

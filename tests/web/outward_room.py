"""The room of a town with enough customers for the public, and secrets planted wherever text goes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from dispatch.ground.case import Sign
from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Who, hear_signs
from dispatch.outward.publishing import PublicSettings
from dispatch.room import Room, RoomOptions, open_room
from dispatch.store import Store
from tests.small_case import corner, write_small_case

ANA = Who(name="ana")
NAME, PHONE = "Zebedee Quux", "+56 9 8123 4567"
SECRETS = (NAME, "Zebedee", "Quux", "8123", "81234567", "4567", "<script>", "&lt;script&gt;")
MORE = 60


def write_town(folder: Path, more: int = MORE) -> Path:
    """The small case with many more customers; the first of them bears the planted name and number."""
    write_small_case(folder)
    lines = []
    for at in range(more):
        lon, lat = corner(at % 6, at % 5)
        name, phone = (f"{NAME} <script>", PHONE) if at == 0 else (f"Customer {at}", f"+56 9 7700 {at:04d}")
        told = f"P{at:03d},{name},{NAME} Street {at},{lon},{lat},T{1 + at % 5}"
        lines.append(f"{told},residential,0.22,1,,no,urban,{phone},")
    file = folder / "customers.csv"
    file.write_text(file.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def town(store: Store, folder: Path, **options: object) -> Room:
    """A room over the town with the public's page turned on; nothing runs by itself."""
    case = load_case(folder / "case" if (folder / "case").exists() else write_town(folder / "case"))
    chosen = RoomOptions(
        budget=Budget(work=100),
        secret_key="a secret that the tests know",
        public=PublicSettings(folder=folder / "public"),
        **options,  # type: ignore[arg-type]
    )
    return open_room(case, store, lambda: case.settings.now, chosen)


def trip(desk: Desk, device: str = "RC-1") -> None:
    """A device opens, a plan follows and is published."""
    at = desk.clock() - timedelta(minutes=7)
    hear_signs(desk, [Sign(kind="tripped", place=device, at=at)], Who(name="scada", source="api"))
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)


def look(room: Room, name: str = "public") -> None:
    """Let one duty take a turn now."""
    next(worker for worker in room.workers.workers if worker.name == name).turn()

"""Promises and estimates kept, week by week, in a form that nobody can make prettier afterwards.

A week is published once, two days after its end, and never written again. Its statement holds the figures,
the digests of the tables that they follow from, the seal of the journal that those were read out of, and the
digest of the statement before; it is signed. That it was published is written into the journal, whose seals
go on from there. Whoever has kept one statement can tell whether an earlier one was changed; whoever has the
journal can work every figure out again (`recomputed`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..etr.history import EtrRecord
from ..etr.records import EtrPast, etr_past
from ..live import Desk, Who
from ..promises.report import OUTCOMES, Record, promise_report, share, this_week
from ..store import Store
from ..store.scratch import upto
from .moments import utc_text
from .whole import put

WEEKS = 12
# Phones that were out of reach have told by then.
SETTLED = timedelta(days=2)
WHO = Who(name="gridcrew", source="solver")
PROMISES = ("what", "class", "due", "reached", "outcome")
ETRS = ("stated", "by", "restored", "held")
Data = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week: its figures and the tables that they follow from."""

    name: str
    figures: Data
    promises: str
    etrs: str


def week_of(store: Store, name: str, begins: datetime, ends: datetime, as_of: datetime) -> Week:
    """Work a week out of the journal."""
    report = promise_report(store, begins, ends, as_of)
    held = list(_held(etr_past(store, begins - timedelta(days=7), as_of), begins, ends))
    kinds: dict[str, Data] = {}
    for row in report.totals:
        kept = share(row.counts)
        kinds[row.what] = {
            **{outcome: row.counts[outcome] for outcome in OUTCOMES},
            "share": None if kept is None else round(kept, 4),
        }
    good = sum(row["held"] == "yes" for row in held)
    etrs = {"outages": len(held), "held": good, "share": round(good / len(held), 4) if held else None}
    return Week(
        name=name,
        figures={"promises": kinds, "etrs": etrs},
        promises=_table(PROMISES, map(_promise, report.records)),
        etrs=_table(ETRS, held),
    )


def _promise(record: Record) -> Data:
    """A promise without its order, its place and its customer."""
    return {
        "what": record.what,
        "class": record.class_,
        "due": utc_text(record.due),
        "reached": utc_text(record.reached) if record.reached else "",
        "outcome": record.outcome,
    }


def _held(past: EtrPast, begins: datetime, ends: datetime) -> Iterable[Data]:
    """The first estimate of each outage that ended in the week, and whether it held."""
    first: dict[str, EtrRecord] = {}
    for record in sorted(past.history, key=lambda each: each.stated_at):
        first.setdefault(record.etr.outage, record)
    rows = []
    for outage, restored in past.restored.items():
        told = first.get(outage)
        if told is None or told.etr.p90 is None or told.stated_at > restored or not begins <= restored < ends:
            continue
        held = "yes" if restored <= told.etr.p90 else "no"
        rows.append(
            {
                "stated": utc_text(told.stated_at),
                "by": utc_text(told.etr.p90),
                "restored": utc_text(restored),
                "held": held,
            }
        )
    return rows


def _table(columns: Iterable[str], rows: Iterable[Data]) -> str:
    """A table whose lines stand in an order that tells nothing of the orders."""
    names, file = list(columns), io.StringIO()
    writer = csv.DictWriter(file, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: [str(row[name]) for name in names]))
    return file.getvalue()


class Keeper:
    """Publishes weeks that have ended.

    Parameters
    ----------
    key : the room's own; signs.
    """

    def __init__(self, desk: Desk, folder: Path, key: str) -> None:
        self._desk, self._folder, self._key = desk, folder, signing_key(key)

    def publish(self) -> list[Data]:
        """Publish what is due; returns every statement, the newest first."""
        zone, now = self._desk.case.settings.zone, self._desk.clock()
        monday = this_week(zone, now)[0]
        told = statements(self._folder)
        known = {each["week"] for each in told}
        for back in range(WEEKS, 0, -1):
            begins = this_week(zone, monday - timedelta(days=7 * back - 3))[0]
            ends = this_week(zone, begins + timedelta(days=10))[0]
            name = f"{begins.date().isocalendar().year}-w{begins.date().isocalendar().week:02d}"
            newer = any(each["week"] > name for each in told)
            if name not in known and not newer and ends + SETTLED <= now and self._has(ends):
                told.append(self._state(name, begins, ends, now, told[-1] if told else None))
        for each in told[-WEEKS:]:
            self._note(each)
        return told[::-1]

    def _has(self, ends: datetime) -> bool:
        """Whether the journal is that old: nothing is said of weeks before the first start."""
        first = self._desk.store.events_after(0, 1)
        return bool(first) and first[0].at < ends

    def _state(self, name: str, begins: datetime, ends: datetime, now: datetime, before: Data | None) -> Data:
        store = self._desk.store
        head = store.head()
        week = week_of(upto(store, head.seq), name, begins, ends, now)
        told: Data = {
            "week": name,
            "begins": begins.isoformat(),
            "ends": ends.isoformat(),
            "asOf": now.isoformat(),
            **week.figures,
            "files": {f"kept-{name}.csv": _digest(week.promises), f"etrs-{name}.csv": _digest(week.etrs)},
            "journal": {"seq": head.seq, "seal": head.seal},
            "before": _digest(canonical(before)) if before is not None else None,
        }
        text = canonical(told)
        signed = {**told, "signature": self._key.sign(text.encode()).hex(), "key": public_key(self._key)}
        put(self._folder / f"kept-{name}.csv", week.promises.encode())
        put(self._folder / f"etrs-{name}.csv", week.etrs.encode())
        # Last: a week without its statement was not published, and is begun anew.
        put(self._folder / f"kept-{name}.json", (json.dumps(signed, indent=1) + "\n").encode())
        return signed

    def _note(self, told: Data) -> None:
        """Write into the journal what was published, once."""
        name = told["week"]
        data = {"what": "history_published", "week": name, "digest": _digest(canonical(told))}
        self._desk.note("noted", f"week {name}", data, WHO, key=f"history/{name}")


def statements(folder: Path) -> list[Data]:
    """The statements that were published, the oldest first."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("kept-*.json")]
    return sorted(found, key=lambda each: str(each["week"]))


def faults(folder: Path, store: Store | None = None) -> list[str]:
    """What does not fit together of what was published, as sentences.

    Parameters
    ----------
    store : with the journal, every figure is worked out again.
    """
    found: list[str] = []
    before: Data | None = None
    for told in statements(folder):
        name = told["week"]
        if not is_signed(told):
            found.append(f"week {name}: the signature does not fit")
        if told["before"] != (None if before is None else _digest(canonical(before))):
            found.append(f"week {name}: does not follow from the week before it")
        for file, digest in told["files"].items():
            path = folder / Path(file).name
            if not path.is_file() or _digest(path.read_bytes().decode()) != digest:
                found.append(f"week {name}: {file} was changed")
        found += [] if store is None else recomputed(told, store)
        before = told
    return found


def recomputed(told: Mapping[str, Any], store: Store) -> list[str]:
    """What the journal, as it was when a week was published, says otherwise."""
    name, seq = told["week"], int(told["journal"]["seq"])
    past = upto(store, seq)
    if past.head().seal != told["journal"]["seal"]:
        return [f"week {name}: the journal does not hold event {seq} as it was"]
    times = (datetime.fromisoformat(told[each]) for each in ("begins", "ends", "asOf"))
    week = week_of(past, name, *times)
    same = week.figures == {each: told[each] for each in week.figures}
    return [] if same else [f"week {name}: the journal gives other figures"]


def signing_key(key: str) -> Ed25519PrivateKey:
    """The room's key for signing, derived from its own."""
    seed = hashlib.blake2b(b"history", key=key.encode()[:64], digest_size=32).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(key: Ed25519PrivateKey) -> str:
    """What anybody checks a signature with."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def is_signed(told: Mapping[str, Any]) -> bool:
    """Whether a statement bears the signature of the key that it names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["key"]))
        key.verify(bytes.fromhex(told["signature"]), canonical(told).encode())
    except (InvalidSignature, ValueError, KeyError):
        return False
    return True


def canonical(told: Mapping[str, Any]) -> str:
    """A statement without its signature, in one way of writing."""
    bare = {name: value for name, value in told.items() if name not in ("signature", "key")}
    return json.dumps(bare, sort_keys=True, separators=(",", ":"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

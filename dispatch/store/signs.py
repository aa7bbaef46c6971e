"""What meters, devices and neighbours said, as it counts at present: the newest word of each place.

A later word takes back those that it contradicts: a meter that has supply again has no last gasp.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from .journal import Event
from .naming import in_parts
from .tables import signs

# Asked, and not reached: says nothing of supply, but that nobody need ask there again.
UNREACHED = "unreached"
TAKES_BACK: Mapping[str, frozenset[str]] = {
    "last_gasp": frozenset({"supply_on"}),
    "supply_off": frozenset({"supply_on", UNREACHED}),
    "supply_on": frozenset({"last_gasp", "supply_off", UNREACHED}),
    "tripped": frozenset({"closed"}),
    "closed": frozenset({"tripped"}),
    UNREACHED: frozenset(),
}
# Longer than an outage lasts; what nobody has looked into by then was no outage.
COUNTS = timedelta(hours=72)
Row = Mapping[str, Any]


def signs_heard(connection: Connection, event: Event) -> None:
    """Keep what an event's signs leave standing."""
    said = [
        {
            "place": each["place"],
            "kind": each["kind"],
            "at": datetime.fromisoformat(each["at"]),
            "actor": event.actor,
            "outage": event.data.get("outage"),
        }
        for each in event.data["signs"]
    ]
    places = sorted({each["place"] for each in said})
    for part in in_parts(places):
        known = connection.execute(select(signs).where(signs.c.place.in_(part))).mappings()
        left = standing([*known, *(each for each in said if each["place"] in set(part))])
        connection.execute(delete(signs).where(signs.c.place.in_(part)))
        connection.execute(insert(signs), [dict(each) for each in left])


def standing(said: Iterable[Row]) -> list[Row]:
    """Of signs in any order, the newest of each kind that no later one of its place takes back."""
    kept: dict[str, dict[str, Row]] = {}
    for each in sorted(said, key=lambda row: row["at"]):
        here = kept.setdefault(each["place"], {})
        for kind in TAKES_BACK[each["kind"]]:
            here.pop(kind, None)
        here[each["kind"]] = each
    return [each for here in kept.values() for each in here.values()]

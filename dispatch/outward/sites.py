"""Critical sites: has site X power, since when, until when. A group has a token and sees its own alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from ..ground.errors import DispatchError
from ..live import Desk
from ..store import outward_rows as rows
from ..store.outward_rows import Outgoing
from .moments import utc_text
from .supplies import Supplies

MOST_SITES = 500
MOST_GROUPS = 200
Row = Mapping[str, Any]


def put_group(desk: Desk, name: str, customers: Collection[str], by: str, now: datetime) -> None:
    """Write a group of sites down.

    Raises
    ------
    DispatchError
        A customer is unknown, or there are too many.
    """
    unknown = [each for each in customers if each not in desk.case.customers]
    if unknown:
        raise DispatchError(f"no customer '{unknown[0][:60]}'")
    if not 0 < len(customers) <= MOST_SITES:
        raise DispatchError(f"a group holds 1 to {MOST_SITES} customers, this one {len(customers)}")
    known = rows.groups(desk.store)
    if name not in known and len(known) >= MOST_GROUPS:
        raise DispatchError(f"there are {MOST_GROUPS} groups already; remove one first")
    rows.put_group(desk.store, name, sorted(set(customers)), by, now)


def supply_of(supplies: Supplies, site: str, before: Row | None = None) -> dict[str, Any]:
    """Whether a site has power.

    Parameters
    ----------
    before : what was told of it last, which says since when it has had power again.
    """
    off = supplies.off()
    found = None if off is None else off.get(site)
    if off is None:
        return {"site": site, "power": "uncertain", "since": None, "until": None}
    if found is None:
        back = before["since"] if before is not None and before["power"] == "on" else None
        return {"site": site, "power": "on", "since": back, "until": None}
    return {
        "site": site,
        "power": "off" if found.certain else "uncertain",
        "since": utc_text(found.since),
        "until": None if found.etr is None else utc_text(found.etr),
    }


def sites_now(
    groups: Mapping[str, Row], supplies: Supplies, before: Mapping[str, Row]
) -> dict[str, dict[str, Any]]:
    """How all sites of all groups stand."""
    wanted = sorted({each for group in groups.values() for each in group["customers"]})
    return {site: supply_of(supplies, site, before.get(site)) for site in wanted}


def of_sites(
    groups: Mapping[str, Row], before: Mapping[str, Row], now: dict[str, dict[str, Any]], at: datetime
) -> Iterator[Outgoing]:
    """What is new of sites, for the groups that each belongs to; `now` learns since when power is back."""
    for site, told in now.items():
        old = before.get(site)
        if old is None or old == told:
            continue
        if told["power"] == "on" and old["power"] != "on":
            told["since"] = utc_text(at)
        own = frozenset(name for name, group in groups.items() if site in group["customers"])
        yield Outgoing(type="site.supply", subject=site, at=at, data=dict(told), groups=own)

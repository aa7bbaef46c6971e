"""Who can answer for a promise: people of the office, by name, and who looks after which customer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from .naming import in_parts
from .service_tables import managers, matters
from .store import Store
from .tables import accounts, requests, tokens

# A crew answers for its route, a viewer for nothing, and a system that brings requests is nobody.
NOT_OWNERS = ("crew", "viewer", "intake")


def persons(store: Store) -> tuple[str, ...]:
    """Names that a request, a complaint or a customer can be handed to."""
    wanted = (
        select(accounts.c.name).where(accounts.c.enabled == 1, accounts.c.role.not_in(NOT_OWNERS)),
        select(tokens.c.name).where(tokens.c.revoked == 0, tokens.c.role.not_in(NOT_OWNERS)),
        select(managers.c.person),
        select(matters.c.owner).where(matters.c.owner.is_not(None)),
        select(requests.c.owner).where(requests.c.owner.is_not(None)),
    )
    with store.reading() as connection:
        found = {str(name) for each in wanted for name in connection.scalars(each.distinct())}
    return tuple(sorted(found))


def managers_of(store: Store, customers: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
    """Who looks after customers, by customer; of all without names."""
    wanted = select(managers).order_by(managers.c.customer)
    parts = [None] if customers is None else in_parts(sorted(customers))
    with store.reading() as connection:
        return {
            row["customer"]: dict(row)
            for part in parts
            for row in connection.execute(
                wanted if part is None else wanted.where(managers.c.customer.in_(part))
            ).mappings()
        }


def open_owned(store: Store) -> dict[str, int]:
    """How many open requests each person answers for; under "" those that nobody answers for yet."""
    wanted = select(requests.c.owner, func.count()).where(requests.c.open == 1).group_by(requests.c.owner)
    with store.reading() as connection:
        return {str(name or ""): int(count) for name, count in connection.execute(wanted)}

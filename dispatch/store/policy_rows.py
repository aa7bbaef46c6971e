"""What the database knows of the versions of the policy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from .journal import Event
from .store import Store
from .tables import events, policies

KINDS = ("policy_uploaded", "policy_activated", "policy_declined")
SHOWN = tuple(column for column in policies.c if column.name not in ("text", "cases"))


def policy_rows(store: Store) -> list[dict[str, Any]]:
    """Every version without its texts, the newest first."""
    with store.reading() as connection:
        rows = connection.execute(select(*SHOWN).order_by(policies.c.id.desc())).mappings()
        return [dict(row) for row in rows]


def active_policy(store: Store) -> int | None:
    """Number of the version in force."""
    with store.reading() as connection:
        return policy_in_force(connection)


def policy_in_force(connection: Any) -> int | None:
    """The same inside a transaction."""
    found = connection.scalar(select(policies.c.id).where(policies.c.state == "active"))
    return None if found is None else int(found)


def policy_standing(connection: Any, number: int) -> tuple[str, str]:
    """State of a version and who sent it, inside a transaction.

    Raises
    ------
    KeyError
        There is none of that number.
    """
    wanted = select(policies.c.state, policies.c.made_by).where(policies.c.id == number)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise KeyError(number)
    return str(row.state), str(row.made_by)


def next_policy(connection: Any) -> int:
    """The number of the next version, inside a transaction."""
    return 1 + int(connection.scalar(select(func.max(policies.c.id))) or 0)


def policy_texts(store: Store, number: int) -> dict[str, str]:
    """Hash, file name, YAML and cases of one version.

    Raises
    ------
    KeyError
        There is none of that number.
    """
    wanted = select(policies.c.version, policies.c.file, policies.c.text, policies.c.cases)
    with store.reading() as connection:
        row = connection.execute(wanted.where(policies.c.id == number)).mappings().one_or_none()
    if row is None:
        raise KeyError(number)
    return {name: str(value) for name, value in row.items()}


def policy_history(store: Store, most: int) -> list[Event]:
    """What was done to the policy, the newest first, with the reasons and without the texts."""
    note = events.c.data["note"].as_string().label("note")
    columns = (events.c.seq, events.c.at, events.c.actor, events.c.source, events.c.kind, events.c.subject)
    wanted = select(*columns, note).where(events.c.kind.in_(KINDS)).order_by(events.c.seq.desc()).limit(most)
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        Event(**{column.name: row[column.name] for column in columns}, data={"note": row["note"] or ""})
        for row in rows
    ]

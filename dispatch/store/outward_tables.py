"""The tables of what leaves the house: events for other systems, who wants them, what became of each."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint

from .columns import Moment, Sequence, metadata

# Numbered without a gap, in the order in which they are to be read.
outward = Table(
    "outward",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("data", JSON, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("url", Text, nullable=False),
    Column("types", JSON, nullable=False),
    # active, paused or removed.
    Column("state", String(20), nullable=False),
    # The group of critical sites that it belongs to; None for one of the utility itself.
    Column("sites", String(120)),
    # The secret is derived from it and the room's own key, and kept nowhere.
    Column("salt", String(64), nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("note", Text),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Sequence, primary_key=True, autoincrement=True),
    Column("webhook", String(40), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("subject", String(200), nullable=False),
    # waiting, sent or given_up.
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("at", Moment),
    Column("note", Text),
    UniqueConstraint("webhook", "seq", name="uq_deliveries_webhook"),
)
Index("ix_deliveries_waiting", deliveries.c.webhook, deliveries.c.state, deliveries.c.seq)

# Sites that must not be without supply, and who may ask for them: a group has a token of its own name.
site_groups = Table(
    "site_groups",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("customers", JSON, nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
)

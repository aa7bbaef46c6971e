"""The tables of the customer's half: managers, matters, urgings."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from .columns import Moment, metadata

# Who looks after a customer.
managers = Table(
    "managers",
    metadata,
    Column("customer", String(60), primary_key=True),
    Column("person", String(120), nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("reason", Text),
)

# What is promised to customers beside repairs: complaints, appointments, events, visits, connections ...
matters = Table(
    "matters",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("level", Integer, nullable=False),
    Column("owner", String(120), index=True),
    Column("customer", String(60), index=True),
    Column("request", String(60), index=True),
    Column("order_id", String(120), index=True),
    Column("place", String(120), index=True),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("ended_at", Moment, index=True),
    Column("words", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("ix_matters_kind_state", matters.c.kind, matters.c.state)

# Who was urged to do what they owe a customer, and what they did then.
urgings = Table(
    "urgings",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("subject", String(120), nullable=False, index=True),
    Column("whom", String(120), nullable=False, index=True),
    Column("level", Integer, nullable=False),
    Column("way", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("words", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("answered_by", String(120)),
    Column("answer", Text),
)

# How somebody wants to be told, by the mark of the number (`dispatch.store.wishes`).
preferences = Table(
    "preferences",
    metadata,
    Column("mark", String(40), primary_key=True),
    Column("language", String(10)),
    Column("way", String(10)),
    Column("stopped", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
)

"""The tables: one journal of events, and what the day looks like after them.

What `PROJECTIONS` names can be thrown away and rebuilt from the journal (`Store.rebuilt`).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from .columns import Moment, Sequence, metadata
from .outward_tables import deliveries, outward, site_groups, webhooks
from .service_tables import managers, matters, preferences, urgings

events = Table(
    "events",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("source", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(120), nullable=False, index=True),
    Column("data", JSON, nullable=False),
    Column("key", String(200), unique=True),
    # The chain; see `dispatch.store.chain`.
    Column("prior", BigInteger),
    Column("salt", String(32)),
    Column("content", String(64)),
    Column("seal", String(64)),
)
Index("ix_events_at", events.c.at)
Index("ix_events_kind", events.c.kind, events.c.seq)

requests = Table(
    "requests",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("received_at", Moment, nullable=False, index=True),
    Column("words", Text, nullable=False),
    Column("channel", String(40), nullable=False),
    Column("customer", String(60), index=True),
    Column("address", Text),
    Column("lon", Float),
    Column("lat", Float),
    Column("phone", String(60)),
    Column("kind", String(40)),
    Column("appointment_from", Moment),
    Column("appointment_to", Moment),
    Column("order_id", String(120), index=True),
    Column("open", Integer, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    # A person's word: the order that it belongs to, the request that says the same, taken back.
    Column("linked", Integer, nullable=False, default=0),
    Column("same_as", String(60), index=True),
    Column("withdrawn", Integer, nullable=False, default=0),
    # Somebody in the office answers it: no crew drives anywhere.
    Column("desk", Integer, nullable=False, default=0),
    # Of the telephone number, so that every spelling of it is found.
    Column("digits", String(60)),
    # Who took the call and answers for it until it is handed over; None until a person has.
    Column("owner", String(120), index=True),
)
Index("ix_requests_open_received", requests.c.open, requests.c.received_at, requests.c.id)

orders = Table(
    "orders",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("state", String(20), nullable=False, index=True),
    Column("since", Moment, nullable=False, index=True),
    Column("crew", String(60), index=True),
    Column("responsible", String(120), nullable=False),
    Column("place", String(120)),
    Column("cause", String(120)),
    Column("estimate_min", Integer),
    Column("note", Text),
    Column("version", Integer, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("order_id", String(120), primary_key=True),
    Column("state", String(20), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("order_id", String(120), nullable=False, index=True),
    Column("crew", String(60), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("since", Moment, nullable=False),
    Column("minutes", Float),
)

wishes = Table(
    "wishes",
    metadata,
    Column("job", String(160), primary_key=True),
    Column("crew", String(60), primary_key=True),
    Column("wish", String(10), nullable=False),
    Column("reason", Text),
)

changes = Table(
    "changes",
    metadata,
    Column("subject", String(160), primary_key=True),
    Column("what", String(20), primary_key=True),
    Column("data", JSON, nullable=False),
    Column("reason", Text),
    Column("actor", String(120), nullable=False),
    Column("at", Moment, nullable=False),
)

signs = Table(
    "signs",
    metadata,
    Column("place", String(120), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", String(120), nullable=False),
    Column("outage", String(120)),
)

crews = Table(
    "crews",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("reason", Text),
    Column("vehicle", String(60)),
    Column("acknowledged", Integer, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("version", Integer, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("made_for", Moment, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("routes", JSON, nullable=False),
    Column("basis", JSON, nullable=False),
    Column("cost", Float, nullable=False),
    Column("policy", String(80), nullable=False),
    Column("made_by", String(120), nullable=False),
)

ticks = Table(
    "ticks",
    metadata,
    Column("job", String(160), primary_key=True),
    Column("step", String(120), primary_key=True),
    Column("order_id", String(120), nullable=False, index=True),
    Column("crew", String(60), nullable=False),
    Column("at", Moment, nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("request", String(60), primary_key=True),
    Column("order_id", String(120), nullable=False, index=True),
    Column("state", String(20), nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("actor", String(120)),
    Column("note", Text),
)

policies = Table(
    "policies",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(120), nullable=False),
    Column("version", String(20), nullable=False, index=True),
    Column("file", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("cases", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", Moment),
)

standing = Table(
    "standing",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False, index=True),
    Column("state", String(20), nullable=False, index=True),
    Column("turn", Integer, index=True),
    Column("base", Integer, nullable=False),
    Column("file", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("put", JSON, nullable=False),
    Column("gone", JSON, nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", Moment),
)

PROJECTIONS = (
    requests,
    orders,
    steps,
    jobs,
    wishes,
    changes,
    signs,
    crews,
    plans,
    ticks,
    callbacks,
    policies,
    standing,
    managers,
    matters,
    urgings,
    preferences,
)

# Told to others and not out of the journal alone: kept by every backup.
OUTWARD = (outward, webhooks, deliveries, site_groups)

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("crew", String(60)),
    Column("password", String(300), nullable=False),
    Column("must_change", Integer, nullable=False),
    Column("enabled", Integer, nullable=False),
    Column("language", String(10)),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("role", String(20), nullable=False),
    Column("crew", String(60)),
    Column("expires_at", Moment),
    Column("revoked", Integer, nullable=False),
    Column("heard_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", String(120), nullable=False, index=True),
    Column("began_at", Moment, nullable=False),
    Column("address", String(60), nullable=False),
    Column("ended_at", Moment),
)

tries = Table(
    "tries",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", Moment, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

security = Table(
    "security",
    metadata,
    Column("id", Sequence, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("what", String(40), nullable=False),
    Column("name", String(120), nullable=False, index=True),
    Column("address", String(60), nullable=False),
    Column("note", Text, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("body", String(64), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("answer", Text),
)

# What only holds for the moment: no backup keeps it.
PASSING = frozenset({"sessions", "tries"})

keepsakes = Table(
    "keepsakes",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

phones = Table(
    "phones",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("crew", String(60), nullable=False, index=True),
    Column("pin", String(300), nullable=False),
    Column("device", String(64)),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("expires_at", Moment, nullable=False),
    Column("revoked", Integer, nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
)

# Phones that are rung by Web Push: never more than a crew's phones, gone with their tokens.
ringing = Table(
    "ringing",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("token", String(64), nullable=False, unique=True),
    Column("crew", String(60), nullable=False, index=True),
    Column("endpoint", Text, nullable=False),
    Column("p256dh", String(120), nullable=False),
    Column("auth", String(40), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("told", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("due_at", Moment),
)

photos = Table(
    "photos",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("order_id", String(120), nullable=False, index=True),
    Column("job", String(160), nullable=False),
    Column("crew", String(60), nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Sequence, primary_key=True, autoincrement=True),
    Column("event", ForeignKey("events.seq"), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("recipient", String(300), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("key", String(200), unique=True, nullable=False),
    Column("error", Text),
)

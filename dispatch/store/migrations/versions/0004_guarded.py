"""A chain over the journal, sessions that can be ended, a security log, keys that belong to one body."""

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from dispatch.store import chain
from dispatch.store.tables import events

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AT_ONCE = 2000
SAID = ("seq", "at", "actor", "source", "kind", "subject", "data", "key")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Seal every event there is, in its order, and make the tables."""
    op.add_column("events", sa.Column("prior", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("salt", sa.String(length=32), nullable=True))
    op.add_column("events", sa.Column("content", sa.String(length=64), nullable=True))
    op.add_column("events", sa.Column("seal", sa.String(length=64), nullable=True))
    _seal()
    # A lock that anybody could bring about by guessing; `tries` takes its place.
    op.drop_column("accounts", "failures")
    op.drop_column("accounts", "locked_until")
    _access()
    _claims()


def downgrade() -> None:
    """Take the chain off, and bring the locks of accounts back, all open."""
    op.drop_index("ix_claims_at", table_name="claims")
    op.drop_table("claims")
    op.drop_index("ix_security_at", table_name="security")
    op.drop_index("ix_security_name", table_name="security")
    op.drop_table("security")
    op.drop_index("ix_tries_at", table_name="tries")
    op.drop_table("tries")
    op.drop_index("ix_sessions_name", table_name="sessions")
    op.drop_table("sessions")
    op.add_column("accounts", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("accounts", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    for name in ("prior", "salt", "content", "seal"):
        op.drop_column("events", name)
    connection = op.get_bind()
    connection.execute(sa.text("DELETE FROM keepsakes WHERE name = :name"), {"name": chain.HEAD})
    if connection.dialect.name == "postgresql":
        # The numbers of events were counted by the chain; the older program asks the sequence.
        connection.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('events', 'seq'), "
                "(SELECT greatest(coalesce(max(seq), 1), 1) FROM events))"
            )
        )


def _seal() -> None:
    connection, before = op.get_bind(), chain.Head()
    while True:
        wanted = (
            sa.select(*(events.c[name] for name in SAID))
            .where(events.c.seq > before.seq)
            .order_by(events.c.seq)
            .limit(AT_ONCE)
        )
        rows = connection.execute(wanted).all()
        if not rows:
            break
        sealed = []
        for row in rows:
            salt = secrets.token_hex(16)
            content = _content(row.at, row, salt)
            new = chain.Head(seq=row.seq, seal=chain.seal_of(before, row.seq, content))
            sealed.append(
                {"b_seq": row.seq, "prior": before.seq, "salt": salt, "content": content, "seal": new.seal}
            )
            before = new
        connection.execute(sa.update(events).where(events.c.seq == sa.bindparam("b_seq")), sealed)
    if before.seq:
        chain.put_head(connection, chain.Head(), before)


def _content(at: datetime, row: Any, salt: str) -> str:
    return chain.content_of(at, row.actor, row.source, row.kind, row.subject, row.data, row.key, salt)


def _access() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_name", "sessions", ["name"], unique=False)
    op.create_table(
        "tries",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_tries"),
    )
    op.create_index("ix_tries_at", "tries", ["at"], unique=False)
    op.create_table(
        "security",
        sa.Column("id", SEQUENCE, nullable=False, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_security"),
    )
    op.create_index("ix_security_at", "security", ["at"], unique=False)
    op.create_index("ix_security_name", "security", ["name"], unique=False)


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_claims"),
    )
    op.create_index("ix_claims_at", "claims", ["at"], unique=False)

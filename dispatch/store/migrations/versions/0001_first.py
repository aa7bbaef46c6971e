"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _journal()
    _people()
    _calls()
    _work()
    _plans()
    _field()


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_outbox_state", table_name="outbox")
    op.drop_index("ix_outbox_due_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_photos_order_id", table_name="photos")
    op.drop_table("photos")
    op.drop_index("ix_phones_crew", table_name="phones")
    op.drop_table("phones")
    op.drop_table("keepsakes")
    op.drop_index("ix_callbacks_state", table_name="callbacks")
    op.drop_index("ix_callbacks_order_id", table_name="callbacks")
    op.drop_table("callbacks")
    op.drop_index("ix_ticks_order_id", table_name="ticks")
    op.drop_table("ticks")
    op.drop_table("wishes")
    op.drop_table("changes")
    op.drop_index("ix_policies_version", table_name="policies")
    op.drop_index("ix_policies_state", table_name="policies")
    op.drop_table("policies")
    op.drop_table("tokens")
    op.drop_table("steps")
    op.drop_index("ix_signs_at", table_name="signs")
    op.drop_table("signs")
    op.drop_index("ix_requests_received_at", table_name="requests")
    op.drop_index("ix_requests_order_id", table_name="requests")
    op.drop_index("ix_requests_open", table_name="requests")
    op.drop_index("ix_requests_customer", table_name="requests")
    op.drop_table("requests")
    op.drop_index("ix_plans_state", table_name="plans")
    op.drop_table("plans")
    op.drop_index("ix_orders_state", table_name="orders")
    op.drop_index("ix_orders_since", table_name="orders")
    op.drop_index("ix_orders_crew", table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_jobs_order_id", table_name="jobs")
    op.drop_index("ix_jobs_crew", table_name="jobs")
    op.drop_table("jobs")
    op.drop_index("ix_events_subject", table_name="events")
    op.drop_index("ix_events_kind", table_name="events")
    op.drop_index("ix_events_at", table_name="events")
    op.drop_table("events")
    op.drop_table("crews")
    op.drop_table("accounts")


def _journal() -> None:
    """What happens, and what is sent of it."""
    op.create_table(
        "events",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.UniqueConstraint("key", name="uq_events_key"),
    )
    op.create_index("ix_events_at", "events", ["at"], unique=False)
    op.create_index("ix_events_kind", "events", ["kind", "seq"], unique=False)
    op.create_index("ix_events_subject", "events", ["subject"], unique=False)
    op.create_table(
        "outbox",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("event", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["event"], ["events.seq"], name="fk_outbox_event_events"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_due_at", "outbox", ["due_at"], unique=False)
    op.create_index("ix_outbox_state", "outbox", ["state"], unique=False)


def _people() -> None:
    """Who may, and with what."""
    op.create_table(
        "accounts",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("crew", sa.String(length=60), nullable=True),
        sa.Column("password", sa.String(length=300), nullable=False),
        sa.Column("must_change", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enabled", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_accounts"),
    )
    op.create_table(
        "tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("crew", sa.String(length=60), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked", sa.Integer(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_tokens"),
    )
    op.create_table(
        "phones",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("crew", sa.String(length=60), nullable=False),
        sa.Column("pin", sa.String(length=300), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_phones"),
    )
    op.create_index("ix_phones_crew", "phones", ["crew"], unique=False)
    op.create_table(
        "keepsakes",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keepsakes"),
    )


def _calls() -> None:
    """What comes in and is answered."""
    op.create_table(
        "requests",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("customer", sa.String(length=60), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("phone", sa.String(length=60), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("appointment_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appointment_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_id", sa.String(length=120), nullable=True),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index("ix_requests_customer", "requests", ["customer"], unique=False)
    op.create_index("ix_requests_open", "requests", ["open"], unique=False)
    op.create_index("ix_requests_order_id", "requests", ["order_id"], unique=False)
    op.create_index("ix_requests_received_at", "requests", ["received_at"], unique=False)
    op.create_table(
        "callbacks",
        sa.Column("request", sa.String(length=60), nullable=False),
        sa.Column("order_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("request", name="pk_callbacks"),
    )
    op.create_index("ix_callbacks_order_id", "callbacks", ["order_id"], unique=False)
    op.create_index("ix_callbacks_state", "callbacks", ["state"], unique=False)
    op.create_table(
        "signs",
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("outage", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("place", "kind", name="pk_signs"),
    )
    op.create_index("ix_signs_at", "signs", ["at"], unique=False)


def _work() -> None:
    """Orders and the jobs that they become."""
    op.create_table(
        "orders",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("crew", sa.String(length=60), nullable=True),
        sa.Column("responsible", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("cause", sa.String(length=120), nullable=True),
        sa.Column("estimate_min", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
    )
    op.create_index("ix_orders_crew", "orders", ["crew"], unique=False)
    op.create_index("ix_orders_state", "orders", ["state"], unique=False)
    op.create_index("ix_orders_since", "orders", ["since"], unique=False)
    op.create_table(
        "steps",
        sa.Column("order_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "state", name="pk_steps"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("order_id", sa.String(length=120), nullable=False),
        sa.Column("crew", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_crew", "jobs", ["crew"], unique=False)
    op.create_index("ix_jobs_order_id", "jobs", ["order_id"], unique=False)


def _plans() -> None:
    """Plans, by whose rules, and what people changed in them."""
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_for", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("routes", sa.JSON(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
    )
    op.create_index("ix_plans_state", "plans", ["state"], unique=False)
    op.create_table(
        "policies",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_policies"),
    )
    op.create_index("ix_policies_state", "policies", ["state"], unique=False)
    op.create_index("ix_policies_version", "policies", ["version"], unique=False)
    op.create_table(
        "changes",
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", "what", name="pk_changes"),
    )
    op.create_table(
        "wishes",
        sa.Column("job", sa.String(length=160), nullable=False),
        sa.Column("crew", sa.String(length=60), nullable=False),
        sa.Column("wish", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("job", "crew", name="pk_wishes"),
    )


def _field() -> None:
    """Crews and what they send from out there."""
    op.create_table(
        "crews",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("vehicle", sa.String(length=60), nullable=True),
        sa.Column("acknowledged", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_crews"),
    )
    op.create_table(
        "ticks",
        sa.Column("job", sa.String(length=160), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.String(length=120), nullable=False),
        sa.Column("crew", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", "step", name="pk_ticks"),
    )
    op.create_index("ix_ticks_order_id", "ticks", ["order_id"], unique=False)
    op.create_table(
        "photos",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("order_id", sa.String(length=120), nullable=False),
        sa.Column("job", sa.String(length=160), nullable=False),
        sa.Column("crew", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_photos"),
    )
    op.create_index("ix_photos_order_id", "photos", ["order_id"], unique=False)

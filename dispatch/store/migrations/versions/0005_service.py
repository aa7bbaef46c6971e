"""Who answers for a request, who looks after a customer; matters beside repairs; urgings."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INDEXES = {
    "managers": ("person",),
    "matters": ("owner", "customer", "request", "order_id", "place", "ended_at"),
    "urgings": ("subject", "whom"),
}


def upgrade() -> None:
    """Add the column and the tables."""
    op.add_column("requests", sa.Column("owner", sa.String(length=120), nullable=True))
    op.create_index("ix_requests_owner", "requests", ["owner"], unique=False)
    _managers()
    _matters()
    _urgings()
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column], unique=False)
    op.create_index("ix_matters_kind_state", "matters", ["kind", "state"], unique=False)


def downgrade() -> None:
    """Take them away."""
    for table in ("urgings", "matters", "managers"):
        op.drop_table(table)
    op.drop_index("ix_requests_owner", table_name="requests")
    op.drop_column("requests", "owner")


def _managers() -> None:
    op.create_table(
        "managers",
        sa.Column("customer", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("customer", name="pk_managers"),
    )


def _matters() -> None:
    op.create_table(
        "matters",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=True),
        sa.Column("customer", sa.String(length=60), nullable=True),
        sa.Column("request", sa.String(length=60), nullable=True),
        sa.Column("order_id", sa.String(length=120), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_matters"),
    )


def _urgings() -> None:
    op.create_table(
        "urgings",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("whom", sa.String(length=120), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.String(length=120), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_urgings"),
    )

"""Requests that people correct: linked, joined, withdrawn, answered at a desk, found by their number."""

import sqlalchemy as sa
from alembic import op

from dispatch.ground.numbers import digits_of

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FLAGS = ("linked", "withdrawn", "desk")
AT_ONCE = 1000


def upgrade() -> None:
    """Add the columns, and the digits of the numbers that called before."""
    for name in FLAGS:
        op.add_column("requests", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("requests", sa.Column("same_as", sa.String(length=60), nullable=True))
    op.add_column("requests", sa.Column("digits", sa.String(length=60), nullable=True))
    op.create_index("ix_requests_same_as", "requests", ["same_as"], unique=False)
    op.create_index("ix_requests_open_received", "requests", ["open", "received_at", "id"], unique=False)
    _fill_in()


def downgrade() -> None:
    """Take the columns away."""
    op.drop_index("ix_requests_open_received", table_name="requests")
    op.drop_index("ix_requests_same_as", table_name="requests")
    for name in ("digits", "same_as", *FLAGS):
        op.drop_column("requests", name)


def _fill_in() -> None:
    connection = op.get_bind()
    rows = sa.table(
        "requests", sa.column("id"), sa.column("phone"), sa.column("digits"), sa.column("version")
    )
    # The version counts what people change, and nobody could change a request before.
    connection.execute(sa.update(rows).values(version=1))
    known = connection.execute(sa.select(rows.c.id, rows.c.phone).where(rows.c.phone.is_not(None))).all()
    changed = [{"key": id_, "digits": digits_of(phone) or None} for id_, phone in known]
    statement = sa.update(rows).where(rows.c.id == sa.bindparam("key")).values(digits=sa.bindparam("digits"))
    for start in range(0, len(changed), AT_ONCE):
        connection.execute(statement, changed[start : start + AT_ONCE])

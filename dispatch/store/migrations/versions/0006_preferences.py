"""How somebody wants to be told: language, way, or not at all."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "preferences",
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.Column("way", sa.String(length=10), nullable=True),
        sa.Column("stopped", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_preferences"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("preferences")

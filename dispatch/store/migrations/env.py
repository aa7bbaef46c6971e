"""How Alembic runs our migrations: on the connection it is given."""

from alembic import context

from dispatch.store import tables  # noqa: F401 (it knows every table)
from dispatch.store.columns import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()

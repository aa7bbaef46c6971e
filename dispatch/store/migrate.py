"""Bring a database's tables to this version of the program, or back, with Alembic."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from .connection import StoreError

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration up to `revision`.

    Raises
    ------
    StoreError
        The database was written by a newer version of the program.
    """
    with engine.connect() as connection:
        done = revision == "head" and revision_of(connection) == newest()
    if not done:
        _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Undo migrations down to `revision` (``base`` drops everything)."""
    _run(engine, command.downgrade, revision)


@cache
def newest() -> str:
    """The revision that this version of the program brings tables to."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head() or ""


def revision_of(connection: Connection) -> str:
    """The revision that a database's tables are at; empty when it has none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def _run(engine: Engine, what: object, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.execution_options(writing=True).begin() as connection:
        config.attributes["connection"] = connection
        try:
            what(config, revision)  # type: ignore[operator]
        except CommandError as error:
            raise StoreError(f"database tables: {error}; a newer gridcrew may have written them") from error

"""What many tests begin with, made once for all of them: an empty database with its tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from dispatch.store import Store, open_store


def empty_store(path: Path | str) -> Store:
    """Open a database in which nothing has happened yet; its tables are copied, not made anew."""
    Path(path).write_bytes(_with_tables())
    return open_store(f"sqlite:///{path}")


@cache
def _with_tables() -> bytes:
    """A file as `open_store` makes it where there was none (tests/dispatch/store do so each time)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "day.sqlite"
        open_store(f"sqlite:///{path}").close()
        return path.read_bytes()

"""What many tests begin with, made once for all of them: the small case, an empty database."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from dispatch.ground.case import Case
from dispatch.intake import load_case
from dispatch.store import Store, open_store
from tests.small_case import write_small_case

# Folders that a case was read from; they go when this process ends.
_FOLDERS: list[TemporaryDirectory[str]] = []


@cache
def small_case() -> Case:
    """The small case as it is; nobody changes a case that is read."""
    _FOLDERS.append(TemporaryDirectory(prefix="gridcrew-small-"))
    return load_case(write_small_case(Path(_FOLDERS[-1].name)))


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

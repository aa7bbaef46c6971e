"""Databases to measure on: SQLite in a folder, and a PostgreSQL server that ends with the measurement."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


class Databases:
    """Makes an empty database of a name, and answers with its URL."""

    def __init__(self, make: Callable[[str], str], restart: Callable[[], None] | None = None) -> None:
        self._make = make
        self.restart = restart
        """Ends the server as a hurried administrator does, and starts it again; None where there is none."""

    def __call__(self, name: str) -> str:
        """Make one."""
        return self._make(name)


@contextmanager
def database(kind: str) -> Iterator[Databases]:
    """Give what makes databases of a kind: sqlite or postgresql."""
    with tempfile.TemporaryDirectory(prefix="gridcrew-") as folder:
        if kind == "sqlite":
            yield Databases(lambda name: f"sqlite:///{folder}/{name}.sqlite")
            return
        with _server(Path(folder)) as made:
            yield made


@contextmanager
def _server(folder: Path) -> Iterator[Databases]:
    if not SERVERS:
        raise SystemExit("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    programs, data = SERVERS[-1].parent, folder / "data"
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    subprocess.run(
        as_server_user(programs / "initdb", "-D", data, "-A", "trust", "-E", "UTF8"), check=True, **QUIET
    )
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=200"
    control = as_server_user(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
    subprocess.run([*control, "-o", options, "start"], check=True, **QUIET)
    user = "postgres" if os.geteuid() == 0 else os.environ.get("USER", "postgres")
    template = f"postgresql+psycopg://{user}@/{{name}}?host={folder}"

    def make(name: str) -> str:
        admin = create_engine(template.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        admin.dispose()
        return template.format(name=name)

    def restart() -> None:
        subprocess.run([*control, "-m", "fast", "-o", options, "restart"], check=True, **QUIET)

    try:
        yield Databases(make, restart)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **QUIET)


QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def as_server_user(*words: str | Path) -> list[str]:
    """PostgreSQL refuses to run as root."""
    command = [str(word) for word in words]
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command

"""Both databases that the store runs on; PostgreSQL where its server and its driver are installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from dispatch.store import open_store
from tests.prepared import empty_store

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def as_server_user(*words: str | Path) -> list[str]:
    """PostgreSQL refuses to run as root."""
    command = [str(word) for word in words]
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, on a socket in a folder of its own, that ends with the tests."""
    if not SERVERS:
        pytest.skip("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed (pip install 'gridcrew[postgres]')")
    programs = SERVERS[-1].parent
    # Not pytest's own folder: the path of a socket may have 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="gridcrew-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    subprocess.run(
        as_server_user(programs / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--no-sync"),
        check=True,
        capture_output=True,
    )
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    control = as_server_user(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True)
    user = "postgres" if os.geteuid() == 0 else os.environ.get("USER", "postgres")
    try:
        yield f"postgresql+psycopg://{user}@/{{name}}?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """One kind of database after the other."""
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    return empty_database(kind, "day", request, tmp_path)


@pytest.fixture
def other_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Another empty one of the same kind."""
    return empty_database(kind, "other", request, tmp_path)


def empty_database(kind: str, name: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Make a database in which nothing has happened; its tables are copied, not made anew."""
    if kind == "sqlite":
        empty_store(tmp_path / f"{name}.sqlite").close()
        return f"sqlite:///{tmp_path}/{name}.sqlite"
    address: str = request.getfixturevalue("postgres")
    name = f"{name}{abs(hash(str(tmp_path))):x}"
    create_database(address, name, _with_tables(address))
    return address.format(name=name)


def create_database(address: str, name: str, template: str) -> None:
    """Copy a database of a server; nobody may be connected to what is copied."""
    admin = create_engine(address.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    admin.dispose()


@cache
def _with_tables(address: str) -> str:
    """The name of a database as `open_store` makes it where there was none."""
    create_database(address, "prepared", "template0")
    open_store(address.format(name="prepared")).close()
    return "prepared"

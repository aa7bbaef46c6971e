"""A database that can be taken away: locked, stopped, crashed, or left without room on its disk."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from databases import QUIET, SERVERS, as_server_user
from sqlalchemy import create_engine, make_url, text

DISK_MB = {"sqlite": 256, "postgresql": 512}


class Breakable(Protocol):
    """What a series of faults does to a database."""

    def new(self, name: str) -> str:
        """Make an empty database; returns its URL."""

    def away(self, seconds: float) -> None:
        """Let nobody use it for so long."""

    def crash(self, chance: random.Random) -> None:
        """Kill a process of it, where it has any; it comes back by itself."""

    def full(self, seconds: float) -> None:
        """Leave no byte free on its disk for so long; afterwards it runs."""


class Disk:
    """A small disk in memory that can be filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, seconds: float) -> None:
        """Take all that is free, and give it back."""
        ballast = self.folder / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 2**16)
        # Less than a page may be left.
        with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"\0")
        threading.Event().wait(seconds)
        ballast.unlink()


class SqliteFile:
    """A file on a disk of its own."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._path = disk.folder / "none"

    def new(self, name: str) -> str:
        """Name a file that is not there yet; the one before is thrown away."""
        for old in self._disk.folder.glob("*.sqlite*"):
            old.unlink()
        self._path = self._disk.folder / f"{name}.sqlite"
        return f"sqlite:///{self._path}"

    def away(self, seconds: float) -> None:
        """Hold the writers' lock, as a copy or a repair by hand would."""
        with contextlib.closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            threading.Event().wait(seconds)
            other.execute("ROLLBACK")

    def crash(self, chance: random.Random) -> None:
        """Hold the lock for a moment: a file has no process."""
        self.away(chance.uniform(0.5, 2.0))

    def full(self, seconds: float) -> None:
        """Fill the disk."""
        self._disk.fill(seconds)


class Postgres:
    """A server of its own on a socket, with its data on a disk of its own."""

    def __init__(self, disk: Disk, sockets: Path) -> None:
        if not SERVERS:
            raise SystemExit("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
        self._disk, self._sockets = disk, sockets
        self._programs, self._data = SERVERS[-1].parent, disk.folder / "data"
        for folder in (disk.folder, sockets):
            folder.chmod(0o755)
            if os.geteuid() == 0:
                shutil.chown(folder, "postgres")
        made = as_server_user(self._programs / "initdb", "-D", self._data, "-A", "trust", "-E", "UTF8")
        subprocess.run(made, check=True, **QUIET)
        self._start()
        user = "postgres" if os.geteuid() == 0 else os.environ.get("USER", "postgres")
        self._template = f"postgresql+psycopg://{user}@/{{name}}?host={sockets}"

    def new(self, name: str) -> str:
        """Make an empty database."""
        url = self._template.format(name=name)
        admin = create_engine(self._template.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{make_url(url).database}"'))
        admin.dispose()
        return url

    def away(self, seconds: float) -> None:
        """Stop the server at once, as a cut of power would, and start it again."""
        subprocess.run([*self._control(), "-m", "immediate", "stop"], check=False, **QUIET)
        threading.Event().wait(seconds)
        self._start()

    def crash(self, chance: random.Random) -> None:
        """Kill one of the server's processes: all connections are lost, and it recovers by itself."""
        main = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(chance.choice(children)), signal.SIGKILL)

    def full(self, seconds: float) -> None:
        """Fill the disk; a server that gave up over it is started again, as somebody would."""
        self._disk.fill(seconds)
        if subprocess.run([*self._control(), "status"], check=False, **QUIET).returncode:
            self._start()

    def stop(self) -> None:
        """End the server."""
        subprocess.run([*self._control(), "-m", "immediate", "stop"], check=False, **QUIET)

    def _start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self._sockets} -c max_wal_size=64MB"
        subprocess.run([*self._control(), "-t", "120", "-o", options, "start"], check=True, **QUIET)

    def _control(self) -> list[str]:
        log = self._sockets / "log"
        return as_server_user(self._programs / "pg_ctl", "-D", self._data, "-w", "-l", log)


@contextmanager
def breakable(kind: str, *, small_disk: bool) -> Iterator[Breakable]:
    """A database of a kind; with `small_disk` on a disk in memory, which takes the right to mount one."""
    with tempfile.TemporaryDirectory(prefix="gridcrew-") as given, contextlib.ExitStack() as after:
        folder, sockets = Path(given) / "disk", Path(given) / "sockets"
        folder.mkdir()
        sockets.mkdir()
        Path(given).chmod(0o755)
        if small_disk:
            size = f"size={DISK_MB[kind]}m"
            subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
            after.callback(lambda: subprocess.run(["umount", "-l", str(folder)], check=False))
        if kind == "sqlite":
            yield SqliteFile(Disk(folder))
            return
        server = Postgres(Disk(folder), sockets)
        after.callback(server.stop)
        yield server

"""A SQLite file that another process is just making ready is waited for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path

import pytest

from dispatch.store import StoreError, open_store
from dispatch.store.store import open_existing

# Bytes of the file that readers and writers share: who writes, or makes it ready, holds one; who has it
# open at all the other.
HOLDER = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
os.ftruncate(file, 32768)
fcntl.lockf(file, fcntl.LOCK_EX, 1, 120)
fcntl.lockf(file, fcntl.LOCK_SH, 1, 128)
print("held", flush=True)
sys.stdin.readline()
"""
# SQLite by itself gives up after ten.
LONGER_S = 13.0


@pytest.fixture
def starved(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that began to make the file ready and gets no processor."""
    open_store(f"sqlite:///{tmp_path}/day.sqlite").close()
    words = [sys.executable, "-c", HOLDER, f"{tmp_path}/day.sqlite-shm"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_file_that_another_process_makes_ready_is_waited_for(
    starved: subprocess.Popen[str], tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(open_store, f"sqlite:///{tmp_path}/day.sqlite")
        try:
            with pytest.raises(NotYet):
                opening.result(LONGER_S)
        finally:
            starved.communicate("\n", timeout=30)
        store = opening.result(60)
    assert store.last_seq() == 0
    store.close()


def test_what_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "day.sqlite").write_bytes(b"this is a letter and no database\n" * 200)
    for opens in (open_store, open_existing):
        with pytest.raises(StoreError, match=r"day\.sqlite' cannot be opened: file is not a database"):
            opens(f"sqlite:///{tmp_path}/day.sqlite")
    with pytest.raises(StoreError, match="cannot be opened: unable to open database file"):
        open_store(f"sqlite:///{tmp_path}/nowhere/day.sqlite")


def test_tables_of_a_newer_program_are_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/day.sqlite"
    store = open_store(url)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_newer'")
    store.close()
    for opens in (open_store, open_existing):
        with pytest.raises(StoreError, match="a newer gridcrew may have written them"):
            opens(url)


def test_a_database_that_may_only_be_read_is_refused_with_a_sentence(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/day.sqlite").close()
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///file:{tmp_path}/day.sqlite?mode=ro&uri=true")

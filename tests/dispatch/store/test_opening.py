"""A SQLite file that another process is just making ready is waited for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path

import pytest

from dispatch.store import open_store

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

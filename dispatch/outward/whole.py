"""Write files whole or not at all, and only where they say something else."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..ground.whole import written_whole


def put(path: Path, body: bytes) -> bool:
    """Write a file whole, where it says something else; a reader sees the old one or the new one."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == body:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as file:
        file.write(body)
    return True

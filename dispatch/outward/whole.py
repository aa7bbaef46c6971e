"""Write files whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def put(path: Path, body: bytes) -> bool:
    """Write a file whole, where it says something else; a reader sees the old one or the new one."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == body:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(body)
    os.replace(part, path)
    return True

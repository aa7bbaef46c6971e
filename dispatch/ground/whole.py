"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file beside a place, which takes the place when the block ends well.

    A reader sees the file of before or the new one, never a part. Where the block fails nothing is left.

    Parameters
    ----------
    path : in a folder that is there.

    Returns
    -------
    context manager of BinaryIO
        The file to write to.

    Raises
    ------
    OSError
        The place cannot be written.
    """
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise

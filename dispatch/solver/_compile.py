"""The one door to numba: a typed decorator, so that the rest type-checks strictly.

Kernels are compiled without reference counting (they allocate nothing): passing
the problem and the state through a call is thirty times cheaper without it.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

KERNELS = (
    "flat",
    "state",
    "clock",
    "blocks",
    "moves",
    "ruin",
    "recreate",
    "exchange",
    "search",
    "coupled",
    "ways",
    "coupled_search",
    "construct",
)

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def drop_stale_cache(folder: Path) -> None:
    """Remove compiled kernels of other sources.

    numba looks only at the file of the outermost kernel, so a change in a kernel
    that it calls would go unnoticed. A folder that cannot be written is left alone.
    """
    sources = [folder / f"{name}.py" for name in KERNELS]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources if path.exists())).hexdigest()
    cache = folder / "__pycache__"
    stamp = cache / "kernels.sha256"
    with contextlib.suppress(OSError):
        if stamp.exists() and stamp.read_text() == digest:
            return
        for name in KERNELS:
            for compiled_file in [*cache.glob(f"{name}.*.nbi"), *cache.glob(f"{name}.*.nbc")]:
                compiled_file.unlink(missing_ok=True)
        cache.mkdir(exist_ok=True)
        stamp.write_text(digest)


drop_stale_cache(Path(__file__).parent)

_compiled: Any = cast("Any", numba.njit)(cache=True, error_model="numpy", nogil=True, _nrt=False)
_inlined: Any = cast("Any", numba.njit)(
    cache=True, error_model="numpy", nogil=True, inline="always", _nrt=False
)


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel to machine code, kept on disk between runs."""
    return cast("Kernel", _compiled(function))


def inlined(function: Kernel) -> Kernel:
    """Compile a helper into its callers: a call would pass every array by value."""
    return cast("Kernel", _inlined(function))

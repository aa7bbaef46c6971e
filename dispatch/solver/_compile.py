"""The one door to numba: a typed decorator, so that the rest type-checks strictly.

Kernels are compiled without reference counting (they allocate nothing): passing
the problem and the state through a call is thirty times cheaper without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
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
    "latency",
    "latency_moves",
    "latency_search",
    "coupled",
    "ways",
    "coupled_search",
    "construct",
    "listing",
    "moments",
    "insertion",
    "bound_pricing",
    "exact_subsets",
    "repair",
    "in_force",
)

IMPORTED = re.compile(r"^from \.(\w*) import ([\w, ]*)", re.MULTILINE)

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def drop_stale_cache(folder: Path) -> None:
    """Remove compiled kernels that were made of other sources than those of now.

    numba looks only at the file of the outermost kernel, so a change in a kernel that it calls
    would go unnoticed: each file counts with all that it imports. A folder that cannot be
    written is left alone.
    """
    cache = folder / "__pycache__"
    for name in KERNELS:
        digest = hashlib.sha256()
        for source in sorted(_with_imports(folder, name)):
            digest.update((folder / f"{source}.py").read_bytes())
        stamp = cache / f"{name}.sha256"
        with contextlib.suppress(OSError):
            if stamp.exists() and stamp.read_text() == digest.hexdigest():
                continue
            for compiled_file in [*cache.glob(f"{name}.*.nbi"), *cache.glob(f"{name}.*.nbc")]:
                compiled_file.unlink(missing_ok=True)
            cache.mkdir(exist_ok=True)
            stamp.write_text(digest.hexdigest())


def _with_imports(folder: Path, name: str) -> set[str]:
    """A module of the folder and the modules beside it that it imports, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        module = waiting.pop()
        path = folder / f"{module}.py"
        if module in found or not path.exists():
            continue
        found.add(module)
        for of, names in IMPORTED.findall(path.read_text(encoding="utf-8")):
            waiting += [of] if of else [each.strip() for each in names.split(",")]
    return found


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

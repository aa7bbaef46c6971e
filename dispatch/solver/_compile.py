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
    "kernels/flat",
    "kernels/sharing",
    "kernels/state",
    "kernels/clock",
    "kernels/blocks",
    "search/moves",
    "search/strings",
    "search/ruin",
    "search/recreate",
    "search/exchange",
    "search/plain",
    "kernels/latency",
    "search/latency_moves",
    "search/latency_small",
    "search/latency_search",
    "search/timetable",
    "search/coupled",
    "search/ways",
    "search/coupled_search",
    "starts/construct",
    "kernels/listing",
    "kernels/moments",
    "bound/pricing",
    "exact/subsets",
    "starts/repair",
    "starts/in_force",
)

IMPORTED = re.compile(r"^from (\.+)([\w.]*) import (?:\(([\w,\s]*)\)|([\w, ]*))", re.MULTILINE)

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def drop_stale_cache(folder: Path) -> None:
    """Remove compiled kernels that were made of other sources than those of now.

    numba looks only at the file of the outermost kernel, so a change in a kernel that it calls
    would go unnoticed: each file counts with all that it imports. A folder that cannot be
    written is left alone.
    """
    for name in KERNELS:
        cache = (folder / name).parent / "__pycache__"
        stem = Path(name).name
        digest = hashlib.sha256()
        for source in sorted(_with_imports(folder, folder / f"{name}.py")):
            digest.update(source.read_bytes())
        stamp = cache / f"{stem}.sha256"
        with contextlib.suppress(OSError):
            if stamp.exists() and stamp.read_text() == digest.hexdigest():
                continue
            for compiled_file in [*cache.glob(f"{stem}.*.nbi"), *cache.glob(f"{stem}.*.nbc")]:
                compiled_file.unlink(missing_ok=True)
            cache.mkdir(exist_ok=True)
            stamp.write_text(digest.hexdigest())


def _with_imports(folder: Path, module: Path) -> set[Path]:
    """A module and those of the solver that it imports, directly or not."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        path = waiting.pop()
        if path in found or not path.exists() or folder not in path.parents:
            continue
        found.add(path)
        for dots, of, wrapped, plain in IMPORTED.findall(path.read_text(encoding="utf-8")):
            base = path.parents[len(dots) - 1].joinpath(*filter(None, of.split(".")))
            names = (each.strip() for each in (wrapped or plain).split(","))
            waiting += [base.with_suffix(".py"), *(base / f"{each.split()[0]}.py" for each in names if each)]
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

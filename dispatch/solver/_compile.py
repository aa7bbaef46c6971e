"""The one door to numba: a typed decorator, so that the rest type-checks strictly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_compiled = numba.njit(cache=True, error_model="numpy", nogil=True, _nrt=False)
_inlined = numba.njit(cache=True, error_model="numpy", nogil=True, inline="always", _nrt=False)


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel to machine code, kept on disk between runs."""
    return cast("Kernel", _compiled(function))


def inlined(function: Kernel) -> Kernel:
    """Compile a helper into its callers: a call would pass every array by value."""
    return cast("Kernel", _inlined(function))

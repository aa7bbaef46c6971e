"""How tasks, plans and the case travel between the server and the planner's process."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from ...ground.case import Case

MOST_WRITES = 20
# What changes seldom: both sides hold it, and only its name travels; what changed is told once.
STANDING = ("customers", "roads", "grid", "policy", "crews", "depots", "signs")


class _Packer(pickle.Pickler):
    """Writes the name of what both sides hold instead of the thing."""

    def __init__(self, out: io.BytesIO, case: Case) -> None:
        super().__init__(out, protocol=5)
        self._names = {id(getattr(case, name)): name for name in STANDING}

    def persistent_id(self, thing: Any) -> str | None:
        """The name of a standing part of the case."""
        return self._names.get(id(thing))

    def reducer_override(self, thing: Any) -> Any:
        """Take a thing's attributes as they are at one moment: others keep adding to them meanwhile."""
        return _at_one_moment(thing)


class _Unpacker(pickle.Unpickler):
    """Puts what is here in the place of a name."""

    def __init__(self, source: io.BytesIO, case: Case) -> None:
        super().__init__(source)
        self._case = case

    def persistent_load(self, name: Any) -> Any:
        """The standing part of that name."""
        return getattr(self._case, name)


class _Standing(pickle.Pickler):
    """Writes a case whole."""

    def reducer_override(self, thing: Any) -> Any:
        """Take a thing's attributes as they are at one moment."""
        return _at_one_moment(thing)


def _at_one_moment(thing: Any) -> Any:
    """How a thing is written, with a copy of its attributes; NotImplemented for the usual way.

    The threads that answer boards work out parts of a case and keep them beside it. A
    dictionary that grows while it is written ends the writing; a copy is made in one go.
    """
    own = getattr(thing, "__dict__", None)
    if type(own) is not dict or isinstance(thing, (type, FunctionType, ModuleType)):
        return NotImplemented
    reduced = thing.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    if isinstance(reduced, tuple) and len(reduced) > 2 and reduced[2] is own:
        return (*reduced[:2], own.copy(), *reduced[3:])
    return reduced


def _written(pickler: Callable[[io.BytesIO], pickle.Pickler], thing: Any) -> bytes:
    """A thing as bytes; tried again where a table that is kept somewhere inside grew meanwhile."""
    for left in reversed(range(MOST_WRITES)):
        out = io.BytesIO()
        try:
            pickler(out).dump(thing)
        except RuntimeError:
            if not left:
                raise
            continue
        return out.getvalue()
    raise AssertionError("unreachable")


def standing(case: Case) -> bytes:
    """A case whole."""
    return _written(lambda out: _Standing(out, protocol=5), case)


def packed(thing: Any, case: Case) -> bytes:
    """A thing, with the names of what both sides hold."""
    return _written(lambda out: _Packer(out, case), thing)


def unpacked(data: bytes, case: Case) -> Any:
    """The thing again, with what is here under those names."""
    return _Unpacker(io.BytesIO(data), case).load()

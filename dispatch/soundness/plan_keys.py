"""The routes of a plan: which keys they have, and what each holds."""

from __future__ import annotations

from typing import Any

from .parsing import Gatherer, Key, Parse, listing, record, text, whole

__all__ = ["ROUTES"]


def _visit(value: Any, place: str, faults: Gatherer) -> Any:
    if isinstance(value, str):
        value = {"job": value}
    found = _VISIT(value, place, faults)
    if found is not None and "job" in found:
        stated = [name for name in ("arrival_s", "start_s", "finish_s") if name in found]
        if stated and len(stated) < 3:
            faults.add(place, "must state arrival_s, start_s and finish_s, or none of them")
    return found


_VISIT: Parse = record(
    {
        "job": Key(text, required=True),
        "arrival_s": Key(whole()),
        "start_s": Key(whole()),
        "finish_s": Key(whole()),
    }
)
ROUTES = Key(
    listing(
        record(
            {
                "crew": Key(text, required=True),
                "start": Key(whole(0)),
                "visits": Key(listing(_visit), required=True),
                "breaks": Key(
                    listing(
                        record(
                            {
                                "start_s": Key(whole(), required=True),
                                "duration_s": Key(whole(0), required=True),
                            }
                        )
                    )
                ),
            }
        )
    ),
    required=True,
)

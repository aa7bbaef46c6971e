"""The names of `dispatch.planning.running` as release 0.1 had them."""

from .planning.running import (
    Running,
    as_known,
    in_hand,
    in_their_vehicles,
    still_open,
    still_out,
    used_at_finished,
    vehicle_of,
    wished_skills,
    with_stock_left,
)

__all__ = [
    "Running",
    "as_known",
    "in_hand",
    "in_their_vehicles",
    "still_open",
    "still_out",
    "used_at_finished",
    "vehicle_of",
    "wished_skills",
    "with_stock_left",
]

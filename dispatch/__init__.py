"""From requests to a checked plan: the part of gridcrew that decides."""

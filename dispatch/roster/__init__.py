"""Shift rosters: who works when, so that the crews that the simulation asks for are there."""

from __future__ import annotations

from .demand import Demand, hourly_demand
from .solve import NoRoster, Roster, fewest_people_roster, solve_roster
from .terms import Member, Shift, Terms, read_terms

__all__ = [
    "Demand",
    "Member",
    "NoRoster",
    "Roster",
    "Shift",
    "Terms",
    "fewest_people_roster",
    "hourly_demand",
    "read_terms",
    "solve_roster",
]

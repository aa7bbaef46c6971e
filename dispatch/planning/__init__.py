"""The main road from a case to a checked plan, and its re-planning while work is under way."""

from .main_road import open_day, plan_day, with_plan

__all__ = ["open_day", "plan_day", "with_plan"]

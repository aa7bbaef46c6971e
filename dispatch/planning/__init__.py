"""The main road from a case to a checked plan, and its re-planning while work is under way."""

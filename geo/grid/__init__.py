"""The grid: what is dead, what restores it, and in which steps."""

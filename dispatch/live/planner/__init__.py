"""The planner beside the room: its process, its tasks, and the worker that keeps it alive."""

"""The board: its page, its stream of changes, and what dispatchers do on it."""

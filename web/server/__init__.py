"""The server itself: connections and their limits, its start and its end."""

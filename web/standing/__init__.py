"""Standing data: its pages and its API."""

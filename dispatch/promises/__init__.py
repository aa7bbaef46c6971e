"""Promises to customers, and whether each was kept."""

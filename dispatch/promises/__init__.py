"""Promises to customers: what became of each."""

"""Requests: the page of every call, files brought in, and Open311."""

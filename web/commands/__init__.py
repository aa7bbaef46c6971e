"""Subcommands of `gridcrew` that open a page."""

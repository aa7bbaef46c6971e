"""Subcommands of `gridcrew` that need nothing above `dispatch`."""

"""The day as every face draws it."""

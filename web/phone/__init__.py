"""The crew's phone, and the office's half of it."""

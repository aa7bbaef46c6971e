"""People: accounts, roles and sessions."""

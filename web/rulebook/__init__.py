"""The rulebook: policies read, tried, compared and put in force."""

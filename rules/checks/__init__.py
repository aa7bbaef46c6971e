"""Checks of a policy: contradictions, gaps, cases, mutants, and what a change does."""

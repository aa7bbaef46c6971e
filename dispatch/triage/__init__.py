"""Requests classified by the rules, placed, and made into work orders."""

"""Policies by version: kept, put in force, and what a change of them does to a day."""

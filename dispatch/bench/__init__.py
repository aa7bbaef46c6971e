"""Benchmarks: problems made up by seed, peers, and tables of what was measured."""

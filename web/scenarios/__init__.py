"""Scenario studies: started, watched and read."""

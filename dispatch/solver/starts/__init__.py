"""First routes: built, repaired, cut into districts, or taken from the plan in force."""

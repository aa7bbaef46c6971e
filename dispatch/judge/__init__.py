"""The judge: what a plan costs, which rules it breaks, and why a job is where it is."""

"""Lower bounds: how far from the best a plan can be at most."""

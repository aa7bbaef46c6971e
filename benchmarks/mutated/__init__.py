"""Sound inputs of every kind, how they are damaged, and what reads them."""

"""Standing data by version: rosters, crews, depots, customers and switches, changed while the room runs."""

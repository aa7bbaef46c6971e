"""The searches: plain, latency and coupled, their moves, and the engine that drives them."""

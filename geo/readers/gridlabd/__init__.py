"""GridLAB-D models (`.glm`): their syntax, and the circuit that their objects are."""

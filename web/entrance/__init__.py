"""The entrance: who may come in, what may come in with them, and what may go out."""

"""Proofs for small problems, in a child process whose death costs no plan."""
